"""What the instances say of themselves in the database, each about once a second: whether they reach Redis, and what
they play from.

Whoever loses Redis finds here whether it did so alone, and whether the others have written what they acknowledged; so
that at no moment some play from Redis and others from the database (sessions/stores/failover/switch.py).
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol, TypeVar

from common.database import UNREACHABLE, DatabaseThread, server_process
from common.redis import OutdatedMaster, epoch_number
from scoring.ports import ServiceUnavailable
from sessions.models import ServerInstance
from sessions.services.ports import Clock

logger = logging.getLogger(__name__)

T = TypeVar("T")

#: What an instance plays from, besides the run id of a Redis that has all it holds: from the database, which has all
#: that it acknowledged; or nothing, because it serves nobody.
DATABASE, NOBODY = "database", "nobody"

_FORGET_MS = 86_400_000
#: An instance that was heard of in this time may be there. It speaks every second, unless its machine is overloaded.
_RECENT_MS = 10_000
#: Seconds for which the others are waited for, and between two looks.
_PATIENCE = 5.0
_LOOK = 0.1
#: Seconds a database may take that does not answer.
_DATABASE_SECONDS = 2.0


@dataclass(frozen=True, slots=True)
class InstanceStatus:
    """What an instance said last. Times are Unix milliseconds, on the clock that the instances share."""

    server_id: str
    seen_at: int
    #: When it last began to ask Redis for something that it was then told.
    redis_seen_at: int
    #: A run id of Redis, or ``DATABASE``, or ``NOBODY``.
    plays_on: str


class Register(Protocol):
    """Where the instances leave their statuses."""

    #: Whether it was found to have forgotten a status of this instance: then the database lost its last seconds.
    #: Whoever has it repaired resets it.
    lost: bool
    #: Whether another server process answers than before: it may lack what came after the last status. As above.
    changed: bool

    async def exchange(self, status: InstanceStatus) -> list[InstanceStatus]:
        """Write one's own status, and read all others.

        :raises scoring.ports.ServiceUnavailable: when it cannot be reached.
        """
        ...

    async def sign_off(self, server_id: str) -> None:
        """Nobody needs to wait for this instance any more.

        :raises scoring.ports.ServiceUnavailable: when it cannot be reached.
        """
        ...


class InstanceRegister:
    """The instances' rows in the database. See :class:`Register`."""

    def __init__(self, thread: DatabaseThread) -> None:
        self._thread = thread
        self.lost = self.changed = False
        self._told_at = 0
        self._server = ""

    async def exchange(self, status: InstanceStatus) -> list[InstanceStatus]:
        told_at, found, server = self._told_at, 0, ""

        def write_and_read() -> list[InstanceStatus]:
            nonlocal found, server
            server = server_process()
            own = ServerInstance.objects.filter(id=status.server_id).values_list("seen_at", flat=True).first()
            found = own or 0
            said = {"seen_at": status.seen_at, "redis_seen_at": status.redis_seen_at, "plays_on": status.plays_on}
            if not ServerInstance.objects.filter(id=status.server_id).update(**said):
                ServerInstance.objects.create(id=status.server_id, **said)
            rows = ServerInstance.objects.exclude(id=status.server_id)
            others = [
                InstanceStatus(*values) for values in rows.values_list("id", "seen_at", "redis_seen_at", "plays_on")
            ]
            if any(other.seen_at < status.seen_at - _FORGET_MS for other in others):
                rows.filter(seen_at__lt=status.seen_at - _FORGET_MS).delete()
            return others

        others = await self._run(write_and_read)
        if found < told_at:
            self.lost = True
        if self._server not in ("", server):
            self.changed = True
        self._told_at, self._server = status.seen_at, server
        return others

    async def sign_off(self, server_id: str) -> None:
        rows = ServerInstance.objects.filter(id=server_id)
        await self._run(rows.delete)

    async def _run(self, function: Callable[[], T]) -> T:
        try:
            async with asyncio.timeout(_DATABASE_SECONDS):
                return await self._thread.run(function)
        except (*UNREACHABLE, TimeoutError) as error:
            raise ServiceUnavailable("The database cannot be reached.") from error


class Instances:
    """This instance among the others."""

    def __init__(self, register: Register, server_id: str, clock: Clock, *, patience: float = _PATIENCE) -> None:
        """:param patience: seconds for which the others are waited for."""
        self._register = register
        self._server_id = server_id
        self._clock = clock
        self._patience = patience
        #: What is said of this instance, see :class:`InstanceStatus`.
        self.plays_on = NOBODY
        self.redis_seen_at = 0
        self._told_at = 0
        self._living_since = 0
        self._until = 0
        self._others: list[InstanceStatus] = []
        self._gone: list[str] = []

    async def exchange_heartbeat(self) -> list[InstanceStatus]:
        """Say how it is here; what the others said that may be alive.

        :raises scoring.ports.ServiceUnavailable: when the database cannot be reached.
        """
        now = self._clock.now()
        statuses = await self._register.exchange(
            InstanceStatus(self._server_id, now, self.redis_seen_at, self.plays_on)
        )
        if now - self._told_at > _RECENT_MS:
            # The database was away, and nobody could speak: who was there before gets the time to do so again.
            self._living_since, self._until = (self._told_at or now) - _RECENT_MS, now + _RECENT_MS
        elif now > self._until:
            self._living_since = now - _RECENT_MS
        self._told_at = now
        self._others = [status for status in statuses if status.seen_at > self._living_since]
        self._gone = [
            status.server_id
            for status in statuses
            if status.plays_on == DATABASE and status.seen_at <= self._living_since
        ]
        return self._others

    def play_without_redis(self, *, beginner: bool) -> bool:
        """Whether Redis lacks what others played, as far as was heard: one is gone that did not come back to it, or a
        beginner finds one that plays from the database.
        """
        return bool(self._gone) or (beginner and any(other.plays_on == DATABASE for other in self._others))

    def heard_without_redis(self) -> set[str]:
        """Which of the others play from the database, as far as was heard."""
        return {other.server_id for other in self._others if other.plays_on == DATABASE}

    async def forget_gone(self) -> None:
        """Redis is to learn anew what those who are gone played.

        :raises scoring.ports.ServiceUnavailable: when the database cannot be reached.
        """
        for server_id in self._gone:
            await self._register.sign_off(server_id)
        self._gone = []

    def require_latest(self, run: str) -> None:
        """Make sure that none of the others plays from a later Redis, as far as was heard.

        :raises common.redis.OutdatedMaster: when one does: this one may be an old master that lives on beside it.
        """
        for other in self._others:
            if epoch_number(other.plays_on) > epoch_number(run):
                raise OutdatedMaster(f"Another instance plays from {other.plays_on}, and {run} is reached from here.")

    async def wait(self, settled: Callable[[Sequence[InstanceStatus]], bool]) -> None:
        """Until the others' statuses are as they should be, or some of them have not come so far in a reasonable time.

        :raises scoring.ports.ServiceUnavailable: when the database cannot be reached.
        """
        loop = asyncio.get_running_loop()
        deadline = loop.time() + self._patience
        while not settled(others := await self.exchange_heartbeat()):
            if loop.time() > deadline:
                logger.warning("instances_not_awaited", extra={"others": [status.server_id for status in others]})
                return
            await asyncio.sleep(_LOOK)

    async def sign_off(self) -> None:
        """This instance stops, and has written what it acknowledged.

        :raises scoring.ports.ServiceUnavailable: when the database cannot be reached.
        """
        if self.plays_on != DATABASE:
            await self._register.sign_off(self._server_id)
            return
        # Whoever finds Redis back has to know that it lacks what was played here; nobody waits for this one.
        gone_at = self._clock.now() - _RECENT_MS
        await self._register.exchange(InstanceStatus(self._server_id, gone_at, 0, DATABASE))

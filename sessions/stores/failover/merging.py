"""What a Redis has to learn before play goes on from it: one that is back, or was restarted, may lack anything."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable, Collection, Sequence
from contextlib import suppress
from dataclasses import replace

from common.batching import chunks
from common.redis import REDIS_DOWN, RedisServer, describe
from scoring.ports import ServiceUnavailable
from sessions.services.ports import SessionLog, SessionRecord
from sessions.stores.failover.fallback import Connections, FallbackStore
from sessions.stores.failover.instances import DATABASE, NOBODY, Instances, InstanceStatus
from sessions.stores.redis.database_sink import read_entries
from sessions.stores.redis.loading import with_transitions
from sessions.stores.redis.store import RedisStore
from sessions.stores.redis.write_behind import Writer

logger = logging.getLogger(__name__)

_AWAY: tuple[type[Exception], ...] = (ServiceUnavailable, *REDIS_DOWN)
#: Seconds a merge waits for a database that does not answer.
_DATABASE_SECONDS = 2.0
#: Sessions that are merged at a time.
_AT_ONCE = 32
#: Between sessions that nobody plays, pauses this many times as long as what was done.
_PAUSES = 2


class Merger:
    """Brings Redis in line with the database, with what all instances hold, and with who is connected here."""

    def __init__(
        self,
        *,
        server: RedisServer,
        primary: RedisStore,
        fallback: FallbackStore,
        writer: Writer,
        log: SessionLog,
        connections: Connections,
        instances: Instances,
        beat: Callable[[], Awaitable[None]],
        set_clock: Callable[[], Awaitable[None]],
        replay_seconds: float,
    ) -> None:
        """:param beat: says in Redis that this instance lives. For the others see the switch (switch.py)."""
        self._server = server
        self._primary = primary
        self._fallback = fallback
        self._writer = writer
        self._log = log
        self._connections = connections
        self._instances = instances
        self._beat = beat
        self._set_clock = set_clock
        self._replay_seconds = replay_seconds
        #: The run of Redis that holds all that this process knows; empty before the first merge, and during one.
        self.run = ""
        #: A merge is still to be done, because the database was away too.
        self.incomplete = False
        #: Nothing was merged yet.
        self._beginner = True
        self._rest: asyncio.Task[None] | None = None

    async def live(self) -> list[str] | None:
        """Sessions that are not completed, or ``None`` when the database does not answer."""
        try:
            async with asyncio.timeout(_DATABASE_SECONDS):
                return [session_id for session_id, _ in await self._log.live()]
        except (ServiceUnavailable, TimeoutError):
            return None

    async def merge(self, run: str, served: Collection[str] = ()) -> None:
        """Bring this run of Redis in line with the database, with what all instances hold, and with who is connected.

        :param served: sessions that were played from the fallback.
        """
        await self._server.check_layout()
        self.run = ""
        run = await self._renewed(run)
        await self._server.adopt(run)
        await self._set_clock()
        await self._beat()
        with suppress(ServiceUnavailable):
            # The others need not wait for their next probe.
            await self._instances.exchange_heartbeat()
        self._instances.require_latest(run)
        live = await self.live()
        self.incomplete = live is None
        held = {entry.session_id for entry in self._writer.remembered()}
        ours = held | set(served)
        # Only those that this process knows something of. The others, most of them lobbies, are read when somebody
        # first touches them, or behind those who play.
        first = sorted(ours | set(self._connections()))
        for some in chunks(first, _AT_ONCE):
            await asyncio.gather(
                *(self._bring_in(each, run, ours, served, reachable=live is not None) for each in some)
            )
        await self._primary.sweep_own()
        attach = self._primary.attach
        await asyncio.gather(*(attach(each, connections) for each, connections in self._connections().items()))
        await self._beat()
        self._instances.plays_on = run
        try:
            complete, lacking = await self._others_are_in(run)
            if lacking:
                # Sessions that this process knows nothing of may be among what is in the database alone.
                run = await self._server.renew(run)
                await self._server.adopt(run)
                self._instances.plays_on = run
            if not complete:
                for some in chunks(first, _AT_ONCE):
                    await asyncio.gather(*map(self._primary.rebuild, some))
        except ServiceUnavailable:
            self.incomplete = True
            await asyncio.sleep(self._replay_seconds)
        self.run = run
        self._beginner = False
        if self._rest is not None:
            self._rest.cancel()
        self._rest = asyncio.create_task(self._bring_in_rest(run, live or ()), name="merge-rest")

    async def _renewed(self, run: str) -> str:
        """The run of Redis from which all sessions are read anew, where others played without it."""
        with suppress(ServiceUnavailable):
            await self._instances.exchange_heartbeat()
            if self._instances.play_without_redis(beginner=self._beginner):
                run = await self._server.renew(run)
                await self._instances.forget_gone()
        return run

    async def _bring_in(
        self, session_id: str, run: str, ours: Collection[str], served: Collection[str], *, reachable: bool
    ) -> None:
        """Merge a session, from the database if it is reachable, else from what this process knows."""
        if session_id not in ours and await self._primary.merged_in(session_id) == run:
            return
        try:
            if not reachable:
                raise ServiceUnavailable("The database does not answer.")
            await self._primary.rebuild(session_id)
        except ServiceUnavailable:
            self.incomplete = True
            await self._merge_held(session_id, served=session_id in served)

    async def _bring_in_rest(self, run: str, session_ids: Sequence[str]) -> None:
        """Merge the sessions that nobody has touched, for their timers, with pauses in which others are served."""
        for some in chunks(session_ids, _AT_ONCE):
            started = time.monotonic()
            try:
                found = await asyncio.gather(*map(self._primary.merged_in, some))
                missing = [each for each, merged in zip(some, found, strict=True) if merged != run]
                await asyncio.gather(*map(self._primary.rebuild, missing))
            except _AWAY as error:
                # The next merge begins anew; until then whoever touches a session brings it in.
                logger.warning("merge_left_unfinished", extra={"error": describe(error)})
                return
            await asyncio.sleep((time.monotonic() - started) * _PAUSES)

    async def close(self) -> None:
        """Stop what goes on behind those who play."""
        if self._rest is not None:
            self._rest.cancel()
            await asyncio.gather(self._rest, return_exceptions=True)

    async def _others_are_in(self, run: str) -> tuple[bool, bool]:
        """Wait until the others have brought what they hold into this run of Redis, or play no more.

        :returns: whether all have; and whether one that played from the database has not, because it is cut off. What
            they acknowledged is in the database.
        :raises ServiceUnavailable: when the database cannot be reached.
        """
        without_redis = self._instances.heard_without_redis()
        complete = lacking = False

        def settled(others: Sequence[InstanceStatus]) -> bool:
            nonlocal complete, lacking
            without_redis.update(other.server_id for other in others if other.plays_on == DATABASE)
            complete = all(other.plays_on == run for other in others)
            lacking = any(other.plays_on == NOBODY and other.server_id in without_redis for other in others)
            return all(other.plays_on in {run, NOBODY} for other in others)

        await self._instances.wait(settled)
        return complete, lacking

    async def _merge_held(self, session_id: str, *, served: bool) -> None:
        """Merge what this process knows without the database."""
        if served:
            await self._primary.merge(self._fallback.snapshot(session_id))
        batch = read_entries(self._writer.remembered()).get(session_id)
        record = await self._known(session_id) if batch is not None else None
        if batch is None or record is None:
            return
        await self._primary.merge(
            replace(
                with_transitions(record, batch.decisions),
                participants=(*record.participants, *batch.participants, *batch.changed()),
                answers=(*record.answers, *batch.answers),
            )
        )

    async def _known(self, session_id: str) -> SessionRecord | None:
        """What is known of a session while nothing can be written to the database: what Redis has, or, where that has
        lost it, the database if it can be read."""
        if await self._primary.merged_in(session_id) is not None:
            state, setup = await self._primary.state(session_id), await self._primary.setup(session_id)
            return SessionRecord(setup, state, (), (), (), {}) if setup is not None and state is not None else None
        try:
            async with asyncio.timeout(_DATABASE_SECONDS):
                return await self._log.load(session_id)
        except (ServiceUnavailable, TimeoutError):
            return None

"""From Redis to this process's own store and back: while Redis is there calls go to it, and to memory when it is not.

While the breaker is open the process serves its own players from memory, and each acknowledgement waits for the
database. When Redis is there again, what the database learnt meanwhile is merged into it, and only then does play go
on from there; calls wait for as long as that takes. A Redis that was restarted may have lost its last writes, so it is
merged in the same way before anybody uses it.

At no moment do some instances play from Redis and others from the database: each says in the database where it is, and
waits for the others (instances.py). Whoever loses Redis writes what it holds and waits until the others have done so
too; if one of them still reaches Redis, this one is cut off alone: it serves nobody and sends its players away.
Whoever has brought all it holds into a Redis that is back waits until the others have done that.
"""

from __future__ import annotations

import asyncio
import logging
import math
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Sequence
from contextlib import asynccontextmanager, suppress
from typing import TypeVar

from common import metrics
from common.breaker import Breaker
from common.redis import REDIS_DOWN, REFUSES, ForeignLayout, OutdatedMaster, RedisServer, Restarted, describe
from scoring.ports import ServiceUnavailable
from sessions.services.ports import Clock, SessionLog
from sessions.stores.failover.fallback import Connections, FallbackStore
from sessions.stores.failover.instances import DATABASE, NOBODY, Instances, InstanceStatus
from sessions.stores.failover.merging import Merger
from sessions.stores.redis.store import RedisStore
from sessions.stores.redis.write_behind import Writer

logger = logging.getLogger(__name__)

T = TypeVar("T")
AnyStore = RedisStore | FallbackStore

#: Seconds between two attempts of one call.
_PAUSE = 0.05
#: Seconds to wait for calls under way before the store is switched, and between two looks.
_QUIET = 5.0
_LOOK = 0.005
#: Seconds after a refusal in which what goes through does not count against it.
_REFUSAL_SECONDS = 2.0
#: How often an instance that others say reaches Redis tries before it takes itself for cut off.
_RETURNS = 3
#: How old the status of others that reach Redis may be: they write one each second.
_WORD_MS = 1_500
#: Seconds for which a Redis that was restarted is left to the instances, to add what each of them holds, when the
#: database is away, where they would say that they have: they look every half second.
_REPLAY_SECONDS = 1.0


async def _nothing_lost() -> None:
    """Where nobody looks."""


class StoreSwitch:
    """Which store calls go to, and the way from one to the other."""

    def __init__(
        self,
        *,
        server: RedisServer,
        primary: RedisStore,
        fallback: FallbackStore,
        breaker: Breaker,
        writer: Writer,
        log: SessionLog,
        connections: Connections,
        instances: Instances,
        clock: Clock,
        hand_over: Callable[[], None],
        set_clock: Callable[[], Awaitable[None]],
        replay_seconds: float = _REPLAY_SECONDS,
    ) -> None:
        """:param connections: tells who is connected to this process.
        :param instances: this instance among the others.
        :param hand_over: sends the players to other instances.
        :param set_clock: tells the time as the Redis does that is there.
        :param replay_seconds: how long a Redis that was restarted is left to the instances while the database is away.
        """
        self._server = server
        self.primary = primary
        self.fallback = fallback
        self._breaker = breaker
        self._writer = writer
        self._connections = connections
        self._merger = Merger(
            server=server,
            primary=primary,
            fallback=fallback,
            writer=writer,
            log=log,
            connections=connections,
            instances=instances,
            beat=self.beat,
            set_clock=set_clock,
            replay_seconds=replay_seconds,
        )
        #: Writes what the database is found to have lost, see :class:`sessions.stores.failover.restoring.Restorer`.
        self.restore: Callable[[], Awaitable[None]] = _nothing_lost
        fallback.settle = writer.flush
        fallback.connections = connections
        #: Something went wrong with Redis: it may have been restarted.
        self._suspect = True
        #: When Redis last answered that it does not do what it is asked; seconds.
        self._refused_at = -math.inf
        self._fallback_ready = False
        self._instances = instances
        self._clock = clock
        self._hand_over = hand_over
        #: Whether this process alone lost Redis; not known while the task is at it, or when it failed.
        self._cut_off = False
        #: Whether the others play from a later Redis than the one that is reached from here.
        self._left_behind = False
        self._leaving: asyncio.Task[None] | None = None
        self._lost_at = 0
        self._switching = asyncio.Lock()
        self._open = asyncio.Event()
        self._open.set()
        self._under_way = 0
        #: The failure that was counted last: a trip that fails is one failure, however many calls were on it.
        self._counted: Exception | None = None

    @property
    def on_redis(self) -> bool:
        """Whether play goes on from Redis."""
        return self._breaker.closed

    @property
    def cut_off(self) -> bool:
        """Whether this process serves nobody, because it alone does not reach Redis."""
        return self._cut_off

    async def flush(self) -> None:
        """Write what may wait."""
        await self.fallback.flush()
        await self.primary.flush()

    async def close(self) -> None:
        """Stop what goes on in the background."""
        await self._merger.close()

    async def start(self) -> None:
        """Find out whether Redis is there; if not, begin without it.

        :raises ForeignLayout: when it is there and not ours.
        :raises ServiceUnavailable: when the database is away too.
        """
        try:
            await self._recheck()
        except ForeignLayout:
            raise
        except REDIS_DOWN as error:
            self._give_up(error)
            if self._leaving is not None:
                await self._leaving
            await self.probe()

    async def probe(self) -> Collection[str]:
        """To be called every half second: probes a Redis that was away, and merges what could not be merged.

        :returns: sessions that changed without this process having been told.
        """
        if self._breaker.closed:
            if self._suspect or (self._merger.incomplete and await self._merger.live() is not None):
                await self._recheck()
            return []
        if self._leaving is not None and not self._leaving.done():
            return []
        if self._breaker.half_open or self._cut_off or await self._others_are_back():
            try:
                return await self._return_to_redis()
            except REDIS_DOWN as error:
                self.note_failure(error)
                if await self._others_are_back():
                    await self._end_service()
        if self._cut_off:
            return []
        if self._leaving is not None and self._leaving.exception() is not None:
            self._leaving = asyncio.create_task(self._leave_redis(self._lost_at))
            return []
        if not self._fallback_ready:
            await self.fallback.start()
            self._fallback_ready = True
            # What is read from the database now may be newer than what was last seen in Redis.
            return list(self._connections())
        await self.fallback.refresh(self._connections())
        return self.fallback.moved()

    async def exchange_heartbeat(self) -> None:
        """To be called every second: tells the other instances how it is here, and hears how it is there."""
        with suppress(ServiceUnavailable):
            others = await self._instances.exchange_heartbeat()
            here = self._merger.run
            if self._breaker.closed and here and any(other.plays_on not in {here, NOBODY} for other in others):
                # Whoever gave Redis up waits for the others to do so too, or to say that it is there; and whoever plays
                # from another Redis, for those who are left behind.
                try:
                    run = await self._server.current_run()
                    if run == here:
                        self._instances.require_latest(run)
                except REDIS_DOWN as error:
                    if isinstance(error, OutdatedMaster):
                        metrics.store_losses.labels("redis_split").inc()
                        self._left_behind = True
                    self._give_up(error)
                    return
                if run != here:
                    self._suspect = True
                    return
                await self.beat()
                await self._instances.exchange_heartbeat()

    async def beat(self) -> None:
        """Say in Redis that this instance lives.

        :raises redis.exceptions.RedisError, OSError: when it cannot be reached.
        """
        at = self._clock.now()
        await self.primary.beat()
        self._instances.redis_seen_at = at

    async def _call(self, work: Callable[[AnyStore], Awaitable[T]]) -> T:
        while True:
            await self._open.wait()
            if not self._breaker.closed:
                if self._leaving is None or self._leaving.done():
                    return await self._call_fallback(work)
                # It may end with Redis being back.
                await asyncio.wait([self._leaving])
                continue
            try:
                if self._suspect:
                    await self._recheck()
                    continue
                async with self._busy():
                    result = await work(self.primary)
            except REDIS_DOWN as error:
                self.note_failure(error)
                await asyncio.sleep(_PAUSE)
            else:
                if self._breaker.closed:
                    # One that went through late does not close a breaker that others have opened.
                    self._went_through()
                return result

    def _went_through(self) -> None:
        """Redis did what it was asked. Soon after a refusal that tells little: who only reads, or writes something
        small, may go through on one that is full."""
        self._counted = None
        if time.monotonic() - self._refused_at > _REFUSAL_SECONDS:
            self._breaker.succeeded()

    async def _call_fallback(self, work: Callable[[AnyStore], Awaitable[T]]) -> T:
        if self._cut_off:
            raise ServiceUnavailable("This instance is cut off from Redis.")
        if self._leaving is not None and self._leaving.exception() is not None:
            raise ServiceUnavailable("Neither Redis nor the database can be reached.")
        async with self._busy():
            return await work(self.fallback)

    @asynccontextmanager
    async def _busy(self) -> AsyncIterator[None]:
        self._under_way += 1
        try:
            yield
        finally:
            self._under_way -= 1

    def _give_up(self, error: Exception) -> None:
        while self._breaker.closed:
            self._failed(error)

    def note_failure(self, error: Exception) -> None:
        """Redis did not answer, or refused, or is not what it was."""
        if isinstance(error, Restarted):
            # It is there: what it lacks is to be brought in.
            self._suspect = True
        elif error is not self._counted or isinstance(error, TimeoutError):
            # That it does not answer is said by each call, so that not all of them need to wait for it several times.
            self._failed(error)

    def _failed(self, error: Exception) -> None:
        self._counted = error
        was_closed = self._breaker.closed
        self._suspect = True
        if isinstance(error, REFUSES):
            self._refused_at = time.monotonic()
        self._breaker.failed()
        if was_closed and not self._breaker.closed:
            logger.error("redis_given_up", extra={"error": describe(error)})
            metrics.breaker_state.labels("redis").set(2)
            self.fallback.forget()
            self._fallback_ready = False
            self._lost_at = self._clock.now()
            self._leaving = asyncio.create_task(self._leave_redis(self._lost_at))

    async def _leave_redis(self, lost_at: int) -> None:
        """Begin to play from the database when the others do so too, or return, or find that this one is cut off.

        :raises ServiceUnavailable: when the database cannot be reached: then nothing can be acknowledged here.
        """
        async with self._switching:
            if self._breaker.closed:
                return
            await self._quiet()
            await self._writer.flush()
            if self._left_behind:
                # The others play from another Redis, and wait for this one to say that it does not go on.
                await self._end_service()
                return
            self._instances.plays_on = DATABASE
        back = False

        def settled(others: Sequence[InstanceStatus]) -> bool:
            nonlocal back
            # A status from before it was lost here tells nothing.
            back = any(other.redis_seen_at > lost_at for other in others)
            return back or all(other.plays_on in {DATABASE, NOBODY} for other in others)

        await self._instances.wait(settled)
        # What was read before the others had written may lack something.
        self.fallback.forget()
        for _ in range(_RETURNS if back else 0):
            try:
                await self._return_to_redis()
            except REDIS_DOWN as error:
                self.note_failure(error)
                await asyncio.sleep(_PAUSE)
            else:
                return
        if back:
            await self._end_service()

    async def _others_are_back(self) -> bool:
        if not self._fallback_ready:
            return False
        since = max(self._lost_at, self._clock.now() - _WORD_MS)
        try:
            return any(other.redis_seen_at > since for other in await self._instances.exchange_heartbeat())
        except ServiceUnavailable:
            return False

    async def _end_service(self) -> None:
        if self._cut_off:
            return
        self._cut_off = True
        logger.error("cut_off_from_redis")
        self._hand_over()
        await self._quiet()
        self._instances.plays_on = NOBODY
        with suppress(ServiceUnavailable):
            await self._instances.exchange_heartbeat()

    async def _recheck(self) -> None:
        """Make sure that Redis is the run that was checked; a new one is merged first."""
        async with self._switching:
            if not self._breaker.closed or not (self._suspect or self._merger.incomplete):
                return
            run = await self._server.current_run()
            if run != self._merger.run or self._merger.incomplete:
                async with self._closed():
                    await self._merger.merge(run)
            self._suspect = False
            self._went_through()

    async def _return_to_redis(self) -> Collection[str]:
        async with self._switching:
            metrics.breaker_state.labels("redis").set(1)
            run = await self._server.current_run()
            if self._instances.plays_on == DATABASE and await self._merger.live() is None:
                # The database alone has what all instances acknowledged meanwhile.
                raise ServiceUnavailable("Redis is back, and the database away that it has to learn from.")
            if self._instances.plays_on == DATABASE:
                # It may have come back without its last seconds, which those who played from it have.
                await self._instances.exchange_heartbeat()
                await self.restore()
            async with self._closed():
                served = self.fallback.held()
                await self._merger.merge(run, served)
                for session_id in list(self.fallback.erased):
                    await self.primary.erase(session_id)
                    self.fallback.erased.discard(session_id)
                self._suspect = self._cut_off = self._left_behind = False
                self._leaving = None
                self._breaker.succeeded()
                self.fallback.forget()
        metrics.breaker_state.labels("redis").set(0)
        logger.warning("redis_is_back", extra={"sessions": len(served)})
        return {*served, *self._connections()}

    @asynccontextmanager
    async def _closed(self) -> AsyncIterator[None]:
        """Calls wait; those under way are let out first."""
        self._open.clear()
        try:
            await self._quiet()
            yield
        finally:
            self._open.set()

    async def _quiet(self) -> None:
        """Until no call is under way."""
        try:
            async with asyncio.timeout(_QUIET):
                while self._under_way:  # noqa: ASYNC110 - a switch is rare, and a call must cost nothing
                    await asyncio.sleep(_LOOK)
        except TimeoutError:
            logger.warning("calls_outlast_switch", extra={"calls": self._under_way})

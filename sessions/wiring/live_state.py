"""Where live sessions are kept: in this process, or in Redis for all instances. The rest of the wiring is the same."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Callable, Mapping
from typing import Any, Protocol

from channels.layers import get_channel_layer
from django.conf import settings

from common import metrics
from common.breaker import Breaker
from common.clock import SharedClock, SystemClock
from common.config import Config
from common.database import DatabaseThread
from common.limits import Buckets, RateLimit
from common.redis import REDIS_DOWN
from common.redis_cluster import redis_server
from common.shared_limits import LocalLimit, RedisLimit
from common.shared_time import SharedTime, watch
from scoring.answer_log import DatabaseAnswerLog
from scoring.ports import ServiceUnavailable
from sessions.database.rows import add_answers
from sessions.database.session_log import DatabaseSessionLog
from sessions.fanout.channel_layer import FailsafeLayer, LocalLayer
from sessions.fanout.hub import Hub
from sessions.fanout.sharded_layer import ShardedPubSubLayer
from sessions.services.ports import Broadcaster, SessionLog, Store
from sessions.services.presence import Presence
from sessions.stores.failover.fallback import FallbackStore
from sessions.stores.failover.instances import InstanceRegister, Instances
from sessions.stores.failover.restoring import Restorer
from sessions.stores.failover.store import FailoverStore
from sessions.stores.memory.store import MemoryStore
from sessions.stores.redis.database_sink import DatabaseSink
from sessions.stores.redis.journal import RedisJournal
from sessions.stores.redis.store import RedisStore
from sessions.stores.redis.write_behind import Writer
from sessions.wiring.upkeep import Upkeep

logger = logging.getLogger(__name__)

#: Seconds between two writings of what may wait (who is connected, what is on show).
_FLUSH_SECONDS = 0.5
#: Seconds for which a caller waits for records of other instances to reach the database, and between two looks.
_SETTLE_SECONDS = 10.0
_SETTLE_LOOK = 0.05
_MINUTE_MS = 60_000


class LiveState(Protocol):
    """What the runtime needs of it."""

    store: Store
    log: SessionLog
    clock: SystemClock
    #: A Channels layer.
    layer: Any

    def join_with(
        self, *, hub: Hub, presence: Presence, broadcaster: Broadcaster, hand_over: Callable[[], None]
    ) -> None:
        """Meet the parts that need the store, and that it needs.

        :param hand_over: tells all clients of this process to connect again.
        """
        ...

    def limit(self, name: str, *, per_minute: float) -> RateLimit:
        """A limit per user or address.

        :param name: one of its own for each limit.
        :param per_minute: see :class:`common.limits.TokenBucket`; 0 for no bound.
        """
        ...

    @property
    def serving(self) -> bool:
        """Whether players are to be let in."""
        ...

    async def start(self) -> None:
        """Take up what the last process left, and begin to work."""
        ...

    async def settle(self, session_id: str) -> None:
        """Wait until every acknowledged answer of the session is in the database."""
        ...

    async def stop(self) -> None:
        """Stop, and write what waits."""
        ...


class _Flushing:
    """Writes what may wait, once in a while, and watches the clock."""

    clock: SystemClock

    def __init__(self, store: MemoryStore | FailoverStore) -> None:
        self._waiting = store
        self._tasks: list[asyncio.Task[None]] = []

    async def flush_now(self) -> None:
        try:
            await self._waiting.flush()
        except ServiceUnavailable as error:
            logger.warning("flush_waits", extra={"error": str(error)})
        except Exception:
            logger.exception("flush_failed")

    async def flush(self) -> None:
        while True:
            await asyncio.sleep(_FLUSH_SECONDS)
            watch(self.clock)
            await self.flush_now()

    async def end_tasks(self) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)


class EmbeddedState(_Flushing):
    """In this process, which is the only one."""

    def __init__(self, config: Config, writer: DatabaseThread, reader: DatabaseThread) -> None:
        self.clock = SystemClock()
        self.layer: Any = LocalLayer()
        self.log: SessionLog = DatabaseSessionLog(writer, reader)
        self._memory = MemoryStore(
            sessions=self.log,
            answers=DatabaseAnswerLog(writer, add_answers),
            clock=self.clock,
            allowance_ms=config.network_allowance_ms,
        )
        self.store: Store = self._memory
        super().__init__(self._memory)

    def join_with(
        self, *, hub: Hub, presence: Presence, broadcaster: Broadcaster, hand_over: Callable[[], None]
    ) -> None:
        """Nothing here needs them."""

    def limit(self, name: str, *, per_minute: float) -> RateLimit:
        return LocalLimit(Buckets(per_minute, _MINUTE_MS))

    @property
    def serving(self) -> bool:
        return True

    async def start(self) -> None:
        await self._memory.start()
        self._tasks = [asyncio.create_task(self.flush(), name="flush")]

    async def settle(self, session_id: str) -> None:
        # Acknowledgements come after the commit, so that only what may wait is left to write.
        await self._memory.flush()

    async def stop(self) -> None:
        await self.end_tasks()
        await self.flush_now()


class SharedState(_Flushing):
    """In Redis, with the in-process store behind it for when Redis is away."""

    def __init__(self, config: Config, server_id: str, writer: DatabaseThread, reader: DatabaseThread) -> None:
        clock = SharedClock()
        self.clock: SystemClock = clock
        self._config = config
        self._server = redis_server(
            config.redis_url,
            timeout=config.redis_timeout_seconds,
            connections=config.redis_connections,
            shards=config.redis_shards,
        )
        self.log: SessionLog = DatabaseSessionLog(writer, reader)
        self._journal = RedisJournal(self._server)
        self._register = InstanceRegister(reader)
        self._instances = Instances(self._register, server_id, self.clock)
        sink = DatabaseSink(
            writer,
            self.log,
            lambda session_id: self._failover.standings(session_id),  # noqa: PLW0108 - it comes later
        )
        self._writer = Writer(sink, self._journal, window_ms=config.write_behind_ms, rows=config.write_behind_rows)
        primary = RedisStore(
            self._server,
            server_id=server_id,
            sessions=self.log,
            keep=self._writer.keep,
            settle=self._writer.flush,
            clock=self.clock,
            allowance_ms=config.network_allowance_ms,
        )
        self._time = SharedTime(self._server, clock, primary.beats)
        self._server.agree_on_time = self._time.agree
        self._failover = FailoverStore(
            server=self._server,
            primary=primary,
            fallback=FallbackStore(
                sessions=self.log,
                answers=DatabaseAnswerLog(writer, add_answers),
                clock=self.clock,
                allowance_ms=config.network_allowance_ms,
            ),
            breaker=Breaker(failures=config.breaker_failures, seconds=config.breaker_seconds),
            writer=self._writer,
            log=self.log,
            connections=lambda: self._hub.players(),  # noqa: PLW0108 - the hub comes later
            instances=self._instances,
            clock=self.clock,
            hand_over=lambda: self._hand_over(),  # noqa: PLW0108 - it comes with the hub
            set_clock=self._time.agree,
        )
        self.store: Store = self._failover
        self._layer: Any = get_channel_layer()
        self.layer: Any = FailsafeLayer(self._layer, lambda: self._failover.on_redis, self._publish)
        self._hub: Hub
        self._hand_over: Callable[[], None]
        self._upkeep: Upkeep
        super().__init__(self._failover)

    def join_with(
        self, *, hub: Hub, presence: Presence, broadcaster: Broadcaster, hand_over: Callable[[], None]
    ) -> None:
        self._hub = hub
        self._hand_over = hand_over
        restorer = Restorer(self._failover, self._writer, self.log, self._register)
        self._failover.restore = restorer.round
        self._upkeep = Upkeep(
            store=self._failover,
            journal=self._journal,
            writer=self._writer,
            log=self.log,
            set_clock=self._time.agree,
            restorer=restorer,
            hub=hub,
            presence=presence,
            broadcaster=broadcaster,
            takeover_ms=round(self._config.takeover_seconds * 1_000),
            silence_ms=round(self._config.server_silence_seconds * 1_000),
        )

    def limit(self, name: str, *, per_minute: float) -> RateLimit:
        if not per_minute:
            return LocalLimit(Buckets(0, _MINUTE_MS))
        return RedisLimit(
            name,
            per_minute,
            _MINUTE_MS,
            server=self._server,
            available=lambda: self._failover.on_redis,
            secret=settings.SECRET_KEY,
        )

    @property
    def serving(self) -> bool:
        return not self._failover.cut_off

    async def start(self) -> None:
        """:raises ForeignLayout: when this Redis holds the keys of something else."""
        metrics.breaker_state.labels("redis").set(0)
        await self._failover.start()
        self._tasks = [
            asyncio.create_task(self._writer.run(), name="write-behind"),
            asyncio.create_task(self._upkeep.run(), name="upkeep"),
            asyncio.create_task(self.flush(), name="flush"),
        ]

    async def _publish(self, group: str, message: Mapping[str, Any]) -> int:
        # Along with all else that goes to Redis; the layer would wait for the reply to each message before the next.
        if isinstance(self._layer, ShardedPubSubLayer):
            command = self._layer.publication(group, message)
        else:
            command = "PUBLISH", self._layer._get_group_channel_name(group), self._layer.serialize(message)
        [reached] = await self._server.trips.run(command)
        return int(reached)

    async def settle(self, session_id: str) -> None:
        await self._writer.flush()
        await self._writer.conclude()
        await self._failover.flush()
        if not self._failover.on_redis:
            return
        with contextlib.suppress(*REDIS_DOWN):
            async with asyncio.timeout(_SETTLE_SECONDS):
                while await self._journal.waiting(session_id):  # noqa: ASYNC110 - other instances write them
                    await asyncio.sleep(_SETTLE_LOOK)

    async def stop(self) -> None:
        # Its players stay connected for as long as after a death: who comes back elsewhere was never away, and of who
        # does not another instance tells.
        await self.end_tasks()
        with contextlib.suppress(ServiceUnavailable, *REDIS_DOWN):
            # The next process does not know what the database had a moment ago.
            await self._instances.exchange_heartbeat()
            await self._failover.restore()
        await self._failover.close()
        try:
            await self._writer.flush()
            await self._writer.conclude()
            await self._instances.sign_off()
        except ServiceUnavailable:
            # They stay in the streams, for another instance or the next process.
            logger.warning("records_left_in_streams", extra={"rows": self._writer.depth})
        await self.flush_now()
        await self.layer.close()
        await self._server.close()


def live_state(config: Config, server_id: str, writer: DatabaseThread, reader: DatabaseThread) -> LiveState:
    """What the settings ask for."""
    return SharedState(config, server_id, writer, reader) if config.redis_url else EmbeddedState(config, writer, reader)

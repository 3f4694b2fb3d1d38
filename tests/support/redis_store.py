"""The Redis store, as an instance runs it: with its writer, and with the fallback behind it."""

from __future__ import annotations

import asyncio
import re
import uuid
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from typing import Any, TypeVar

from redis.crc import key_slot
from redis.exceptions import ConnectionError

from common.breaker import Breaker
from common.redis import RedisServer
from common.redis_cluster import ClusterServer, redis_server
from scoring.answer_log import DatabaseAnswerLog
from sessions.database.rows import add_answers
from sessions.database.session_log import DatabaseSessionLog
from sessions.services.ports import Store
from sessions.stores.failover.fallback import FallbackStore
from sessions.stores.failover.instances import Instances, InstanceStatus, Register
from sessions.stores.failover.store import FailoverStore
from sessions.stores.failover.switch import AnyStore
from sessions.stores.redis import loading
from sessions.stores.redis.database_sink import DatabaseSink
from sessions.stores.redis.journal import RedisJournal
from sessions.stores.redis.layout import Keyspace
from sessions.stores.redis.store import RedisStore
from sessions.stores.redis.write_behind import Writer
from tests.support.servers import cluster_url, redis_url
from tests.support.stores import ALLOWANCE_MS, BreakableThread, FakeClock, Harness

T = TypeVar("T")
#: Where a script finds the time, in each slot.
_NOW = "test:now:"


class ClockedRedisStore(RedisStore):
    """The Redis store, whose scripts take the time from the test's clock instead of the server."""

    #: How far the clock of the machine of Redis was set; milliseconds.
    machine_ahead = 0

    async def run_script(self, name: str, keys: Sequence[str], arguments: Sequence[Any]) -> Any:
        if name not in self._scripts:
            source = loading.load_script(name)
            told = (
                f"local time = redis.call('GET', '{_NOW}' .. KEYS[1]:match('{{.-}}'))\n  do return tonumber(time) end\n"
            )
            assert "local time = redis.call('TIME')\n" in source
            self._scripts[name] = self._server.script(source.replace("local time = redis.call('TIME')\n", told, 1))
        assert len({key_slot(key.encode()) for key in keys}) == 1, f"{name} would touch several slots: {keys}"
        found = re.search("{.*?}", keys[0])
        if found:
            await self._redis.set(_NOW + found[0], self._clock.now() + self.machine_ahead)
        return await super().run_script(name, keys, arguments)


class EagerFailoverStore(FailoverStore):
    """Looks before each call whether Redis is back, which an instance does every half second."""

    async def _call(self, work: Callable[[AnyStore], Awaitable[T]]) -> T:
        await self.probe()
        return await super()._call(work)


class Alone:
    """The register of an instance that hears of no others: in the contract suite one acts at a time."""

    lost = changed = False

    async def exchange(self, status: InstanceStatus) -> list[InstanceStatus]:
        return []

    async def sign_off(self, server_id: str) -> None:
        """Nobody waits."""


class Instance:
    """What one process holds."""

    def __init__(self, clock: FakeClock, register: Register, url: str) -> None:
        self.server_id = uuid.uuid4().hex[:12]
        self.server = redis_server(url, timeout=2, connections=4)
        self.keys = Keyspace(self.server.shards)
        self.thread, self.reader = BreakableThread("database-test"), BreakableThread("database-test-reader")
        log = DatabaseSessionLog(self.thread, self.reader)
        sink = DatabaseSink(
            self.thread,
            log,
            lambda session_id: self.store.standings(session_id),  # noqa: PLW0108 - it comes later
        )
        self.journal = RedisJournal(self.server)
        self.writer = Writer(sink, self.journal, window_ms=500, rows=1_000)
        self.primary = ClockedRedisStore(
            self.server,
            server_id=self.server_id,
            sessions=log,
            keep=self.writer.keep,
            settle=self.writer.flush,
            clock=clock,
            allowance_ms=ALLOWANCE_MS,
        )
        self.connections: dict[str, dict[str, str]] = {}
        self.breaker = Breaker(failures=1, seconds=0)
        self.store = EagerFailoverStore(
            server=self.server,
            primary=self.primary,
            fallback=FallbackStore(
                sessions=log,
                answers=DatabaseAnswerLog(self.thread, add_answers),
                clock=clock,
                allowance_ms=ALLOWANCE_MS,
            ),
            breaker=self.breaker,
            writer=self.writer,
            log=log,
            connections=lambda: self.connections,
            instances=Instances(register, self.server_id, clock),
            clock=clock,
            hand_over=lambda: None,
            set_clock=self._keep_clock,
            replay_seconds=0,
        )
        self._ways = _ways(self.server)
        self._connect = [getattr(owner, name) for owner, name in self._ways]

    async def _keep_clock(self) -> None:
        """The scripts take the time from the test's clock."""

    def cut(self, *, redis: bool, database: bool) -> None:
        """Take the servers away, or give them back."""
        self.thread.broken = self.reader.broken = database

        async def refuse(*_: Any, **__: Any) -> Any:
            raise ConnectionError("Redis is away")

        for (owner, name), connect in zip(self._ways, self._connect, strict=True):
            setattr(owner, name, refuse if redis else connect)

    def forget_run(self) -> None:
        """The Redis that is there is no longer the one this instance knew."""
        self.server.run_id = self.store._merger.run = self.store._instances.plays_on = "the run before"

    async def sweep(self, dead: str) -> None:
        """Disconnect the players of a dead instance; every connection of this suite is called "server/..."."""
        client = self.server.client
        for dead_key, key in zip(self.keys.of_server(dead), self.keys.of_server("server"), strict=True):
            for session_id in await client.smembers(dead_key):
                await client.sadd(key, session_id)
        await self.primary.sweep(dead)
        await self.primary.sweep("server")

    async def take_over(self, *, older_than_ms: int) -> None:
        """Write the records that dead instances left."""
        orphans = await self.journal.orphans(older_than_ms=older_than_ms, held=self.writer.holds)
        if orphans:
            await self.writer.write(orphans)
            await self.writer.conclude()

    async def settle(self) -> None:
        await self.writer.flush()
        await self.writer.conclude()
        await self.store.flush()

    async def close(self) -> None:
        await self.store.close()
        await self.server.close()
        await asyncio.gather(asyncio.to_thread(self.thread.close), asyncio.to_thread(self.reader.close))


def _ways(server: RedisServer) -> list[tuple[Any, str]]:
    """All by which a process reaches Redis."""
    if isinstance(server, ClusterServer):
        return [(client, name) for client in (server.client, server._scout) for name in ("make_sure", "look_again")]
    return [(client.connection_pool, "get_connection") for client in (server.client, server._scout)]


class RedisHarness(Harness):
    """Instances on one Redis and one database."""

    url = staticmethod(redis_url)

    def __init__(self) -> None:
        super().__init__()
        self.register: Register = Alone()
        self._instances: list[Instance] = []
        self._dead: list[Instance] = []

    @property
    def store(self) -> Store:
        return self.instance.store

    @property
    def instance(self) -> Instance:
        """The one whose store is under test."""
        return self._instances[0]

    async def _make(self) -> Instance:
        instance = Instance(self.clock, self.register, self.url())
        await instance.store.start()
        return instance

    async def start(self) -> None:
        instance = Instance(self.clock, self.register, self.url())
        self._instances.append(instance)
        await self._empty(instance)
        await instance.store.start()

    async def _empty(self, instance: Instance) -> None:
        await instance.server.client.flushdb()

    async def all_keys(self) -> set[str]:
        """Every key there is."""
        return {key async for key in self.instance.server.client.scan_iter("*")}

    async def restart(self) -> Store:
        self._dead.append(self._instances.pop(0))
        self._instances.insert(0, await self._make())
        # What the others do some seconds after the death of an instance.
        await self.instance.sweep(self._dead[-1].server_id)
        await self.instance.take_over(older_than_ms=-1)
        return self.store

    async def rival(self) -> Store:
        instance = await self._make()
        self._instances.append(instance)
        return instance.store

    async def settle(self) -> None:
        for instance in self._instances:
            await instance.settle()

    async def query(self, function: Callable[[], T]) -> T:
        return await self._instances[-1].thread.run(function)

    def outage(self) -> AbstractContextManager[None]:
        return self._without(redis=True)

    def database_outage(self) -> AbstractContextManager[None]:
        return self._without(redis=False)

    @contextmanager
    def _without(self, *, redis: bool) -> Iterator[None]:
        for instance in self._instances:
            instance.cut(redis=redis, database=True)
        try:
            yield
        finally:
            for instance in self._instances:
                instance.cut(redis=False, database=False)

    async def close(self) -> None:
        for instance in (*self._instances, *self._dead):
            await instance.close()


class ClusterHarness(RedisHarness):
    """Instances on a cluster of three masters."""

    url = staticmethod(cluster_url)

    async def _empty(self, instance: Instance) -> None:
        await instance.server.client.look_again()
        await asyncio.gather(*(node.execute_command("FLUSHALL") for node in instance.server.client.masters()))

    async def all_keys(self) -> set[str]:
        masters = self.instance.server.client.masters()
        return {key for node in masters for key in await node.execute_command("KEYS", "*")}

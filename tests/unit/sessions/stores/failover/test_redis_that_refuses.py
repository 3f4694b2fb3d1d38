"""A Redis that answers and does not do what it is asked: play goes on from the database, and back."""

from __future__ import annotations

import asyncio
import contextlib
import shutil
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Any

import pytest
from redis.asyncio import Redis
from redis.exceptions import ResponseError

from common.breaker import Breaker
from common.redis import REDIS_DOWN, REFUSES, Parser, RedisServer, Refusing
from quizserver.cluster.servers import Valkey
from scoring.rules.answers import Accepted
from sessions.rules.commands import Next
from sessions.stores.failover.store import FailoverStore
from tests.support.redis_store import RedisHarness
from tests.support.servers import redis_url
from tests.support.store_game import Game, new_game

Refusal = Callable[[Any], AbstractAsyncContextManager[None]]


def _config(name: str, refusing: str, normal: str) -> Refusal:
    @asynccontextmanager
    async def refusal(admin: Any) -> AsyncIterator[None]:
        await admin.config_set(name, refusing)
        try:
            yield
        finally:
            await admin.config_set(name, normal)

    return refusal


@asynccontextmanager
async def _read_only(admin: Any) -> AsyncIterator[None]:
    await admin.replicaof("127.0.0.1", "1")
    try:
        yield
    finally:
        await admin.replicaof("NO", "ONE")


@asynccontextmanager
async def _forbidden(admin: Any) -> AsyncIterator[None]:
    await admin.execute_command("ACL", "SETUSER", "default", "-@write")
    try:
        yield
    finally:
        await admin.execute_command("ACL", "SETUSER", "default", "+@all")


@asynccontextmanager
async def _busy(admin: Any) -> AsyncIterator[None]:
    await admin.config_set("busy-reply-threshold", "20")
    other = Redis.from_url(redis_url(), socket_timeout=60)
    looping = asyncio.ensure_future(other.eval("while true do end", 0))
    await asyncio.sleep(0.2)
    try:
        yield
    finally:
        await admin.script_kill()
        with contextlib.suppress(Exception):
            await looping
        await other.aclose()
        await admin.config_set("busy-reply-threshold", "5000")


REFUSALS: dict[str, Refusal] = {
    "OOM": _config("maxmemory", "1", "0"),
    "NOREPLICAS": _config("min-replicas-to-write", "3", "0"),
    "READONLY": _read_only,
    "NOPERM": _forbidden,
    "BUSY": _busy,
}


@pytest.fixture
async def admin(redis: RedisHarness) -> AsyncIterator[Any]:
    client = Redis.from_url(redis_url(), decode_responses=True, socket_timeout=60)
    yield client
    await client.aclose()


def where(redis: RedisHarness) -> str:
    return "redis" if redis.instance.store.on_redis else "database"


async def playing(redis: RedisHarness) -> Game:
    game = await new_game(redis)
    await game.players("ann", "bob")
    await game.start()
    return game


@pytest.mark.parametrize("kind", REFUSALS)
async def test_play_goes_on_from_the_database_and_back(redis: RedisHarness, admin: Any, kind: str) -> None:
    game = await playing(redis)
    await game.accepted("ann")
    async with REFUSALS[kind](admin):
        assert (await game.accepted("bob")).score == 15
        await game.do(Next())
        assert where(redis) == "database"
        assert await game.scores() == {"ann": 15, "bob": 15}
    await game.accepted("ann", "q2")
    assert where(redis) == "redis"
    assert await game.scores() == {"ann": 30, "bob": 15}


@pytest.mark.parametrize("kind", REFUSALS)
async def test_the_breaker_opens_though_whoever_only_reads_is_answered(
    redis: RedisHarness, admin: Any, kind: str
) -> None:
    """As an instance runs it: five failures, nobody who tends it, and others who read all the while."""
    game = await playing(redis)
    store = redis.instance.store
    store._breaker = redis.instance.breaker = Breaker(failures=5, seconds=3_600)

    async def read_on() -> None:
        while True:
            with contextlib.suppress(Exception):
                await FailoverStore._call(store, lambda each: each.state(game.id))
            await asyncio.sleep(0.005)

    async with REFUSALS[kind](admin):
        reading = asyncio.create_task(read_on())
        async with asyncio.timeout(30):
            [taken] = await FailoverStore._call(store, lambda each: each.record(game.id, [game.answer("ann")]))
        reading.cancel()
        assert not store.on_redis
        assert isinstance(taken, Accepted)
        assert taken.score == 15


@pytest.mark.parametrize("kind", REFUSALS)
async def test_a_probe_writes(redis: RedisHarness, admin: Any, kind: str) -> None:
    assert await redis.instance.server.current_run()
    async with REFUSALS[kind](admin):
        if kind != "BUSY":
            await admin.info("server")  # the control: who only asks is answered
        with pytest.raises(REFUSES):
            await redis.instance.server.current_run()


async def test_a_start_while_redis_refuses_begins_without_it(redis: RedisHarness, admin: Any) -> None:
    game = await playing(redis)
    async with REFUSALS["OOM"](admin):
        rival = await redis.rival()
        assert not redis._instances[1].store.on_redis
        assert await rival.state(game.id) is not None


async def test_a_redis_whose_disk_is_gone_is_noticed() -> None:
    """MISCONF: it could not save, and takes nothing from then on."""
    valkey = Valkey()
    valkey.start()
    server = RedisServer(valkey.url, timeout=5, connections=2)
    try:
        assert await server.current_run()
        await server.client.config_set("save", "3600 1")
        shutil.rmtree(valkey._folder)
        with contextlib.suppress(ResponseError):
            await server.client.bgsave()
        async with asyncio.timeout(30):
            while (await server.client.info("persistence"))["rdb_last_bgsave_status"] != "err":
                await asyncio.sleep(0.05)
        with pytest.raises(Refusing, match="disk"):
            await server.current_run()
    finally:
        await server.close()
        # Asked to stop, it would want to save first.
        valkey.kill()
        valkey.stop()


@pytest.mark.parametrize(
    "words",
    [
        "MISCONF Valkey is configured to save RDB snapshots",
        "NOREPLICAS Not enough good replicas to write.",
        "BUSY Valkey is busy running a script.",
        "NOPERM User default has no permissions",
        "OOM command not allowed when used memory > 'maxmemory'.",
        "READONLY You can't write against a read only replica.",
        "LOADING Valkey is loading the dataset in memory",
        "NOAUTH Authentication required.",
        "WRONGPASS invalid username-password pair",
        "MASTERDOWN Link with MASTER is down",
        "CLUSTERDOWN The cluster is down",
        "ERR max number of clients reached",
    ],
)
def test_what_a_redis_says_that_refuses_counts_as_down(words: str) -> None:
    assert isinstance(Parser.parse_error(words), REDIS_DOWN)


@pytest.mark.parametrize("words", ["ERR unknown command", "WRONGTYPE Operation against a key", "NOSCRIPT No matching"])
def test_what_is_wrong_with_a_command_does_not(words: str) -> None:
    assert not isinstance(Parser.parse_error(words), REDIS_DOWN)

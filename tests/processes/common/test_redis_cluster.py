"""A real cluster: commands, scripts and batches find their slot while it moves, and what is wrong is said in a line."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from typing import Any

import pytest
import pytest_asyncio
from redis.crc import key_slot
from redis.exceptions import ClusterCrossSlotError, TryAgainError

from common.redis import (
    PROBE_KEY,
    REDIS_DOWN,
    ForeignLayout,
    RedisServer,
    Restarted,
    check_url,
    cluster_of,
    epoch_number,
    parts_of,
)
from common.redis_cluster import ClusterServer
from common.redis_watch import redis_watch
from common.shards import Shards
from quizserver.cluster.shards import ValkeyCluster
from sessions.stores.redis.layout import Keyspace
from tests.support.servers import redis_url

pytestmark = pytest.mark.timeout(120)
PATIENCE = 20
#: Adds to two keys at once, so that half a step would show.
BOTH = "redis.call('INCR', KEYS[1]) return redis.call('INCR', KEYS[2])"


@pytest.fixture(scope="module")
def shards() -> Iterator[ValkeyCluster]:
    made = ValkeyCluster(3)
    made.start()
    yield made
    made.stop()


@pytest_asyncio.fixture
async def server(shards: ValkeyCluster) -> AsyncIterator[ClusterServer]:
    made = ClusterServer(shards.url, timeout=2, connections=10)
    await made.adopt(await made.current_run())
    yield made
    await made.close()


def keys_of(name: str) -> tuple[str, str]:
    keys = Keyspace(256)(name)
    return keys.session, keys.stream


async def both(server: ClusterServer, name: str) -> Any:
    return await server.client.register_script(BOTH)(keys=keys_of(name))


async def test_keys_of_all_masters_are_reached_in_one_batch(server: ClusterServer, shards: ValkeyCluster) -> None:
    names = [f"batch-{number}" for number in range(60)]
    assert len({shards.master_of(keys_of(name)[0]).port for name in names}) == 3
    async with server.client.pipeline(transaction=False) as pipe:
        for name in names:
            pipe.hset(keys_of(name)[0], "x", name)
            pipe.hget(keys_of(name)[0], "x")
        found = await pipe.execute()
    assert found[1::2] == names


async def test_a_transaction_gives_the_same_forms_as_without_one(server: ClusterServer) -> None:
    key = keys_of("forms")[0]
    await server.client.zadd(key, {"a": 1, "b": 2.5})
    async with server.client.pipeline(transaction=True) as pipe:
        pipe.exists(key).zscore(key, "b").zrevrange(key, 0, -1, True).zscore(key, "nobody")
        assert await pipe.execute() == [1, 2.5, [("b", 2.5), ("a", 1.0)], None]


async def test_a_script_over_two_shards_is_refused(server: ClusterServer) -> None:
    script = server.client.register_script(BOTH)
    with pytest.raises(ClusterCrossSlotError) as refused:
        await script(keys=[keys_of("a")[0], keys_of("b")[0]])
    # It is a mistake of ours, and not to be tried again.
    assert not isinstance(refused.value, REDIS_DOWN)


async def test_a_transaction_over_two_shards_is_refused(server: ClusterServer) -> None:
    async with server.client.pipeline(transaction=True) as pipe:
        pipe.get(keys_of("a")[0]).get(keys_of("b")[0])
        with pytest.raises(ValueError, match="CROSSSLOT"):
            await pipe.execute()


async def test_a_moved_slot_is_followed(server: ClusterServer, shards: ValkeyCluster) -> None:
    key = keys_of("moved")[0]
    assert await both(server, "moved") == 1
    move = await asyncio.to_thread(shards.begin_move, key)
    await asyncio.to_thread(shards.end_move, key, *move)
    assert await both(server, "moved") == 2
    async with server.client.pipeline(transaction=True) as pipe:
        pipe.get(key).exists(key)
        assert await pipe.execute() == ["2", 1]


async def test_keys_that_have_gone_ahead_are_asked_for_where_they_are(
    server: ClusterServer, shards: ValkeyCluster
) -> None:
    key = keys_of("ahead")[0]
    assert await both(server, "ahead") == 1
    move = await asyncio.to_thread(shards.begin_move, key)
    await asyncio.to_thread(shards.move_keys, key, *move)
    # Over many connections at once: ASKING is for the connection it was sent over.
    assert sorted(await asyncio.gather(*(both(server, "ahead") for _ in range(20)))) == list(range(2, 22))
    async with server.client.pipeline(transaction=True) as pipe:
        pipe.get(key).exists(key)
        assert await pipe.execute() == ["21", 1]
    async with server.client.pipeline(transaction=False) as pipe:
        pipe.get(key)
        assert await pipe.execute() == ["21"]
    await asyncio.to_thread(shards.end_move, key, *move)
    assert await both(server, "ahead") == 22


async def test_trips_follow_keys_that_have_gone_ahead(server: ClusterServer, shards: ValkeyCluster) -> None:
    key = keys_of("trip")[0]
    script = server.client.register_script(BOTH)
    load, call = ("SCRIPT", "LOAD", BOTH), ("EVALSHA", script.sha, 2, *keys_of("trip"))
    read = ("MULTI",), ("GET", key), ("EXISTS", key), ("EXEC",)
    assert (await server.trips.run(load, call))[-1] == 1
    assert (await server.trips.run(*read))[-1] == ["1", 1]
    move = await asyncio.to_thread(shards.begin_move, key)
    await asyncio.to_thread(shards.move_keys, key, *move)
    found = await asyncio.gather(*(server.trips.run(load, call) for _ in range(20)))
    assert sorted(replies[-1] for replies in found) == list(range(2, 22))
    assert (await server.trips.run(*read))[-1] == ["21", 1]
    await asyncio.to_thread(shards.end_move, key, *move)
    assert (await server.trips.run(load, call))[-1] == 22
    assert (await server.trips.run(*read))[-1] == ["22", 1]


async def test_trips_wait_for_keys_to_be_together_again(server: ClusterServer, shards: ValkeyCluster) -> None:
    key = keys_of("trip-apart")[0]
    call = ("SCRIPT", "LOAD", BOTH), ("EVALSHA", server.client.register_script(BOTH).sha, 2, *keys_of("trip-apart"))
    await server.trips.run(*call)
    move = await asyncio.to_thread(shards.begin_move, key)
    await asyncio.to_thread(shards.move_keys, key, *move, only=[key])
    waiting = asyncio.ensure_future(server.trips.run(*call))
    assert not (await asyncio.wait([waiting], timeout=0.2))[0]
    await asyncio.to_thread(shards.end_move, key, *move)
    assert (await asyncio.wait_for(waiting, PATIENCE))[-1] == 2


async def test_a_script_waits_for_its_keys_to_be_together_again(server: ClusterServer, shards: ValkeyCluster) -> None:
    key = keys_of("apart")[0]
    assert await both(server, "apart") == 1
    move = await asyncio.to_thread(shards.begin_move, key)
    await asyncio.to_thread(shards.move_keys, key, *move, only=[key])
    waiting = asyncio.ensure_future(both(server, "apart"))
    assert not (await asyncio.wait([waiting], timeout=0.2))[0]
    await asyncio.to_thread(shards.end_move, key, *move)
    assert await asyncio.wait_for(waiting, PATIENCE) == 2


async def test_a_script_whose_keys_stay_apart_is_given_up(server: ClusterServer, shards: ValkeyCluster) -> None:
    key = keys_of("apart")[0]
    await both(server, "apart")
    move = await asyncio.to_thread(shards.begin_move, key)
    await asyncio.to_thread(shards.move_keys, key, *move, only=[key])
    with pytest.raises(TryAgainError):
        await both(server, "apart")
    assert issubclass(TryAgainError, REDIS_DOWN)
    await asyncio.to_thread(shards.end_move, key, *move)


async def test_a_server_that_took_another_s_place_is_not_used_before_it_was_checked(
    server: ClusterServer, shards: ValkeyCluster
) -> None:
    await both(server, "fails")
    run = server.run_id
    await server.beat("one")
    dead = await asyncio.to_thread(shards.fail_over, keys_of("fails")[0])
    seen: list[Exception] = []
    async with asyncio.timeout(PATIENCE):
        while not any(isinstance(error, Restarted) for error in seen):
            with pytest.raises(REDIS_DOWN) as failed:
                await both(server, "fails")
            seen.append(failed.value)
            await asyncio.sleep(0.05)
    with pytest.raises(REDIS_DOWN):
        await server.beat("one")
    await server.adopt(await server.current_run())
    assert server.run_id != run
    assert await both(server, "fails") == 2
    dead.start()
    await asyncio.to_thread(shards.settle)


@pytest.mark.parametrize("number", range(3))
async def test_a_server_that_was_emptied_is_noticed_whichever_it_is(server: ClusterServer, number: int) -> None:
    await server.beat("one")
    [*_, epoch] = parts_of(server.run_id)
    tag = next(
        tag for tag in Shards(256).tags if server.client.node_of(key_slot(tag.encode())) is master(server, number)
    )
    await master(server, number).execute_command("FLUSHALL")
    with pytest.raises(REDIS_DOWN):
        await server.check(tag)
    with pytest.raises(REDIS_DOWN):
        await server.beat("one")
    await server.adopt(await server.current_run())
    assert epoch_number(server.run_id) > epoch_number(epoch)
    await server.beat("one")
    await server.check(tag)


def master(server: ClusterServer, number: int) -> Any:
    return server.client.masters()[number]


async def test_a_slot_that_nobody_has_is_said_and_found_again(server: ClusterServer, shards: ValkeyCluster) -> None:
    await server.check_layout()
    give_back = await asyncio.to_thread(shards.lose_slot, keys_of("lost")[0])
    with pytest.raises(REDIS_DOWN, match=r"slots are not covered"):
        await server.current_run()
    with pytest.raises(REDIS_DOWN), redis_watch(shards.url, timeout=1) as watch:
        watch.probe()
    await asyncio.to_thread(give_back)
    await server.current_run()
    with redis_watch(shards.url, timeout=1) as watch:
        watch.probe()
        assert watch.clients() >= 3


async def test_another_number_of_shards_than_the_data_has_is_one_line(
    server: ClusterServer, shards: ValkeyCluster
) -> None:
    await server.check_layout()
    other = ClusterServer(shards.url, timeout=1, connections=2, shards=64)
    await other.current_run()
    with pytest.raises(ForeignLayout, match="REDIS_SHARDS: the data in Redis is spread over 256, the settings say 64"):
        await other.check_layout()
    await other.close()


async def test_a_cluster_of_few_shards_beats_too(shards: ValkeyCluster) -> None:
    server = ClusterServer(shards.url, timeout=2, connections=2, shards=3)
    await server.client.look_again()
    await asyncio.gather(*(node.execute_command("FLUSHALL") for node in server.client.masters()))
    await server.adopt(await server.current_run())
    for _ in range(10):
        await server.beat("one")
    await server.close()


async def test_one_redis_is_no_cluster() -> None:
    server = ClusterServer(
        redis_url().replace("redis://", "redis+cluster://").removesuffix("/0"), timeout=1, connections=2
    )
    with pytest.raises(ForeignLayout, match="no cluster"):
        await server.current_run()
    await server.close()


async def test_a_cluster_is_not_one_redis(shards: ValkeyCluster) -> None:
    stranger = shards.other_master(PROBE_KEY)
    server = RedisServer(f"redis://127.0.0.1:{stranger.port}/0", timeout=1, connections=2)
    with pytest.raises(ForeignLayout, match="one of a cluster"):
        await server.current_run()
    await server.close()


async def test_nobody_at_the_addresses_is_a_redis_that_is_away() -> None:
    server = ClusterServer("redis+cluster://127.0.0.1:1,127.0.0.1:2", timeout=1, connections=2)
    with pytest.raises(REDIS_DOWN):
        await server.current_run()
    with pytest.raises(REDIS_DOWN):
        await server.client.get("x")
    await server.close()


@pytest.mark.parametrize(
    "url",
    [
        "redis+cluster://",
        "redis+cluster://host:6379/3",
        "redis+cluster://host:port",
        "redis+cluster://host:6379,",
        "redis+cluster://host:99999",
        "redis+cluster://host?db=1",
        "redis+clusters://host",
    ],
)
def test_a_cluster_address_that_is_none_is_one_line(url: str) -> None:
    with pytest.raises(SystemExit, match=r"^The settings are wrong. REDIS_URL: [^\n]+$"):
        check_url(url)


def test_a_cluster_address_has_servers_and_credentials() -> None:
    check_url("rediss+cluster://me:p%40ss@one:7000,[::1]:7001,three/0")
    nodes, options = cluster_of("rediss+cluster://me:p%40ss@one:7000,[::1]:7001,three")
    assert nodes == [("one", 7000), ("::1", 7001), ("three", 6379)]
    assert options == {"ssl": True, "username": "me", "password": "p@ss"}

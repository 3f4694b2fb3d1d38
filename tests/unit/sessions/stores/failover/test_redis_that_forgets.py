"""A Redis that lost something without having been restarted, and two Redises at once."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from typing import Any

import pytest
from redis.asyncio import Redis

from common import metrics
from common.redis import Restarted
from quizserver.cluster.servers import Valkey
from scoring.ports import ServiceUnavailable
from scoring.rules.answers import Accepted, Refused
from tests.support.agreeing_instances import Watched, answer, living, playing
from tests.support.redis_store import Instance, RedisHarness
from tests.support.servers import redis_url

#: Far more than it takes.
_PATIENCE = 30
Pair = tuple[Instance, Instance]


def losses(what: str) -> float:
    """How often a store was found to lack something."""
    found: float = metrics.store_losses.labels(what)._value.get()
    return found


async def until_merged(run: str, *instances: Instance) -> None:
    """The instances play from another run than this one."""
    async with asyncio.timeout(_PATIENCE):
        while any(instance.store._merger.run in {"", run} for instance in instances):
            await asyncio.sleep(0.01)


async def test_what_an_emptied_redis_lost_is_brought_in_by_all_before_anybody_plays_on(
    redis: RedisHarness, pair: Pair
) -> None:
    """An answer that the other instance alone holds is not taken a second time."""
    one, other = pair
    game = await playing(redis)
    first = await answer(game, other)
    assert isinstance(first, Accepted)
    before = losses("redis_emptied")
    await one.server.client.flushall()
    async with living(redis.clock, other), asyncio.timeout(_PATIENCE):
        assert await answer(game, one, text="b") == Refused("ALREADY_ANSWERED", first.stored, 10)
    assert losses("redis_emptied") - before == 1


async def test_an_emptied_redis_is_noticed_though_nobody_plays(redis: RedisHarness, pair: Pair) -> None:
    one, other = pair
    game = await playing(redis)
    await answer(game, one)
    await redis.settle()
    run = one.store._merger.run
    one.connections = {game.id: {"ann": "server/1"}}
    await one.server.client.flushall()
    async with living(redis.clock, one, other):
        await until_merged(run, one, other)
    assert await one.primary.score(game.id, "ann") == 10
    assert await one.store.participant_count(game.id) == 1


@pytest.mark.parametrize("key", ["answers", "leaderboard", "participants", "session"])
async def test_a_lost_key_is_noticed_by_the_next_answer_and_brought_back(
    redis: RedisHarness, pair: Pair, key: str
) -> None:
    one, other = pair
    game = await playing(redis)
    first = await answer(game, other)
    assert isinstance(first, Accepted)
    keys = one.primary.keys(game.id)
    name = keys.answers_to("q1") if key == "answers" else getattr(keys, key)
    assert await one.server.client.delete(name) == 1
    async with living(redis.clock, other), asyncio.timeout(_PATIENCE):
        assert await answer(game, one, text="b") == Refused("ALREADY_ANSWERED", first.stored, 10)
        assert isinstance(await answer(game, one, "q2"), Accepted)
    assert await game.scores() == {"ann": 20, "bob": 0}


async def test_points_that_are_not_told_yet_are_not_lost_with_their_key(redis: RedisHarness) -> None:
    from sessions.rules.commands import CloseQuestion
    from tests.support.store_game import new_game

    game = await new_game(redis, reveal="on_close")
    await game.players("ann")
    await game.start()
    earned = (await game.accepted("ann")).stored.points
    assert await redis.instance.server.client.delete(redis.instance.primary.keys(game.id).withheld) == 1
    await game.do(CloseQuestion())
    assert await game.scores() == {"ann": earned}


async def test_a_lost_key_is_noticed_though_nobody_plays(redis: RedisHarness) -> None:
    game = await playing(redis)
    await answer(game, redis.instance)
    await redis.settle()
    await redis.instance.primary.verify(game.id)  # the control: nothing is lost
    await redis.instance.server.client.delete(redis.instance.primary.keys(game.id).leaderboard)
    before = losses("redis_lost_keys")
    with pytest.raises(Restarted):
        await redis.instance.primary.verify(game.id)
    assert losses("redis_lost_keys") - before == 1
    redis.instance.store._suspect = True
    assert await game.scores() == {"ann": 10, "bob": 0}


async def test_a_redis_that_went_back_in_time_is_noticed(redis: RedisHarness) -> None:
    """As one that came back from an older copy of itself under the same run id."""
    server = redis.instance.server
    for _ in range(3):
        await redis.instance.store.beat()
    await server.client.decrby(f"quizserver:mark:{redis.instance.server_id}", 2)
    before = losses("redis_went_back")
    with pytest.raises(Restarted):
        await redis.instance.store.beat()
    assert losses("redis_went_back") - before == 1


@pytest.fixture
def promoted() -> Iterator[Valkey]:
    """A server that can be made a replica of the tests' own."""
    server = Valkey()
    server.start()
    yield server
    server.stop()


async def promote(server: Valkey) -> None:
    """Make it a replica of the Redis that is played from, and then a master beside it."""
    port = redis_url().rpartition(":")[2].partition("/")[0]
    client: Any = Redis(port=server.port, decode_responses=True)
    await client.replicaof("127.0.0.1", port)
    async with asyncio.timeout(_PATIENCE):
        while (await client.info("replication")).get("master_link_status") != "up":
            await asyncio.sleep(0.05)
    await client.replicaof("NO", "ONE")
    await client.aclose()


async def lead(instance: Instance, server: Valkey) -> None:
    """The name of Redis means another server from now on."""
    for client in (instance.server.client, instance.server._scout):
        pool = client.connection_pool
        pool.connection_kwargs["port"] = server.port
        for connection in (*pool._available_connections, *pool._in_use_connections):
            connection.port = server.port
        await pool.disconnect()


async def test_of_two_redises_at_once_only_the_later_one_acknowledges(
    redis: RedisHarness, pair: Pair, register: Watched, promoted: Valkey
) -> None:
    """A replica is promoted while the old master lives; one instance is led to it, the other is not."""
    one, other = pair
    game = await playing(redis)
    await promote(promoted)
    first = await answer(game, other)
    assert isinstance(first, Accepted)
    await lead(one, promoted)
    before = losses("redis_split")
    async with living(redis.clock, one, other), asyncio.timeout(_PATIENCE):
        assert await answer(game, one, text="b") == Refused("ALREADY_ANSWERED", first.stored, 10)
        assert isinstance(await answer(game, one, "q2"), Accepted)
        with pytest.raises(ServiceUnavailable):
            await answer(game, other, "q3")
        assert (one.store.cut_off, other.store.cut_off) == (False, True)
        # Led to the new master too, it plays again.
        await lead(other, promoted)
        while other.store.cut_off:
            await asyncio.sleep(0.02)
        assert (await other.store.standings(game.id)).own("ann") == (1, 20)
    assert losses("redis_split") - before >= 1

"""Two instances that lose Redis and get it back, at different moments: never does one play where the other does not."""

from __future__ import annotations

import asyncio

import pytest

from scoring.ports import ServiceUnavailable
from scoring.rules.answers import Accepted, Refused
from sessions.models import ServerInstance
from sessions.services.ports import Joined
from sessions.stores.failover.instances import DATABASE, NOBODY, Instances, InstanceStatus
from tests.support.agreeing_instances import Watched, answer, leave, lose_redis, playing
from tests.support.redis_store import Instance, RedisHarness
from tests.support.stores import FakeClock


async def test_nobody_plays_on_a_restarted_redis_before_all_have_told_it_what_they_hold(
    redis: RedisHarness, pair: tuple[Instance, Instance], register: Watched
) -> None:
    one, other = pair
    game = await playing(redis)
    assert isinstance(await answer(game, other), Accepted)
    await one.server.client.flushdb()
    for instance in pair:
        instance.forget_run()
        await instance.store.exchange_heartbeat()
        await instance.server.client.connection_pool.disconnect()
    run = await one.server.current_run()
    one_is_in = register.says(one, run)
    second = asyncio.create_task(answer(game, one, "q2"))
    await one_is_in.wait()
    assert not second.done()
    await other.store.state(game.id)
    accepted = await second
    assert isinstance(accepted, Accepted)
    assert accepted.score == 20


async def test_nobody_plays_without_redis_before_all_have_written_what_they_hold(
    redis: RedisHarness, pair: tuple[Instance, Instance], register: Watched
) -> None:
    one, other = pair
    game = await playing(redis)
    first = await answer(game, other)
    assert isinstance(first, Accepted)
    assert other.writer.depth == 1
    await lose_redis(one, other)
    one_has_left = register.says(one, DATABASE)
    again = asyncio.create_task(answer(game, one, text="b"))
    await one_has_left.wait()
    assert not again.done()
    # Told by the database that somebody misses Redis, the other one looks too.
    await other.store.exchange_heartbeat()
    assert await again == Refused("ALREADY_ANSWERED", first.stored, 10)


async def test_nobody_plays_on_a_redis_that_is_back_while_somebody_plays_without_it(
    redis: RedisHarness, pair: tuple[Instance, Instance], register: Watched
) -> None:
    one, other = pair
    game = await playing(redis)
    run = await one.server.current_run()
    await lose_redis(one, other)
    await leave(one, other)
    redis.clock.advance(2_000)
    for instance in pair:
        instance.cut(redis=False, database=False)
    one.breaker._seconds = 0
    one_is_in = register.says(one, run)
    second = asyncio.create_task(answer(game, one, "q2"))
    await one_is_in.wait()
    assert not second.done()
    [first] = await other.store.fallback.record(game.id, [game.answer("ann")])
    assert isinstance(first, Accepted)
    # The other one hears that somebody reaches Redis, and follows.
    await other.store.probe()
    assert other.store.on_redis
    accepted = await second
    assert isinstance(accepted, Accepted)
    assert accepted.score == 20


async def test_what_was_played_without_redis_is_known_where_it_is_back_though_its_player_was_cut_off(
    redis: RedisHarness, pair: tuple[Instance, Instance], register: Watched
) -> None:
    one, other = pair
    game = await playing(redis)
    run = await one.server.current_run()
    await lose_redis(one, other)
    await leave(one, other)
    first = await answer(game, other)
    assert isinstance(first, Accepted)
    redis.clock.advance(2_000)
    one.cut(redis=False, database=False)
    one.breaker._seconds = 0
    # This one knows nothing of the session: what it wrote of it was long ago.
    one.writer._written.clear()
    assert one.store.fallback.held() == []
    assert one.writer.remembered() == []
    one_is_in = register.says(one, run)
    again = asyncio.create_task(answer(game, one, text="b"))
    await one_is_in.wait()
    # The other one hears that somebody reaches Redis, and does not.
    await other.store.probe()
    assert other.store.cut_off
    assert await again == Refused("ALREADY_ANSWERED", first.stored, 10)


async def test_an_instance_that_alone_lost_redis_serves_nobody(
    redis: RedisHarness, pair: tuple[Instance, Instance], register: Watched
) -> None:
    one, other = pair
    game = await playing(redis)
    handed_over = []
    one.store._hand_over = lambda: handed_over.append(True)
    await lose_redis(one)
    one_has_left, one_is_out = register.says(one, DATABASE), register.says(one, NOBODY)
    refused = asyncio.create_task(answer(game, one))
    await one_has_left.wait()
    redis.clock.advance(500)
    await other.store.exchange_heartbeat()
    with pytest.raises(ServiceUnavailable):
        await refused
    assert (one.store.cut_off, handed_over, one_is_out.is_set()) == (True, [True], True)
    with pytest.raises(ServiceUnavailable):
        await answer(game, one)
    assert isinstance(await answer(game, other), Accepted)
    one.cut(redis=False, database=False)
    assert isinstance(await answer(game, one, "q2"), Accepted)
    assert not one.store.cut_off


async def test_what_waited_for_the_decision_goes_to_redis_when_it_is_back(
    redis: RedisHarness, pair: tuple[Instance, Instance], register: Watched
) -> None:
    """In the database alone, Redis would never learn of it."""
    one, other = pair
    game = await playing(redis)
    await lose_redis(one)
    one_has_left = register.says(one, DATABASE)
    waiting = asyncio.create_task(answer(game, one))
    await one_has_left.wait()
    one.cut(redis=False, database=False)
    redis.clock.advance(500)
    await other.store.exchange_heartbeat()
    first = await waiting
    assert isinstance(first, Accepted)
    assert await answer(game, other) == Refused("ALREADY_ANSWERED", first.stored, 10)


async def test_a_word_from_before_redis_was_lost_cuts_nobody_off(
    redis: RedisHarness, pair: tuple[Instance, Instance]
) -> None:
    one, other = pair
    game = await playing(redis)
    await other.store.beat()
    await other.store.exchange_heartbeat()
    await lose_redis(one, other)
    await leave(one, other)
    redis.clock.advance(500)
    for instance in pair:
        await instance.store.probe()
        assert not instance.store.cut_off
    assert isinstance(await answer(game, one), Accepted)


async def test_without_redis_the_players_of_all_instances_are_counted(
    redis: RedisHarness, pair: tuple[Instance, Instance]
) -> None:
    one, other = pair
    game = await playing(redis)
    one.connections = {game.id: {"ann": "server/1"}}
    other.connections = {game.id: {"bob": "server/2"}}
    await lose_redis(one, other)
    await leave(one, other)
    assert [await instance.store.participant_count(game.id) for instance in pair] == [2, 2]
    [joined] = await one.store.join(game.id, [game.wish("cleo")])
    assert isinstance(joined, Joined)
    assert joined.participant_count == 3
    assert await other.store.detach(game.id, {"bob": "server/2"})
    await other.settle()
    await one.store.probe()
    assert [await instance.store.participant_count(game.id) for instance in pair] == [2, 2]


async def test_an_instance_that_does_not_answer_is_waited_for_a_while(
    redis: RedisHarness, pair: tuple[Instance, Instance], caplog: pytest.LogCaptureFixture
) -> None:
    one, other = pair
    game = await playing(redis)
    one.store._instances._patience = 0
    caplog.set_level("WARNING", "sessions.stores.failover.instances")
    await lose_redis(one, other)
    assert isinstance(await answer(game, one), Accepted)
    told = [record.message for record in caplog.records if record.name == "sessions.stores.failover.instances"]
    assert told == ["instances_not_awaited"]
    await other.store._instances.sign_off()
    rows = ServerInstance.objects.values_list("id", "plays_on")
    assert await redis.query(lambda: list(rows)) == [(one.server_id, DATABASE)]


class Away:
    """A register whose database is away now and then, and another instance that speaks when it can."""

    lost = changed = False

    def __init__(self, clock: FakeClock) -> None:
        self._clock = clock
        self.other_seen_at = clock.now()

    async def exchange(self, status: InstanceStatus) -> list[InstanceStatus]:
        return [InstanceStatus("other", self.other_seen_at, 0, DATABASE)]

    async def sign_off(self, server_id: str) -> None:
        """Nobody waits."""


async def test_who_was_there_before_the_database_was_away_gets_the_time_to_speak() -> None:
    clock = FakeClock()
    register = Away(clock)
    instances = Instances(register, "one", clock)
    assert await instances.exchange_heartbeat()
    clock.advance(60_000)
    assert await instances.exchange_heartbeat()
    clock.advance(9_000)
    assert await instances.exchange_heartbeat()
    clock.advance(2_000)
    assert await instances.exchange_heartbeat() == []

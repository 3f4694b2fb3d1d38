"""The clock of the machine of Redis steps in the middle of a question, and play does not notice."""

from __future__ import annotations

import pytest

from scoring.rules.answers import Refused
from tests.support.redis_store import ClockedRedisStore, RedisHarness
from tests.support.store_game import new_game

STEPS = [30_000, -30_000, 3_600_000, -3_600_000]


def step(redis: RedisHarness, ms: int) -> None:
    """Set the clock of that machine, which instances find out when they look."""
    primary, server = redis.instance.primary, redis.instance.server
    assert isinstance(primary, ClockedRedisStore)
    primary.machine_ahead = ms

    async def agree() -> None:
        server.ahead_ms = -ms

    server.agree_on_time = agree


@pytest.mark.parametrize("ms", STEPS)
async def test_a_question_stays_open_for_as_long_as_it_was_to_be(redis: RedisHarness, ms: int) -> None:
    redis.instance.breaker._limit = 5
    game = await new_game(redis)
    await game.players("ann", "bob")
    await game.start()
    deadline = (await game.state()).deadline
    step(redis, ms)
    assert (await game.accepted("ann")).stored.submitted_at == game.now
    game.wait(deadline - game.now + 1)
    assert await game.submit("bob") == Refused("QUESTION_NOT_OPEN")
    assert redis.instance.store.on_redis


@pytest.mark.parametrize("ms", STEPS)
async def test_nobody_counts_as_silent(redis: RedisHarness, ms: int) -> None:
    await redis.rival()
    for instance in redis._instances:
        await instance.store.beat()
    step(redis, ms)
    assert await redis.instance.primary.claim_dead(silent_ms=15_000) == []
    redis.clock.advance(15_001)
    assert len(await redis.instance.primary.claim_dead(silent_ms=15_000)) == 2  # the control


@pytest.mark.parametrize("ms", STEPS)
async def test_sessions_live_on(redis: RedisHarness, ms: int) -> None:
    game = await new_game(redis)
    await game.players("ann")
    await game.start()
    step(redis, ms)
    assert await game.store.claim_due(game.now) == []
    left = await redis.instance.server.client.pttl(redis.instance.primary.keys(game.id).session)
    assert left > 3_600_000


async def test_how_old_a_record_is_does_not_hang_on_its_id(redis: RedisHarness) -> None:
    """After a step back, new records bear ids that lie in the future; after one forth, old ones look young."""
    client, keys = redis.instance.server.client, redis.instance.primary.keys("s")
    journal = redis.instance.journal
    await client.xadd(keys.stream, {"kind": "?", "by": "x", "data": "{}"}, id="99999999999999-0")
    await client.sadd(keys.streams, "s")
    assert await journal.orphans(older_than_ms=60_000, held=lambda *_: False) == []  # just seen
    [found] = await journal.orphans(older_than_ms=0, held=lambda *_: False)
    assert found.entry_id == "99999999999999-0"

"""The end of a session whose keys have expired is written, though it waits in the stream that others are waited for."""

from __future__ import annotations

from sessions.models import FinalStanding
from tests.support.redis_store import RedisHarness
from tests.support.store_game import new_game


async def test_an_end_that_waits_does_not_wait_for_itself(redis: RedisHarness) -> None:
    game = await new_game(redis, pace="self", scoring="flat")
    await game.players("ann")
    await game.start()
    await game.accepted("ann")
    await redis.settle()
    await game.end()
    primary = redis.instance.primary
    keys = primary.keys(game.id)
    await primary._server.client.delete(keys.session, keys.participants, keys.leaderboard)
    await redis.settle()
    assert await redis.query(FinalStanding.objects.filter(session_id=game.id).count) == 1

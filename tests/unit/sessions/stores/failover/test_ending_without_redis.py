"""Without Redis an instance hears of the others' answers by looking into the database now and then.

What it tells when a question or the session is over lacks none of them.
"""

from __future__ import annotations

import pytest

from scoring.rules.answers import Accepted
from sessions.models import FinalStanding
from sessions.rules.commands import CloseQuestion, Command, End, Next
from sessions.rules.state import Pace
from tests.support.agreeing_instances import Watched, leave, lose_redis, playing
from tests.support.redis_store import Instance, RedisHarness
from tests.support.store_game import Game


async def answered_elsewhere(redis: RedisHarness, pair: tuple[Instance, Instance], pace: Pace) -> Game:
    """One instance knows the session already when the other one takes an answer of Ann's."""
    one, other = pair
    game = await playing(redis, pace=pace)
    await lose_redis(one, other)
    await leave(one, other)
    assert (await one.store.fallback.standings(game.id)).order[0].score == 0
    [taken] = await other.store.fallback.record(game.id, [game.answer("ann")])
    assert isinstance(taken, Accepted)
    assert taken.score > 0
    assert (await one.store.fallback.standings(game.id)).order[0].score == 0, "it has not looked yet"
    return game


@pytest.mark.parametrize(
    ("pace", "command"), [("self", End()), ("host", End()), ("host", CloseQuestion()), ("host", Next())]
)
async def test_what_is_told_at_a_close_has_the_answers_that_another_instance_took(
    redis: RedisHarness,
    pair: tuple[Instance, Instance],
    register: Watched,
    pace: Pace,
    command: Command,
) -> None:
    one, _ = pair
    game = await answered_elsewhere(redis, pair, pace)
    assert await game.commit(await game.transition(command), store=one.store.fallback)
    scores = {standing.user_id: standing.score for standing in (await one.store.fallback.standings(game.id)).order}
    assert scores["ann"] > 0
    assert set(await one.store.fallback.answers_to(game.id, "q1")) == {"ann"}
    if isinstance(command, End):
        final = await redis.query(lambda: dict(FinalStanding.objects.values_list("user_id", "score")))
        assert final == scores

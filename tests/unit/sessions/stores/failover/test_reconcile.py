"""`manage.py reconcile`: what differs is found and repaired."""

from __future__ import annotations

from dataclasses import replace

import pytest

from scoring.models import AnswerSubmission
from sessions.models import FinalStanding, Participant
from sessions.rules.commands import AskAgain, End
from sessions.stores.redis.reconcile import reconcile
from tests.support.redis_store import RedisHarness
from tests.support.store_game import QUIZ, Game, new_game


async def played(redis: RedisHarness) -> Game:
    game = await new_game(redis)
    await game.players("ann", "bob")
    await game.start()
    await game.accepted("ann")
    await game.accepted("bob", right=False)
    await game.do(End())
    await redis.settle()
    return game


async def compare(redis: RedisHarness, game: Game, *, repair: bool) -> list[str]:
    instance = redis.instance
    found = await reconcile(game.id, thread=instance.thread, store=instance.primary, repair=repair)
    return [str(difference) for difference in found]


async def test_nothing_is_found_where_nothing_differs(redis: RedisHarness) -> None:
    assert await compare(redis, await played(redis), repair=True) == []


async def test_it_finds_and_repairs_an_answer_the_database_lost(redis: RedisHarness) -> None:
    game = await played(redis)
    await redis.query(lambda: AnswerSubmission.objects.filter(session_id=game.id, user_id="ann").delete())
    found = await compare(redis, game, repair=False)
    assert "points of ann for q1: Redis says 15, the database None" in found
    assert await compare(redis, game, repair=False) == found  # a look changes nothing
    assert await compare(redis, game, repair=True) == found
    assert await compare(redis, game, repair=True) == []


async def test_it_repairs_scores_and_final_standings(redis: RedisHarness) -> None:
    game = await played(redis)

    def spoil() -> None:
        Participant.objects.filter(session_id=game.id, user_id="ann").update(score=3)
        FinalStanding.objects.filter(session_id=game.id, user_id="bob").delete()

    await redis.query(spoil)
    found = await compare(redis, game, repair=True)
    assert [text.partition(":")[0] for text in found] == [
        "score of ann, whose answers make 15",
        "final standing of bob",
    ]
    assert await compare(redis, game, repair=False) == []


async def test_it_repairs_a_place_on_the_leaderboard(redis: RedisHarness) -> None:
    game = await played(redis)
    await redis.instance.server.client.zincrby(redis.instance.keys(game.id).leaderboard, 2**21, "bob")
    await redis.instance.server.client.hincrby(redis.instance.keys(game.id).session, "version", 1)
    assert await compare(redis, game, repair=True) == ["score of bob on the leaderboard: Redis says 1, the database 0"]
    assert await compare(redis, game, repair=False) == []


async def test_an_unknown_session_is_told(redis: RedisHarness) -> None:
    with pytest.raises(LookupError):
        await reconcile("nowhere", thread=redis.instance.thread, store=redis.instance.primary, repair=True)


async def test_it_knows_of_questions_that_were_asked_again(redis: RedisHarness) -> None:
    game = await new_game(redis, pace="self", scoring="flat")
    await game.players("ann")
    await game.start()
    await game.do(AskAgain((replace(QUIZ.questions[0], id="q1.2", again_of="q1"),)))
    await game.accepted("ann", "q1.2")
    await game.do(End())
    await redis.settle()
    assert await compare(redis, game, repair=False) == []
    await redis.query(lambda: AnswerSubmission.objects.filter(session_id=game.id, user_id="ann").delete())
    found = await compare(redis, game, repair=True)
    assert "points of ann for q1.2: Redis says 10, the database None" in found
    assert await compare(redis, game, repair=False) == []

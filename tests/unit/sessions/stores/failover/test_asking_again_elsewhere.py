"""Questions are asked again in one process, and every other one has the longer quiz; nothing shortens it."""

from __future__ import annotations

from dataclasses import replace

from scoring.rules.answers import Accepted
from sessions.models import QuizSession
from sessions.rules.commands import AskAgain
from sessions.services.ports import Joined, Store
from tests.support.redis_store import RedisHarness
from tests.support.store_game import QUIZ, Game, new_game

AGAIN = AskAgain((replace(QUIZ.questions[0], id="q1.2", again_of="q1"),))
MORE = AskAgain((replace(QUIZ.questions[1], id="q2.2", again_of="q2"),))


async def playing(redis: RedisHarness, *users: str) -> Game:
    """A session that is played in self pace."""
    game = await new_game(redis, pace="self")
    await game.players(*users)
    await game.start()
    return game


async def ids(store: Store, game: Game) -> list[str]:
    """The questions of the session as a process sees them that looks at its state first."""
    await store.state(game.id)
    setup = await store.setup(game.id)
    assert setup is not None
    return [question.id for question in setup.quiz.questions]


async def test_another_instance_takes_them_up(redis: RedisHarness) -> None:
    game = await playing(redis, "ann", "bob")
    rival = await redis.rival()
    assert await ids(rival, game) == ["q1", "q2", "q3"]
    await game.do(AGAIN)
    # Who heard of it by nothing else has the questions once the state, or an event, tells of them.
    assert [event.total for event in await rival.events_since(game.id, 1)] == [4]
    setup = await rival.setup(game.id)
    assert setup is not None
    assert setup.quiz.questions[-1].id == "q1.2"
    [outcome] = await rival.record(game.id, [game.answer("ann", "q1.2")])
    assert isinstance(outcome, Accepted)
    assert [answer.question_id for answer in await rival.answers_of(game.id, "ann")] == ["q1.2"]
    # The other way round: this one grows it, and the first has to learn so.
    await game.commit(await game.transition(MORE), store=rival)
    assert await ids(game.store, game) == ["q1", "q2", "q3", "q1.2", "q2.2"]


async def test_who_comes_back_elsewhere_finds_what_was_answered_of_them(redis: RedisHarness) -> None:
    game = await playing(redis, "ann")
    rival = await redis.rival()
    await ids(rival, game)
    await game.do(AGAIN)
    await game.accepted("ann", "q1.2")
    [joined] = await rival.join(game.id, [game.wish("ann", proven=True)])
    assert isinstance(joined, Joined)
    assert joined.answered == ("q1.2",)
    assert joined.state.grown_to == 4


async def test_an_older_copy_from_the_database_does_not_shorten_it(redis: RedisHarness) -> None:
    game = await playing(redis, "ann")
    primary = redis.instance.primary
    before = await primary.snapshot(game.id)
    assert before is not None
    await game.do(AGAIN)
    await game.accepted("ann", "q1.2")
    scores = await game.scores()
    await primary.merge(before)
    assert await ids(game.store, game) == ["q1", "q2", "q3", "q1.2"]
    # Counted anew with the points of what was asked again.
    assert await game.scores() == scores == {"ann": 10}


async def test_a_database_that_went_back_learns_them_again(redis: RedisHarness) -> None:
    game = await playing(redis, "ann")
    await redis.settle()
    old = await redis.query(lambda: QuizSession.objects.values().get(id=game.id))
    await game.do(AGAIN)
    await game.accepted("ann", "q1.2")
    await redis.settle()
    changed = {name: old[name] for name in ("content", "state", "revision")}
    await redis.query(lambda: QuizSession.objects.filter(id=game.id).update(**changed))
    record = await redis.instance.primary.snapshot(game.id)
    assert record is not None
    await redis.instance.primary._log.restore(record)
    row = await redis.query(lambda: QuizSession.objects.get(id=game.id))
    assert [question["id"] for question in row.content["questions"]] == ["q1", "q2", "q3", "q1.2"]


async def test_play_goes_on_with_them_while_redis_is_away_and_when_it_is_back(redis: RedisHarness) -> None:
    game = await playing(redis, "ann", "bob")
    await game.do(AGAIN)
    await game.accepted("ann", "q1.2")
    await redis.settle()
    redis.instance.cut(redis=True, database=False)
    assert await ids(game.store, game) == ["q1", "q2", "q3", "q1.2"]
    await game.accepted("bob", "q1.2")
    # Grown there, it has to be longer in Redis too when that is back.
    await game.do(MORE)
    await game.accepted("ann", "q2.2")
    scores = await game.scores()
    assert not redis.instance.store.on_redis
    redis.instance.cut(redis=False, database=False)
    assert await ids(game.store, game) == ["q1", "q2", "q3", "q1.2", "q2.2"]
    assert await game.scores() == scores == {"ann": 20, "bob": 10}
    assert redis.instance.store.on_redis

"""Questions are asked again: the session's quiz grows at its end, once, for every process, wherever it is kept."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest

from scoring.models import AnswerSubmission
from scoring.ports import ServiceUnavailable
from sessions.models import QuizSession, SessionEventRecord
from sessions.rules.commands import AskAgain, CloseQuestion, Next
from sessions.rules.state import is_outgrown
from sessions.services.ports import Store
from tests.support.store_game import QUIZ, Game, new_game
from tests.support.stores import Harness

AGAIN = AskAgain((replace(QUIZ.questions[0], id="q1.2", again_of="q1"),))


async def playing(harness: Harness, *users: str, **options: object) -> Game:
    """A session whose first question is closed; in self pace it is being played."""
    game = await new_game(harness, **options)
    await game.players(*users)
    await game.start()
    if game.setup.pace == "host":
        await game.close()
    return game


async def ids(store: Store, game: Game) -> list[str]:
    """The questions of the session as a process sees them that looks at its state first."""
    state = await store.state(game.id)
    setup = await store.setup(game.id)
    assert state is not None
    assert setup is not None
    assert not is_outgrown(setup, state)
    return [question.id for question in setup.quiz.questions]


async def test_they_stand_at_the_end_and_are_played_like_the_others(harness: Harness) -> None:
    game = await playing(harness, "ann", "bob")
    state = await game.do(AGAIN)
    assert state.grown_to == 4
    assert await ids(game.store, game) == ["q1", "q2", "q3", "q1.2"]
    await game.do(Next(), Next())
    state = await game.do(Next())
    assert (state.question_index, state.question_id) == (3, "q1.2")
    await game.accepted("ann", "q1.2")
    await game.accepted("bob", "q1.2", right=False)
    await game.do(CloseQuestion())
    assert await game.scores() == {"ann": 15, "bob": 0}
    assert [answer.question_id for answer in await game.store.answers_of(game.id, "ann")] == ["q1.2"]
    assert (await game.do(Next())).status == "completed"
    await harness.settle()
    rows = AnswerSubmission.objects.filter(session_id=game.id)
    assert await harness.query(lambda: {row.user_id: row.points for row in rows}) == {"ann": 15, "bob": 0}


async def test_the_row_has_them_with_the_audit_record(harness: Harness) -> None:
    game = await playing(harness, "ann")
    await game.do(AGAIN)
    await harness.settle()
    row = await harness.query(lambda: QuizSession.objects.get(id=game.id))
    assert [question["id"] for question in row.content["questions"]] == ["q1", "q2", "q3", "q1.2"]
    assert row.content["questions"][3]["again_of"] == "q1"
    assert row.state["grown_to"] == 4
    records = SessionEventRecord.objects.filter(session_id=game.id, kind="questions_added")
    assert [(each.index, each.total) for each in (await game.store.events_since(game.id, 0))[-1:]] == [(3, 4)]
    assert await harness.query(lambda: [(record.actor, record.data["total"]) for record in records]) == [("test", 4)]


async def test_of_two_who_ask_at_once_one_is_taken(harness: Harness) -> None:
    game = await playing(harness, "ann")
    transition = await game.transition(AGAIN)
    taken = await asyncio.gather(*(game.commit(transition) for _ in range(3)))
    assert sorted(taken) == [False, False, True]
    assert await ids(game.store, game) == ["q1", "q2", "q3", "q1.2"]
    await harness.settle()
    row = await harness.query(lambda: QuizSession.objects.get(id=game.id))
    assert len(row.content["questions"]) == 4


async def test_they_outlive_a_restart(harness: Harness) -> None:
    game = await playing(harness, "ann", pace="self")
    await game.do(AGAIN)
    stored = (await game.accepted("ann", "q1.2")).stored
    await harness.settle()
    store = await harness.restart()
    assert await ids(store, game) == ["q1", "q2", "q3", "q1.2"]
    assert await store.answers_of(game.id, "ann") == [stored]
    assert await game.scores() == {"ann": stored.points}


async def test_without_the_database_nothing_is_asked_again(harness: Harness) -> None:
    game = await playing(harness, "ann")
    transition = await game.transition(AGAIN)
    with harness.database_outage(), pytest.raises(ServiceUnavailable):
        await game.commit(transition)
    assert await ids(game.store, game) == ["q1", "q2", "q3"]

"""Commands of hosts: published after the commit, decided again after a lost race, and told to nobody twice."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest

from quizzes.rules.content import QuizContent
from scoring.intake import AnswerIntake
from scoring.rules.answers import Accepted
from sessions.protocol.errors import SessionError
from sessions.rules.commands import CloseQuestion, Command, End, Extend, Next, Pause, Start, Timeout
from sessions.rules.lifecycle import NotAllowed
from sessions.rules.people import Needs
from sessions.rules.state import SessionSetup
from sessions.services.hosting import SessionService, StaleRevision
from sessions.services.ports import Audience
from tests.support.store_game import QUIZ, Game, new_game
from tests.support.stores import Harness, NoVoice, NoWords


class Recorder:
    """A broadcaster that keeps what it is given."""

    def __init__(self) -> None:
        self.events: list[tuple[int, str]] = []
        self.messages: list[Any] = []
        self.removals: list[str] = []

    async def event(self, session_id: str, seq: int, kind: str, question_id: str, body: bytes) -> None:
        assert json.loads(body)["seq"] == seq
        self.events.append((seq, kind))

    async def volatile(self, session_id: str, body: bytes, audience: Audience) -> None:
        self.messages.append(json.loads(body))

    async def board_changed(self, session_id: str) -> None:
        pass

    async def supersede(self, session_id: str, user_id: str, connection: str) -> None:
        pass

    async def needs_changed(self, session_id: str, user_id: str, needs: Needs) -> None:
        pass

    async def removed(self, session_id: str, user_id: str) -> None:
        self.removals.append(user_id)


class Desk:
    """A host's service and what it published."""

    def __init__(self, harness: Harness) -> None:
        self.told = Recorder()
        self.intake = AnswerIntake(harness.store, batch_size=500)
        self.service = SessionService(
            harness.store,
            self.intake,
            self.told,
            harness.clock,
            max_duration_ms=7_200_000,
            lobby_ms=86_400_000,
            words=NoWords(),
            voice=NoVoice(),
        )

    async def do(self, game: Game, command: Command, **options: Any) -> Any:
        return await self.service.command(game.id, command, actor="test", **options)


@pytest.fixture
def desk(harness: Harness) -> Desk:
    """A host's desk."""
    return Desk(harness)


async def test_it_publishes_each_event_once_in_sequence(harness: Harness, desk: Desk) -> None:
    game = await new_game(harness)
    for command in (Start(), Start(), Next(), Next(), CloseQuestion(), CloseQuestion()):
        await desk.do(game, command)
    assert desk.told.events == [
        (1, "started"),
        (2, "question_opened"),
        (3, "question_closed"),
        (4, "question_opened"),
        (5, "question_closed"),
    ]


async def test_two_hosts_who_press_next_at_once_open_one_question(harness: Harness, desk: Desk) -> None:
    game = await new_game(harness)
    await desk.do(game, Start())
    views = await asyncio.gather(*(desk.do(game, Next()) for _ in range(5)))
    assert {view.state.question_index for view in views} == {0}
    assert desk.told.events == [(1, "started"), (2, "question_opened")]
    # Who presses again after seeing the question means the next one.
    assert (await desk.do(game, Next())).state.question_index == 1
    # The control: a command that is not guarded so is decided again for each who lost the race, and counts five times.
    before = await game.state()
    await asyncio.gather(*(desk.do(game, Extend(1_000)) for _ in range(5)))
    assert (await game.state()).deadline == before.deadline + 5_000


async def test_a_next_that_meets_the_timer_opens_the_next_question_all_the_same(harness: Harness, desk: Desk) -> None:
    game = await new_game(harness)
    await desk.do(game, Start())
    await desk.do(game, Next())
    game.wait(20_000)
    timer, click = await asyncio.gather(desk.do(game, Timeout()), desk.do(game, Next()))
    assert click.state.question_index == 1
    kinds = [kind for _, kind in desk.told.events]
    assert kinds == ["started", "question_opened", "question_closed", "question_opened"]
    assert timer.state.seq < click.state.seq or timer.state == click.state


async def test_many_commands_at_once_are_all_decided(harness: Harness, desk: Desk) -> None:
    game = await new_game(harness)
    await desk.do(game, Start())
    await asyncio.gather(desk.do(game, Next()), desk.do(game, Pause()), return_exceptions=True)
    assert (await game.state()).paused_at
    assert [seq for seq, _ in desk.told.events] == list(range(1, len(desk.told.events) + 1))


async def test_a_command_on_a_revision_that_is_gone_changes_nothing(harness: Harness, desk: Desk) -> None:
    game = await new_game(harness)
    await desk.do(game, Start(), expected_revision=0)
    with pytest.raises(StaleRevision) as stale:
        await desk.do(game, Next(), expected_revision=0)
    assert stale.value.view.state == await game.state()


async def test_of_those_who_press_next_at_once_on_one_revision_one_is_served(harness: Harness, desk: Desk) -> None:
    game = await new_game(harness)
    await desk.do(game, Start())
    revision = (await game.state()).revision
    pressed = (desk.do(game, Next(), expected_revision=revision) for _ in range(3))
    outcomes = await asyncio.gather(*pressed, return_exceptions=True)
    assert sum(isinstance(outcome, StaleRevision) for outcome in outcomes) == 2
    assert desk.told.events == [(1, "started"), (2, "question_opened")]


async def test_two_hosts_who_press_next_at_once_after_the_last_question_end_the_session(
    harness: Harness, desk: Desk
) -> None:
    game = await new_game(harness)
    await desk.do(game, Start())
    for _ in game.setup.quiz.questions:
        await desk.do(game, Next())
    views = await asyncio.gather(*(desk.do(game, Next()) for _ in range(5)))
    assert {view.state.status for view in views} == {"completed"}
    # Who presses again after seeing the end is told that there is nothing left.
    with pytest.raises(NotAllowed):
        await desk.do(game, Next())


async def test_a_removal_is_told_once(harness: Harness, desk: Desk) -> None:
    game = await new_game(harness)
    await game.players("ann")
    for _ in range(2):
        removed = await desk.service.remove(game.id, "ann", actor="test")
        assert removed.status == "removed"
    assert desk.told.removals == ["ann"]
    assert [message["type"] for message in desk.told.messages] == ["USER_LEFT"]
    with pytest.raises(SessionError, match="no player nobody"):
        await desk.service.remove(game.id, "nobody", actor="test")


async def test_a_new_name_is_told_once_and_keeps_the_rules_of_joining(harness: Harness, desk: Desk) -> None:
    game = await new_game(harness)
    await game.join("ann", name="Ann")
    await game.join("bob", name="Bob")
    for _ in range(2):
        renamed = await desk.service.rename(game.id, "ann", "  Anna   Lena ", actor="test")
        assert renamed.username == "Anna Lena"
    [message] = desk.told.messages
    assert message["type"] == "USER_RENAMED"
    assert message["payload"] == {"session_id": game.id, "user_id": "ann", "username": "Anna Lena"}
    for name, code in [("", "INVALID_USERNAME"), ("x" * 31, "INVALID_USERNAME"), ("bob", "USERNAME_TAKEN")]:
        with pytest.raises(SessionError) as refused:
            await desk.service.rename(game.id, "ann", name, actor="test")
        assert refused.value.code == code
    with pytest.raises(SessionError, match="no player nobody"):
        await desk.service.rename(game.id, "nobody", "Cleo", actor="test")
    assert len(desk.told.messages) == 1


async def test_a_quiz_without_questions_is_not_started_as_it_is_made(harness: Harness, desk: Desk) -> None:
    with pytest.raises(NotAllowed):
        await desk.service.create(QuizContent(id="empty", title="Empty"), auto_start=True, actor="test")


async def test_a_shuffled_session_asks_every_question_once(harness: Harness, desk: Desk) -> None:
    view = await desk.service.create(QUIZ, shuffle_questions=True, actor="test")
    setup: SessionSetup = view.setup
    assert {question.id for question in setup.quiz.questions} == {question.id for question in QUIZ.questions}
    assert len(setup.quiz.questions) == len(QUIZ.questions)


@pytest.mark.parametrize("command", [CloseQuestion(), Next(), End()])
async def test_an_answer_that_came_in_before_the_close_counts_though_its_batch_waits(
    harness: Harness, desk: Desk, command: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    game = await new_game(harness, pace="host")
    await game.start()
    await game.players("u1")
    gate, submit = asyncio.Event(), game.store.record

    async def held_up(session_id: str, answers: Any) -> Any:
        await gate.wait()
        return await submit(session_id, answers)

    monkeypatch.setattr(desk.intake._batches, "_flush", held_up)
    answering = asyncio.ensure_future(desk.intake._batches.enqueue(game.id, game.answer("u1")))
    await asyncio.sleep(0)
    closing = asyncio.ensure_future(desk.do(game, command))
    for _ in range(20):
        await asyncio.sleep(0)
    assert not closing.done()
    gate.set()
    assert isinstance(await answering, Accepted)
    await closing
    assert (await game.scores())["u1"] > 0

"""A host asks again what many had wrong: the right questions, once, to everybody."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from dataclasses import replace

import pytest

from quizzes.rules.content import QuestionContent, QuizContent
from quizzes.rules.phrases import Phrases
from quizzes.rules.words import WordContent, WordListContent
from scoring.intake import AnswerIntake
from sessions.rules.commands import CloseQuestion, End, Next, Start
from sessions.rules.lifecycle import NotAllowed
from sessions.services.asking_again import NothingToAsk
from sessions.services.event_messages import options_of
from sessions.services.hosting import SessionService, SessionView, StaleRevision
from tests.support.store_game import Game, new_game
from tests.support.stores import Harness, NoVoice
from tests.unit.sessions.services.test_hosting import Recorder

QUIZ = QuizContent(
    id="german",
    title="German",
    language="de",
    shuffle_options=True,
    questions=(
        QuestionContent(
            id="q1",
            kind="choice",
            text="What does “der Hund” mean?",
            options=("dog", "cat", "tree"),
            correct_answers=("dog",),
            language="en",
        ),
        QuestionContent(id="q2", kind="choice", text="?", options=("a", "b", "c", "d"), correct_answers=("a",)),
        QuestionContent(id="q3", kind="typed", text="?", correct_answers=("Baum",)),
    ),
)
WORDS = WordListContent(
    id="german",
    title="German",
    term_language="de",
    words=tuple(
        WordContent(term=term, meanings=(meaning,))
        for term, meaning in (("der Hund", "dog"), ("die Katze", "cat"), ("der Baum", "tree"), ("das Haus", "house"))
    ),
)


class OneWord:
    """The first question was made from a word."""

    async def behind(self, quiz_id: str, texts: Mapping[str, str]) -> Mapping[str, tuple[WordListContent, int]]:
        assert quiz_id == QUIZ.id
        return {"q1": (WORDS, 0)} if texts.get("q1") == QUIZ.questions[0].text else {}


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
            words=OneWord(),
            voice=NoVoice(),
        )

    async def ask(self, game: Game, *, share: float = 0.6, expected_revision: int | None = None) -> SessionView:
        view = await self.service.ask_again(
            game.id, share=share, phrases=Phrases(), actor="test", expected_revision=expected_revision
        )
        game.setup = view.setup
        return view


@pytest.fixture
def desk(harness: Harness) -> Desk:
    """A host's desk."""
    return Desk(harness)


async def played(
    harness: Harness, right: Mapping[str, list[bool]], *, pace: str = "host", quiz: QuizContent = QUIZ
) -> Game:
    """A session of two players in which these questions were answered so."""
    game = await new_game(harness, quiz=quiz, pace=pace)
    await game.players("ann", "bob")
    await game.do(Start())
    for question_id, answers in right.items():
        if pace == "host":
            await game.do(Next())
        for user, is_right in zip(("ann", "bob"), answers, strict=True):
            await game.accepted(user, question_id, right=is_right)
    if pace == "host":
        await game.do(CloseQuestion())
    return game


async def test_a_word_comes_back_by_another_exercise_and_the_rest_as_it_is(harness: Harness, desk: Desk) -> None:
    game = await played(harness, {"q1": [True, False], "q2": [False, False], "q3": [True, True]})
    view = await desk.ask(game)
    word, itself = view.setup.quiz.questions[3:]
    assert (word.id, word.again_of) == ("q1.2", "q1")
    assert (word.kind, word.correct_answers, word.language) != ("choice", ("dog",), "en")
    assert replace(itself, id="q2", again_of="", options=QUIZ.questions[1].options) == QUIZ.questions[1]
    assert options_of(view.setup, itself) != options_of(view.setup, QUIZ.questions[1])
    assert sorted(itself.options) == ["a", "b", "c", "d"]
    assert view.setup.quiz.questions[:3] == game.setup.quiz.questions[:3]
    assert desk.told.events == [(view.state.seq, "questions_added")]


@pytest.mark.parametrize("pace", ["host", "self"])
async def test_what_was_heard_is_heard_again_where_somebody_can_play_it(
    harness: Harness, desk: Desk, pace: str
) -> None:
    heard = replace(QUIZ.questions[0], listen="instead", listen_language="de", sound="media/recording")
    quiz = replace(QUIZ, questions=(heard, *QUIZ.questions[1:]))
    game = await played(harness, {"q1": [False, False]}, pace=pace, quiz=quiz)
    again = (await desk.ask(game)).setup.quiz.questions[3]
    assert (again.again_of, again.listen) == ("q1", "instead")
    # The host reads out what nobody has recorded; at their own pace nobody would.
    assert (again.kind, again.sound) == (("typed", "") if pace == "host" else ("choice", "media/recording"))


async def test_it_is_told_with_the_new_total(harness: Harness, desk: Desk) -> None:
    game = await played(harness, {"q1": [False, False]})
    bodies: list[bytes] = []
    told = desk.told.event

    async def event(session_id: str, seq: int, kind: str, question_id: str, body: bytes) -> None:
        bodies.append(body)
        await told(session_id, seq, kind, question_id, body)

    desk.told.event = event  # type: ignore[method-assign]
    await desk.ask(game)
    [message] = map(json.loads, bodies)
    assert message["type"] == "QUESTIONS_ADDED"
    assert {name: message["payload"][name] for name in ("added", "total")} == {"added": 1, "total": 4}


async def test_asked_twice_or_by_five_hosts_at_once_each_comes_back_once(harness: Harness, desk: Desk) -> None:
    game = await played(harness, {"q1": [False, False], "q2": [False, True]})
    views = await asyncio.gather(*(desk.ask(game) for _ in range(5)))
    again = await desk.ask(game)
    assert {len(view.setup.quiz.questions) for view in (*views, again)} == {5}
    assert [kind for _, kind in desk.told.events] == ["questions_added"]
    # The control: once it was asked, what is missed again comes back again.
    await game.do(Next())
    await game.accepted("ann", "q3")
    await game.do(Next())
    await game.accepted("ann", "q1.2", right=False)
    await game.do(CloseQuestion())
    view = await desk.ask(game)
    assert [question.id for question in view.setup.quiz.questions[3:]] == ["q1.2", "q2.2", "q1.3"]
    assert view.setup.quiz.questions[-1].again_of == "q1"


async def test_when_everything_was_right_it_says_so_and_does_nothing(harness: Harness, desk: Desk) -> None:
    game = await played(harness, {"q1": [True, True]})
    with pytest.raises(NothingToAsk, match="60%"):
        await desk.ask(game)
    assert (await game.state()).grown_to == 0
    assert desk.told.events == []


async def test_whom_the_host_took_out_does_not_count(harness: Harness, desk: Desk) -> None:
    game = await played(harness, {"q1": [True, False]})
    assert await harness.store.remove(game.id, "bob", actor="test") is not None
    with pytest.raises(NothingToAsk):
        await desk.ask(game)


async def test_the_share_is_the_host_s(harness: Harness, desk: Desk) -> None:
    game = await played(harness, {"q1": [True, False]})
    with pytest.raises(NothingToAsk):
        await desk.ask(game, share=0.5)
    assert len((await desk.ask(game, share=0.51)).setup.quiz.questions) == 4


async def test_on_another_revision_it_is_refused(harness: Harness, desk: Desk) -> None:
    game = await played(harness, {"q1": [False, False]})
    with pytest.raises(StaleRevision):
        await desk.ask(game, expected_revision=1)
    await desk.ask(game, expected_revision=(await game.state()).revision)


async def test_before_the_first_close_and_after_the_end_it_is_refused(harness: Harness, desk: Desk) -> None:
    game = await new_game(harness, quiz=QUIZ)
    for command in (Start(), Next()):
        await game.do(command)
        with pytest.raises(NotAllowed):
            await desk.ask(game)
    await game.do(CloseQuestion(), End())
    with pytest.raises(NotAllowed):
        await desk.ask(game)


async def test_at_their_own_pace_they_are_open_at_once(harness: Harness, desk: Desk) -> None:
    game = await played(harness, {"q1": [False, False], "q2": [True, True]}, pace="self")
    await desk.ask(game)
    assert (await game.accepted("ann", "q1.2")).stored.verdict == "correct"
    # Bob is still to answer it: it does not come back a third time for Ann.
    assert len((await desk.ask(game)).setup.quiz.questions) == 4

"""A player's summary: all that is over, and nothing that could still help somebody."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quizzes.rules.content import QuestionContent, QuizContent
from scoring.rules.answers import StoredAnswer
from sessions.rules.state import Pace, Reveal, SessionSetup, SessionState
from sessions.services.summary import summary_lines

QUIZ = QuizContent(
    "quiz",
    "Quiz",
    questions=tuple(
        QuestionContent(f"q{index}", "choice", "?", options=("a", "b"), correct_answers=("a",)) for index in range(4)
    ),
)


def setup(pace: Pace, reveal: Reveal) -> SessionSetup:
    return SessionSetup("s", QUIZ, "CODE23", pace=pace, reveal=reveal)


def answered(*ids: str) -> dict[str, StoredAnswer]:
    return {one: StoredAnswer("u", one, "a", "correct", 15, 900, 0) for one in ids}


def ids(lines: list[object]) -> list[str]:
    return [line.question_id for line in lines]  # type: ignore[attr-defined]


@given(
    st.integers(0, 3),
    st.sampled_from(["open", "closed"]),
    st.sets(st.sampled_from(["q0", "q1", "q2", "q3"])),
    st.sampled_from(["immediately", "on_close"]),
)
def test_it_never_tells_the_solution_of_a_question_others_may_still_answer(
    index: int, phase: str, answers: set[str], reveal: str
) -> None:
    state = SessionState(status="active", phase=phase, question_index=index, question_id=f"q{index}")  # type: ignore[arg-type]
    lines = summary_lines(setup("host", reveal), state, answered(*answers))  # type: ignore[arg-type]
    over = index if phase == "open" else index + 1
    assert ids([*lines]) == [f"q{one}" for one in range(over)]


@pytest.mark.parametrize(("reveal", "told"), [("immediately", ["q1", "q3"]), ("on_close", [])])
def test_in_self_pace_it_tells_what_the_player_has_answered_unless_results_are_withheld(
    reveal: Reveal, told: list[str]
) -> None:
    state = SessionState(status="active", phase="playing")
    assert ids([*summary_lines(setup("self", reveal), state, answered("q3", "q1"))]) == told
    over = replace(state, status="completed", phase="ended")
    assert len(summary_lines(setup("self", reveal), over, answered("q3"))) == 4


def test_it_leaves_out_what_was_never_asked() -> None:
    state = SessionState(status="completed", phase="ended", question_index=1, question_id="q1")
    assert ids([*summary_lines(setup("host", "on_close"), state, {})]) == ["q0", "q1"]


def test_an_unanswered_question_earned_nothing() -> None:
    state = SessionState(status="completed", phase="ended", question_index=0, question_id="q0")
    (line,) = summary_lines(setup("host", "on_close"), state, {})
    assert (line.your_answer, line.is_correct, line.points_earned, line.reason) == (None, False, 0, None)
    assert line.correct_answers == ["a"]

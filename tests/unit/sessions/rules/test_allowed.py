"""What a host is told may be done is what the state machine would do."""

from __future__ import annotations

from dataclasses import replace

import pytest

from quizzes.rules.content import QuestionContent, QuizContent
from sessions.rules.commands import CloseQuestion, End, Next, Pause, SetLock, Start
from sessions.rules.lifecycle import HOST_COMMANDS, allowed, decide
from sessions.rules.state import Pace, SessionSetup, SessionState

QUIZ = QuizContent(
    id="quiz",
    title="Quiz",
    questions=(
        QuestionContent(id="q1", kind="choice", text="?", options=("a", "b"), correct_answers=("a",)),
        QuestionContent(id="q2", kind="choice", text="?", options=("a", "b"), correct_answers=("a",)),
    ),
)
HOST_PACE = SessionSetup(id="s", quiz=QUIZ, join_code="ABCDEF", pace="host", reveal="on_close")
SELF_PACE = replace(HOST_PACE, pace="self", reveal="immediately")


def after(setup: SessionSetup, *commands: object) -> set[str]:
    state = SessionState(created_at=1_000)
    for command in commands:
        state = decide(setup, state, command, 2_000).state  # type: ignore[arg-type]
    return set(allowed(setup, state))


@pytest.mark.parametrize(
    ("pace", "commands", "names"),
    [
        ("host", [], {"start", "lock", "end"}),
        ("host", [Start()], {"next", "pause", "lock", "end"}),
        ("host", [Start(), Next()], {"next", "close-question", "extend", "pause", "lock", "end"}),
        ("host", [Start(), Next(), Pause()], {"close-question", "extend", "resume", "lock", "end"}),
        ("host", [Start(), Next(), CloseQuestion()], {"next", "pause", "lock", "ask-again", "end"}),
        ("host", [Start(), SetLock(locked=True)], {"next", "pause", "unlock", "end"}),
        ("host", [Start(), End()], set()),
        ("self", [], {"start", "lock", "end"}),
        ("host", [Start(), Next(), Next()], {"next", "close-question", "extend", "pause", "lock", "ask-again", "end"}),
        ("self", [Start()], {"pause", "lock", "ask-again", "end"}),
        ("self", [Start(), Pause()], {"resume", "lock", "ask-again", "end"}),
    ],
)
def test_only_what_would_change_the_session_is_allowed(pace: Pace, commands: list[object], names: set[str]) -> None:
    assert after(SELF_PACE if pace == "self" else HOST_PACE, *commands) == names


def test_a_quiz_without_questions_cannot_start() -> None:
    empty = replace(HOST_PACE, quiz=replace(QUIZ, questions=()))
    assert "start" not in allowed(empty, SessionState())
    assert "start" in HOST_COMMANDS

"""A quiz as a client reads it: what the simulation needs of the exchange format (docs/protocol.md), and no more.

Apart from the server's own classes on purpose: a client that shares them would not notice a field that was renamed.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

TRUE_FALSE = ("True", "False")


@dataclass(frozen=True, slots=True)
class Question:
    """One question. ``correct_answers`` is the sequence itself for ``order``, empty for ``poll`` and ``gaps``."""

    id: str
    kind: str
    options: tuple[str, ...] = ()
    correct_answers: tuple[str, ...] = ()
    points: int = 10
    #: How far a number may be off and still be right.
    tolerance: float = 0.0
    #: Share (0 to 1) of the points that an almost right typed answer earns.
    almost: float = 0.5
    #: Whether its text is to be heard only: no player may be told it before the close.
    heard: bool = False
    #: Of a text with gaps: each of them as a question, chosen where it has options, else typed.
    gaps: tuple[Question, ...] = ()


@dataclass(slots=True)
class Quiz:
    """A quiz as a session plays it: its questions in their order. It grows when questions are asked again."""

    id: str
    questions: tuple[Question, ...]

    def question(self, question_id: str) -> Question | None:
        """The question with this id, or ``None``."""
        return next((question for question in self.questions if question.id == question_id), None)


def read_quiz(data: Mapping[str, Any]) -> Quiz:
    """A quiz as ``GET quizzes/ID`` answers it, which writes every field out.

    :raises KeyError: when a field is missing.
    """
    return Quiz(data["id"], tuple(map(read_question, data["questions"])))


def with_heard_questions(data: Mapping[str, Any]) -> dict[str, Any]:
    """A copy of a quiz of which every second question is heard instead of read, as ``POST quizzes`` takes it."""
    questions = [
        {**question, "listen": "instead"} if number % 2 == 0 and question["kind"] != "gaps" else question
        for number, question in enumerate(data["questions"])
    ]
    return {**data, "id": f"{data['id'][:30]}-heard", "questions": questions}


def with_first_questions(data: Mapping[str, Any], number: int) -> dict[str, Any]:
    """A copy of a quiz that has no more than so many, as ``POST quizzes`` takes it."""
    return {**data, "id": f"{data['id'][:28]}-first-{number}", "questions": data["questions"][:number]}


def read_question(data: Mapping[str, Any]) -> Question:
    """A question of it, or of ``GET sessions/ID/questions``.

    :raises KeyError: when a field is missing.
    """
    options = tuple(data["options"])
    return Question(
        id=data["id"],
        kind=data["kind"],
        options=options if options or data["kind"] != "true_false" else TRUE_FALSE,
        correct_answers=tuple(data["correct_answers"]),
        points=data["points"],
        tolerance=data["tolerance"],
        almost=data["grading"]["almost"],
        # Left out where a question is read.
        heard=data.get("listen") == "instead",
        # Left out where a question is no text with gaps.
        gaps=tuple(_read_gap(gap) for gap in data.get("gaps", ())),
    )


def _read_gap(data: Mapping[str, Any]) -> Question:
    options = tuple(data["options"])
    return Question(
        id="",
        kind="choice" if options else "typed",
        options=options,
        correct_answers=tuple(data["correct_answers"]),
        almost=data["grading"]["almost"],
    )

"""Grading of every kind of question."""

from __future__ import annotations

import pytest

from quizzes.content import QuestionContent
from scoring.grading import Grade, InvalidAnswer, canonical, grade


def question(
    kind: str, correct: tuple[str, ...] = (), options: tuple[str, ...] = (), **fields: object
) -> QuestionContent:
    return QuestionContent("q", kind, "?", options=options, correct_answers=correct, **fields)  # type: ignore[arg-type]


CHOICE = question("choice", ("Paris",), ("Paris", "Rome", "Café"))


def test_it_grades_a_choice() -> None:
    assert grade(CHOICE, "Paris", language="en") == Grade("correct", 1.0)
    assert grade(CHOICE, "Rome", language="en") == Grade("wrong", 0.0)


def test_it_takes_an_option_written_with_combining_marks() -> None:
    assert canonical(CHOICE, "Cafe\u0301") == "Café"


@pytest.mark.parametrize("answer", ["Oslo", "paris", "", "\ud800", ["Paris"]])
def test_it_refuses_what_is_not_an_option(answer: str | list[str]) -> None:
    with pytest.raises(InvalidAnswer):
        grade(CHOICE, answer, language="en")

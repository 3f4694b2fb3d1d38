"""What parts an almost right answer from the right one."""

from __future__ import annotations

import pytest

from quizzes.rules.content import QuestionContent
from scoring.rules.difference import difference_shown
from scoring.rules.points import Verdict


def typed(*answers: str) -> QuestionContent:
    return QuestionContent("q", "typed", "?", correct_answers=answers)


@pytest.mark.parametrize(
    ("right", "answer", "shown"),
    [
        ("receive", "recieve", [("same", "rec"), ("missing", "e"), ("same", "i"), ("extra", "e"), ("same", "ve")]),
        ("café", "cafe", [("same", "caf"), ("extra", "e"), ("missing", "é")]),
        ("der Hund", "die Hund", [("same", "d"), ("extra", "i"), ("same", "e"), ("missing", "r"), ("same", " Hund")]),
    ],
)
def test_it_shows_the_letters_the_accent_and_the_article(right: str, answer: str, shown: list[tuple[str, str]]) -> None:
    assert difference_shown(typed(right), answer, "almost", language="de") == shown


def test_it_compares_with_the_answer_that_is_nearest() -> None:
    shown = difference_shown(typed("photograph", "picture"), "pictur", "almost", language="en")
    assert shown == [("same", "pictur"), ("missing", "e")]


def test_it_compares_with_what_the_host_accepted() -> None:
    shown = difference_shown(typed("picture"), "fotograf", "almost", language="en", accepted=["fotograaf"])
    assert shown is not None
    assert "".join(letters for part, letters in shown if part != "extra") == "fotograaf"


@pytest.mark.parametrize("verdict", ["correct", "wrong"])
def test_it_shows_nothing_of_an_answer_that_is_not_almost_right(verdict: Verdict) -> None:
    assert difference_shown(typed("house"), "hose", verdict, language="en") is None


def test_it_shows_nothing_of_options() -> None:
    question = QuestionContent("q", "multi", "?", options=("a", "b", "c"), correct_answers=("a", "b"))
    assert difference_shown(question, '["a"]', "almost", language="en") is None

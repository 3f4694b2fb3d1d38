"""Which cards a deck has, and when its player may have it."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from practice.rules.deck import in_order, is_withheld, missed, practised
from quizzes.rules.content import QuestionContent, QuizContent
from sessions.rules.options import SessionOptions


def _asks(question_id: str, *, kind: Any = "typed", again_of: str = "") -> QuestionContent:
    return QuestionContent(id=question_id, kind=kind, text=question_id, correct_answers=("x",), again_of=again_of)


QUIZ = QuizContent(
    id="q",
    title="Q",
    questions=(_asks("a"), _asks("b"), _asks("p", kind="poll"), _asks("c"), _asks("a2", again_of="a")),
)
HOMEWORK = SessionOptions(closes_at=1_000)


def test_what_was_not_answered_is_missed_and_a_poll_never_is() -> None:
    assert missed(QUIZ, {"b": "correct"}) == ["a", "c"]


def test_almost_right_is_missed() -> None:
    assert missed(QUIZ, {"a": "correct", "b": "almost", "c": "correct"}) == ["b"]


@pytest.mark.parametrize(("first", "again"), [("wrong", "correct"), ("correct", "wrong")])
def test_a_word_that_was_asked_again_is_missed_if_it_ever_was(first: str, again: str) -> None:
    assert missed(QUIZ, {"a": first, "a2": again, "b": "correct", "c": "correct"}) == ["a"]


@given(st.dictionaries(st.sampled_from("abcp"), st.sampled_from(["correct", "almost", "wrong"])))
def test_every_card_is_there_once_with_the_missed_ones_first(verdicts: dict[str, str]) -> None:
    first = missed(QUIZ, verdicts)
    order = [question.id for question in in_order(QUIZ, first)]
    assert order[: len(first)] == first
    assert sorted(order) == sorted(question.id for question in practised(QUIZ))
    # Each half as the quiz has it.
    assert first == sorted(first)
    assert order[len(first) :] == sorted(order[len(first) :])


EVERY = {"a", "b", "p", "c", "a2"}


@pytest.mark.parametrize(
    ("status", "reveal", "options", "answered", "withheld"),
    [
        ("completed", "on_close", SessionOptions(), [], False),
        ("completed", "on_close", HOMEWORK, [], False),
        ("active", "immediately", SessionOptions(), [EVERY], True),
        ("active", "immediately", HOMEWORK, [EVERY], False),
        ("active", "immediately", HOMEWORK, [EVERY - {"b"}, {"b"}], True),
        ("active", "immediately", HOMEWORK, [EVERY, set()], False),
        ("active", "on_close", HOMEWORK, [EVERY], True),
        ("waiting", "immediately", HOMEWORK, [], True),
    ],
)
def test_a_deck_waits_until_its_player_may_know_everything(
    status: Any, reveal: Any, options: SessionOptions, answered: list[set[str]], withheld: bool
) -> None:
    assert is_withheld(QUIZ, status=status, reveal=reveal, options=options, answered=answered) is withheld

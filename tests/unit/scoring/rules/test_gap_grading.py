"""Texts with gaps: each gap is judged as the question that it is, and worth the same."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from quizzes.rules.content import Gap, Grading, QuestionContent, QuizContent
from scoring.rules.answers import StoredAnswer
from scoring.rules.difference import gaps_shown
from scoring.rules.grading import Grade, InvalidAnswer, canonical, grade, grade_gaps, in_gap
from scoring.rules.points import points_at
from scoring.rules.regrading import regrade, right_in_gaps, to_accept, with_answer, without_accents, worth

WORDS = ("cat", "mouse", "elephant", "Käse", "el gato", "noir", "chicken")
TEXT = "The [[1]] sat on the [[2]] in [[3]]."
GAPS = (Gap(("cat", "kitten")), Gap(("mat",), ("rug", "mat", "hat")), Gap(("Málaga",), (), Grading(accents="almost")))


def asked(*gaps: Gap, **fields: Any) -> QuestionContent:
    return QuestionContent("q", "gaps", TEXT, gaps=gaps or GAPS, **fields)


def judged(answer: str | list[str], question: QuestionContent | None = None, **more: Any) -> Grade:
    return grade(question or asked(), answer, language="en", **more)


def points(question: QuestionContent, answer: list[str]) -> int:
    try:
        return points_at(worth(question, judged(answer, question), speed_ms=0).schedule, 0)
    except InvalidAnswer:
        return 0


def test_all_right_is_right_and_none_right_is_wrong() -> None:
    assert judged(["kitten", "mat", "Málaga"]) == Grade("correct", 1.0)
    assert judged(["dog", "hat", "Rome"]) == Grade("wrong", 0.0)


def test_some_right_are_almost_right_by_their_share() -> None:
    assert judged(["cat", "hat", ""]) == Grade("almost", 1 / 3)
    assert judged(["cat", "mat", "Malaga"]) == Grade("almost", (1 + 1 + 0.5) / 3)


def test_a_gap_that_is_left_open_has_no_judgement_of_its_own() -> None:
    grades = grade_gaps(asked(), ["", "mat", "x"], language="en")
    assert [each and each.verdict for each in grades] == [None, "correct", "wrong"]


@pytest.mark.parametrize(
    ("answer", "message"),
    [
        ("cat", "list"),
        (["cat", "mat"], "each gap"),
        (["cat", "mat", "x", "y"], "each gap"),
        (["", " ", ""], "at least one gap"),
        (["cat", "sofa", ""], "not one of the options"),
        (["x" * 151, "", ""], "too long"),
        (["x" * 9_999, "", ""], "too long"),
        (["a\x00b", "", ""], "not text"),
    ],
)
def test_it_refuses_what_is_no_answer(answer: str | list[str], message: str) -> None:
    with pytest.raises(InvalidAnswer, match=message):
        judged(answer)
    with pytest.raises(InvalidAnswer, match=message):
        canonical(asked(), answer)


def test_it_is_stored_as_a_list_with_empty_texts_for_open_gaps() -> None:
    stored = canonical(asked(), [" cat\u200f", "", "Ma\u0301laga "])
    assert stored == '["cat", "", "Málaga"]'
    assert canonical(asked(), json.loads(stored)) == stored


def test_accents_do_not_matter_for_a_player_who_needs_that() -> None:
    question = without_accents(asked())
    assert judged(["cat", "mat", "malaga"], question) == Grade("correct", 1.0)


def test_what_is_accepted_afterwards_is_right_in_its_own_gap_alone() -> None:
    question = asked()
    accepted = [in_gap(question, "kitty", 1)]
    assert judged(["kitty", "mat", "Málaga"], accepted=accepted).verdict == "correct"
    assert judged(["cat", "mat", "kitty"], accepted=accepted).verdict == "almost"
    assert right_in_gaps(question, accepted) == [["cat", "kitten", "kitty"], ["mat"], ["Málaga"]]
    quiz = QuizContent("z", "", questions=(question,))
    before = StoredAnswer("ann", "q", '["kitty", "mat", "Málaga"]', "almost", 7, 0, 0)
    (after,) = regrade(quiz, [before], accepted={"q": accepted}, speed_ms=lambda _question: 0)
    assert (after.verdict, after.points) == ("correct", 10)


def test_only_what_was_typed_and_is_not_right_can_be_accepted() -> None:
    question = asked()
    more = to_accept(question, ["kitty", "hat", "Málaga"], language="en", accepted=())
    assert more == '["kitty", "", ""]'
    assert to_accept(question, ["kitty", "hat", ""], language="en", accepted=[more]) == ""
    with pytest.raises(InvalidAnswer, match="which gap"):
        in_gap(question, "kitty", 4)


def test_a_quiz_takes_over_what_was_accepted_where_it_is_no_shorthand() -> None:
    question = asked()
    more = with_answer(question, '["kitty", "", ""]', language="en")
    assert more is not None
    assert [gap.correct_answers for gap in more.gaps] == [("cat", "kitten", "kitty"), ("mat",), ("Málaga",)]
    assert with_answer(question, '["he/she", "", ""]', language="en") is None
    full = asked(Gap(tuple(f"w{number}" for number in range(20))), *GAPS[1:])
    assert with_answer(full, '["kitty", "", ""]', language="en") is None


def test_each_gap_is_shown_with_what_parts_it_from_the_right_answer() -> None:
    shown = gaps_shown(asked(), '["kat", "hat", ""]', language="en")
    assert shown is not None
    assert [gap.verdict for gap in shown] == ["wrong", "wrong", None]
    near = gaps_shown(asked(), '["kittn", "", "Malaga"]', language="en")
    assert near is not None
    first, _second, third = near
    assert first.difference == [("same", "kitt"), ("missing", "e"), ("same", "n")]
    assert third.difference == [("same", "M"), ("extra", "a"), ("missing", "á"), ("same", "laga")]
    assert gaps_shown(QuestionContent("q", "typed", "?", correct_answers=("a",)), "a", language="en") is None


FILLED = st.lists(
    st.tuples(st.sampled_from(WORDS), st.sampled_from(["right", "slip", "wrong", "open"]), st.booleans()),
    min_size=1,
    max_size=8,
)


def built(filled: list[tuple[str, str, bool]], rules: Grading, worth_points: int) -> tuple[QuestionContent, list[str]]:
    others = ("zzzz", "qqqq")
    gaps = tuple(Gap((word,), (*others, word) if chosen else (), rules) for word, _how, chosen in filled)
    answer = [
        {"right": word, "slip": "zzzz" if chosen else word.upper(), "wrong": "zzzz", "open": ""}[how]
        for word, how, chosen in filled
    ]
    return asked(*gaps, points=worth_points), answer


RULES = st.builds(
    Grading,
    case=st.sampled_from(["ignore", "strict"]),
    accents=st.sampled_from(["almost", "ignore", "strict"]),
    articles=st.sampled_from(["optional", "required"]),
    almost=st.sampled_from([0.0, 0.25, 0.5, 1.0]),
)


@given(FILLED, RULES, st.integers(0, 1_000))
@settings(deadline=None)
def test_points_grow_with_each_gap_that_is_right(
    filled: list[tuple[str, str, bool]], rules: Grading, worth_points: int
) -> None:
    question, answer = built(filled, rules, worth_points)
    right = [gap.correct_answers[0] for gap in question.gaps]
    assert judged(right, question) == Grade("correct", 1.0)
    assert points(question, right) == worth_points
    assert points(question, ["zzzz"] * len(right)) == 0
    earned = [points(question, [*right[:place], *answer[place:]]) for place in range(len(right) + 1)]
    assert earned == sorted(earned)
    assert earned[-1] == worth_points


@given(FILLED, RULES, st.integers(0, 7))
@settings(deadline=None)
def test_a_stricter_gap_never_earns_more(filled: list[tuple[str, str, bool]], rules: Grading, place: int) -> None:
    question, answer = built(filled, rules, 100)
    place %= len(filled)

    def earned(**change: Any) -> int:
        gap = question.gaps[place]
        changed = replace(gap, grading=replace(gap.grading, **change))
        return points(replace(question, gaps=(*question.gaps[:place], changed, *question.gaps[place + 1 :])), answer)

    assert earned(case="strict") <= earned(case="ignore")
    assert earned(accents="strict") <= earned(accents="almost") <= earned(accents="ignore")
    assert earned(articles="required") <= earned(articles="optional")
    assert earned(almost=0.0) <= earned(almost=0.5) <= earned(almost=1.0)


@given(st.lists(st.text(max_size=8), min_size=3, max_size=3))
@settings(deadline=None)
def test_what_is_graded_can_be_stored_and_graded_again(answer: list[str]) -> None:
    question = asked(Gap(("a",)), Gap(("b",)), Gap(("c",)))
    try:
        stored = canonical(question, answer)
    except InvalidAnswer:
        return
    assert canonical(question, json.loads(stored)) == stored
    assert judged(json.loads(stored), question) == judged(answer, question)
    stored.encode()

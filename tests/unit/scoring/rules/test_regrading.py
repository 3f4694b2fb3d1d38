"""Grading again after a host accepted one more answer: nobody loses, and it does not matter how often it is done."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from unicodedata import combining, normalize

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from quizzes.rules.content import Grading, QuestionContent, QuizContent
from scoring.rules.answers import StoredAnswer
from scoring.rules.grading import RANKS, InvalidAnswer, canonical, grade
from scoring.rules.points import SPEED_STEP_MS, points_at
from scoring.rules.regrading import regrade, right_answers, with_answer, without_accents, worth
from tests.unit.scoring.rules.test_grading_properties import ANSWERS, RULES, TAGS

COUCH = QuestionContent("q1", "typed", "?", correct_answers=("couch",), confusable=("chair",))
QUIZ = QuizContent(id="quiz", title="Quiz", questions=(COUCH, QuestionContent("q2", "choice", "?", options=("sofa",))))


def given_answer(
    text: str, *, elapsed_ms: int = 3_000, user: str = "ann", question: QuestionContent = COUCH, language: str = "en"
) -> StoredAnswer:
    """An answer as it was graded when it came in."""
    judged = worth(question, grade(question, text, language=language), speed_ms=SPEED_STEP_MS)
    points = points_at(judged.schedule, elapsed_ms)
    return StoredAnswer(user, question.id, canonical(question, text), judged.verdict, points, elapsed_ms, 0)


def after(accepted: Sequence[str], *answers: StoredAnswer, step_ms: int = SPEED_STEP_MS) -> list[StoredAnswer]:
    return regrade(QUIZ, answers, accepted={"q1": accepted}, speed_ms=lambda _: step_ms)


def outcome(answer: StoredAnswer) -> tuple[str, int]:
    return answer.verdict, answer.points


def test_what_was_wrong_earns_what_it_would_have_earned_in_its_time() -> None:
    quick, slow = given_answer("sofa", elapsed_ms=1_000), given_answer("Sofa", elapsed_ms=60_000, user="bob")
    assert [outcome(answer) for answer in (quick, slow)] == [("wrong", 0)] * 2
    assert [outcome(answer) for answer in after(["sofa"], quick, slow)] == [("correct", 15), ("correct", 10)]
    assert [outcome(answer) for answer in after(["sofa"], quick, slow, step_ms=0)] == [("correct", 10)] * 2


def test_others_stay_as_they_were() -> None:
    right, other = given_answer("couch"), given_answer("table", user="bob")
    elsewhere = StoredAnswer("ann", "q2", "sofa", "wrong", 0, 1_000, 0)
    assert after(["sofa"], right, other, elsewhere) == [right, other, elsewhere]


def test_near_misses_of_an_accepted_answer_are_almost_right() -> None:
    assert outcome(after(["settee"], given_answer("setee"))[0]) == ("almost", 5)


@pytest.mark.parametrize("text", ["he/she", "(the) sofa", "a, b", "24/7", "sofa / settee"])
def test_an_accepted_answer_is_no_shorthand(text: str) -> None:
    [own] = after([text], given_answer(text))
    assert own.verdict == "correct"
    for part in ("he", "she", "settee", "24"):
        assert after([text], given_answer(part))[0].verdict == "wrong"


def test_an_article_of_an_accepted_answer_takes_no_article_away() -> None:
    # The list says "Haus": every article goes with it. "der Haus" alone would let "das Haus" be almost right only.
    house = QuestionContent("q1", "typed", "?", correct_answers=("Haus",))
    assert grade(house, "das Haus", language="de").verdict == "correct"
    assert grade(house, "das Haus", language="de", accepted=["der Haus"]).verdict == "correct"


def test_only_typed_answers_are_accepted() -> None:
    question = QuestionContent("q", "number", "?", correct_answers=("4",))
    assert grade(question, "5", language="en", accepted=["5"]).verdict == "wrong"


def test_the_right_answers_are_the_authors_and_then_the_hosts() -> None:
    assert right_answers(COUCH, ("sofa", "settee")) == ["couch", "sofa", "settee"]


@settings(deadline=None)
@given(st.lists(ANSWERS, max_size=5), st.lists(ANSWERS, max_size=3), RULES, TAGS)
def test_doing_it_twice_or_in_another_order_is_doing_it_once_and_nobody_loses(
    texts: list[str], wishes: list[str], rules: Grading, tag: str
) -> None:
    question = QuestionContent("q1", "typed", "?", correct_answers=("couch", "das Haus"), grading=rules)
    quiz = QuizContent(id="quiz", title="Quiz", language=tag, questions=(question,))

    def valid(text: str) -> bool:
        try:
            canonical(question, text)
        except InvalidAnswer:
            return False
        return True

    accepted = [canonical(question, wish) for wish in wishes if valid(wish)]
    answers = [
        given_answer(text, user=f"u{number}", question=question, language=tag, elapsed_ms=number * 1_500)
        for number, text in enumerate([*texts, *accepted])
        if valid(text)
    ]

    def regraded(stored: list[StoredAnswer], wished: list[str]) -> list[StoredAnswer]:
        return regrade(quiz, stored, accepted={"q1": wished}, speed_ms=lambda _: SPEED_STEP_MS)

    once = regraded(answers, accepted)
    assert regraded(once, accepted) == once
    assert regraded(answers, accepted[::-1]) == once
    one_by_one = answers
    for number in range(1, len(accepted) + 1):
        one_by_one = regraded(one_by_one, accepted[:number])
    assert one_by_one == once
    for before, now in zip(answers, once, strict=True):
        assert now.points >= before.points
        assert RANKS[now.verdict] >= RANKS[before.verdict]
        if now.answer in accepted:
            assert now.verdict == "correct"
    # Who is graded after the accept, and who is graded again, come to the same.
    assert [outcome(answer) for answer in once] == [
        outcome(
            regraded([given_answer(a.answer, question=question, language=tag, elapsed_ms=a.elapsed_ms)], accepted)[0]
        )
        for a in answers
    ]


@given(
    texts=st.lists(ANSWERS, max_size=6),
    wishes=st.lists(ANSWERS, min_size=1, max_size=3),
    needing=st.sets(st.integers(0, 11)),
    tag=TAGS,
)
@settings(max_examples=100)
def test_who_needs_no_accents_is_graded_again_without_them(
    texts: list[str], wishes: list[str], needing: set[int], tag: str
) -> None:
    strict = QuestionContent(
        "q1", "typed", "?", correct_answers=("été", "crème brûlée"), grading=Grading(accents="strict")
    )

    def valid(text: str) -> bool:
        try:
            canonical(strict, text)
        except InvalidAnswer:
            return False
        return True

    accepted = [canonical(strict, wish) for wish in wishes if valid(wish)]
    texts = [text for text in [*texts, "ete", *map(_bare, wishes)] if valid(text)]
    quiz = QuizContent(id="quiz", title="Quiz", language=tag, questions=(strict,))
    lenient = {f"u{number}" for number in needing}

    def asked(user: str) -> QuestionContent:
        return without_accents(strict) if user in lenient else strict

    answers = [
        given_answer(text, user=f"u{number}", question=asked(f"u{number}"), language=tag)
        for number, text in enumerate(texts)
    ]
    for again in regrade(quiz, answers, accepted={"q1": accepted}, speed_ms=lambda _: SPEED_STEP_MS, lenient=lenient):
        # As it would have been graded first, had the answer been accepted by then.
        first = worth(
            asked(again.user_id),
            grade(asked(again.user_id), again.answer, language=tag, accepted=accepted),
            speed_ms=SPEED_STEP_MS,
        )
        assert outcome(again) == (first.verdict, points_at(first.schedule, again.elapsed_ms))


def _bare(text: str) -> str:
    return "".join(char for char in normalize("NFKD", text) if not combining(char))


def test_an_accepted_answer_joins_the_authors_list_and_is_confusable_no_longer() -> None:
    more = with_answer(replace(COUCH, confusable=("sofa", "chair")), "sofa", language="en")
    assert more is not None
    assert (more.correct_answers, more.confusable) == (("couch", "sofa"), ("chair",))


@pytest.mark.parametrize("answer", ["he/she", "(to) go", "sofa; settee"])
def test_what_would_be_shorthand_in_the_authors_list_stays_out_of_it(answer: str) -> None:
    assert with_answer(COUCH, answer, language="en") is None


@pytest.mark.parametrize("answer", ["well-known", "l’eau", "X-ray", "ice cream", "食べる"])
def test_an_answer_that_only_looks_like_shorthand_joins_the_list(answer: str) -> None:
    assert with_answer(COUCH, answer, language="en") is not None

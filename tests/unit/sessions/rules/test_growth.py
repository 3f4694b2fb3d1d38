"""How surely words are known: the model of half-lives, and what is counted beside it."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quizzes.rules.content import QuestionContent
from sessions.rules.growth import (
    DAY_MS,
    LEVELS,
    StudiedWord,
    WordAnswer,
    by_pupil,
    confusions,
    fold,
    hardest,
    level,
    not_known,
    over_time,
    sureness,
    word_of,
    word_rows,
)

HOUSE, DOG = StudiedWord("de", "haus"), StudiedWord("de", "hund")
NOW = 1_000 * DAY_MS

answers = st.builds(
    WordAnswer,
    pupil=st.sampled_from(["ann", "bob", "cem"]),
    word=st.sampled_from([HOUSE, DOG]),
    verdict=st.sampled_from(["correct", "almost", "wrong"]),
    at=st.integers(NOW - 400 * DAY_MS, NOW),
    typed=st.sampled_from(["", "maus", " MAUS ", "hunt"]),
)
own = st.lists(answers.map(lambda each: replace(each, pupil="ann", word=HOUSE)), min_size=1, max_size=20)


def given_now(*verdicts: str) -> list[WordAnswer]:
    return [WordAnswer("ann", HOUSE, verdict, NOW) for verdict in verdicts]


@pytest.mark.parametrize(
    ("verdicts", "percent"),
    [
        (["correct"], 71),
        (["correct"] * 2, 84),
        (["correct"] * 3, 92),
        (["almost"], 61),
        (["wrong"], 25),
        (["wrong", "correct"], 50),
    ],
)
def test_the_chances_are_those_that_the_documentation_names(verdicts: list[str], percent: int) -> None:
    assert round(100 * sureness(given_now(*verdicts), NOW)) == percent


def test_a_half_life_is_the_time_in_which_a_chance_halves() -> None:
    # Four right answers: 16 days.
    known = given_now(*["correct"] * 4)
    assert sureness(known, NOW + 16 * DAY_MS) == pytest.approx(sureness(known, NOW) / 2)


@given(own)
def test_a_chance_is_one_and_falls_with_time(given_answers: list[WordAnswer]) -> None:
    chance = sureness(given_answers, NOW)
    assert 0 < chance < 1
    assert sureness(given_answers, NOW + DAY_MS) <= chance


@given(own, st.integers(NOW, NOW + DAY_MS))
def test_a_right_answer_never_makes_less_sure_and_a_wrong_one_never_more_than_a_right_one(
    before: list[WordAnswer], at: int
) -> None:
    after = {
        each: sureness([*before, WordAnswer("ann", HOUSE, each, at)], at) for each in ("correct", "almost", "wrong")
    }
    assert after["correct"] >= sureness(before, at)
    assert after["correct"] >= after["almost"] >= after["wrong"]


@given(own)
def test_the_order_of_answers_does_not_matter(given_answers: list[WordAnswer]) -> None:
    assert sureness(given_answers, NOW) == sureness(given_answers[::-1], NOW)


@given(st.lists(answers, max_size=40))
def test_everything_that_was_asked_is_counted_once(many: list[WordAnswer]) -> None:
    rows, pairs = word_rows(many, by_pupil(many, NOW)), {(each.pupil, each.word) for each in many}
    assert sum(row.answers for row in rows) == len(many)
    assert sum(row.right for row in rows) == sum(each.verdict == "correct" for each in many)
    assert sum(sum(row.levels.values()) for row in rows) == len(pairs)
    assert sum(map(len, by_pupil(many, NOW).values())) == len(pairs)
    [last] = over_time(many, [NOW])
    assert {each: sum(row.levels[each] for row in rows) for each in LEVELS} == last
    assert {row.word for row in rows if level(row.sureness) != "known"} == set(not_known(rows))
    assert all(row.right < row.answers for row in hardest(rows, 9))


@given(st.lists(answers, max_size=40), st.lists(st.integers(NOW - 400 * DAY_MS, NOW), max_size=5))
def test_the_past_is_what_it_would_have_been_then(many: list[WordAnswer], moments: list[int]) -> None:
    moments.sort()
    for moment, levels in zip(moments, over_time(many, moments), strict=True):
        chances = [
            chance
            for words in by_pupil([each for each in many if each.at <= moment], moment).values()
            for chance in words.values()
        ]
        assert levels == {each: sum(level(chance) == each for chance in chances) for each in LEVELS}


@given(st.lists(answers, max_size=40))
def test_a_confusion_is_what_two_pupils_typed(many: list[WordAnswer]) -> None:
    for found in confusions(many):
        who = {
            each.pupil
            for each in many
            if each.word == found.word and each.verdict == "wrong" and fold(each.typed) == found.typed
        }
        assert len(who) == found.pupils >= 2


def test_what_one_pupil_typed_twice_is_no_confusion() -> None:
    wrong = [WordAnswer("ann", HOUSE, "wrong", NOW, "Maus"), WordAnswer("ann", HOUSE, "wrong", NOW, "maus")]
    assert confusions(wrong) == []
    [found] = confusions([*wrong, WordAnswer("bob", HOUSE, "wrong", NOW, "Maus!")])
    assert (found.typed, found.pupils) == ("maus", 2)


def test_a_word_is_its_right_answer_however_it_is_asked() -> None:
    typed = QuestionContent(id="q1", kind="typed", text="house", correct_answers=("das Haus",))
    chosen = QuestionContent(id="q9", kind="choice", text="?", options=("A", "B"), correct_answers=("Das  Haus ",))
    assert word_of(typed, "de") == word_of(chosen, "de") == StudiedWord("de", "das haus")
    assert word_of(replace(typed, language="en"), "de") == StudiedWord("en", "das haus")
    true = QuestionContent(id="q2", kind="true_false", text="Haus means house.", correct_answers=("True",))
    assert word_of(true, "de") == StudiedWord("de", "haus means house")
    assert word_of(QuestionContent(id="q3", kind="poll", text="?", options=("a", "b")), "de") is None


def test_what_is_nothing_but_marks_is_a_word_as_it_is() -> None:
    assert fold("¿?") == "¿?"

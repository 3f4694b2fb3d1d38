"""Grading of every kind of question; typed answers have tests of their own."""

from __future__ import annotations

from fractions import Fraction
from itertools import combinations, permutations
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from quizzes.rules.content import KINDS, Gap, Grading, QuestionContent
from scoring.rules.difference import difference
from scoring.rules.expansions import MAX_EXPANSIONS, expansions
from scoring.rules.folding import folder_for
from scoring.rules.grading import MAX_TYPED_LENGTH, Grade, InvalidAnswer, canonical, grade
from scoring.rules.languages import LANGUAGES, language_for

RIGHT = Grade("correct", 1.0)
WRONG = Grade("wrong", 0.0)


def question(kind: str, correct: tuple[str, ...] = (), options: tuple[str, ...] = (), **fields: Any) -> QuestionContent:
    return QuestionContent("q", kind, "?", options=options, correct_answers=correct, **fields)  # type: ignore[arg-type]


CHOICE = question("choice", ("Paris",), ("Paris", "Rome", "Café"))
TRUE_FALSE = question("true_false", ("True",))
MULTI = question("multi", ("a", "b"), ("a", "b", "c", "d"))
ORDER = question("order", ("the", "cat", "saw", "the", "dog"), ("saw", "the", "dog", "the", "cat"))
NUMBER = question("number", ("3.5",))
POLL = question("poll", (), ("tea", "coffee"))
TYPED = question("typed", ("house",))
GAPS = question("gaps", gaps=(Gap(("house",)), Gap(("a",), ("a", "b"))))
EXAMPLES: dict[str, QuestionContent] = {
    example.kind: example for example in (CHOICE, TRUE_FALSE, MULTI, ORDER, NUMBER, POLL, TYPED, GAPS)
}


def judged(asked: QuestionContent, answer: str | list[str]) -> Grade:
    return grade(asked, answer, language="en")


def test_every_kind_has_an_example_here() -> None:
    assert set(EXAMPLES) == set(KINDS)


def test_it_grades_a_choice() -> None:
    assert judged(CHOICE, "Paris") == RIGHT
    assert judged(CHOICE, "Rome") == WRONG


def test_it_takes_an_option_written_with_combining_marks() -> None:
    assert canonical(CHOICE, "Cafe\u0301") == "Café"


@pytest.mark.parametrize("answer", ["Oslo", "paris", "", "\ud800"])
@pytest.mark.parametrize("asked", [CHOICE, POLL])
def test_it_refuses_what_is_not_an_option(asked: QuestionContent, answer: str) -> None:
    with pytest.raises(InvalidAnswer, match="not one of the options"):
        judged(asked, answer)


@pytest.mark.parametrize("kind", ["choice", "true_false", "poll", "typed", "number"])
def test_it_refuses_a_list_where_one_answer_is_asked(kind: str) -> None:
    for ask in (canonical, judged):
        with pytest.raises(InvalidAnswer, match="not a list"):
            ask(EXAMPLES[kind], ["Paris"])


@pytest.mark.parametrize("asked", [MULTI, ORDER])
@pytest.mark.parametrize("answer", ["a", [1], None, {"a": 1}])
def test_it_refuses_anything_else_where_a_list_is_asked(asked: QuestionContent, answer: Any) -> None:
    for ask in (canonical, judged):
        with pytest.raises(InvalidAnswer, match="list"):
            ask(asked, answer)


def test_it_reads_true_and_false_in_any_capitals() -> None:
    assert judged(TRUE_FALSE, "TRUE") == RIGHT
    assert judged(TRUE_FALSE, "false") == WRONG
    assert canonical(TRUE_FALSE, "fAlse") == "False"
    with pytest.raises(InvalidAnswer):
        judged(TRUE_FALSE, "yes")


def test_true_and_false_may_have_names_of_their_own() -> None:
    asked = question("true_false", ("vrai",), ("Vrai", "Faux"))
    assert judged(asked, "vrai") == RIGHT
    assert canonical(asked, "FAUX") == "Faux"


def test_a_poll_is_answered_right_and_earns_nothing() -> None:
    assert judged(POLL, "tea") == judged(POLL, "coffee") == Grade("correct", 0.0)


def test_it_takes_a_tenth_of_a_multi_for_each_mistake_over_ten_right_options() -> None:
    options = tuple("abcdefghijklmnopqrst")
    asked = question("multi", options[:10], options)
    assert judged(asked, list(options[:10])) == RIGHT
    for answer, credit in ((options[:9], 0.9), (options[:11], 0.9), (options[1:11], 0.8), (options[:1], 0.1)):
        result = judged(asked, list(answer))
        assert result.verdict == "almost"
        assert result.credit == pytest.approx(credit)
    assert judged(asked, list(options)) == WRONG


def test_it_takes_the_options_of_a_multi_in_any_order() -> None:
    assert judged(MULTI, ["b", "a"]) == RIGHT
    assert canonical(MULTI, ["b", "a"]) == canonical(MULTI, ["a", "b"]) == '["a", "b"]'


def test_a_multi_with_nothing_but_right_options_is_all_or_nothing() -> None:
    asked = question("multi", ("a", "b"), ("a", "b"))
    assert judged(asked, ["a", "b"]) == RIGHT
    assert judged(asked, ["a"]) == WRONG


@pytest.mark.parametrize("answer", [[], ["a", "a"], ["a", "z"], ["A"]])
def test_it_refuses_a_multi_with_unknown_or_repeated_options_or_none(answer: list[str]) -> None:
    with pytest.raises(InvalidAnswer):
        judged(MULTI, answer)


@pytest.mark.parametrize("size", range(2, 11))
def test_random_clicking_wins_no_multi(size: int) -> None:
    """By enumeration: before the floor at 0 no number of random picks has a positive expected value; with it, none
    earns more than a guess at a single choice of as many options (up to five) or a fifth of the points (above)."""
    options = tuple("abcdefghij"[:size])
    for right in range(1, size):
        asked = question("multi", options[:right], options)
        smaller = min(right, size - right)
        for picks in range(1, size + 1):
            picked = [list(combination) for combination in combinations(options, picks)]
            mistakes = [len(set(answer) ^ set(options[:right])) for answer in picked]
            unfloored = sum(1 - Fraction(count, smaller) for count in mistakes)
            assert unfloored <= 0
            earned = sum(judged(asked, answer).credit for answer in picked) / len(picked)
            assert earned <= 1 / min(size, 5) + 1e-9


def test_an_order_is_all_or_nothing() -> None:
    asked = question("order", ("a", "b", "c"), ("b", "c", "a"))
    for answer in permutations(["a", "b", "c"]):
        assert judged(asked, list(answer)) == (RIGHT if answer == ("a", "b", "c") else WRONG)
    assert canonical(asked, ["b", "a", "c"]) == '["b", "a", "c"]'


def test_an_order_may_hold_a_word_twice() -> None:
    assert judged(ORDER, ["the", "cat", "saw", "the", "dog"]) == RIGHT
    assert judged(ORDER, ["the", "dog", "saw", "the", "cat"]) == WRONG


@pytest.mark.parametrize(
    "answer", [[], ["the"], ["the", "cat", "saw", "a", "dog"], ["the", "cat", "saw", "saw", "dog"], ["the"] * 5]
)
def test_it_refuses_an_order_that_is_no_permutation(answer: list[str]) -> None:
    with pytest.raises(InvalidAnswer, match="each once"):
        judged(ORDER, answer)


@pytest.mark.parametrize(
    "answer", ["3.5", "3,5", " 3.50 ", "+3.5", "03.5", "٣٫٥", "３．５", "३.५", "3.5\u200f", "+ 3,5", "3.500000"]
)
def test_it_reads_a_number_however_it_is_written(answer: str) -> None:
    assert judged(NUMBER, answer) == RIGHT
    assert canonical(NUMBER, answer) == "3.5"


@pytest.mark.parametrize(("right", "answer"), [
    ("-5", "−5"), ("-5", "–5"), ("0.5", ".5"), ("5", "5."), ("0", "-0"), ("1000", "1,000"), ("1000", "1.000"),
    ("1000", "1 000"), ("1000", "1\u202f000"), ("1000", "1’000"), ("1234567.5", "1,234,567.5"),
    ("1234567.5", "1.234.567,5"), ("100000", "1,00,000"), ("1.234", "1.234"), ("1234", "1.234"), ("1.234", "1,234"),
])  # fmt: skip
def test_it_reads_signs_and_groups_of_digits(right: str, answer: str) -> None:
    asked = question("number", (right,))
    assert judged(asked, answer) == RIGHT
    assert canonical(asked, answer) == right


@pytest.mark.parametrize(
    "answer",
    ["", " ", "abc", "nan", "inf", "-inf", "1e5", "10²", "½", ".", "-", "--5", "1.2.3", "1,2,3", "1 2", "12,34,5",
     "5 m", "0x10", "1" * 41, "1_000", "٣٫٥٫٢"],
)  # fmt: skip
def test_it_refuses_what_is_no_number(answer: str) -> None:
    for ask in (canonical, judged):
        with pytest.raises(InvalidAnswer, match="number"):
            ask(NUMBER, answer)


def test_it_takes_a_number_within_the_tolerance_and_on_its_edge() -> None:
    asked = question("number", ("0.3",), tolerance=0.1)
    assert judged(asked, "0.2") == judged(asked, "0.4") == RIGHT
    assert judged(asked, "0.19") == judged(asked, "0.41") == WRONG
    # 0.3 as a binary fraction is a little less than three tenths.
    assert judged(question("number", ("1",), tolerance=0.3), "1.3") == RIGHT


def test_it_keeps_twenty_figures_apart() -> None:
    asked = question("number", ("12345678901234567890123456789012345.1",))
    assert judged(asked, "12345678901234567890123456789012345.1") == RIGHT
    assert judged(asked, "12345678901234567890123456789012345.2") == WRONG


def test_it_takes_any_of_several_numbers() -> None:
    asked = question("number", ("1", "not a number", "2"))
    assert judged(asked, "2") == RIGHT
    assert judged(asked, "3") == WRONG


@pytest.mark.parametrize("answer", ["", "   ", "\u200f\u202e", "\u200b"])
def test_it_refuses_an_empty_typed_answer(answer: str) -> None:
    with pytest.raises(InvalidAnswer, match="Enter an answer"):
        judged(TYPED, answer)


@pytest.mark.parametrize("answer", ["a\x00b", "a\nb", "a\x9fb", "a\ud800b", "\x00"])
def test_it_refuses_control_characters(answer: str) -> None:
    with pytest.raises(InvalidAnswer, match="not text"):
        judged(TYPED, answer)


def test_it_takes_a_tab_for_a_space() -> None:
    asked = question("typed", ("ice cream",))
    assert judged(asked, "ice\tcream").verdict == "correct"
    assert canonical(asked, "ice\tcream") == "ice cream"


def test_it_bounds_the_length_of_a_typed_answer() -> None:
    assert judged(TYPED, "a" * MAX_TYPED_LENGTH).verdict == "wrong"
    with pytest.raises(InvalidAnswer, match="too long"):
        judged(TYPED, "a" * (MAX_TYPED_LENGTH + 1))


def test_it_stores_a_typed_answer_as_it_was_typed_but_for_composition_and_edges() -> None:
    assert canonical(TYPED, " \u202eThe Cafe\u0301\u202c! ") == "The Café!"


def test_it_names_the_accepted_answer_that_is_nearest() -> None:
    asked = question("typed", ("flow(er)s", "paint"))
    assert judged(asked, "flowers") == Grade("correct", 1.0, "flowers")
    assert judged(asked, "flws") == Grade("almost", 0.5, "flows")
    assert judged(asked, "pain in the neck") == Grade("wrong", 0.0, "paint")


@pytest.mark.parametrize(("share", "verdict", "credit"), [
    (0.25, "almost", 0.25), (0.0, "wrong", 0.0), (1.0, "almost", 1.0), (7.0, "almost", 1.0), (-1.0, "wrong", 0.0),
])  # fmt: skip
def test_the_share_of_an_almost_right_answer_is_the_questions(share: float, verdict: str, credit: float) -> None:
    result = judged(question("typed", ("house",), grading=Grading(almost=share)), "hause")
    assert (result.verdict, result.credit) == (verdict, credit)


def test_a_question_without_right_answers_has_none() -> None:
    assert judged(question("typed"), "house") == WRONG
    assert judged(question("choice", ("gone",), ("a", "b")), "a") == WRONG
    assert judged(question("number"), "1") == WRONG


JUNK = st.text(max_size=12) | st.sampled_from(["Paris", "a", "True", "3,5", "tea", "the"])


@given(st.sampled_from(sorted(EXAMPLES)), JUNK | st.lists(JUNK, max_size=6))
@settings(max_examples=500, deadline=None)
def test_it_raises_nothing_but_invalid_answer_and_stores_what_it_grades(kind: str, answer: str | list[str]) -> None:
    asked = EXAMPLES[kind]
    try:
        stored = canonical(asked, answer)
    except InvalidAnswer:
        with pytest.raises(InvalidAnswer):
            judged(asked, answer)
        return
    result = judged(asked, answer)
    assert 0 <= result.credit <= 1
    stored.encode()


def test_it_expands_optional_parts_and_alternatives_beginning_with_the_fullest() -> None:
    english, spanish = language_for("en"), language_for("es")
    assert expansions("(to) go", english) == ["to go", "go"]
    assert expansions("(the) colo(u)r / hue", english) == [
        "the colour", "hue", "the color", "colour", "color",
    ]  # fmt: skip
    assert expansions("go (away (now))", english) == ["go away now", "go", "go away"]
    assert expansions("he/she goes", english) == ["he goes", "she goes"]
    assert expansions("km/h", english) == ["km/h"]
    assert expansions("alto/a", spanish) == ["alto", "alta"]
    assert expansions("()", english) == []


@pytest.mark.parametrize("text", ["(a) " * 50, "aa/bb " * 50, "(aa/bb) " * 40, "(" * 100, "((((((a))))))" * 20])
def test_it_bounds_how_many_answers_a_line_stands_for(text: str) -> None:
    assert 1 <= len(expansions(text, language_for("en"))) <= MAX_EXPANSIONS


def test_it_bounds_the_key_of_a_character_that_stands_for_a_sentence() -> None:
    assert len(folder_for("ar").keys("\ufdfa" * 300)[0]) <= 1_000


def test_it_shows_the_difference_to_the_right_answer() -> None:
    assert difference("hause", "house") == [("same", "h"), ("extra", "a"), ("missing", "o"), ("same", "use")]
    assert difference("House", "house") == [("same", "House")]
    assert difference("cafe", "cafe\u0301") == [("same", "caf"), ("extra", "e"), ("missing", "é")]
    assert difference("", "ab") == [("missing", "ab")]
    assert difference("שלם", "שלום") == [("same", "של"), ("missing", "ו"), ("same", "ם")]


def test_the_languages_are_written_as_their_rules_are_compared() -> None:
    for code, language in LANGUAGES.items():
        assert language.prefixed <= set(language.articles), code
        for text in [*language.articles, *language.letters - {"İ"}, *language.negations]:
            assert text == text.lower(), (code, text)

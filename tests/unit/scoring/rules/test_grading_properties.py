"""What holds for every typed answer, whatever the text."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise
from typing import Literal
from unicodedata import normalize

from hypothesis import example, given, settings
from hypothesis import strategies as st

from quizzes.rules.content import AccentRule, ArticleRule, CaseRule, Grading, QuestionContent
from scoring.rules.difference import difference
from scoring.rules.expansions import expansions
from scoring.rules.folding import Accents, folder_for
from scoring.rules.grading import InvalidAnswer, canonical, grade
from scoring.rules.languages import LANGUAGES, language_for
from scoring.rules.slips import is_near, near_limit
from tests.unit.scoring.rules.test_typed import CASES

TAGS = st.sampled_from([*LANGUAGES, "xx", "pt-BR", "sr-Latn", ""])
#: Letters that the rules treat in ways of their own, so that random texts meet them.
ALPHABET = "aaeioIİıßẞςσΣäÄåæøœñéèêẹ́őđłё еЁйїאבָّשׁأالةىক़あがカｶ한ᄒ你'’´-–‐.,:/()?·“” 1234२３\u200c\u200e\u00adﬁĳ²ŉ…"
TEXTS = st.text(alphabet=ALPHABET, max_size=14) | st.text(max_size=20)
WORDS = st.sampled_from(sorted({word for case in CASES for word in (*case.accepted, case.answer)}))
ANSWERS = TEXTS | WORDS
RULES = st.builds(
    Grading,
    case=st.sampled_from(["ignore", "strict"]),
    accents=st.sampled_from(["almost", "ignore", "strict"]),
    articles=st.sampled_from(["optional", "required"]),
)


def typed(accepted: str, rules: Grading | None = None, others: tuple[str, ...] = ()) -> QuestionContent:
    grading = rules or Grading()
    return QuestionContent("q", "typed", "?", correct_answers=(accepted,), grading=grading, confusable=others)


def credit(question: QuestionContent, answer: str, tag: str) -> float:
    try:
        return grade(question, answer, language=tag).credit
    except InvalidAnswer:
        return 0.0


def typo(text: str, place: int, letter: str, how: str) -> str:
    place %= len(text) + 1
    before, after = text[:place], text[place:]
    if how == "swap":
        return before + after[1:2] + after[:1] + after[2:]
    return before + (letter if how != "delete" else "") + (after if how == "insert" else after[1:])


SLIPS = st.tuples(
    st.integers(0, 40), st.sampled_from("aeéöñksИа"), st.sampled_from(["insert", "delete", "replace", "swap"])
)


@given(ANSWERS, RULES, TAGS, ANSWERS)
@example("a-'b'-", Grading(), "fr", "x")
@settings(max_examples=400, deadline=None)
def test_it_accepts_every_expansion_of_an_accepted_answer_under_every_rule(
    accepted: str, rules: Grading, tag: str, other: str
) -> None:
    question = typed(accepted, rules, (other,))
    for answer in [accepted, *expansions(accepted, language_for(tag.partition("-")[0]))]:
        try:
            result = grade(question, answer, language=tag)
        except InvalidAnswer:
            continue
        assert (result.verdict, result.credit) == ("correct", 1.0)


@given(ANSWERS, ANSWERS, ANSWERS, RULES, TAGS)
@settings(max_examples=400, deadline=None)
def test_it_raises_nothing_but_invalid_answer_on_any_text(
    accepted: str, other: str, answer: str, rules: Grading, tag: str
) -> None:
    question = typed(accepted, rules, (other,))
    try:
        result = grade(question, answer, language=tag)
    except InvalidAnswer:
        return
    assert result.credit == {"correct": 1.0, "almost": 0.5, "wrong": 0.0}[result.verdict]


@given(TEXTS | WORDS, TAGS, st.booleans(), st.sampled_from(Accents))
@example("'-a-'", "en", False, Accents.KEPT)
@example("I-\u0301", "en", False, Accents.KEPT)
@example("м-\u0301", "ru", False, Accents.KEPT)
@example("(-5)", "en", False, Accents.KEPT)
@settings(max_examples=1000, deadline=None)
def test_it_changes_nothing_when_it_folds_a_second_time(text: str, tag: str, case: bool, accents: Accents) -> None:
    folder = folder_for(tag)
    for key in folder.keys(text, case=case, accents=accents):
        assert folder.keys(key, case=case, accents=accents)[0] == key


#: As other keyboards write the same: taken apart, and composed again.
FORMS = st.sampled_from(["NFC", "NFD"])
MARKED = st.text(
    alphabet="aeoucndsAEOyıİй\u0300\u0301\u0303\u0304\u0308\u0323\u0327\u0302 '-한ハ\u309aक\u093c", max_size=12
)


@given(ANSWERS | MARKED, st.none() | SLIPS, ANSWERS | MARKED, FORMS, FORMS, RULES, TAGS)
@example("İi", None, "", "NFD", "NFC", Grading(), "tr")
@example("hoà bình", (3, "e", "swap"), "", "NFD", "NFD", Grading(accents="strict"), "vi")
@settings(max_examples=1500, deadline=None)
def test_it_judges_composed_and_decomposed_letters_alike(
    accepted: str,
    slip: tuple[int, str, str] | None,
    answer: str,
    of_author: Literal["NFC", "NFD"],
    of_player: Literal["NFC", "NFD"],
    rules: Grading,
    tag: str,
) -> None:
    answer = typo(normalize("NFC", accepted), *slip) if slip else answer

    def judged(author: Literal["NFC", "NFD"], player: Literal["NFC", "NFD"]) -> float:
        return credit(typed(normalize(author, accepted), rules), normalize(player, answer), tag)

    assert judged(of_author, of_player) == judged("NFC", "NFC")


@given(ANSWERS)
@settings(max_examples=300, deadline=None)
def test_it_stores_a_canonical_answer_that_is_its_own_canonical_answer(answer: str) -> None:
    question = typed("x")
    try:
        stored = canonical(question, answer)
    except InvalidAnswer:
        return
    assert canonical(question, stored) == stored
    stored.encode()


@given(WORDS, st.none() | SLIPS, ANSWERS, WORDS, RULES, TAGS)
@settings(max_examples=1500, deadline=None)
def test_a_stricter_rule_never_earns_more(
    accepted: str, slip: tuple[int, str, str] | None, other: str, answer: str, rules: Grading, tag: str
) -> None:
    answer = typo(accepted, *slip) if slip else answer

    def earned(**change: str) -> float:
        return credit(typed(accepted, replace(rules, **change), (other,)), answer, tag)  # type: ignore[arg-type]

    accents: tuple[AccentRule, ...] = ("strict", "almost", "ignore")
    by_accents = [earned(accents=rule) for rule in accents]
    assert by_accents == sorted(by_accents)
    cases: tuple[CaseRule, ...] = ("strict", "ignore")
    by_case = [earned(case=rule) for rule in cases]
    assert by_case == sorted(by_case)
    articles: tuple[ArticleRule, ...] = ("required", "optional")
    by_articles = [earned(articles=rule) for rule in articles]
    assert by_articles == sorted(by_articles)


@given(TEXTS, TEXTS)
@settings(max_examples=500, deadline=None)
def test_it_finds_no_near_miss_below_four_letters(one: str, other: str) -> None:
    if is_near(one, other):
        assert near_limit(one)
        assert near_limit(other)


@given(st.text(alphabet="abcdefé", min_size=1, max_size=3), st.text(alphabet="abcdefgh ", min_size=1, max_size=6))
@settings(max_examples=500, deadline=None)
def test_it_calls_an_answer_to_a_short_word_almost_right_for_its_accents_alone(accepted: str, answer: str) -> None:
    question = typed(accepted, Grading(articles="required"))
    try:
        verdict = grade(question, answer, language="xx").verdict
    except InvalidAnswer:
        return
    assert verdict != "almost" or answer.strip() == accepted.replace("é", "e")


@given(WORDS, SLIPS, TAGS, RULES)
@settings(max_examples=500, deadline=None)
def test_it_never_calls_another_word_of_the_list_almost_right(
    accepted: str, slip: tuple[int, str, str], tag: str, rules: Grading
) -> None:
    other = typo(accepted, *slip)
    try:
        verdict = grade(typed(accepted, rules, (other,)), other, language=tag).verdict
    except InvalidAnswer:
        return
    assert verdict != "almost"


@given(ANSWERS, ANSWERS)
@settings(max_examples=500, deadline=None)
def test_the_difference_spells_both_answers(one: str, other: str) -> None:
    segments = difference(one, other)
    assert "".join(text for op, text in segments if op != "missing") == canonical_text(one)
    spelled = "".join(text for op, text in segments if op != "extra")
    assert spelled.casefold() == canonical_text(other).casefold()
    assert all(text for _, text in segments)
    assert all(before[0] != after[0] for before, after in pairwise(segments))


def canonical_text(text: str) -> str:
    return normalize("NFC", text)

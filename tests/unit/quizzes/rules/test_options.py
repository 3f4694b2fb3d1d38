"""Choice questions without give-aways: part of speech, form, rude words, other words."""

from __future__ import annotations

import pytest

from bench.choices import count, pasted
from quizzes.rules.content import Grading, QuestionContent
from quizzes.rules.generator import Exercise, generate
from quizzes.rules.kinds import kind_of
from quizzes.rules.options import is_offensive, leaks
from quizzes.rules.spelling import is_a_word, is_variant
from quizzes.rules.words import WordContent, WordListContent
from scoring.rules.grading import grade


def questions(
    *words: WordContent, exercise: Exercise, language: str = "de", grading: Grading | None = None
) -> list[QuestionContent]:
    listed = WordListContent("list", "List", language, "en", words=words, grading=grading or Grading())
    return list(generate(listed, quiz_id="q", title="Q", exercises=[exercise], count=100).quiz.questions)


def word(term: str, *meanings: str, kind: str = "") -> WordContent:
    return WordContent(term, meanings, part_of_speech=kind)


def test_pasted_lists_give_no_second_right_answer_few_give_aways_and_few_options_of_another_kind() -> None:
    found = count(120)
    assert found["questions"] == 120
    assert found["second right answer"] == 0
    assert found["gives itself away"] < 0.01 * found["questions"]
    assert found["of another kind"] < 0.05 * found["wrong options"]


@pytest.mark.parametrize("name", ["german", "french", "spanish"])
def test_it_finds_the_part_of_speech_of_pasted_words(name: str) -> None:
    words, kinds = pasted(name)
    found = [kind_of(one, words.term_language, words.meaning_language) == kinds[one.term] for one in words.words]
    assert sum(found) > 0.9 * len(found)


@pytest.mark.parametrize(("language", "wrong"), [("es", "mesa"), ("de", "Ziegen"), ("fr", "lier"), ("en", "from")])
def test_it_knows_words_that_a_misspelling_would_be(language: str, wrong: str) -> None:
    assert is_a_word(wrong, language)


@pytest.mark.parametrize(("language", "term", "other"), [("ru", "ёлка", "елка"), ("fr", "paraître", "paraitre")])
def test_a_spelling_that_is_right_too_is_no_misspelling(language: str, term: str, other: str) -> None:
    assert is_variant(other, term, language)
    for question in questions(word(term, "something"), exercise="spelling", language=language):
        assert other not in question.options


@pytest.mark.parametrize(
    ("language", "term", "never"), [("de", "zeigen", "ziegen"), ("fr", "lire", "lier"), ("es", "caja", "caga")]
)
def test_a_spelling_question_offers_no_real_word(language: str, term: str, never: str) -> None:
    for question in questions(word(term, "something"), exercise="spelling", language=language):
        assert never not in {option.casefold() for option in question.options}


def test_rude_words_are_never_wrong_options() -> None:
    words = [word(term, f"meaning of {term}") for term in ("mesa", "silla", "casa", "puta", "libro", "calle")]
    for question in questions(*words, exercise="meaning_to_term", language="es"):
        assert is_offensive(question.correct_answers[0]) or not any(map(is_offensive, question.options))


def test_a_meaning_that_shows_its_term_is_not_asked_for() -> None:
    assert leaks(word("Hotel", "hotel, inn"), "hotel, inn")
    assert leaks(word("犬", "犬 (dog)"), "犬 (dog)")
    assert not leaks(word("犬", "dog"), "dog")
    assert not leaks(word("as", "as big as"), "big")


def test_homographs_of_another_kind_are_other_words() -> None:
    words = (word("la tarde", "afternoon", kind="noun"), word("tarde", "late", kind="adverb"), word("hoy", "today"))
    asked = {question.text: question for question in questions(*words, exercise="type_meaning", language="es")}
    (noun,) = (question for text, question in asked.items() if "la tarde" in text)
    assert noun.correct_answers == ("afternoon",)


def test_definitions_are_not_asked_for_by_typing() -> None:
    words = (word("to imply", "to suggest without saying so"), word("drawback", "disadvantage"))
    asked = questions(*words, exercise="type_meaning", language="en")
    assert [question.correct_answers for question in asked] == [("disadvantage",)]


def test_an_article_that_the_list_asks_for_is_optional_in_the_other_language() -> None:
    words = (word("das Haus", "house"), word("der Baum", "tree"))
    asked = questions(*words, exercise="type_meaning", grading=Grading(articles="required"))
    (house,) = (question for question in asked if question.correct_answers == ("house",))
    assert grade(house, "the house", language="de").verdict == "correct"


def test_a_gap_takes_no_synonym_the_author_does_not_name() -> None:
    words = (
        WordContent("rasch", ("fast",), alternatives=("geschwind",), example="Er läuft {rasch} weg."),
        WordContent("schnell", ("fast",)),
        WordContent("laut", ("loud",)),
    )
    (gap,) = questions(*words, exercise="cloze")
    assert set(gap.correct_answers) == {"rasch", "geschwind"}

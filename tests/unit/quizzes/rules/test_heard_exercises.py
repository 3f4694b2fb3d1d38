"""Exercises whose word is heard: what is asked, what is right, and what the question may not show."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quizzes.rules.content import QuestionContent, content_to_json
from quizzes.rules.generator import HEARD_EXERCISES, READ_EXERCISES, Exercise, generate
from quizzes.rules.words import WordContent, WordListContent
from quizzes.services.quiz_making import notices
from quizzes.validation.quiz import validate_quiz
from scoring.rules.grading import grade

SOUND = "/sounds/" + "5" * 32 + ".mp3"
WORDS = (
    WordContent("el gato", ("the cat",), image="/images/" + "1" * 32 + ".webp", sound=SOUND),
    WordContent("el perro", ("the dog",), alternatives=("el can",)),
    WordContent("la vaca", ("the cow",)),
    WordContent("la oveja", ("the sheep",)),
    WordContent("el pollo", ("the chicken",)),
)
LIST = WordListContent("animals", "Animals", term_language="es", meaning_language="en", words=WORDS)


def made(exercise: Exercise) -> dict[str, QuestionContent]:
    quiz = generate(LIST, quiz_id="quiz", title="Quiz", exercises=[exercise], count=5).quiz
    return {question.text: question for question in quiz.questions}


def test_dictation_has_the_word_heard_and_typed() -> None:
    asked = made("dictation")
    assert set(asked) == {word.term for word in WORDS}
    cat, dog = asked["el gato"], asked["el perro"]
    assert (cat.kind, cat.listen, cat.sound) == ("typed", "instead", SOUND)
    assert dog.correct_answers == ("el perro", "el can")
    assert dog.sound == ""
    verdicts = [grade(dog, given, language="es").verdict for given in ("el perro", "perro", "el pollo")]
    assert verdicts == ["correct", "correct", "wrong"]


def test_hear_meaning_has_the_word_heard_and_its_meaning_chosen() -> None:
    cat = made("hear_meaning")["el gato"]
    assert (cat.kind, cat.listen, cat.sound) == ("choice", "instead", SOUND)
    assert cat.correct_answers == ("the cat",)
    assert len(cat.options) == 4
    assert cat.language == "en"
    # A picture of what is heard would be the answer.
    assert cat.media == ""


@given(st.integers(0, 10_000))
def test_what_is_made_is_a_quiz_and_shows_its_word_to_nobody(seed: int) -> None:
    quiz = generate(LIST, quiz_id="quiz", title="Quiz", exercises=HEARD_EXERCISES, count=10, seed=seed).quiz
    assert len(quiz.questions) == 10
    assert validate_quiz(json.loads(json.dumps(content_to_json(quiz)))) == quiz
    for question in quiz.questions:
        assert question.listen == "instead"
        assert question.text not in question.options


def test_they_are_made_on_request_alone() -> None:
    quiz = generate(LIST, quiz_id="quiz", title="Quiz", count=30).quiz
    assert not any(question.listen for question in quiz.questions)
    assert not set(HEARD_EXERCISES) & set(READ_EXERCISES)


@pytest.mark.parametrize(("language", "told"), [("es", 0), ("tlh", 4)])
def test_a_quiz_that_nothing_here_can_say_is_told_of(language: str, told: int) -> None:
    words = WordListContent("x", "X", term_language=language, words=WORDS)
    quiz = generate(words, quiz_id="quiz", title="Quiz", exercises=["dictation"], count=5).quiz
    said = notices(quiz, ())
    assert len(said) == bool(told)
    assert all(text.startswith(f"{told} questions are heard") for text in said)

"""Word lists: what is checked, what is stored, and which questions keep their words."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings

from quizzes.models import Question, Quiz, Word
from quizzes.rules.words import WordListContent
from quizzes.services.quiz_making import QuizOptions, TooFewWords, draw_quiz, make_quiz
from quizzes.services.quizzes import quiz_duplicate, quiz_save
from quizzes.services.word_lists import WordListExists, word_list_create, word_list_delete, word_list_save
from quizzes.validation.checker import ValidationProblem
from quizzes.validation.word_list import validate_word_list
from tests.support.word_lists import GERMAN, as_sent, pairs, word_lists

WORD: dict[str, Any] = {"term": "der Hund", "meanings": ["dog"]}


def listed(**changes: Any) -> dict[str, Any]:
    return {"id": "list", "title": "List", "words": [{**WORD, **changes}]}


@settings(max_examples=50, deadline=None)
@given(words=word_lists())
def test_checking_a_list_that_has_passed_gives_the_same_list(words: WordListContent) -> None:
    assert validate_word_list(as_sent(words)) == words


@pytest.mark.parametrize(
    ("changes", "path", "message"),
    [
        ({"term": " "}, "words[0].term", "This must not be empty."),
        ({"meanings": []}, "words[0].meanings", "No meaning is given."),
        ({"meanings": ["dog", ""]}, "words[0].meanings[1]", "This must not be empty."),
        ({"alternatives": [""]}, "words[0].alternatives[0]", "This must not be empty."),
        ({"term": "(to go"}, "words[0].term", "The parentheses do not pair, or stand inside each other."),
        ({"meanings": ["(all)"]}, "words[0].meanings[0]", "All of this is optional, for it stands in parentheses"),
        ({"image": "dog.png"}, "words[0].image", "Give an address"),
        ({"term": "x" * 201}, "words[0].term", "This is longer than 200 characters."),
        ({"tags": ["x" * 51]}, "words[0].tags[0]", "This is longer than 50 characters."),
        ({"wrong": 1}, "words[0]", "There is no field “wrong”."),
    ],
)
def test_it_says_what_is_wrong_with_a_word(changes: dict[str, Any], path: str, message: str) -> None:
    problems = validate_word_list(listed(**changes))
    assert isinstance(problems, list)
    (problem,) = problems
    assert problem.path == path
    assert problem.message.startswith(message)


def test_the_same_word_twice_is_refused_and_another_part_of_speech_is_not() -> None:
    data = listed() | {"words": [WORD, WORD, {**WORD, "part_of_speech": "noun"}]}
    assert validate_word_list(data) == [
        ValidationProblem("words[1].term", "Word 1 is the same term and part of speech.")
    ]


@pytest.mark.parametrize("data", [None, [], {"id": "import", "title": "x", "words": [WORD]}, listed() | {"words": []}])
def test_it_refuses_what_is_no_list(data: object) -> None:
    assert isinstance(validate_word_list(data), list)


@pytest.mark.django_db
class TestStored:
    def test_a_list_comes_back_as_it_was_stored(self) -> None:
        assert word_list_create(GERMAN).content() == GERMAN

    def test_an_id_that_is_taken_is_refused(self) -> None:
        word_list_create(GERMAN)
        with pytest.raises(WordListExists):
            word_list_create(GERMAN)

    def test_saving_keeps_the_rows_of_the_words_that_stay(self) -> None:
        word_list = word_list_create(pairs("a = 1", "b = 2"))
        keys = dict(word_list.words.values_list("term", "pk"))
        changed = replace(pairs("b = 2; two", "c = 3"), title="Changed")
        assert word_list_save(changed).content() == changed
        assert Word.objects.get(term="b").pk == keys["b"]
        assert not Word.objects.filter(pk=keys["a"]).exists()

    def test_questions_keep_the_word_they_ask_for_through_edits_and_copies(self) -> None:
        word_list = word_list_create(GERMAN)
        quiz, _shortages = make_quiz(word_list, QuizOptions(exercises=["type_term"], count=5, seed=1), owner=None)
        asked = {q.question_id: q.word.term for q in Question.objects.select_related("word") if q.word}
        assert {asked[q.id] for q in quiz.questions} == {q.correct_answers[0] for q in quiz.questions}
        other = replace(quiz.questions[0], text="Something else?")
        quiz_save(replace(quiz, title="Edited", questions=(other, *quiz.questions[1:])))
        kept = {q.question_id: q.word.term for q in Question.objects.select_related("word") if q.word}
        assert kept == {question_id: term for question_id, term in asked.items() if question_id != other.id}
        copy = quiz_duplicate(Quiz.objects.get(), owner=None, title="Copy")
        assert copy.questions.filter(word__isnull=False).count() == len(kept)

    def test_a_quiz_outlives_its_list(self) -> None:
        quiz, _shortages = make_quiz(word_list_create(GERMAN), QuizOptions(seed=1), owner=None)
        assert word_list_delete("list")
        assert not word_list_delete("list")
        assert Quiz.objects.get().content() == quiz

    def test_a_list_of_one_word_says_how_many_are_missing(self) -> None:
        options = QuizOptions(exercises=["term_to_meaning", "match"])
        with pytest.raises(TooFewWords) as refusal:
            draw_quiz(pairs("a = b"), options)
        assert str(refusal.value) == (
            "Choose the meaning: 2 more words with other meanings are needed for wrong options. "
            "Match words and meanings: 2 more words are needed."
        )

    def test_two_quizzes_of_one_list_have_two_ids(self) -> None:
        word_list = word_list_create(GERMAN)
        ids = [make_quiz(word_list, QuizOptions(), owner=None)[0].id for _ in range(2)]
        assert ids == ["list", "list-2"]

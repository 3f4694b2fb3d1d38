"""A word is asked for once more, by another exercise; a question without one as itself."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quizzes.rules.again import _way, ask_as_it_is, ask_by_another_exercise
from quizzes.rules.content import QuestionContent
from quizzes.rules.generator import EXERCISES, HEARD_EXERCISES, Exercise, generate
from quizzes.rules.phrases import Phrases
from quizzes.rules.words import WordContent, WordListContent
from tests.support.word_lists import words

GERMAN = WordListContent(
    id="german",
    title="German",
    term_language="de",
    meaning_language="en",
    words=tuple(
        WordContent(term=term, meanings=(meaning,), part_of_speech="noun", example=example)
        for term, meaning, example in (
            ("der Hund", "dog", "Der {Hund} bellt."),
            ("die Katze", "cat", ""),
            ("das Haus", "house", ""),
            ("der Baum", "tree", ""),
            ("die Straße", "street", ""),
            ("das Wasser", "water", ""),
        )
    ),
)
SINGLE: tuple[Exercise, ...] = tuple(exercise for exercise in EXERCISES if exercise != "match")


def asked(exercise: Exercise, content: WordListContent = GERMAN) -> tuple[QuestionContent, int]:
    """A question of a quiz by this exercise, and the place of its word."""
    made = generate(content, quiz_id="quiz", title="Quiz", exercises=[exercise], count=1, seed=7)
    [question] = made.quiz.questions
    return question, made.words[question.id]


def again(
    *forms: QuestionContent, index: int, content: WordListContent = GERMAN, **options: str
) -> QuestionContent | None:
    return ask_by_another_exercise(
        content,
        index,
        forms,
        **{"question_id": "q1.2", "language": content.term_language, "seed": "s", **options},
        phrases=Phrases(),
    )


@pytest.mark.parametrize("exercise", SINGLE)
def test_the_same_word_comes_back_by_another_exercise(exercise: Exercise) -> None:
    question, index = asked(exercise)
    word = GERMAN.words[index]
    made = again(question, index=index)
    assert made is not None
    assert _way(made, word) != _way(question, word)
    assert (made.id, made.again_of, made.points) == ("q1.2", question.id, question.points)
    assert made.time_limit_ms >= question.time_limit_ms
    assert {word.term, *word.meanings} & set(made.correct_answers)
    assert made == again(question, index=index)  # two hosts at once word it alike


@pytest.mark.parametrize("exercise", HEARD_EXERCISES)
def test_a_word_that_was_heard_is_heard_again_by_the_other_exercise(exercise: Exercise) -> None:
    question, index = asked(exercise)
    forms = [question]
    for number in range(2, 5):
        made = again(*forms, index=index, question_id=f"q1.{number}", language="en")
        assert made is not None
        assert (made.listen, made.listen_language, made.text) == ("instead", "de", GERMAN.words[index].term)
        assert made.kind != forms[-1].kind
        forms.append(made)


def test_a_word_that_was_read_is_not_heard() -> None:
    question, index = asked("type_meaning")
    made = again(question, index=index)
    assert made is not None
    assert (made.listen, made.listen_language) == ("", "")


def test_a_word_that_cannot_be_heard_otherwise_is_read() -> None:
    content = replace(GERMAN, words=(GERMAN.words[0],))
    question, index = asked("dictation", content)
    made = again(question, index=index, content=content)
    assert made is not None
    assert made.listen == ""


def test_a_third_time_it_is_by_an_exercise_that_was_not_used_yet() -> None:
    question, index = asked("term_to_meaning")
    forms = [question]
    for number in range(2, 5):
        made = again(*forms, index=index, question_id=f"q1.{number}")
        assert made is not None
        forms.append(made)
    ways = [_way(form, GERMAN.words[index]) for form in forms]
    assert len(set(ways)) == 4
    # All are used up: then at least not the one of just now.
    last = again(*forms, index=index, question_id="q1.5")
    assert last is not None
    assert _way(last, GERMAN.words[index]) != ways[-1]
    assert last.again_of == question.id


def test_its_language_is_told_where_it_is_not_the_quiz_s() -> None:
    question, index = asked("type_term")
    made = again(question, index=index, language="en")
    assert made is not None
    assert (made.language or "en") == ("de" if GERMAN.words[index].term in made.correct_answers else "en")


def test_a_list_too_short_for_another_exercise_gives_none() -> None:
    content = replace(GERMAN, words=(replace(GERMAN.words[0], meanings=("a small animal that barks at night",)),))
    question, index = asked("type_term", content)
    assert again(question, index=index, content=content) is None


@given(st.lists(words(), min_size=1, max_size=12), st.sampled_from(SINGLE), st.integers(0, 99))
def test_whatever_the_list_a_question_that_comes_back_is_one_of_a_quiz(
    entries: list[WordContent], exercise: Exercise, seed: int
) -> None:
    content = replace(GERMAN, words=tuple(entries))
    made = generate(content, quiz_id="quiz", title="Quiz", exercises=[exercise], count=3, seed=seed)
    for question in made.quiz.questions:
        index = made.words[question.id]
        found = again(question, index=index, content=content, seed=str(seed))
        if found is not None:
            assert set(found.correct_answers) - set(found.options) == set() or found.kind == "typed"
            assert found.text


@given(st.permutations(["a", "b", "c", "d"]), st.integers())
def test_as_itself_it_has_the_same_options_in_some_order(options: list[str], seed: int) -> None:
    question = QuestionContent(id="q1", kind="choice", text="?", options=tuple(options), correct_answers=("a",))
    made = ask_as_it_is([question], question_id="q1.2", seed=str(seed))
    assert sorted(made.options) == sorted(options)
    assert replace(made, id="q1", options=question.options, again_of="") == question
    third = ask_as_it_is([question, made], question_id="q1.3", seed=str(seed))
    assert (third.id, third.again_of) == ("q1.3", "q1")


def test_true_and_false_stay_where_they_are() -> None:
    question = QuestionContent(
        id="q1", kind="true_false", text="?", options=("True", "False"), correct_answers=("True",)
    )
    assert all(ask_as_it_is([question], question_id="q1.2", seed=str(n)).options == ("True", "False") for n in range(9))

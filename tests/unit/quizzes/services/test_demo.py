"""The word lists that come with the server: valid, loaded without overwriting edits, and fit for every exercise."""

from __future__ import annotations

from dataclasses import replace
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import call_command

from quizzes.models import WordList
from quizzes.rules.generator import EXERCISES, generate
from quizzes.rules.spelling import find_gap
from quizzes.rules.words import WordListContent
from quizzes.services.demo import BadQuizFile, demo_word_lists, load_word_list, read_word_list_file
from scoring.rules.grading import grade

LISTS = list(demo_word_lists())


def test_there_are_ten_or_more_in_several_languages_and_levels() -> None:
    assert len(LISTS) >= 10
    assert len({words.term_language for words in LISTS}) >= 8
    assert len({tag for words in LISTS for tag in words.tags if tag in {"A1", "A2", "B1", "B2"}}) == 4


@pytest.mark.parametrize("words", LISTS, ids=lambda words: words.id)
def test_each_example_has_its_word_in_it(words: WordListContent) -> None:
    assert [word.term for word in words.words if word.example and find_gap(word) is None] == []


@pytest.mark.parametrize("words", LISTS, ids=lambda words: words.id)
def test_each_list_gives_every_exercise_it_has_the_letters_for(words: WordListContent) -> None:
    exercises = [name for name in EXERCISES if name != "spelling" or words.term_language not in {"ja", "ar", "vi"}]
    made = generate(words, quiz_id="quiz", title="Quiz", exercises=exercises, count=3 * len(exercises))
    assert made.shortages == ()


@pytest.mark.parametrize("words", LISTS, ids=lambda words: words.id)
def test_what_the_list_says_is_right_is_graded_right(words: WordListContent) -> None:
    made = generate(words, quiz_id="quiz", title="Quiz", exercises=["type_term", "type_meaning", "cloze"], count=200)
    for question in made.quiz.questions:
        for answer in question.correct_answers:
            assert grade(question, answer, language=made.quiz.language).verdict == "correct", (question, answer)
        for other in question.confusable:
            assert grade(question, other, language=made.quiz.language).verdict != "correct", (question, other)


@pytest.mark.django_db
def test_loading_again_updates_what_nobody_edited_and_keeps_the_rest() -> None:
    first = LISTS[0]
    assert load_word_list(first) == "loaded"
    assert load_word_list(first) == "unchanged"
    newer = replace(first, title="Newer")
    assert load_word_list(newer) == "updated"
    WordList.objects.filter(pk=first.id).update(title="Mine")
    assert load_word_list(first) == "kept"
    assert WordList.objects.get(pk=first.id).title == "Mine"


@pytest.mark.django_db
def test_the_command_loads_all_of_them() -> None:
    out = StringIO()
    call_command("load_quizzes", stdout=out)
    assert WordList.objects.count() == len(LISTS)
    assert f"{LISTS[0].id} ({len(LISTS[0].words)} words): loaded" in out.getvalue()


def test_a_broken_file_is_told_with_its_name(tmp_path: Path) -> None:
    path = tmp_path / "bad.json"
    path.write_text('{"id": "x", "title": "X", "words": [{"term": "a"}]}')
    with pytest.raises(BadQuizFile, match=r"bad\.json: words\[0\]\.meanings: No meaning is given\."):
        read_word_list_file(path)

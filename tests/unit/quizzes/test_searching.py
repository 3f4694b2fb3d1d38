"""Quizzes and word lists are found by whatever is in them, however it is typed, on every database alike."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from importlib import import_module

import pytest
from django.apps import apps
from django.contrib.auth.models import User
from django.test import Client
from rest_framework.test import APIClient

from quizzes.models import Question, Quiz, Word, WordList
from quizzes.rules.content import QuestionContent, QuizContent
from quizzes.rules.words import WordContent, WordListContent
from quizzes.searching import search_text
from quizzes.services.quizzes import quiz_create, quiz_save
from quizzes.services.word_lists import word_add_answer, word_list_create, word_list_save

QUESTION = QuestionContent(
    id="q1",
    kind="choice",
    text="Was heißt Ärztin?",
    options=("étudiante", "médecin"),
    correct_answers=("médecin",),
    explanation="Wie im Москва-Text.",
)
QUIZ = QuizContent(id="berufe", title="Öffentliche Berufe", description="Für die Übung", questions=(QUESTION,))
WORD = WordContent(
    term="Ångström",
    meanings=("ångström", "straße"),
    alternatives=("Angstroem",),
    example="Ein {Ångström} misst.",
    notes="выше",
)
LIST = WordListContent(id="masse", title="Maße", term_language="de", meaning_language="en", words=(WORD,))


@pytest.fixture
def host(db: None, make_host: Callable[[str], User]) -> User:
    host = make_host("teacher")
    quiz_create(QUIZ, owner=host)
    word_list_create(LIST, owner=host)
    return host


def found(host: User, kind: str, search: str) -> list[str]:
    """The ids that REST finds. The admin's page finds the same."""
    rest, page = APIClient(), Client()
    rest.force_login(host)
    page.force_login(host)
    ids = [each["id"] for each in rest.get(f"/api/v1/{kind}", {"search": search}).json()["results"]]
    model = {"quizzes": "quiz", "wordlists": "wordlist"}[kind]
    shown = page.get(f"/admin/quizzes/{model}/", {"q": search}).content.decode()
    assert all(f"{each}/change" in shown for each in ids)
    assert bool(ids) == ("/change/" in shown)
    return ids


@pytest.mark.parametrize(
    "search",
    [
        "öffentliche BERUFE",
        "ubung",
        "ÄRZTIN",
        "arztin",
        "Etudiante",
        "MÉDECIN",
        "москва",
        "ärztin  étudiante",
        "BERUFE",
    ],
)
def test_a_quiz_is_found_by_any_of_its_texts(host: User, search: str) -> None:
    assert found(host, "quizzes", search) == ["berufe"]


@pytest.mark.parametrize("search", ["MASSE", "maße", "ångström", "ANGSTROM", "STRASSE", "angstroem", "misst", "ВЫШЕ"])
def test_a_word_list_is_found_by_words_meanings_spellings_and_notes(host: User, search: str) -> None:
    assert found(host, "wordlists", search) == ["masse"]


@pytest.mark.parametrize("kind", ["quizzes", "wordlists"])
@pytest.mark.parametrize("search", ["nowhere", "\N{COMBINING ACUTE ACCENT}xyzzy", "u00e4", "%", "arztin nowhere"])
def test_what_is_in_none_finds_none(host: User, kind: str, search: str) -> None:
    assert found(host, kind, search) == []


def test_what_was_edited_is_found_as_it_is_now(host: User) -> None:
    quiz_save(replace(QUIZ, title="Tiere", questions=(replace(QUESTION, text="Was heißt Bär?"),)))
    assert found(host, "quizzes", "bär tiere") == ["berufe"]
    assert found(host, "quizzes", "ärztin") == []
    word_list_save(replace(LIST, words=(replace(WORD, meanings=("Längeneinheit",)),)))
    assert found(host, "wordlists", "längeneinheit") == ["masse"]
    assert found(host, "wordlists", "straße") == []
    assert word_add_answer(Word.objects.get(), "Åström", asked_for=("Ångström",))
    assert found(host, "wordlists", "astrom") == ["masse"]


def test_what_was_stored_before_is_found_after_the_migration(host: User) -> None:
    for model in (Quiz, Question, WordList, Word):
        model._default_manager.update(search_text="")
    assert found(host, "quizzes", "ärztin") == []
    import_module("quizzes.migrations.0010_fill_search_text").fill(apps, None)
    assert found(host, "quizzes", "ärztin berufe") == ["berufe"]
    assert found(host, "wordlists", "straße masse") == ["masse"]


def test_it_is_the_same_in_either_form_of_a_letter_and_nothing_is_left_of_marks() -> None:
    assert search_text("Ä", ["B", {"c": "É"}], 7) == "a b e"
    assert search_text("A\N{COMBINING DIAERESIS}") == search_text("Ä") == "a"

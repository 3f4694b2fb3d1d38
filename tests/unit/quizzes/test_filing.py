"""Folders and tags: kept as they are meant, found with what is below them, and never another host's."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.contrib.auth.models import User
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st
from rest_framework.test import APIClient

from quizzes.models import Quiz, WordList
from quizzes.rules.content import QuestionContent, QuizContent
from quizzes.services.filing import folders_of, tags_of, tidy_folder
from quizzes.services.quizzes import quiz_create


@pytest.fixture
def host(db: None, make_host: Callable[[str], User]) -> User:
    return make_host("teacher")


@pytest.fixture
def rest(host: User) -> APIClient:
    client = APIClient()
    client.force_login(host)
    return client


def made(name: str, owner: User, *, folder: str = "", tags: tuple[str, ...] = ()) -> Quiz:
    question = QuestionContent(id="q1", kind="typed", text="?", correct_answers=("a",))
    quiz = quiz_create(QuizContent(id=name, title=name.title(), questions=(question,)), owner=owner)
    Quiz.objects.filter(pk=name).update(folder=folder, tags=list(tags))
    quiz.refresh_from_db()
    return quiz


def found(rest: APIClient, query: str) -> list[str]:
    return [each["id"] for each in rest.get(f"/api/v1/quizzes?{query}").json()["results"]]


def test_a_folder_has_what_is_below_it_and_a_tag_what_bears_it(rest: APIClient, host: User) -> None:
    made("one", host, folder="7a", tags=("Küche", "verbs"))
    made("two", host, folder="7a/Unit 3", tags=("verbs",))
    made("three", host, folder="7ab")
    assert found(rest, "folder=7a") == ["one", "two"]
    assert found(rest, "folder=7a/Unit 3") == ["two"]
    assert found(rest, "tag=Küche") == ["one"]
    assert found(rest, "folder=7a/&tag=verbs") == ["one", "two"]
    assert found(rest, "tag=verb") == []
    assert folders_of(Quiz.objects.all()) == ["7a", "7a/Unit 3", "7ab"]
    assert tags_of(Quiz.objects.all()) == ["Küche", "verbs"]
    page = Client()
    page.force_login(host)
    shown = page.get("/admin/quizzes/quiz/?folder=7a&tag=verbs").content.decode()
    assert "one/change" in shown
    assert "three/change" not in shown


def test_a_quiz_is_filed_over_rest_and_on_its_page(rest: APIClient, host: User) -> None:
    made("one", host)
    filed = rest.patch("/api/v1/quizzes/one", {"folder": " 7a / Unit  3/", "tags": ["a", "b", "a"]}, format="json")
    assert filed.json() == {"folder": "7a/Unit 3", "tags": ["a", "b"]}
    [told] = rest.get("/api/v1/quizzes").json()["results"]
    assert (told["folder"], told["tags"]) == ("7a/Unit 3", ["a", "b"])
    # What the quiz asks is another matter: replacing it leaves it where it is.
    question = {"id": "q1", "kind": "typed", "text": "!", "correct_answers": ["b"]}
    assert rest.put("/api/v1/quizzes/one", {"title": "One", "questions": [question]}, format="json").status_code == 200
    assert Quiz.objects.get().folder == "7a/Unit 3"
    for body in ({"folder": "x" * 81}, {"tags": ["x" * 51]}, {"tags": [str(number) for number in range(11)]}):
        assert rest.patch("/api/v1/quizzes/one", body, format="json").status_code == 400


def test_a_word_list_is_filed_too(rest: APIClient, host: User) -> None:
    WordList.objects.create(id="words", title="W", term_language="fr", meaning_language="en", owner=host, tags=["x"])
    assert rest.patch("/api/v1/wordlists/words", {"folder": "7a"}, format="json").json() == {"folder": "7a"}
    assert [each["id"] for each in rest.get("/api/v1/wordlists?folder=7a&tag=x").json()["results"]] == ["words"]
    assert rest.get("/api/v1/wordlists?folder=8").json()["results"] == []


def test_another_hosts_quiz_is_neither_filed_nor_are_its_folders_told(
    rest: APIClient, host: User, make_host: Callable[[str], User]
) -> None:
    made("secret", make_host("colleague"), folder="Private", tags=("unseen",))
    assert rest.patch("/api/v1/quizzes/secret", {"folder": "7a"}, format="json").status_code == 404
    page = Client()
    page.force_login(host)
    shown = page.get("/admin/quizzes/quiz/").content.decode()
    assert "Private" not in shown
    assert "unseen" not in shown


@given(st.text(max_size=60))
def test_a_folder_is_tidy_once_it_was_tidied(folder: str) -> None:
    tidied = tidy_folder(folder)
    assert tidy_folder(tidied) == tidied
    assert not tidied.startswith("/")
    assert "//" not in tidied

"""Shared quizzes and word lists: each level lets do what it says, to whom it says, and to nobody else."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.models import Group, User
from django.test import Client
from rest_framework.test import APIClient

from quizzes.models import Quiz, Share, WordList
from quizzes.rules.content import QuestionContent, QuizContent
from quizzes.services.quizzes import quiz_create

pytestmark = pytest.mark.django_db
CONTENT = QuizContent(
    id="kitchen",
    title="Kitchen",
    questions=(QuestionContent(id="q1", kind="typed", text="cuillère?", correct_answers=("spoon",)),),
)
BODY = {
    "id": "kitchen",
    "title": "Changed",
    "questions": [{"id": "q1", "kind": "typed", "text": "?", "correct_answers": ["a"]}],
}


@pytest.fixture
def host(make_host: Callable[[str], User]) -> User:
    return make_host("teacher")


@pytest.fixture
def other(make_host: Callable[[str], User]) -> User:
    return make_host("colleague")


@pytest.fixture
def quiz(host: User) -> Quiz:
    return quiz_create(CONTENT, owner=host)


def rest(user: User) -> APIClient:
    client = APIClient()
    client.force_login(user)
    return client


def browser(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def allowed(user: User) -> dict[str, bool]:
    """What this user may do with the quiz, over REST."""
    client = rest(user)
    return {
        "see": client.get("/api/v1/quizzes/kitchen").status_code == 200,
        "list": "kitchen" in str(client.get("/api/v1/quizzes").json()),
        "copy": client.get("/api/v1/quizzes/kitchen/export").status_code == 200,
        "edit": client.put("/api/v1/quizzes/kitchen", BODY, format="json").status_code == 200,
        "share": client.get("/api/v1/quizzes/kitchen/shares").status_code == 200,
    }


LEVELS = {"read": {"see", "list"}, "copy": {"see", "list", "copy"}, "edit": {"see", "list", "copy", "edit"}}


@pytest.mark.parametrize("level", LEVELS)
@pytest.mark.parametrize("with_whom", ["username", "group", "everybody"])
def test_each_level_lets_do_what_it_says(quiz: Quiz, host: User, other: User, level: str, with_whom: str) -> None:
    assert not any(allowed(other).values())
    readers = Group.objects.create(name="French teachers")
    other.groups.add(readers)
    named = {"username": "colleague", "group": "French teachers"}
    body = {"level": level, **({with_whom: named[with_whom]} if with_whom in named else {})}
    made = rest(host).post("/api/v1/quizzes/kitchen/shares", body, format="json")
    assert made.status_code == 201
    assert {name for name, may in allowed(other).items() if may} == LEVELS[level]
    # Nobody but the owner deletes it, and a colleague who is not meant has nothing.
    assert rest(other).delete("/api/v1/quizzes/kitchen").status_code == 403
    assert rest(host).delete(f"/api/v1/quizzes/kitchen/shares/{made.json()['id']}").status_code == 204
    assert not any(allowed(other).values())
    assert rest(other).delete("/api/v1/quizzes/kitchen").status_code == 404


def test_a_group_is_those_who_are_in_it(quiz: Quiz, host: User, other: User) -> None:
    Group.objects.create(name="French teachers")
    rest(host).post("/api/v1/quizzes/kitchen/shares", {"level": "edit", "group": "French teachers"}, format="json")
    assert not any(allowed(other).values())


def test_sharing_again_changes_the_level(quiz: Quiz, host: User, other: User) -> None:
    for level in ("edit", "read"):
        made = rest(host).post(
            "/api/v1/quizzes/kitchen/shares", {"level": level, "username": "colleague"}, format="json"
        )
    assert Share.objects.count() == 1
    assert rest(host).get("/api/v1/quizzes/kitchen/shares").json() == [made.json()]
    assert {name for name, may in allowed(other).items() if may} == LEVELS["read"]


@pytest.mark.parametrize(
    "body",
    [{}, {"level": "own"}, {"level": "read", "username": "nobody"}, {"level": "read", "group": "nobody"},
     {"level": "read", "username": "colleague", "group": "Hosts"}],
)  # fmt: skip
def test_what_cannot_be_shared_is_refused(quiz: Quiz, host: User, other: User, body: dict[str, Any]) -> None:
    assert rest(host).post("/api/v1/quizzes/kitchen/shares", body, format="json").status_code == 400
    assert not Share.objects.exists()


def test_a_word_list_is_shared_as_a_quiz_is(host: User, other: User) -> None:
    WordList.objects.create(id="words", title="Words", term_language="fr", meaning_language="en", owner=host)
    assert rest(other).get("/api/v1/wordlists/words").status_code == 404
    assert rest(other).get("/api/v1/wordlists/words/shares").status_code == 404
    made = rest(host).post("/api/v1/wordlists/words/shares", {"level": "read"}, format="json")
    assert rest(other).get("/api/v1/wordlists/words").status_code == 200
    assert rest(other).get("/api/v1/wordlists/words/export").status_code == 403
    assert rest(other).get("/api/v1/wordlists/words/shares").status_code == 403
    assert rest(other).delete("/api/v1/wordlists/words").status_code == 403
    assert rest(host).delete(f"/api/v1/wordlists/words/shares/{made.json()['id']}").status_code == 204
    assert rest(other).get("/api/v1/wordlists/words").status_code == 404


def test_the_owner_shares_on_a_page_and_a_reader_cannot_copy(quiz: Quiz, host: User, other: User) -> None:
    page, changelist = "/admin/quizzes/quiz/kitchen/share/", "/admin/quizzes/quiz/"
    owner, colleague = browser(host), browser(other)
    assert colleague.get(page).status_code == 404
    refused = owner.post(page, {"share": "1", "reader": "user", "username": "nobody", "level": "read"})
    assert "No host has this user name." in refused.content.decode()
    assert "Say with whom." in owner.post(page, {"share": "1", "reader": "group", "level": "read"}).content.decode()
    owner.post(page, {"share": "1", "reader": "user", "username": "colleague", "level": "read"})
    [row] = Share.objects.all()
    assert "see and run" in owner.get(page).content.decode()
    assert "Kitchen" in colleague.get(changelist).content.decode()
    assert colleague.get(page).status_code == 403
    for action in ("duplicate", "export_csv"):
        colleague.post(changelist, {"action": action, "_selected_action": "kitchen"})
    assert Quiz.objects.count() == 1
    assert colleague.get("/admin/quizzes/quiz/kitchen/delete/").status_code == 403
    owner.post(page, {"share": "1", "reader": "user", "username": "colleague", "level": "copy"})
    colleague.post(changelist, {"action": "duplicate", "_selected_action": "kitchen"})
    assert Quiz.objects.exclude(pk="kitchen").get().owner == other
    owner.post(page, {"unshare": str(row.pk)})
    assert "kitchen/change" not in colleague.get(changelist).content.decode()


def test_a_quiz_is_found_by_what_it_asks(quiz: Quiz, host: User) -> None:
    found = rest(host).get("/api/v1/quizzes?search=cuillère").json()["results"]
    assert [(each["id"], each["question_count"]) for each in found] == [("kitchen", 1)]
    assert "Kitchen" in browser(host).get("/admin/quizzes/quiz/?q=cuillère").content.decode()
    assert "kitchen/change" not in browser(host).get("/admin/quizzes/quiz/?q=fourchette").content.decode()

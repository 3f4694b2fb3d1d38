"""One request has one principal: a request that shows an API key is that key, whatever session came along with it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver
from rest_framework.test import APIClient
from rest_framework.views import APIView

from common.limits import Buckets
from common.principals import bears_key
from quizserver import api_keys
from quizserver.models import OperatorKey
from quizzes.models import Quiz
from quizzes.services.demo import demo_quizzes
from quizzes.services.quizzes import quiz_create
from sessions.models import QuizSession
from sessions.rules.state import SessionSetup
from sessions.websocket import host_auth

BACKEND = "django.contrib.auth.backends.ModelBackend"


@pytest.fixture(autouse=True)
def _fresh_guesses(monkeypatch: pytest.MonkeyPatch) -> None:
    fresh = Buckets(1_000, 60_000)
    monkeypatch.setattr(api_keys, "guesses", lambda: fresh)


def key(**may: bool) -> str:
    """A new key that may do this and nothing else."""
    return str(OperatorKey.objects.create_key(name="test", **{"may_read": False, **may})[1])


@pytest.fixture
def chief(db: None) -> Client:
    """A browser with a superuser's session."""
    client = Client()
    client.force_login(User.objects.create_superuser("chief"), BACKEND)
    return client


#: Every way to write, and two to look, with what a key for it needs.
CALLS = [
    ("get", "/api/v1/quizzes", "read"),
    ("get", "/api/v1/quizzes/none/export", "read"),
    ("post", "/api/v1/quizzes", "content"),
    ("put", "/api/v1/quizzes/none", "content"),
    ("delete", "/api/v1/quizzes/none", "content"),
    ("post", "/api/v1/quizzes/import", "content"),
    ("post", "/api/v1/quizzes/from-words", "content"),
    ("post", "/api/v1/wordlists", "content"),
    ("post", "/api/v1/wordlists/import", "content"),
    ("post", "/api/v1/wordlists/none/quiz", "content"),
    ("post", "/api/v1/images", "content"),
    ("get", "/api/v1/classes", "classes"),
    ("post", "/api/v1/classes", "classes"),
    ("get", "/api/v1/classes/none/cards", "classes"),
    ("delete", "/api/v1/classes/none", "classes"),
    ("get", "/api/v1/sessions", "read"),
    ("get", "/api/v1/sessions/none/results.csv", "read"),
    ("post", "/api/v1/sessions", "run"),
    ("post", "/api/v1/sessions/none/start", "run"),
    ("post", "/api/v1/sessions/none/extend", "run"),
    ("post", "/api/v1/sessions/none/ask-again", "run"),
    ("delete", "/api/v1/sessions/none", "run"),
    ("patch", "/api/v1/sessions/none/participants/x", "run"),
    ("delete", "/api/v1/sessions/none/participants/x", "run"),
]
MAY = {"read": "may_read", "run": "may_run", "content": "may_edit_content", "classes": "may_see_classes"}


@pytest.mark.parametrize(("method", "path", "scope"), CALLS)
def test_a_key_beside_a_hosts_session_is_that_key_and_nothing_else(
    chief: Client, method: str, path: str, scope: str
) -> None:
    for name, may in MAY.items():
        answer = getattr(chief, method)(path, headers={"authorization": f"Api-Key {key(**{may: True})}"})
        assert (answer.status_code == 403) == (name != scope), (name, answer.status_code)
        assert answer.status_code != 401


@pytest.mark.parametrize(("method", "path", "_scope"), CALLS)
@pytest.mark.parametrize(
    "shown", ["Api-Key wrong.wrong", "api-key wrong", "Api-Key", "Api-Key ", "Basic eDp5, Api-Key x", "API-KEY \udcff"]
)
def test_a_wrong_key_beside_a_hosts_session_is_401(
    chief: Client, shown: str, method: str, path: str, _scope: str
) -> None:
    assert getattr(chief, method)(path, headers={"authorization": shown}).status_code == 401


def test_a_read_only_key_beside_a_superusers_session_deletes_nothing(chief: Client) -> None:
    quiz_create(next(iter(demo_quizzes())))
    quiz = Quiz.objects.get()
    answer = chief.delete(f"/api/v1/quizzes/{quiz.pk}", headers={"authorization": f"Api-Key {key(may_read=True)}"})
    assert answer.status_code == 403
    assert Quiz.objects.exists()


def test_the_pages_of_the_admin_know_no_user_where_a_key_is_shown(chief: Client) -> None:
    assert chief.get("/admin/").status_code == 200
    shown = {"authorization": f"Api-Key {key(may_read=True)}"}
    for path in ("/admin/", "/admin/quizzes/quiz/", "/admin/auth/user/add/"):
        assert chief.get(path, headers=shown).status_code == 302
    assert chief.get("/admin/", headers={"authorization": "Basic eDp5"}).status_code == 200


@pytest.mark.django_db
def test_a_wrong_key_does_not_open_the_document_of_the_api() -> None:
    client = Client()
    assert client.get("/api/schema/", headers={"authorization": "Api-Key wrong"}).status_code == 401


@pytest.mark.django_db
def test_nobody_is_asked_who_they_are_in_the_way_a_key_is_shown() -> None:
    answer = Client().get("/api/v1/sessions")
    assert (answer.status_code, answer["WWW-Authenticate"]) == (401, 'Api-Key realm="api"')
    assert "Api-Key KEY" in answer.json()["detail"]


@pytest.mark.django_db
def test_a_key_to_run_sessions_stores_no_words_on_the_side() -> None:
    client = APIClient(headers={"authorization": f"Api-Key {key(may_run=True)}"})
    answer = client.post("/api/v1/sessions", {"words": {"text": "one\teins\ntwo\tzwei", "title": "N"}})
    assert answer.status_code == 403
    assert "content" in answer.json()["detail"]
    assert not Quiz.objects.exists()


@pytest.mark.django_db
def test_a_member_of_staff_who_is_no_host_is_no_operator_either() -> None:
    client = Client()
    client.force_login(User.objects.create_user("clerk", is_staff=True), BACKEND)
    assert client.get("/api/v1/sessions").status_code == 403
    assert not QuizSession.objects.exists()


@pytest.mark.django_db
def test_a_connection_that_shows_a_key_is_no_hosts(monkeypatch: pytest.MonkeyPatch) -> None:
    async def somebody(_scope: Any) -> User:
        return User()

    monkeypatch.setattr(host_auth, "get_user", somebody)
    monkeypatch.setattr(host_auth, "_is_host_of", lambda *_: True)

    async def ask(*headers: tuple[bytes, bytes]) -> bool:
        setup: Any = SessionSetup
        return await host_auth.may_host({"headers": [(b"cookie", b"sessionid=abc"), *headers]}, setup)

    from asgiref.sync import async_to_sync

    assert async_to_sync(ask)()
    assert not async_to_sync(ask)((b"authorization", b"Api-Key x"))


@pytest.mark.parametrize(
    ("header", "bears"),
    [("", False), ("Basic YXBpLWtleQ==", False), ("Bearer api-key", False), ("Api-Key x", True), ("api-key\tx", True)],
)
def test_which_headers_show_a_key(header: str, bears: bool) -> None:
    assert bears_key(header) is bears


def views(patterns: list[Any], prefix: str = "") -> Iterator[tuple[str, type]]:
    for pattern in patterns:
        path = prefix + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            yield from views(pattern.url_patterns, path)
        elif isinstance(pattern, URLPattern):
            view = getattr(pattern.callback, "cls", None)
            if isinstance(view, type) and issubclass(view, APIView):
                yield path, view


def test_every_view_of_the_api_says_what_a_key_needs() -> None:
    found = [(path, view) for path, view in views(get_resolver().url_patterns) if path.startswith("api/v1/")]
    assert len(found) > 20
    for path, view in found:
        changes = {"post", "put", "patch", "delete", "create", "update", "destroy"} & set(vars(view))
        assert not changes or getattr(view, "scope", None) in ("run", "content", "classes"), path

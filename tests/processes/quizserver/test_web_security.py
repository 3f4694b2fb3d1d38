"""What foreign pages, caches, proxies and guessers of passwords cannot do; docs/security.md names these tests."""

from __future__ import annotations

import urllib.error
import urllib.request
from pathlib import Path

import pytest
from django.contrib.auth.models import User
from django.test import Client

from common.config import CONFIG
from quizserver import websocket_origin
from tests.support.serving import Server, start_server, stop_server

FORM = {"username": "chief", "password": "wrong"}


@pytest.fixture
def chief(db: None) -> User:
    """A superuser with a password."""
    return User.objects.create_superuser("chief", password="right-password")


def test_the_addresses_of_an_ipv6_network_are_locked_together(client: Client, chief: User) -> None:
    statuses = [
        client.post("/admin/login/", FORM, REMOTE_ADDR=f"2001:db8:0:1::{number}").status_code for number in range(1, 7)
    ]
    assert statuses[0] == 200
    assert statuses[-1] == 429
    right = {**FORM, "password": "right-password"}
    assert client.post("/admin/login/", right, REMOTE_ADDR="2001:db8:0:1::99").status_code == 429
    assert client.post("/admin/login/", right, REMOTE_ADDR="2001:db8:0:2::1").status_code == 302


def test_a_wrong_password_and_an_unknown_account_look_alike(client: Client, chief: User) -> None:
    def text(username: str) -> str:
        page = client.post("/admin/login/", {**FORM, "username": username})
        return page.text.replace(username, "").replace(str(page.context["csrf_token"]), "")

    assert text("chief") == text("nobody")


def test_a_session_from_before_the_sign_in_is_worth_nothing_after_it(client: Client, chief: User) -> None:
    session = client.session
    session["planted"] = True
    session.save()
    planted = session.session_key
    assert planted is not None
    assert client.post("/admin/login/", {**FORM, "password": "right-password"}).status_code == 302
    assert client.session.session_key != planted
    thief = Client()
    thief.cookies["sessionid"] = planted
    assert thief.get("/admin/").status_code == 302


def test_a_form_of_a_foreign_page_does_nothing(chief: User) -> None:
    browser = Client(enforce_csrf_checks=True)
    browser.force_login(chief, "django.contrib.auth.backends.ModelBackend")
    for path in ("/api/v1/sessions", "/admin/auth/user/add/", "/admin/logout/"):
        assert browser.post(path, {"quiz_id": "vocab-101"}).status_code in (401, 403)
    assert browser.get("/admin/").status_code == 200


def test_a_call_with_a_session_but_without_its_token_is_told_so(chief: User) -> None:
    browser = Client(enforce_csrf_checks=True)
    browser.force_login(chief, "django.contrib.auth.backends.ModelBackend")
    reply = browser.post("/api/v1/sessions", {"quiz_id": "vocab-101"}, "application/json")
    assert (reply.status_code, reply.headers["Content-Type"]) == (403, "application/problem+json")
    assert "CSRF" in reply.json()["detail"]
    assert "X-CSRFToken" in reply.json()["detail"]
    assert "WWW-Authenticate" not in reply.headers


@pytest.mark.parametrize("path", ["/admin/login/?next=https://evil.example/", "/admin/login/?next=//evil.example/"])
def test_signing_in_leads_to_no_foreign_page(client: Client, chief: User, path: str) -> None:
    answer = client.post(path, {**FORM, "password": "right-password", "next": path.partition("=")[2]})
    assert answer.status_code == 302
    assert "evil" not in answer.headers["Location"]


def test_choosing_a_language_leads_to_no_foreign_page(client: Client) -> None:
    answer = client.post("/i18n/setlang/", {"language": "de", "next": "https://evil.example/"})
    assert "evil" not in answer.headers["Location"]


@pytest.mark.parametrize("path", ["/", "/play/ABCDEF", "/admin/login/", "/api/v1/sessions", "/health/live", "/nowhere"])
def test_no_cache_keeps_what_a_page_or_the_api_tells(server: Server, path: str) -> None:
    try:
        headers = urllib.request.urlopen(server.url + path).headers
    except urllib.error.HTTPError as error:
        headers = error.headers
    assert "no-store" in headers["Cache-Control"]


@pytest.mark.parametrize(
    ("secure", "page", "allowed"),
    [
        (True, b"https://localhost", True),
        (True, b"http://localhost", False),
        (False, b"http://localhost", True),
        (False, b"http://localhost:9999", False),
        (False, b"https://localhost.evil.example", False),
        (False, b"null", False),
        (False, b"https://[", False),
        (False, b"", False),
    ],
)
def test_where_https_is_the_rule_a_page_without_it_is_foreign(
    secure: bool, page: bytes, allowed: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(websocket_origin, "CONFIG", CONFIG.model_copy(update={"secure": secure}))
    headers = [(b"host", b"localhost"), (b"origin", page)]
    assert websocket_origin.origin_allowed(headers, "wss" if secure else "ws") is allowed


def test_what_a_client_says_of_its_address_is_not_believed(tmp_path: Path) -> None:
    server = start_server(tmp_path, TRUSTED_PROXIES="192.0.2.1", RATE_FAILED_KEYS_PER_MINUTE="2")

    def status(number: int) -> int:
        headers = {"Authorization": "Api-Key wrong", "X-Forwarded-For": f"203.0.113.{number}"}
        try:
            return int(
                urllib.request.urlopen(urllib.request.Request(f"{server.url}/api/v1/sessions", None, headers)).status
            )
        except urllib.error.HTTPError as error:
            return error.code

    try:
        assert [status(number) for number in range(4)] == [401, 401, 429, 429]
    finally:
        stop_server(server)

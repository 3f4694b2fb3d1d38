"""What browsers ask for besides pages, and what a host is told of the address."""

from __future__ import annotations

import pytest
from django.test import Client, RequestFactory

from common.config import CONFIG
from sessions.pages.links import links_of
from sessions.pages.views import public_url


def test_the_icon_that_programs_ask_for_is_there() -> None:
    reply = Client().get("/favicon.ico")
    assert reply.status_code == 302
    assert reply.headers["Location"].endswith(".svg")


@pytest.mark.django_db
def test_the_start_page_can_be_kept_among_the_apps_of_a_phone() -> None:
    assert 'rel="manifest"' in Client().get("/").content.decode()
    reply = Client().get("/manifest.webmanifest", headers={"Accept-Language": "de"})
    assert reply.headers["Content-Type"] == "application/manifest+json"
    page = reply.json()
    assert (page["start_url"], page["display"], page["lang"]) == ("/", "standalone", "de")
    assert {icon["sizes"] for icon in page["icons"]} == {"any"}


@pytest.mark.parametrize(
    ("host", "only_here"),
    [
        ("127.0.0.1:8000", True),
        ("localhost", True),
        ("[::1]:8000", True),
        ("testserver", False),
        ("testserver:81", False),
    ],
)
def test_an_address_that_no_phone_reaches_is_told(host: str, only_here: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        "sessions.pages.views.CONFIG", CONFIG.model_copy(update={"bind": "127.0.0.1", "public_url": ""})
    )
    assert links_of(RequestFactory(headers={"Host": host}).get("/"), "ABCDEF").only_here is only_here


@pytest.mark.parametrize(
    ("public", "path", "address"),
    [
        ("", "/j/ABCDEF", "http://testserver/j/ABCDEF"),
        ("https://quiz.example", "/j/ABCDEF", "https://quiz.example/j/ABCDEF"),
        ("https://example.org/quiz", "/quiz/j/ABCDEF", "https://example.org/quiz/j/ABCDEF"),
    ],
)
def test_the_path_below_which_the_server_lives_is_in_an_address_once(
    public: str, path: str, address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sessions.pages.views.CONFIG", CONFIG.model_copy(update={"public_url": public}))
    assert public_url(RequestFactory().get("/"), path) == address

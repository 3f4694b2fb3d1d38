"""The practice page as it is served: whole without a connection, and another worker for another release or language."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from django.test import Client, override_settings

from common.config import BASE_DIR
from practice import pages
from quizserver.static_files import without_comments

STATIC = BASE_DIR / "static"
IMPORT = re.compile(r'(?:\bfrom |\bimport\(?)"(\.[^"]+)"')


def imported(name: str, found: set[str]) -> set[str]:
    """The modules that one imports, and those that they do."""
    # Without its comments, where types are imported that no browser fetches.
    for relative in IMPORT.findall(without_comments((STATIC / name).read_text(encoding="utf-8"))):
        path = ((STATIC / name).parent / relative).resolve().relative_to(STATIC.resolve()).as_posix()
        if path not in found:
            found.add(path)
            imported(path, found)
    return found


def shell(**headers: str) -> dict[str, Any]:
    """What the service worker is told."""
    reply = Client().get("/practice/worker.js", headers=headers)
    assert reply.headers["Content-Type"].startswith("text/javascript")
    assert reply.headers["Cache-Control"] == "no-cache"
    found: dict[str, Any] = json.loads(reply.content.decode().split("\n")[0].removeprefix("self.SHELL = ").rstrip(";"))
    return found


def test_the_page_is_kept_with_every_module_that_it_imports() -> None:
    assert set(pages.MODULES) == imported("practice/practice.js", set())


def test_every_file_that_the_page_names_is_kept() -> None:
    page = Client().get("/practice/").content.decode()
    named = set(re.findall(r'(?:src|href)="([^"]*/static/[^"]+)"', page))
    assert len(named) > 10
    assert named <= set(shell()["files"])


def test_another_language_is_another_worker_and_the_same_one_is_not() -> None:
    english, again, german = shell(), shell(), shell(**{"Accept-Language": "de"})
    assert english == again
    assert english["release"] != german["release"]


def test_another_release_is_another_worker(monkeypatch: pytest.MonkeyPatch) -> None:
    before = shell()["release"]
    monkeypatch.setattr(pages, "_digest", lambda: "other scripts")
    assert shell()["release"] != before


@override_settings(DEBUG=True)
def test_in_development_the_worker_follows_the_files() -> None:
    assert shell()["release"] == shell()["release"]


def test_it_can_be_kept_among_the_apps_of_a_device() -> None:
    assert 'href="/practice/manifest.webmanifest"' in Client().get("/practice/").content.decode()
    reply = Client().get("/practice/manifest.webmanifest", headers={"Accept-Language": "de"})
    assert reply.headers["Content-Type"] == "application/manifest+json"
    told = reply.json()
    assert (told["start_url"], told["scope"], told["display"], told["lang"]) == (
        "/practice/",
        "/practice/",
        "standalone",
        "de",
    )


def test_it_holds_to_the_strict_policy_and_sets_no_cookie() -> None:
    reply = Client().get("/practice/")
    assert "unsafe" not in reply.headers["Content-Security-Policy"]
    assert not reply.cookies

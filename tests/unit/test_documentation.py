"""Documentation holds together: links lead somewhere, every page is listed, and decisions have no gap."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from common.config import BASE_DIR

PAGES = sorted([*BASE_DIR.glob("*.md"), *(BASE_DIR / "docs").rglob("*.md")])
DECISIONS = sorted((BASE_DIR / "docs" / "decisions").glob("[0-9]*.md"))
_LINK = re.compile(r"\]\((?!\w+:)([^)#\s]+)(?:#[^)]*)?\)")
_FOLDERS = "common|quizserver|quizzes|scoring|leaderboards|sessions|simulation|tests|bench"
_MODULE = re.compile(rf"(?<![\w/.-])(?:{_FOLDERS})/[\w/]+\.(?:py|lua|tsv)\b")


def targets(page: Path) -> set[Path]:
    return {(page.parent / link).resolve() for link in _LINK.findall(page.read_text(encoding="utf-8"))}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(BASE_DIR)))
def test_what_a_page_links_to_or_names_is_there(page: Path) -> None:
    named = {BASE_DIR / name for name in _MODULE.findall(page.read_text(encoding="utf-8"))}
    assert {str(path) for path in targets(page) | named if not path.exists()} == set()


def test_every_page_is_in_the_index() -> None:
    index = BASE_DIR / "docs" / "index.md"
    listed = targets(index)
    assert {page.name for page in (BASE_DIR / "docs").glob("*.md") if page != index and page not in listed} == set()


def test_decisions_are_numbered_without_a_gap_and_listed() -> None:
    assert [int(page.name[:4]) for page in DECISIONS] == list(range(1, len(DECISIONS) + 1))
    assert set(DECISIONS) <= targets(DECISIONS[0].parent / "README.md")
    for page in DECISIONS:
        assert page.read_text(encoding="utf-8").startswith(f"# {int(page.name[:4])}. ")

"""Normalising is linear whatever comes, and there is one way to do it."""

from __future__ import annotations

import ast
import sys
import unicodedata
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from common.config import BASE_DIR
from quizzes.rules.content import QuestionContent
from quizzes.rules.text import _MARKS, MOST_MARKS, Form, _is_mark, normalize, stream_safe
from scoring.rules.grading import InvalidAnswer, grade
from sessions.rules.player_names import InvalidUsername, clean_username

FORMS: tuple[Form, ...] = ("NFC", "NFD", "NFKC", "NFKD")
_MARK = st.sampled_from(sorted(_MARKS))
_TEXT = st.lists(st.one_of(st.text(max_size=3), _MARK, st.lists(_MARK, max_size=90).map("".join))).map("".join)


def longest_run(text: str) -> int:
    """Of characters that are sorted."""
    longest = run = 0
    for char in text:
        run = run + 1 if char in _MARKS else 0
        longest = max(longest, run)
    return longest


@given(text=_TEXT, form=st.sampled_from(FORMS))
def test_no_run_of_marks_is_longer_than_unicode_allows_and_other_texts_are_as_they_were(text: str, form: Form) -> None:
    safe = stream_safe(text)
    assert longest_run(safe) <= MOST_MARKS
    assert normalize(form, text) == unicodedata.normalize(form, safe)
    if longest_run(text) <= MOST_MARKS:
        assert safe == text


def test_every_character_that_is_sorted_is_known() -> None:
    assert all(chr(code) in _MARKS for code in range(sys.maxunicode + 1) if _is_mark(chr(code)))


@pytest.mark.parametrize("marks", ["\u0300\u0327", "\u0f73\u0f75", "\u302a\u0301", "\U000101fd\u0301"])
def test_alternating_marks_are_cut(marks: str) -> None:
    assert len(normalize("NFKD", "a" + marks * 5_000)) <= 1 + 3 * MOST_MARKS


def test_what_is_far_too_long_is_refused_before_it_is_looked_at(monkeypatch: pytest.MonkeyPatch) -> None:
    def untouched(_form: Form, text: str) -> str:
        assert len(text) < 100, "It was normalised."
        return text

    monkeypatch.setattr("scoring.rules.grading.normalize", untouched)
    monkeypatch.setattr("sessions.rules.player_names.normalize", untouched)
    pile = "a" + "\u0300\u0327" * 4_700
    typed = QuestionContent("q", "typed", "?", correct_answers=("a",))
    with pytest.raises(InvalidAnswer):
        grade(typed, pile, language="en")
    for kind in ("multi", "order"):
        question = QuestionContent("q", kind, "?", options=("a", "b"), correct_answers=("a",))
        with pytest.raises(InvalidAnswer):
            grade(question, [pile], language="en")
    with pytest.raises(InvalidUsername):
        clean_username(pile)


def modules() -> list[Path]:
    parts = ("common", "quizserver", "quizzes", "scoring", "leaderboards", "classes", "sessions")
    return [path for part in parts for path in sorted((BASE_DIR / part).rglob("*.py"))]


def test_nothing_normalises_but_through_here() -> None:
    found = []
    for path in modules():
        if path == BASE_DIR / "quizzes" / "rules" / "text.py":
            continue
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.ImportFrom) and node.module == "unicodedata":
                found += [path for name in node.names if name.name == "normalize"]
            if isinstance(node, ast.Attribute) and node.attr == "normalize":
                of = node.value
                if isinstance(of, ast.Name) and of.id == "unicodedata":
                    found.append(path)
    assert found == []

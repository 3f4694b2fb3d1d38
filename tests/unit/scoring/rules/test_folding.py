"""What folding costs, counted: answers arrive by the thousand within a second."""

from __future__ import annotations

import re
from typing import Any

import pytest

from quizzes.rules.content import QuestionContent
from scoring.rules.folding import Folder
from scoring.rules.grading import grade
from scoring.rules.languages import LANGUAGES, language_for


@pytest.mark.parametrize(
    ("right", "answer", "tag"),
    [("the kitchen", "the kitchan", "en"), ("der Schlüssel", "der Schlüsel", "de"), ("дверь", "двевь", "ru")],
)
def test_a_new_near_miss_is_folded_at_most_five_times(
    right: str, answer: str, tag: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    question = QuestionContent("cost", "typed", "?", correct_answers=(right,))
    # What prepares the question.
    grade(question, right, language=tag)
    grade(question, f"{right}q", language=tag)
    folded: list[str] = []
    fold = Folder._fold

    def counted(self: Folder, text: str, case: bool) -> str:
        folded.append(text)
        return fold(self, text, case)

    monkeypatch.setattr(Folder, "_fold", counted)
    assert grade(question, answer, language=tag).verdict == "almost"
    assert len(folded) <= 5, folded


@pytest.mark.parametrize("tag", LANGUAGES)
def test_a_language_makes_no_regular_expression_before_a_text_needs_one(
    tag: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refused(*_arguments: Any, **_named: Any) -> Any:
        raise AssertionError("a regular expression was made")

    monkeypatch.setattr(re, "compile", refused)
    word = "ねこ" if tag == "ja" else "word"
    assert Folder(language_for(tag)).keys(word) == (word,)

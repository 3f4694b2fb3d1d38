"""What a fair teacher would say of hard cases in many languages, see teacher_cases.tsv."""

from __future__ import annotations

import re
from pathlib import Path
from typing import NamedTuple

import pytest

from quizzes.rules.content import QuestionContent
from scoring.rules.grading import grade

TABLE = Path(__file__).with_name("teacher_cases.tsv")


class TeacherCase(NamedTuple):
    language: str
    accepted: tuple[str, ...]
    others: tuple[str, ...]
    answer: str
    verdicts: frozenset[str]
    why: str

    @property
    def is_opinion(self) -> bool:
        return self.why.startswith("opinion: ")


def unescaped(text: str) -> str:
    return re.sub(r"\\u([0-9a-f]{4})|\\U([0-9a-f]{8})", lambda found: chr(int(found[1] or found[2], 16)), text)


def texts(field: str) -> tuple[str, ...]:
    return tuple(map(unescaped, field.split(" || "))) if field else ()


def case(line: str) -> TeacherCase:
    language, accepted, others, answer, verdicts, why = line.split("\t")
    return TeacherCase(language, texts(accepted), texts(others), unescaped(answer), frozenset(verdicts.split()), why)


LINES = TABLE.read_text(encoding="utf-8").splitlines()
TEACHER_CASES = [case(line) for line in LINES if line and not line.startswith("#")]


def verdict(tried: TeacherCase) -> str:
    question = QuestionContent("q", "typed", "?", correct_answers=tried.accepted, confusable=tried.others)
    return grade(question, tried.answer, language=tried.language).verdict


@pytest.mark.parametrize(
    "tried",
    [tried for tried in TEACHER_CASES if not tried.is_opinion],
    ids=lambda tried: f"{tried.language}-{tried.why}",
)
def test_it_judges_as_a_fair_teacher_would(tried: TeacherCase) -> None:
    assert verdict(tried) in tried.verdicts, tried


def test_opinions_are_few_and_never_make_a_wrong_answer_right() -> None:
    opinions = [tried for tried in TEACHER_CASES if tried.is_opinion]
    assert len(opinions) < 0.03 * len(TEACHER_CASES)
    assert all(verdict(tried) != "correct" for tried in opinions)

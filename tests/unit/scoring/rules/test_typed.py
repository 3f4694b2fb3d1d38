"""Typed answers: the table of cases, and properties."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from quizzes.rules.content import Grading, QuestionContent
from scoring.rules.grading import grade
from scoring.rules.points import Verdict

_ESCAPE = re.compile(r"\\u([0-9a-f]{4})")


@dataclass(frozen=True)
class Case:
    language: str
    accepted: tuple[str, ...]
    answer: str
    rules: str
    verdict: Verdict
    why: str

    def question(self) -> QuestionContent:
        rules: dict[str, Any] = dict(item.split("=") for item in self.rules.split(";") if item)
        others = tuple(rules.pop("others", "").split("|")) if "others" in rules else ()
        if "almost" in rules:
            rules["almost"] = float(rules["almost"])
        grading = Grading(**rules)
        return QuestionContent("q", "typed", "?", correct_answers=self.accepted, confusable=others, grading=grading)


def read_cases() -> list[Case]:
    lines = Path(__file__).with_name("typed_cases.tsv").read_text(encoding="utf-8").splitlines()
    cases = []
    for line in lines:
        if line.startswith("#"):
            continue
        fields = [_ESCAPE.sub(lambda found: chr(int(found[1], 16)), field) for field in line.split("\t")]
        language, accepted, answer, rules, verdict, why = fields
        assert verdict in ("correct", "almost", "wrong"), line
        cases.append(Case(language, tuple(accepted.split("|")), answer, rules, verdict, why))  # type: ignore[arg-type]
    return cases


CASES = read_cases()


@pytest.mark.parametrize(
    "case", [pytest.param(case, id=f"{case.language}-{index}") for index, case in enumerate(CASES)]
)
def test_it_grades_as_a_teacher_would(case: Case) -> None:
    result = grade(case.question(), case.answer, language=case.language)
    assert result.verdict == case.verdict, f"{case} was compared with {result.matched!r}"


def test_the_table_has_two_hundred_cases_in_a_dozen_languages_and_no_case_twice() -> None:
    assert len(CASES) >= 200
    assert len({case.language for case in CASES}) >= 12
    assert len({replace(case, why="", verdict="wrong") for case in CASES}) == len(CASES)


def test_the_mark_of_a_separable_prefix_does_not_count() -> None:
    question = QuestionContent("q", "typed", "?", correct_answers=("an|rufen",))
    assert grade(question, "anrufen", language="de").verdict == "correct"
    assert grade(question, "an|rufen", language="de").verdict == "correct"

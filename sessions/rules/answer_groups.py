"""What was typed, by frequency: answers that are compared alike count as one. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from quizzes.rules.content import QuestionContent
from scoring.rules.points import Verdict
from scoring.rules.typed import fold


@dataclass(frozen=True, slots=True)
class AnswerGroup:
    """An answer in the spelling that most players used, and how many gave it in any."""

    answer: str
    verdict: Verdict
    count: int


def group_answers(
    question: QuestionContent, counted: Iterable[tuple[str, Verdict, int]], *, language: str
) -> list[AnswerGroup]:
    """Answers to a typed question that differ in nothing the question looks at, together; the most frequent first.

    :param counted: answer text, verdict, and how many gave it.
    :param language: BCP 47 tag of the quiz.
    """
    language = question.language or language
    groups: dict[tuple[tuple[str, ...], Verdict], list[tuple[int, str]]] = {}
    for text, verdict, count in counted:
        groups.setdefault((fold(question, text, language), verdict), []).append((-count, text))
    found = [
        AnswerGroup(min(spellings)[1], verdict, -sum(count for count, _ in spellings))
        for (_, verdict), spellings in groups.items()
    ]
    return sorted(found, key=lambda group: (-group.count, group.answer))

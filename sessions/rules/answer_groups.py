"""What was typed, by frequency: answers that are compared alike count as one. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from quizzes.rules.content import QuestionContent
from scoring.rules.difference import Segment, difference_shown
from scoring.rules.points import Verdict
from scoring.rules.typed import fold


@dataclass(frozen=True, slots=True)
class AnswerGroup:
    """An answer in the spelling that most players used, and how many gave it in any."""

    answer: str
    verdict: Verdict
    count: int
    #: What parts an almost right one from the right one; ``None`` for others, and where nobody asked for it.
    difference: list[Segment] | None = None


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


def with_differences(
    question: QuestionContent, groups: Sequence[AnswerGroup], *, language: str, accepted: Sequence[str] = ()
) -> list[AnswerGroup]:
    """The groups, each almost right one with its difference from the right answer. Each is graded again for it.

    :param accepted: answers that a host accepted besides the author's.
    """
    return [
        replace(
            group,
            difference=difference_shown(question, group.answer, group.verdict, language=language, accepted=accepted),
        )
        for group in groups
    ]

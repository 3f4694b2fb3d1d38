"""What was typed, by frequency: answers that are compared alike count as one. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from quizzes.rules.content import QuestionContent
from scoring.rules.difference import Segment, difference_shown
from scoring.rules.grading import as_given, gap_questions, grade_gaps
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
    #: Of a text with gaps: which one it was typed into, from 1.
    gap: int | None = None


def group_answers(
    question: QuestionContent,
    counted: Iterable[tuple[str, Verdict, int]],
    *,
    language: str,
    accepted: Sequence[str] = (),
) -> list[AnswerGroup]:
    """Answers to a typed question that differ in nothing the question looks at, together; the most frequent first.

    Of a text with gaps what was typed into each gap, the gaps in their order.

    :param counted: answer text, verdict, and how many gave it.
    :param language: BCP 47 tag of the quiz.
    :param accepted: answers that a host accepted besides the author's.
    """
    if question.kind == "gaps":
        return _groups_by_gap(question, counted, language=language, accepted=accepted)
    language = question.language or language
    groups: dict[tuple[tuple[str, ...], Verdict], list[tuple[int, str]]] = {}
    for text, verdict, count in counted:
        groups.setdefault((fold(question, text, language), verdict), []).append((-count, text))
    found = [
        AnswerGroup(min(spellings)[1], verdict, -sum(count for count, _ in spellings))
        for (_, verdict), spellings in groups.items()
    ]
    return sorted(found, key=lambda group: (-group.count, group.answer))


def _groups_by_gap(
    question: QuestionContent,
    counted: Iterable[tuple[str, Verdict, int]],
    *,
    language: str,
    accepted: Sequence[str],
) -> list[AnswerGroup]:
    asked = gap_questions(question)
    counts: list[dict[tuple[str, Verdict], int]] = [{} for _gap in asked]
    for stored, _verdict, count in counted:
        given = as_given("gaps", stored)
        grades = grade_gaps(question, given, language=language, accepted=accepted)
        for text, judged, known in zip(given, grades, counts, strict=True):
            if judged:
                known[text, judged.verdict] = known.get((text, judged.verdict), 0) + count
    return [
        replace(group, gap=place)
        for place, (gap, known) in enumerate(zip(asked, counts, strict=True), start=1)
        if gap.kind == "typed"
        for group in group_answers(gap, [(*key, count) for key, count in known.items()], language=language)
    ]


def with_differences(
    question: QuestionContent, groups: Sequence[AnswerGroup], *, language: str, accepted: Sequence[str] = ()
) -> list[AnswerGroup]:
    """The groups, each almost right one with its difference from the right answer. Each is graded again for it.

    :param accepted: answers that a host accepted besides the author's.
    """
    return [replace(group, difference=_difference(question, group, language, accepted)) for group in groups]


def _difference(
    question: QuestionContent, group: AnswerGroup, language: str, accepted: Sequence[str]
) -> list[Segment] | None:
    if group.gap is not None:
        place = group.gap - 1
        question, others = gap_questions(question)[place], [as_given("gaps", each)[place] for each in accepted]
        accepted = [other for other in others if other]
    return difference_shown(question, group.answer, group.verdict, language=language, accepted=accepted)

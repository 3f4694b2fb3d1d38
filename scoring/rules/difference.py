"""The difference between a typed answer and the right one, to show to the player. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, NamedTuple
from unicodedata import combining

from rapidfuzz.distance import Indel

from quizzes.rules.content import QuestionContent
from quizzes.rules.text import normalize
from scoring.rules.grading import as_given, gap_questions, grade, grade_gaps
from scoring.rules.points import Verdict

#: ``same`` stands in both (as typed), ``extra`` in the typed answer only, ``missing`` in the right one only.
Op = Literal["same", "extra", "missing"]


Segment = tuple[Op, str]


def difference_shown(
    question: QuestionContent, answer: str, verdict: Verdict, *, language: str, accepted: Sequence[str] = ()
) -> list[Segment] | None:
    """What parts an almost right typed answer from the right one it is compared with; ``None`` for any other answer.

    It tells the right answer: not before that may be told.

    :param language: BCP 47 tag of the quiz.
    :param accepted: answers that a host accepted besides the author's.
    """
    if question.kind != "typed" or verdict != "almost":
        return None
    matched = grade(question, answer, language=language, accepted=accepted).matched
    return difference(answer, matched) if matched else None


class GapShown(NamedTuple):
    """What became of one gap: the verdict, ``None`` where it was left open, and as :func:`difference_shown`."""

    verdict: Verdict | None
    difference: list[Segment] | None = None


def gaps_shown(
    question: QuestionContent, stored: str, *, language: str, accepted: Sequence[str] = ()
) -> list[GapShown] | None:
    """What became of each gap of a stored answer; ``None`` for other kinds of questions. It tells the right answers.

    :param language: BCP 47 tag of the quiz.
    :param accepted: answers that a host accepted besides the author's.
    """
    if question.kind != "gaps":
        return None
    given = as_given(question.kind, stored)
    grades = grade_gaps(question, given, language=language, accepted=accepted)
    return [
        GapShown(
            judged.verdict if judged else None,
            difference(text, judged.matched)
            if judged and judged.verdict == "almost" and gap.kind == "typed" and judged.matched
            else None,
        )
        for gap, text, judged in zip(gap_questions(question), given, grades, strict=True)
    ]


def difference(typed: str, right: str) -> list[Segment]:
    """Segments that tell how to get from the typed answer to the right one; capitals do not count.

    A letter and its marks stay together. The texts of ``same`` and ``extra`` make up the typed answer (in NFC), those
    of ``same`` and ``missing`` the right one, but for capitals. Of a replaced part, ``extra`` comes first.
    """
    ours, theirs = _characters(typed), _characters(right)
    segments: list[Segment] = []
    missing = ""
    for step in Indel.opcodes([char.casefold() for char in ours], [char.casefold() for char in theirs]):
        if step.tag == "insert":
            missing += "".join(theirs[step.dest_start : step.dest_end])
            continue
        text = "".join(ours[step.src_start : step.src_end])
        if step.tag == "delete":
            segments.append(("extra", text))
            continue
        if missing:
            segments.append(("missing", missing))
            missing = ""
        segments.append(("same", text))
    if missing:
        segments.append(("missing", missing))
    return segments


def _characters(text: str) -> list[str]:
    """The text cut before every character that is not a mark on the one before it."""
    characters: list[str] = []
    for char in normalize("NFC", text):
        if characters and combining(char):
            characters[-1] += char
        else:
            characters.append(char)
    return characters

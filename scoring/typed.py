"""Comparing a typed answer with the accepted ones, as a language teacher would. Pure."""

from __future__ import annotations

from unicodedata import normalize

from quizzes.content import QuestionContent
from scoring.points import Verdict

#: Bidirectional controls and the other characters that show nothing.
_INVISIBLE = dict.fromkeys(
    [0x00AD, 0x061C, 0x200B, 0x200E, 0x200F, *range(0x202A, 0x202F), *range(0x2060, 0x206A), 0xFEFF]
)


def strip_invisible(text: str) -> str:
    """The text without bidirectional controls and other characters that show nothing."""
    return text.translate(_INVISIBLE)


def compare(question: QuestionContent, text: str, language: str) -> tuple[Verdict, str]:
    """The verdict on a typed answer and the accepted answer it is closest to."""
    key = normalize("NFKC", text).casefold()
    for accepted in question.correct_answers:
        if normalize("NFKC", accepted).strip().casefold() == key:
            return "correct", accepted
    return "wrong", next(iter(question.correct_answers), "")

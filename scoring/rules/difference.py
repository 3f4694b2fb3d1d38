"""The difference between a typed answer and the right one, to show to the player. Pure."""

from __future__ import annotations

from typing import Literal
from unicodedata import combining

from rapidfuzz.distance import Indel

from quizzes.rules.text import normalize

#: ``same`` stands in both (as typed), ``extra`` in the typed answer only, ``missing`` in the right one only.
Op = Literal["same", "extra", "missing"]


def difference(typed: str, right: str) -> list[tuple[Op, str]]:
    """Segments that tell how to get from the typed answer to the right one; capitals do not count.

    A letter and its marks stay together. The texts of ``same`` and ``extra`` make up the typed answer (in NFC), those
    of ``same`` and ``missing`` the right one, but for capitals. Of a replaced part, ``extra`` comes first.
    """
    ours, theirs = _characters(typed), _characters(right)
    segments: list[tuple[Op, str]] = []
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

"""Gap texts: where the gaps stand in a text, and how a text reads without them, or with what is in them. Pure.

In the exchange format a gap stands as ``[[1]]``, ``[[2]]`` and so on, each once and in this order; what belongs in it
is in the question's ``gaps``. Authors write what belongs in a gap where it stands, in brackets: ``The [cat] sat on the
[mat|rug].``; a bracket that is none has a backslash before it.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

_MARK: Final = re.compile(r"\[\[([0-9]{1,3})\]\]")
#: What stands for a gap where nothing can be written in.
BLANK: Final = "____"
#: An escaped character, or a bracket that is closed on the same line.
_BRACKETS: Final = re.compile(r"\\([\[\]\\|])|\[([^\[\]\n\\]*(?:\\[\[\]\\|][^\[\]\n\\]*)*)\]")
_ESCAPES: Final = re.compile(r"([\[\]\\|])")
_ESCAPED: Final = re.compile(r"\\([\[\]\\|])")
_BAR: Final = re.compile(r"(?<!\\)\|")


def mark(number: int) -> str:
    """What stands for the gap of this number, from 1."""
    return f"[[{number}]]"


def marks(text: str) -> list[int]:
    """The numbers of the gaps in a text, as they stand."""
    return [int(found) for found in _MARK.findall(text)]


def pieces(text: str) -> list[str]:
    """The text before, between and after its gaps: one more than there are gaps."""
    return _MARK.split(text)[::2]


def blanked(text: str) -> str:
    """The text with a line for each gap, for people to read."""
    return _MARK.sub(BLANK, text)


def filled(text: str, answers: Sequence[str]) -> str:
    """The text with something in its gaps; a line where that is empty."""
    before, *rest = pieces(text)
    fillings = [*answers, *([""] * len(rest))]
    return before + "".join(f"{filling or BLANK}{piece}" for filling, piece in zip(fillings, rest, strict=False))


def from_brackets(text: str) -> tuple[str, list[list[str]]]:
    """An author's text with its gaps marked, and the answers that stand in each bracket."""
    gaps: list[list[str]] = []

    def marked(found: re.Match[str]) -> str:
        if found[1]:
            return found[1]
        answers = [_ESCAPED.sub(r"\1", part).strip() for part in _BAR.split(found[2])]
        gaps.append(list(dict.fromkeys(filter(None, answers))))
        return mark(len(gaps))

    return _BRACKETS.sub(marked, text), gaps


def in_brackets(text: str, answers: Sequence[str]) -> str:
    """The opposite: the text as its author would write it, each gap with one answer."""
    before, *rest = map(_escape, pieces(text))
    return before + "".join(f"[{_escape(answer)}]{piece}" for answer, piece in zip(answers, rest, strict=False))


def _escape(text: str) -> str:
    return _ESCAPES.sub(r"\\\1", text)

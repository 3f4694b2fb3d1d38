"""The meanings in one cell."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from quizzes.rules import limits

MEANING_WORDS_MAX: Final = 3
_NUMBERING: Final = re.compile(r"\s*(?:\(?(\d{1,2}|[a-h])[.)]|[-*•·–▪])\s+(?=\S)")
_NUMBER: Final = re.compile(r"\d,\d")
_OPENING: Final = "(（["
_CLOSING: Final = ")）]"


def split_meanings(text: str, notes: list[str]) -> Iterator[str]:
    """The meanings in one cell: parted by semicolons and lines, and by commas when each part is short.

    :param notes: told when something is read otherwise than it stands.
    """
    # One meaning more than is kept: further ones are left out anyway.
    text = text[: (limits.MEANING_LENGTH + 5) * (limits.MEANINGS_MAX + 1) * 2]
    parts = [part.strip() for part in re.split("[;；\n]", text)] if text else []
    if any(not part for part in parts):
        notes.append(_("An empty meaning was left out."))
    parts = _without_numbering(list(filter(None, parts)))
    meanings: list[str] = []
    for part in parts:
        pieces = [piece.strip() for piece in _at_commas(part)]
        if len(pieces) > 1 and all(pieces) and all(len(piece.split()) <= MEANING_WORDS_MAX for piece in pieces):
            notes.append(_read_as(pieces))
            meanings += pieces
        else:
            meanings.append(part)
    distinct = list(dict.fromkeys(meanings))
    if len(distinct) > limits.MEANINGS_MAX:
        notes.append(_("Only the first %(max)d meanings were kept.") % {"max": limits.MEANINGS_MAX})
    yield from distinct[: limits.MEANINGS_MAX]


def _read_as(pieces: list[str]) -> str:
    said = ngettext("Read as %(count)d meaning: %(list)s.", "Read as %(count)d meanings: %(list)s.", len(pieces))
    return said % {"count": len(pieces), "list": "; ".join(pieces)}


def _without_numbering(parts: list[str]) -> list[str]:
    """``1. bank``, ``2. shore`` without the numbers of the list."""
    if len(parts) > 1 and all(_NUMBERING.match(part) for part in parts):
        return [part[found.end() :].strip() for part in parts if (found := _NUMBERING.match(part))]
    if len(parts) == 1:
        # "1. bank 2. shore" in one line.
        pieces = re.split(r"(?:^|\s+)\(?[1-9][.)]\s+", parts[0])
        if len(pieces) > 2 and not pieces[0]:
            return [piece.strip(" ,;") for piece in pieces[1:] if piece.strip(" ,;")]
    return parts


def _at_commas(text: str) -> Iterator[str]:
    """The pieces between commas that stand in no parentheses, and in no number."""
    depth = start = 0
    for place, char in enumerate(text):
        if char in _OPENING:
            depth += 1
        elif char in _CLOSING:
            depth = max(0, depth - 1)
        elif (
            char in ",，、،"
            and not depth
            and not (text[place - 1 : place].isdigit() and text[place + 1 : place + 2].isdigit())
        ):
            yield text[start:place]
            start = place + 1
    yield text[start:]

"""Pasted lines and Quizlet's text export: a word and its meaning on each line, whatever stands between them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from django.utils.translation import gettext as _

from quizzes.importers.base import CannotRead, Draft, Item
from quizzes.rules import limits

#: What may stand between a word and its meaning, the surest first. A hyphen within a word is none.
SEPARATORS: Final = ("\t", " = ", " – ", " — ", " - ", "=", ";", ":", ",", "–", "—")
MEANING_WORDS_MAX: Final = 3
_COMMAS = re.compile(r"[,，](?![^()]*\))\s*|、")


def read_lines(text: str, *, separator: str = "", row_separator: str = "\n") -> Draft:
    """The words of a text.

    :param separator: what stands between a word and its meaning; empty to find out.
    :param row_separator: what stands between two words.
    :raises CannotRead: when there is nothing to read.
    """
    text = text.lstrip("\ufeff").replace("\r\n", "\n").replace("\r", "\n")
    rows = [(number, row.strip("\n")) for number, row in enumerate(text.split(row_separator or "\n"), start=1)]
    rows = [(number, row) for number, row in rows if row.strip()]
    if not rows:
        raise CannotRead(_("There is nothing to read."))
    separator = separator or find_separator([row for _number, row in rows])
    return Draft("words", (_item(number, row, separator) for number, row in rows))


def find_separator(rows: list[str]) -> str:
    """What stands between words and meanings: a tab where there is one, else what most of the lines have."""
    counts = {separator: sum(separator in row.strip() for row in rows) for separator in SEPARATORS}
    if counts["\t"]:
        return "\t"
    return max(SEPARATORS, key=lambda separator: counts[separator])


def _item(number: int, row: str, separator: str) -> Item:
    term, found, rest = row.partition(separator)
    if not found:
        return Item(number, row, None, (_("There is no meaning after the word."),))
    # A tab may be followed by further columns; any other separator may occur in the meaning.
    meaning, *more = rest.split("\t") if separator == "\t" else [rest]
    notes: list[str] = []
    meanings = list(split_meanings(meaning.strip(), notes))
    data = {"term": term.strip(), "meanings": meanings}
    if more and more[0].strip():
        data["example"] = more[0].strip()
    if any(column.strip() for column in more[1:]):
        notes.append(_("The columns after the third were left out."))
    return Item(number, row, data, tuple(notes))


def split_meanings(text: str, notes: list[str]) -> Iterator[str]:
    """The meanings in one cell: parted by semicolons, and by commas when each part is short.

    :param notes: told when something is read otherwise than it stands.
    """
    parts = [part.strip() for part in re.split("[;；\n]", text)] if text else []
    if any(not part for part in parts):
        notes.append(_("An empty meaning was left out."))
    meanings: list[str] = []
    for part in filter(None, parts):
        pieces = [piece.strip() for piece in _COMMAS.split(part)]
        if len(pieces) > 1 and all(pieces) and all(len(piece.split()) <= MEANING_WORDS_MAX for piece in pieces):
            notes.append(_("Read as %(count)d meanings: %(list)s.") % {"count": len(pieces), "list": "; ".join(pieces)})
            meanings += pieces
        else:
            meanings.append(part)
    distinct = list(dict.fromkeys(meanings))
    if len(distinct) > limits.MEANINGS_MAX:
        notes.append(_("Only the first %(max)d meanings were kept.") % {"max": limits.MEANINGS_MAX})
    yield from distinct[: limits.MEANINGS_MAX]

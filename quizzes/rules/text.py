"""Text from strangers, normalised in linear time. Pure.

Normalising sorts the marks that stand on one letter, and CPython sorts them by insertion: a run of 5,000 takes 18 ms,
and twice as many four times that. No writing needs long runs; Unicode calls a text with at most 30 in a row stream-safe
(UAX #15, section 13). Nothing in this project normalises but through here (a test looks).
"""

from __future__ import annotations

import itertools
import unicodedata
from typing import Final, Literal

Form = Literal["NFC", "NFD", "NFKC", "NFKD"]

#: Marks that may stand on one letter, as UAX #15 bounds them; those beyond are dropped.
MOST_MARKS: Final = 30
#: Where Unicode has marks that are sorted: not among ideographs, Hangul and private characters, and none further on.
_PLACES: Final = (range(0x300, 0x3100), range(0xA66F, 0xAC00), range(0xFB1E, 0x1F000))


def _is_mark(char: str) -> bool:
    """Whether it is sorted, or begins with what is when it is taken apart."""
    if unicodedata.combining(char):
        return True
    return bool(unicodedata.decomposition(char) and unicodedata.combining(unicodedata.normalize("NFKD", char)[0]))


_MARKS: Final = frozenset(filter(_is_mark, map(chr, itertools.chain(*_PLACES))))


def normalize(form: Form, text: str) -> str:
    """As :func:`unicodedata.normalize`, of a text in which no letter bears more than :data:`MOST_MARKS` marks."""
    if text.isascii():
        return text
    return unicodedata.normalize(form, stream_safe(text))


def stream_safe(text: str) -> str:
    """The text without the marks that are too many on one letter."""
    # A run that is too long has one of these characters in it, wherever it begins.
    if _MARKS.isdisjoint(text[MOST_MARKS :: MOST_MARKS + 1]):
        return text
    kept: list[str] = []
    run = 0
    for char in text:
        run = run + 1 if char in _MARKS else 0
        if run <= MOST_MARKS:
            kept.append(char)
    return "".join(kept)

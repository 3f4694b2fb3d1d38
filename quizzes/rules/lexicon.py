"""Tables of common words, searched as they are read. Pure: they are as constant as the code.

A table (see lexicons/README.md) has the common words that lie as near to another one as a slip, each with its Zipf
frequency (the logarithm of how often it stands in a thousand million words) and the form that dictionaries have it
under. A language costs no more memory than its file.
"""

from __future__ import annotations

import re
from functools import lru_cache
from pkgutil import get_data
from typing import NamedTuple


class LexiconEntry(NamedTuple):
    """A word as the table has it."""

    #: Ten times its Zipf frequency.
    zipf: int
    lemma: str


class Lexicon:
    """The words of one language."""

    def __init__(self, lines: bytes) -> None:
        """:param lines: ``word zipf [lemma]`` in the order of their bytes."""
        self._lines = lines

    def find(self, word: str) -> LexiconEntry | None:
        """The word in small letters (ß as ss), or ``None``."""
        # No letter comes before a space: lines are in the order of their words with the space behind.
        sought = word.encode() + b" "
        lines, size = self._lines, len(sought)
        low, high = 0, len(lines)
        while low < high:
            start = lines.rfind(b"\n", low, (low + high) // 2) + 1 or low
            found = lines[start : start + size]
            if found == sought:
                return _entry(word, lines[start + size : lines.find(b"\n", start)].decode())
            if found < sought:
                low = lines.find(b"\n", start) + 1
            else:
                high = start
        return None


#: The frequency and, where it is another word, the lemma: letters to cut off at the end, and what stands for them.
_REST = re.compile(r"(\d+)(?: (\d+)(.*))?")


def _entry(word: str, rest: str) -> LexiconEntry:
    found = _REST.fullmatch(rest)
    if found is None:
        raise ValueError(f"the line of {word} is broken")
    return LexiconEntry(int(found[1]), word[: len(word) - int(found[2] or 0)] + (found[3] or ""))


#: Languages that share a table with another one.
_SHARED = {"nb": "no", "nn": "no", "bs": "hr", "sr": "hr", "sh": "hr", "cnr": "hr"}
KNOWN = frozenset({
    *("en", "de", "fr", "es", "it", "pt", "nl", "sv", "da", "no", "fi", "pl", "cs", "sk", "ru", "uk", "bg", "ro", "hu"),
    *("el", "tr", "ca", "id", "hr", "ja"),
})  # fmt: skip


@lru_cache(maxsize=64)
def lexicon_for(tag: str) -> Lexicon | None:
    """The words of a language by its BCP 47 tag, or ``None`` where there is no table."""
    code = tag.partition("-")[0].lower()
    name = _SHARED.get(code, code)
    return Lexicon(data(f"{name}.txt")) if name in KNOWN else None


def data(name: str) -> bytes:
    """A file of the folder ``lexicons``."""
    return get_data("quizzes.rules", f"lexicons/{name}") or b""

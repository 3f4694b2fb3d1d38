"""Whether a word that looks like a slip is another word of the language. Pure: its tables are as constant as its code.

A table (see lexicons/README.md) has the common words that lie as near to another one as a slip, each with its Zipf
frequency (the logarithm of how often it stands in a thousand million words) and the form that dictionaries have it
under. It is searched as it is read, so that a language costs no more memory than its file.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache
from pkgutil import get_data
from typing import NamedTuple
from unicodedata import combining

from quizzes.rules.text import normalize
from scoring.rules.languages import Language

#: A word is at most so much rarer than the right one (tenths of Zipf): a rarer one is more likely a slip.
RARER = 20
#: Letters at the end of a word that an inflection may change, where the right word is unknown.
_INFLECTED = 2
#: Small kana make one syllable of two: びょういん (hospital) and びよういん (hairdresser) are two words.
_LARGE_KANA = str.maketrans("ゃゅょャュョ", "やゆよヤユヨ")


class Entry(NamedTuple):
    """A word as the table has it."""

    #: Ten times its Zipf frequency.
    zipf: int
    lemma: str


class Lexicon:
    """The words of one language."""

    def __init__(self, lines: bytes) -> None:
        """:param lines: ``word zipf [lemma]`` in the order of their bytes."""
        self._lines = lines

    def find(self, word: str) -> Entry | None:
        """The word, written as a key of :class:`scoring.rules.folding.Folder`, or ``None``."""
        sought = word.encode()
        low, high = 0, len(self._lines)
        while low < high:
            start = self._lines.rfind(b"\n", low, (low + high) // 2) + 1 or low
            end = self._lines.find(b"\n", start)
            found, _space, rest = self._lines[start:end].partition(b" ")
            if found == sought:
                return _entry(word, rest.decode())
            if found < sought:
                low = end + 1
            else:
                high = start
        return None


#: The frequency and, where it is another word, the lemma: letters to cut off at the end, and what stands for them.
_REST = re.compile(r"(\d+)(?: (\d+)(.*))?")


def _entry(word: str, rest: str) -> Entry:
    found = _REST.fullmatch(rest)
    if found is None:
        raise ValueError(f"the line of {word} is broken")
    return Entry(int(found[1]), word[: len(word) - int(found[2] or 0)] + (found[3] or ""))


def is_another_word(typed: str, right: str, language: Language) -> bool:
    """Whether what is typed is another word than the right one and no slip: common enough, and of another lemma.

    Words whose letters differ in nothing but marks are never told apart here: the rule for accents does that.
    """
    if language.script == "Jpan" and typed.translate(_LARGE_KANA) == right.translate(_LARGE_KANA):
        return typed != right
    lexicon = _lexicon(language.lexicon) if language.lexicon else None
    if lexicon is None or _base(typed) == _base(right) or (entry := lexicon.find(typed)) is None:
        return False
    known = lexicon.find(right)
    if known is None:
        shared = next((i for i, (a, b) in enumerate(zip(typed, right, strict=False)) if a != b), len(typed))
        return shared < min(len(typed), len(right)) - _INFLECTED
    same = entry.lemma in (known.lemma, right) or known.lemma == typed
    return not same and known.zipf - entry.zipf <= RARER


def _base(word: str) -> str:
    return word if word.isascii() else "".join(char for char in normalize("NFD", word) if not combining(char))


@lru_cache(maxsize=64)
def _lexicon(name: str) -> Lexicon | None:
    lines = get_data("scoring.rules", f"lexicons/{name}.txt")
    return Lexicon(lines) if lines else None


@lru_cache(maxsize=1)
def simplified() -> Mapping[int, str]:
    """Chinese characters with their simplified forms, for ``str.translate``."""
    lines = (get_data("scoring.rules", "lexicons/zh.txt") or b"").decode().splitlines()
    return {ord(line[0]): line[2] for line in lines}

"""What counts as a slip: how many letters off an answer may be and still be almost right. Pure.

Letters are what a reader sees. The vowel signs of Indic scripts count as letters, a Korean syllable by the letters it
is made of, and a letter with its marks is never further off than one letter.
"""

from __future__ import annotations

import re
from functools import lru_cache
from itertools import zip_longest
from unicodedata import category, combining

from rapidfuzz.distance import OSA

from quizzes.rules.text import normalize

#: A near miss in a shorter word is another word ("cat", "bat").
MIN_NEAR_LETTERS = 4
#: Letters from which on one, two and three slips are near (a swap of neighbours is one).
_NEAR_LIMITS = ((15, 3), (8, 2), (MIN_NEAR_LETTERS, 1))

_HANGUL = re.compile("[\uac00-\ud7a3]")
#: Scripts from Devanagari to Sinhala, Burmese and Khmer: their vowels are signs on the consonant before.
_VOWEL_SIGNS = re.compile("[\u0900-\u0dff\u1000-\u109f\u1780-\u17d3]")
#: A consonant without its vowel, and the dot that makes another consonant, are no letters more.
_NO_LETTERS = frozenset(
    "\u093c\u094d\u09bc\u09cd\u0a3c\u0a4d\u0abc\u0acd\u0b3c\u0b4d\u0bcd\u0c4d\u0ccd\u0d4d\u17d2\u1039"
)
#: A block of three letters is one or two letters of other scripts: "사람" and "사랑" are no slip of each other.
_HANGUL_WEIGHT = 2 / 3


def is_near(typed: str, right: str, negations: tuple[str, ...] = ()) -> bool:
    """Whether one text is a slip or two away from the other; both are keys of :class:`Folder`.

    The distance is optimal string alignment; how much is allowed grows with the letters of the right text, and within
    a phrase with those of each word. Figures must be the same, and a negating prefix is no slip.
    """
    limit = near_limit(right)
    if limit == 0 or near_limit(typed) == 0 or distance(typed, right, limit) > limit:
        return False
    if [char for char in typed if char.isdigit()] != [char for char in right if char.isdigit()]:
        return False
    if " " not in typed and " " not in right:
        return not _negates(typed, right, negations)
    words = list(zip_longest(typed.split(), right.split(), fillvalue=""))
    if not all(all(pair) for pair in words):
        return True
    return all(a == b or is_near(a, b, negations) for a, b in words)


@lru_cache(maxsize=4_096)
def near_limit(text: str) -> int:
    """How many slips are near in a text of so many letters and figures; 0 where none is."""
    letters: float = sum(map(str.isalnum, text))
    if not text.isascii():
        if _HANGUL.search(text):
            letters = sum(len(normalize("NFD", char)) for char in text if char.isalnum()) * _HANGUL_WEIGHT
        elif _VOWEL_SIGNS.search(text):
            letters += sum(category(char) in {"Mc", "Mn"} and char not in _NO_LETTERS for char in text)
    return next((limit for least, limit in _NEAR_LIMITS if letters >= least), 0)


def distance(one: str, other: str, limit: int | None = None) -> int:
    """How many slips part two keys; more than ``limit`` may be told as ``limit + 1``."""
    if one.isascii() and other.isascii():
        return OSA.distance(one, other, score_cutoff=limit)
    if _HANGUL.search(one) and _HANGUL.search(other):
        return OSA.distance(normalize("NFD", one), normalize("NFD", other), score_cutoff=limit)
    plain = OSA.distance(one, other, score_cutoff=limit)
    if plain < 2 or not (_has_marks(one) or _has_marks(other)):
        return plain
    return min(plain, OSA.distance(clusters(one), clusters(other), score_cutoff=limit))


def clusters(text: str) -> list[str]:
    """The text in pieces a reader takes for one letter: a character with the marks on it."""
    pieces: list[str] = []
    for char in text:
        if pieces and (combining(char) or category(char) in {"Mc", "Mn"}):
            pieces[-1] += char
        else:
            pieces.append(char)
    return pieces


def _has_marks(text: str) -> bool:
    return not text.replace(" ", "").isalnum() and any(category(char) in {"Mc", "Mn"} for char in text)


def _negates(a: str, b: str, negations: tuple[str, ...]) -> bool:
    longer, shorter = (a, b) if len(a) > len(b) else (b, a)
    return longer.endswith(shorter) and longer[: -len(shorter)] in negations

"""How two texts of a word list are compared: whether they are the same answer, or may mean the same. Pure.

Coarser than the grading of typed answers, on purpose: a doubtful distractor is left out, a doubtful answer is judged.
"""

from __future__ import annotations

import re
from functools import lru_cache
from unicodedata import category, normalize

_LEADING = """
the a an to der die das den dem ein eine einen le la les l' d' un une el los las una unos unas il lo gli i uno un' o os
as um uma uns umas de het een en ett ei et att at å ο η το οι τα ένας μία ένα
"""
#: Articles and marks of the infinitive that a list may write before a word.
LEADING = frozenset(_LEADING.split())
_PARENTHESES = re.compile(r"\(([^()]*)\)|（([^（）]*)）")
_BETWEEN = re.compile(r"\s*[;；/／]\s*|\s*[,，、]\s+|、")
#: Accents, and the points of Hebrew and Arabic. The marks of other scripts are letters.
_ACCENTS = re.compile("[\u0300-\u036f\u0591-\u05c7\u064b-\u065f\u0670]|'")
_APOSTROPHES = str.maketrans("’ʼ`´", "''''")


@lru_cache(maxsize=16_384)
def fold(text: str) -> str:
    """The text in small letters without accents, punctuation and parentheses' signs, its words apart by one space."""
    decomposed = normalize("NFKD", text.translate(_APOSTROPHES)).casefold()
    kept = _ACCENTS.sub("", decomposed.replace("'", "' "))
    kept = "".join(char if category(char)[0] in "LMN" else " " for char in normalize("NFC", kept))
    return " ".join(kept.split()) or normalize("NFC", text)


@lru_cache(maxsize=16_384)
def bare(text: str) -> str:
    """The text without a leading article."""
    first, _, rest = text.translate(_APOSTROPHES).partition(" ")
    if rest and first.casefold() in LEADING:
        return text[len(first) + 1 :].strip()
    head, apostrophe, tail = text.translate(_APOSTROPHES).partition("'")
    return tail.strip() if apostrophe and tail and f"{head.casefold()}'" in LEADING else text


@lru_cache(maxsize=16_384)
def readings(text: str) -> frozenset[str]:
    """Every answer the text may stand for, folded: parts between commas, with and without what is in parentheses."""
    found = set()
    for variant in {text, _PARENTHESES.sub(r"\1\2", text), _PARENTHESES.sub(" ", text)}:
        for part in (variant, *_BETWEEN.split(variant)):
            found |= {fold(part), fold(bare(part.strip()))}
    found.discard("")
    return frozenset(found)

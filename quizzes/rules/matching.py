"""How two texts of a word list are compared: whether they are the same answer, or may mean the same. Pure.

Coarser than the grading of typed answers, on purpose: a doubtful distractor is left out, a doubtful answer is judged.
"""

from __future__ import annotations

import re
from functools import lru_cache
from unicodedata import category, decimal

from quizzes.rules.text import normalize

_LEADING = """
the a an to der die das den dem ein eine einen le la les l' d' un une el los las una unos unas il lo gli i uno un' o os
as um uma uns umas de het een en ett ei et att at å ο η το οι τα ένας μία ένα
"""
#: Articles and marks of the infinitive that a list may write before a word.
LEADING = frozenset(_LEADING.split())
#: Those of them that stand before verbs.
INFINITIVES = frozenset({"to", "att", "at", "å"})
_PARENTHESES = re.compile(r"\(([^()]*)\)|（([^（）]*)）")
_BETWEEN = re.compile(r"\s*[;；/／]\s*|\s*[,，、]\s+|、")
#: Accents, and the points of Hebrew and Arabic. The marks of other scripts are letters.
_ACCENTS = re.compile("[\u0300-\u036f\u0591-\u05c7\u064b-\u065f\u0670]|'")
#: niño/a, niño(a), bueno, -a, Lehrer*in
_ENDING = re.compile(r"(\w+)(?:/-?|\(-?|,\s*-|[*:])(\w{1,5})(?!\w)")
#: What stands in parentheses behind ideographs is another way to write them.
_IDEOGRAPHIC = re.compile("[(（]([\u3041-\u9fff]+)[)）]")
#: Articles that are more than one word, and the Arabic one, which is one with its word.
_PARTITIVE = re.compile("^(?:de la? |ال)(?=.)")
_LIGATURES = str.maketrans({"œ": "oe", "æ": "ae"})
_UMLAUTS = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "å": "aa", "ø": "oe"})
_APOSTROPHES = str.maketrans("’ʼ`´", "''''")


@lru_cache(maxsize=16_384)
def fold(text: str) -> str:
    """The text in small letters without accents, punctuation and parentheses' signs, its words apart by one space."""
    decomposed = normalize("NFKD", text.translate(_APOSTROPHES)).casefold().translate(_LIGATURES)
    kept = _ACCENTS.sub("", decomposed.replace("'", "' "))
    kept = "".join(_kept(char) for char in normalize("NFC", kept))
    return " ".join(kept.split()) or normalize("NFC", text)


def _kept(char: str) -> str:
    kind = category(char)
    if kind == "Nd":
        return str(decimal(char))
    return char if kind[0] in "LMN" else " "


@lru_cache(maxsize=16_384)
def bare(text: str) -> str:
    """The text without a leading article."""
    first, _, rest = text.translate(_APOSTROPHES).partition(" ")
    if rest and first.casefold() in LEADING:
        return text[len(first) + 1 :].strip()
    head, apostrophe, tail = text.translate(_APOSTROPHES).partition("'")
    return tail.strip() if apostrophe and tail and f"{head.casefold()}'" in LEADING else text


def leading(text: str) -> str:
    """The article or the mark of the infinitive that the text begins with, in small letters; empty without one."""
    rest = bare(text)
    return text[: len(text) - len(rest)].strip().casefold() if rest != text else ""


@lru_cache(maxsize=16_384)
def readings(text: str) -> frozenset[str]:
    """Every answer the text may stand for, folded.

    Parts between commas, with and without what is in parentheses, other endings (niño/a), readings (話（はなし）), and
    other ways to write the same (schön, schoen; E-Mail, Email).
    """
    variants = {text, _PARENTHESES.sub(r"\1\2", text), _PARENTHESES.sub(" ", text), *_IDEOGRAPHIC.findall(text)}
    for word, ending in _ENDING.findall(text):
        variants |= {word + ending, word[: -len(ending)] + ending}
    found = set()
    for variant in variants:
        for part in (variant, *_BETWEEN.split(variant)):
            for spelling in {part, part.replace("-", ""), normalize("NFC", part).translate(_UMLAUTS)}:
                found |= {fold(spelling), fold(bare(spelling.strip()))}
    found |= {_PARTITIVE.sub("", reading) for reading in found}
    found.discard("")
    return frozenset(found)

"""The answers that one line of an author's stands for: "(to) go", "colo(u)r", "colour/color". Pure."""

from __future__ import annotations

import re
from itertools import product
from unicodedata import normalize

from scoring.languages import Language

#: More optional parts than this are taken all or none: each doubles the number of answers.
MAX_OPTIONAL_PARTS = 6
MAX_EXPANSIONS = 64

_WIDE = str.maketrans("（）／", "()/")
_OPTIONAL = re.compile(r"\(([^()]*)\)")
_BETWEEN_PHRASES = re.compile(r"\s+/\s*|\s*/\s+")
#: Scripts whose words may be one character long.
_FIRST_IDEOGRAPH = "\u2e80"


def expansions(text: str, language: Language) -> list[str]:
    """Every answer the text stands for; the first is the fullest.

    Parentheses hold optional parts. A slash between spaces parts whole phrases; one within a phrase parts the words
    at its sides ("the colour/color"), unless one is a single letter or has a digit ("km/h", "24/7").
    """
    text = normalize("NFC", text).translate(_WIDE)
    found: dict[str, None] = {}
    for variant in _with_and_without(text):
        for phrase in _BETWEEN_PHRASES.split(variant):
            choices = _bounded([_alternatives(word, language) for word in phrase.split()])
            found |= dict.fromkeys(filter(None, map(" ".join, product(*choices))))
            if len(found) >= MAX_EXPANSIONS:
                return list(found)[:MAX_EXPANSIONS]
    return list(found)


def _with_and_without(text: str) -> list[str]:
    if text.count("(") > MAX_OPTIONAL_PARTS:
        without = text
        while (shorter := _OPTIONAL.sub("", without)) != without:
            without = shorter
        return [text.replace("(", "").replace(")", ""), without]
    variants = [text]
    while any(_OPTIONAL.search(variant) for variant in variants):
        variants = [_OPTIONAL.sub(replacement, variant, count=1) for variant in variants for replacement in (r"\1", "")]
    return variants


def _bounded(choices: list[list[str]]) -> list[list[str]]:
    """The same choices, those beyond the bound without their alternatives."""
    total = 1
    bounded = []
    for alternatives in choices:
        fits = total * len(alternatives) <= MAX_EXPANSIONS
        bounded.append(alternatives if fits else alternatives[:1])
        total *= len(bounded[-1])
    return bounded


def _alternatives(word: str, language: Language) -> list[str]:
    first, *rest = word.split("/")
    if not rest:
        return [word]
    if language.slash_endings and (endings := [_with_ending(first, ending) for ending in rest]) and all(endings):
        return [first, *endings]
    parts = [first, *rest]
    return parts if all(_stands_alone(part, language) for part in parts) else [word]


def _with_ending(word: str, ending: str) -> str:
    """niño/a: niña; niños/as: niñas; profesor/a: profesora. Empty when it is no such ending."""
    if len(word) <= len(ending) + 1 or ending not in {"a", "as"}:
        return ""
    masculine = ending.replace("a", "o")
    if word.endswith(masculine):
        return word[: -len(ending)] + ending
    return word + ending if ending == "a" and word[-1] not in "aeiou" else ""


def _stands_alone(part: str, language: Language) -> bool:
    if any(char.isdigit() for char in part) or not part:
        return False
    return len(part) > 1 or part.lower() in language.articles or part >= _FIRST_IDEOGRAPH

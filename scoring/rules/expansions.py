"""The answers that one line of an author's stands for: "(to) go", "colo(u)r", "colour/color". Pure."""

from __future__ import annotations

import re
from itertools import product

from quizzes.rules.text import normalize
from scoring.rules.languages import Language

#: More optional parts than this are taken all or none: each doubles the number of answers.
MAX_OPTIONAL_PARTS = 6
MAX_EXPANSIONS = 64

_WIDE = str.maketrans("（）／", "()/")
_OPTIONAL = re.compile(r"\(([^()]*)\)")
_BETWEEN_PHRASES = re.compile(r"\s+/\s*|\s*/\s+|\s*[;；؛]\s*")
_BETWEEN_GREEK_PHRASES = re.compile(r"\s+/\s*|\s*/\s+")
#: What dictionaries say of plural and genitive behind a word: "der Hund, -es, -e", "das Haus, ¨-er".
_HINTS = re.compile(r"(?:,?\s+(?:[¨\"=]?[-–~⸚][^\W\d]{0,4}|[¨⸚]\w{1,3}))+\Z")
#: Another ending of the word before it, as it is also written: niño(a), bueno, -a, bueno/-a, Lehrer*in, Lehrer:in.
_ENDING = re.compile(r"(\w+)(?:\(-?(\w+)\)|,\s*-(\w+)|/-(\w+)|[*:_·](\w+))(?!\w)")
_SLASH = re.compile(r"(\w+)/(?=([\w']+)\s)")
_KANA = re.compile("[\u3041-\u30ff]+")
_HAN = re.compile("[\u3400-\u9fff々]")
_WITH_READING = re.compile(r"([^()]+)\(([^()]+)\)")
#: Scripts whose words may be one character long.
_FIRST_IDEOGRAPH = "\u2e80"


def expansions(text: str, language: Language) -> list[str]:
    """Every answer the text stands for; the first is the fullest.

    Parentheses hold optional parts. A slash between spaces parts whole phrases; one within a phrase parts the words
    at its sides ("the colour/color"), unless one is a single letter or has a digit ("km/h", "24/7"), or the right
    one is an article of a phrase of its own ("der Lehrer/die Lehrerin"). Semicolons part phrases as well, but in
    Greek, where they ask. Hints at plurals ("der Hund, -e") may be left out.
    """
    text = _spelled_out(normalize("NFC", text).translate(_WIDE), language)
    found: dict[str, None] = {}
    between = _BETWEEN_GREEK_PHRASES if language.semicolon_asks else _BETWEEN_PHRASES
    for variant in (*_with_and_without(text), *_readings(text, language)):
        for phrase in between.split(variant):
            for wording in dict.fromkeys((phrase, _HINTS.sub("", phrase), *_alike(phrase))):
                choices = _bounded([_alternatives(word, language) for word in wording.split()])
                found |= dict.fromkeys(filter(None, map(" ".join, product(*choices))))
            if len(found) >= MAX_EXPANSIONS:
                return list(found)[:MAX_EXPANSIONS]
    return list(found)


def _spelled_out(text: str, language: Language) -> str:
    """The text with its alternatives parted as the rest of this module knows it."""

    def parted(found: re.Match[str]) -> str:
        ending = next(filter(None, found.groups()[1:]))
        return f"{found[1]}/{ending}" if _with_ending(found[1], ending, language) else found[0]

    def apart(found: re.Match[str]) -> str:
        of_phrase = found[2].lower() in language.articles and found[1].lower() not in language.articles
        return f"{found[1]} / " if of_phrase else found[0]

    if language.endings:
        text = _ENDING.sub(parted, text)
    return _SLASH.sub(apart, text) if language.articles else text


def _alike(phrase: str) -> list[str]:
    """Phrases at both sides of a slash that differ in some of their words only: "get up/stand up"."""
    parts = phrase.split("/")
    words = [part.split() for part in parts]
    if len(parts) < 2 or len(words[0]) < 2 or len({len(part) for part in words}) > 1:
        return []
    return parts if any(len(set(same)) == 1 for same in zip(*words, strict=True)) else []


def _readings(text: str, language: Language) -> list[str]:
    """What stands in parentheses behind ideographs as another way to write all of them: 話(はなし), 学生(學生)."""
    found = None if language.spaced else _WITH_READING.fullmatch(text.strip())
    if found is None:
        return []
    written, other = found[1].strip(), found[2].strip()
    in_kana = _KANA.fullmatch(other) and _HAN.search(written) and (len(other) > 1 or len(written) == 1)
    in_other_forms = len(other) == len(written) and all(map(_HAN.match, written + other))
    return [other] if in_kana or in_other_forms else []


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
    if all(endings := [_with_ending(first, ending, language) for ending in rest]):
        return [first, *endings]
    parts = [first, *rest]
    return parts if all(_stands_alone(part, language) for part in parts) else [word]


def _with_ending(word: str, ending: str, language: Language) -> str:
    """niño/a: niña; niños/as: niñas; profesor/a: profesora; Lehrer/in: Lehrerin. Empty when it is no such ending."""
    if len(word) <= len(ending) + 1 or ending not in language.endings:
        return ""
    if ending[0] != "a":
        # Only nouns have it in German: in "auf/in" it is a word.
        return word + ending if ending[0] != "i" or word[0].isupper() else ""
    masculine = ending.replace("a", "o")
    if word.endswith(masculine):
        return word[: -len(ending)] + ending
    return word + ending if ending == "a" and word[-1] not in "aeiou" else ""


def _stands_alone(part: str, language: Language) -> bool:
    if any(char.isdigit() for char in part) or not part:
        return False
    return len(part) > 1 or part.lower() in language.articles or part >= _FIRST_IDEOGRAPH

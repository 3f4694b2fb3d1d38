"""Numbers from 0 to 100 in words, for languages that many learn. Pure."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from functools import lru_cache

#: The largest number that has its words here.
LARGEST = 100
#: Figures that stand alone; not part of 3.5, 10:30, 1/2 or A4.
_FIGURES = re.compile(r"(?<![\w.,:/\ue000-\ue002-])\d{1,3}(?![\w.,:/%\ue000-\ue002])")
_ORDINAL = re.compile(r"(?<!\w)(\d{1,2})(?:st|nd|rd|th)(?!\w)")


def _words(text: str) -> list[str]:
    return text.split()


_ENGLISH = _words(
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen "
    "eighteen nineteen"
)
_ENGLISH_TENS = _words("twenty thirty forty fifty sixty seventy eighty ninety")
_ENGLISH_ORDINALS = {
    "one": "first",
    "two": "second",
    "three": "third",
    "five": "fifth",
    "eight": "eighth",
    "nine": "ninth",
    "twelve": "twelfth",
}
_GERMAN = _words(
    "null eins zwei drei vier fünf sechs sieben acht neun zehn elf zwölf dreizehn vierzehn fünfzehn sechzehn siebzehn "
    "achtzehn neunzehn"
)
_GERMAN_TENS = _words("zwanzig dreißig vierzig fünfzig sechzig siebzig achtzig neunzig")
_FRENCH = _words(
    "zéro un deux trois quatre cinq six sept huit neuf dix onze douze treize quatorze quinze seize dix-sept dix-huit "
    "dix-neuf"
)
_FRENCH_TENS = _words("vingt trente quarante cinquante soixante soixante quatre-vingt quatre-vingt")
_SPANISH = _words(
    "cero uno dos tres cuatro cinco seis siete ocho nueve diez once doce trece catorce quince dieciséis diecisiete "
    "dieciocho diecinueve veinte veintiuno veintidós veintitrés veinticuatro veinticinco veintiséis veintisiete "
    "veintiocho veintinueve"
)
_SPANISH_TENS = _words("treinta cuarenta cincuenta sesenta setenta ochenta noventa")


def _english(number: int) -> str:
    if number == LARGEST:
        return "one hundred"
    tens, ones = divmod(number, 10)
    return _ENGLISH[number] if tens < 2 else _ENGLISH_TENS[tens - 2] + (f"-{_ENGLISH[ones]}" if ones else "")


def _german(number: int) -> str:
    if number == LARGEST:
        return "hundert"
    tens, ones = divmod(number, 10)
    if tens < 2:
        return _GERMAN[number]
    return ("" if not ones else f"{'ein' if ones == 1 else _GERMAN[ones]}und") + _GERMAN_TENS[tens - 2]


def _french(number: int) -> str:
    if number == LARGEST:
        return "cent"
    tens, ones = divmod(number, 10)
    if tens < 2:
        return _FRENCH[number]
    ones += 10 * (tens in (7, 9))
    ten = _FRENCH_TENS[tens - 2]
    if not ones:
        return ten + "s" * (tens == 8)
    return f"{ten} et {_FRENCH[ones]}" if ones % 10 == 1 and tens < 8 else f"{ten}-{_FRENCH[ones]}"


def _spanish(number: int) -> str:
    if number == LARGEST:
        return "cien"
    if number < len(_SPANISH):
        return _SPANISH[number]
    tens, ones = divmod(number, 10)
    return _SPANISH_TENS[tens - 3] + (f" y {_SPANISH[ones]}" if ones else "")


_NAMES: Mapping[str, Callable[[int], str]] = {"en": _english, "de": _german, "fr": _french, "es": _spanish}
NAMED = frozenset(_NAMES)


@lru_cache(maxsize=1_024)
def number_name(code: str, number: int) -> str:
    """The number in words, or an empty string where they are not known."""
    return _NAMES[code](number) if code in _NAMES and number <= LARGEST else ""


def in_words(text: str, code: str) -> str:
    """The text, its figures in words; English ordinals (3rd) as well."""

    def named(found: re.Match[str]) -> str:
        return number_name(code, int(found[0])) or found[0]

    def ranked(found: re.Match[str]) -> str:
        head, hyphen, last = number_name(code, int(found[1])).rpartition("-")
        if last.endswith("y"):
            return f"{last[:-1]}ieth"
        return head + hyphen + _ENGLISH_ORDINALS.get(last, f"{last}th")

    if code not in _NAMES or not any(map(str.isdigit, text)):
        return text
    return _FIGURES.sub(named, _ORDINAL.sub(ranked, text) if code == "en" else text)

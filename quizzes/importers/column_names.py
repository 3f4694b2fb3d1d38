"""What is written above a column: the names people give columns in many languages, and the names of languages."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final

from quizzes.rules.matching import fold

_FOLDER: Final = Path(__file__).parent / "names"
_TITLE_LENGTH: Final = 80
_CAMEL: Final = re.compile(r"(?<=[a-zà-ÿ])(?=[A-ZÀ-Þ])")
_NUMBER: Final = re.compile(r"[A-Ja-j]|\d{1,2}")
#: Letters that are written without spaces between words.
_UNSPACED: Final = re.compile("[\u0e00-\u0e7f\u3040-\u30ff\u3400-\u9fff\uac00-\ud7a3]")
#: Of names of the same length the surest goes first: "example word" is an example, "correct answer" no option.
_ORDER: Final = (
    "correct",
    "wrong",
    "explanation",
    "example",
    "part_of_speech",
    "article",
    "alternatives",
    "reading",
    "pronunciation",
    "sound",
    "image",
    "question",
    "option",
    "term",
    "meaning",
    "notes",
    "tags",
    "time",
    "points",
    "kind",
    "id",
)


@dataclass(frozen=True, slots=True)
class Named:
    """What a title says: a role (or empty), a language (tag, or empty), and the number or letter behind it."""

    role: str = ""
    language: str = ""
    number: str = ""
    #: Whether the whole title is a name, so that nothing else can be meant.
    whole: bool = False


def named(title: str) -> Named:
    """What a title of a column says."""
    title = title.strip().strip("*:：")
    if not title or len(title) > _TITLE_LENGTH:
        return Named()
    words = fold(_CAMEL.sub(" ", title).replace("_", " ")).split()
    if title.strip() in {"#", "№", "Nº", "N°"}:
        return Named("id", whole=True)
    number = ""
    if len(words) > 1 and _NUMBER.fullmatch(words[-1]) and " ".join(words) not in _roles():
        number = words.pop()
    text = " ".join(words)
    if text in _roles():
        return Named(_roles()[text], number=number, whole=True)
    if text in _languages():
        return Named("", _languages()[text], number, whole=True)
    role, used = _longest(words)
    language = next((_languages()[word] for word in words if word in _languages() and word not in used), "")
    if not language and len(words) > 1:
        language = next((word for word in words if word in _codes() and word not in used), "")
    if not role and not language:
        role = _unspaced(text)
    return Named(role, language, number)


def _longest(words: list[str]) -> tuple[str, list[str]]:
    """The role of the longest name within a title, and the words of that name."""
    for length in range(min(len(words), 5), 0, -1):
        found = []
        for start in range(len(words) - length + 1):
            part = words[start : start + length]
            name = " ".join(part)
            if name in _roles() and (len(name) > 2 or not name.isascii()):
                found.append((_ORDER.index(_roles()[name]), part))
        if found:
            place, part = min(found, key=lambda entry: entry[0])
            return _ORDER[place], part
    return "", []


def _unspaced(text: str) -> str:
    """The role of a name within a title that is written without spaces."""
    if not _UNSPACED.search(text):
        return ""
    inside = [name for name in _roles() if len(name) > 1 and name in text and _UNSPACED.search(name)]
    return _roles()[max(inside, key=len)] if inside else ""


@cache
def _roles() -> dict[str, str]:
    return {name: role for role, names in _lines("columns.txt") for name in names}


@cache
def _languages() -> dict[str, str]:
    return {
        name: tag for tag, names in _lines("languages.txt") for name in names if len(name) > 2 or not name.isascii()
    }


@cache
def _codes() -> frozenset[str]:
    """Tags of languages, which stand in titles such as "de_word"."""
    return frozenset(tag.casefold() for tag, _names in _lines("languages.txt")) | {
        "jp",
        "cn",
        "kr",
        "eng",
        "ger",
        "spa",
    }


@cache
def parts_of_speech() -> frozenset[str]:
    """How lists call the parts of speech, folded."""
    lines = (_FOLDER / "parts_of_speech.txt").read_text(encoding="utf-8").split("\n")
    return frozenset(
        fold(name) for line in lines if not line.startswith("#") for name in line.split(",") if name.strip()
    )


def _lines(name: str) -> list[tuple[str, list[str]]]:
    found = []
    for line in (_FOLDER / name).read_text(encoding="utf-8").split("\n"):
        key, colon, names = line.partition(": ")
        if colon and not line.startswith("#"):
            found.append((key, [fold(said) for said in names.split(", ")]))
    return found

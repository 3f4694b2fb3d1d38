"""Names that look like others, after the skeletons of UTS 39. Pure.

A name that nobody tells from another is the same name (:func:`in_latin` is part of its key). A name that somebody might
take for another is another one, and the host is told (:func:`doubtful`): that Elia may come in where Ella is, and that
Вера is no Bepa to those who read Russian.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping

from quizzes.rules.text import normalize
from sessions.rules.confusables import TABLE

#: By code point: the Latin letters and figures that letters of other scripts look like, and what scripts without case
#: have in common.
_LATIN: dict[int, str] = {}
_CASELESS: dict[int, str] = {}
for _line in TABLE.split("\n"):
    for _prototype, *_points in [[int(point, 16) for point in _line.split()]] if _line else []:
        for _point in _points:
            (_LATIN if _prototype < 0x80 else _CASELESS)[_point] = chr(_prototype)

#: A capital I within a word of small letters is meant to be read as an l.
_CAPITAL_I = re.compile(r"(?<=[^\W\d_])I(?=[^\W\d_])")
_FIGURES = str.maketrans("01|", "oll")
_THIN = str.maketrans("i1|0", "lllo")


def in_latin(name: str) -> str:
    """The name in the Latin letters that it looks to be of; a name that shows to be of another script as it is."""
    text = _CAPITAL_I.sub(lambda found: "l" if name[found.end()].islower() else "I", name)
    if text.isascii():
        return text
    text = normalize("NFD", text).translate(_CASELESS)
    if any(ord(char) in _LATIN for char in text):
        letters = [char for char in text if char.isalpha()]
        if any(char.isascii() for char in letters) or all(_is_latin_in_both_cases(char) for char in letters):
            text = text.translate(_LATIN)
    return normalize("NFC", text)


def figures_as_letters(key: str) -> str:
    """The 0 and 1 of a name that has letters too, as the letters that they look like."""
    return key.translate(_FIGURES) if any(char.isalpha() for char in key) else key


def resemblances(name: str) -> frozenset[str]:
    """Two names that share one of these might be taken for each other."""
    if name.isascii() and name.isprintable():
        # Its capitals look like its small letters, and nothing of it is of another script.
        return frozenset((_as_read(name.casefold().replace(" ", "")),))
    decomposed = normalize("NFD", normalize("NFKC", name))
    return frozenset(_bare(form.translate(_CASELESS).translate(_LATIN)) for form in (decomposed, decomposed.upper()))


def doubtful(names: Iterable[tuple[str, str]], roles: Mapping[str, str]) -> dict[str, str]:
    """Whose name might be taken for that of somebody who was there before, or of whom a class would obey.

    :param names: ids and names, in the order in which they came.
    :param roles: by resemblance, the names that are nobody's.
    :returns: by id, the name that is imitated.
    """
    first: dict[str, str] = {}
    found: dict[str, str] = {}
    for who, name in names:
        own = resemblances(name)
        like = next((first[form] for form in own if form in first), None)
        words = (form for word in name.split() for form in resemblances(word))
        like = like or next((roles[form] for form in words if form in roles), None)
        if like is not None:
            found[who] = like
        for form in own:
            first.setdefault(form, name)
    return found


def _is_latin_in_both_cases(char: str) -> bool:
    """Whether the letter looks like one Latin letter however it is written: Вера is Russian, and so is вера."""
    lower, upper = (_LATIN.get(ord(form), "") if len(form) == 1 else "" for form in (char.lower(), char.upper()))
    return bool(lower) and lower.casefold() == upper.casefold()


def _bare(text: str) -> str:
    return normalize(
        "NFC", _as_read("".join(char for char in text.casefold() if unicodedata.category(char)[0] not in "ZC"))
    )


def _as_read(letters: str) -> str:
    return letters.translate(_THIN).replace("rn", "m").replace("vv", "w")

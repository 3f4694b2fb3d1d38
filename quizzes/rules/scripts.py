"""Words with a letter of another alphabet that looks the same: a Latin o in "хорошо". Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final

_LETTERS: Final = re.compile(r"[^\W\d_]+")
_SCRIPTS: Final = (
    re.compile("[A-Za-z\u00c0-\u024f\u1e00-\u1eff]"),
    re.compile("[\u0400-\u052f]"),
    re.compile("[\u0370-\u03ff\u1f00-\u1fff]"),
)
#: Letters of the three that look like one of another: Latin, Cyrillic, Greek.
_ALIKE: Final = frozenset("ABCEHIJKMNOPSTXYZaceijopsxyvunkt АВСЕНІЈКМОРЅТХУаеіјорсѕхукт ΑΒΕΖΗΙΚΜΝΟΡΤΥΧανικορτυχ")


def lookalikes(texts: Iterable[str], most: int) -> list[str]:
    """Up to ``most`` words of the texts in which letters of another alphabet hide. Units (kΩ) are none."""
    found: dict[str, None] = {}
    for text in texts:
        if text.isascii():
            continue
        for word in _LETTERS.findall(text):
            if word not in found and _hides(word):
                found[word] = None
                if len(found) == most:
                    return list(found)
    return list(found)


def _hides(word: str) -> bool:
    by_script = [letters for script in _SCRIPTS if (letters := script.findall(word))]
    if len(by_script) < 2:
        return False
    counts = sorted(map(len, by_script))
    # What most letters are is what the word is written in, if there is one such.
    own = counts[-1] if counts[-1] > counts[-2] else 0
    return all(letter in _ALIKE for letters in by_script if len(letters) != own for letter in letters)

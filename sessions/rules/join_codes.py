"""What somebody means who types a join code. Pure."""

from __future__ import annotations

import unicodedata

from quizzes.rules.text import normalize

#: Longer is no code, with whatever a keyboard puts between its letters.
_LONGEST = 64


def read_code(typed: str) -> str:
    """The code in the letters and digits that codes are made of.

    Keyboards and the clipboard give full-width letters, digits of other scripts, spaces, hyphens and marks that show
    nothing. They are read as what they stand for, or left out.
    """
    if len(typed) > _LONGEST:
        return ""
    plain = normalize("NFKC", typed).upper()
    digits = (str(unicodedata.decimal(char)) if char.isdecimal() else char for char in plain)
    return "".join(char for char in digits if char.isascii() and char.isalnum())

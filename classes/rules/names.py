"""What a person may be called: a pupil of a class, and on it builds what a player may be called. Pure."""

from __future__ import annotations

import re
import unicodedata
from typing import Literal

from quizzes.rules.text import normalize

NAME_LENGTH = 30
#: What is longer cannot be short enough once it is trimmed and composed; it is not even looked at.
_RAW_LENGTH = 10 * NAME_LENGTH
#: Letters and signs that show nothing.
_BLANK = {"\u115f", "\u1160", "\u2800", "\u3164", "\uffa0"}

#: Joiners that emoji and several scripts need; all other format characters (bidi overrides above all) are refused.
_ALLOWED_FORMAT = {"\u200c", "\u200d"}
#: Marks and spaces without width that a keyboard or the clipboard leaves at the edges of a name, where they do nothing.
_AT_EDGES = "".join(map(chr, [0xAD, 0x61C, *range(0x200B, 0x2010), *range(0x202A, 0x202D), 0x2060, 0xFEFF]))
_AT_EDGES += "".join(map(chr, range(0x2066, 0x206A))) + "".join(filter(str.isspace, map(chr, range(0x3001))))
#: England, Scotland and Wales: a black flag, and tags that spell the region.
_FLAGS = re.compile(
    "\U0001f3f4\U000e0067\U000e0062(?:{})\U000e007f".format(
        "|".join("".join(chr(0xE0000 + ord(char)) for char in region) for region in ("eng", "sct", "wls"))
    )
)
#: More marks on one letter than any script needs: they would run over the lines above and below on a big screen.
_PILED_UP = re.compile("M{6}")
_REFUSED = {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}

NameFault = Literal["empty", "long", "characters", "offensive", "reserved", "suggested"]


class InvalidName(ValueError):
    """The name cannot be used; the text says why for a person, ``reason`` for a page that has words of its own."""

    def __init__(self, reason: NameFault, message: str) -> None:
        super().__init__(message)
        self.reason: NameFault = reason


def tidy_name(raw: str) -> str:
    """Trim, fold white space and normalise (NFC) a name; marks that show nothing are taken off its edges.

    :raises InvalidName: when it is empty, too long, or has characters that hide or reorder text.
    """
    if len(raw) > _RAW_LENGTH:
        raise InvalidName("long", f"A name has at most {NAME_LENGTH} characters.")
    composed = normalize("NFC", raw).strip(_AT_EDGES)
    name = " ".join(composed.split())
    if not name:
        raise InvalidName("empty", "A name needs at least one character.")
    if len(name) > NAME_LENGTH:
        raise InvalidName("long", f"A name has at most {NAME_LENGTH} characters.")
    if composed.isascii() and composed.isprintable():
        # What follows is about signs that it cannot have.
        return name
    # Before spaces are folded, of which line breaks and some more control characters are some.
    if any(unicodedata.category(char) in _REFUSED and char not in _ALLOWED_FORMAT for char in _FLAGS.sub("", composed)):
        raise InvalidName("characters", "A name cannot have control or text-direction characters.")
    if _PILED_UP.search("".join(unicodedata.category(char)[0] for char in name)):
        raise InvalidName("characters", "A name cannot have so many accents on one letter.")
    if all(unicodedata.category(char)[0] in "MCZ" or char in _BLANK for char in name):
        raise InvalidName("empty", "A name needs at least one visible character.")
    return name


def name_key(name: str) -> str:
    """Two names with the same key are the same name to a reader.

    Case, width, accent order, spaces and characters that show nothing are folded.
    """
    folded = normalize("NFKC", normalize("NFKC", name).casefold())
    return "".join(char for char in folded if not char.isspace() and not _shows_nothing(char))


def sorting_key(name: str) -> tuple[str, str]:
    """By this people look for a name in a list: an accent makes no other letter."""
    key = name_key(name)
    return "".join(char for char in normalize("NFD", key) if not unicodedata.combining(char)), key


def _shows_nothing(char: str) -> bool:
    # Variation selectors choose between two forms of the same sign.
    return char in _ALLOWED_FORMAT or char in _BLANK or "\ufe00" <= char <= "\ufe0f" or char == "\u034f"

"""Which encoding a file of text is in. Teachers' files come from Excel, Notepad and phones."""

from __future__ import annotations

import codecs
import unicodedata
from itertools import pairwise

from charset_normalizer import from_bytes
from django.utils.translation import gettext as _

from quizzes.importers.base import CannotRead

_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
#: Enough to tell an encoding; guessing costs about 10 ms per 10 KB.
_SAMPLE = 20_000


def decode(data: bytes, encoding: str = "") -> tuple[str, tuple[str, ...]]:
    """The text of a file, and a note when its encoding was guessed.

    A byte-order mark and valid UTF-8 are sure. UTF-16 without a mark shows by its zero bytes. Else it is Windows-1252
    when that gives words of Latin letters, and what the statistics of charset-normalizer say when not.

    :param encoding: what the sender says it is in, or empty.
    :raises CannotRead: when it is not text, or not in that encoding.
    """
    if encoding:
        try:
            return _text(data.decode(encoding)), ()
        except (UnicodeError, LookupError):
            raise CannotRead(_("This is not text in the encoding %(name)s.") % {"name": encoding[:40]}) from None
    for mark, name in _MARKS:
        if data.startswith(mark):
            return _decoded(data, name), ()
    if b"\0" in data[:_SAMPLE]:
        even, odd = data[:_SAMPLE:2].count(0), data[1:_SAMPLE:2].count(0)
        name = "utf-16-be" if even > odd else "utf-16-le"
        return _decoded(data, name), (_guessed("UTF-16"),)
    try:
        return _text(data.decode()), ()
    except UnicodeDecodeError:
        pass
    text = data.decode("cp1252", errors="replace")
    if _is_latin(text):
        return _text(text), (_guessed("Windows-1252"),)
    # Lists of words in two scripts look like a mess to its statistics, so it must bear more than it does by default.
    best = from_bytes(data[:_SAMPLE], threshold=0.5).best()
    if best is None:
        raise CannotRead(_("This is not text in any known encoding. Save it as UTF-8."))
    return _decoded(data, best.encoding), (_guessed(best.encoding),)


def _decoded(data: bytes, encoding: str) -> str:
    try:
        return _text(data.decode(encoding))
    except UnicodeError:
        raise CannotRead(_("This is not text in any known encoding. Save it as UTF-8.")) from None


def _text(text: str) -> str:
    if "\0" in text:
        raise CannotRead(_("This is not a text file."))
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _guessed(name: str) -> str:
    return _("The encoding was taken to be %(name)s. Save the file as UTF-8 if letters look wrong.") % {"name": name}


def _is_latin(text: str) -> bool:
    """Whether what is beyond ASCII are single accented letters in words, as in Western European text."""
    others = [(index, char) for index, char in enumerate(text) if char > "\x7f"]
    if not others or "\ufffd" in text:
        return False
    letters = [index for index, char in others if char.isalpha()]
    if any(unicodedata.category(char) == "Cc" for _index, char in others):
        return False
    words = sum(char.isalpha() for char in text)
    runs = sum(b - a == 1 for (a, _a), (b, _b) in pairwise(others))
    return len(letters) * 3 <= words + 3 and runs * 4 <= len(others)

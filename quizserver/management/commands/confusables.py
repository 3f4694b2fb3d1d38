"""`manage.py confusables`: make the table of letters that look like others, from Unicode's data."""

from __future__ import annotations

import json
import unicodedata
from collections import defaultdict
from importlib.resources import files
from typing import Any

from django.core.management.base import BaseCommand

from common.config import BASE_DIR
from quizzes.rules.text import normalize

PATH = BASE_DIR / "sessions" / "rules" / "confusables.py"
_PER_LINE = 16
_HEAD = '''"""Letters and figures that look like others: prototype, then those that look like it; code points in hex.

Made by `manage.py confusables`; change that, not this file. The data are Unicode's confusables.txt (UTS 39), under the
Unicode License v3, as the package confusable-homoglyphs (MIT) brings them: single letters and figures that stay what
they are when they are normalised, and whose prototype is a Latin letter or a figure, or one of another script that has
no case. Pure.
"""

TABLE = """
'''


class Command(BaseCommand):
    help = "Writes sessions/rules/confusables.py from Unicode's table of confusables."

    def handle(self, *args: Any, **options: Any) -> None:
        PATH.write_text(table_module(), encoding="utf-8")
        self.stdout.write(str(PATH.relative_to(BASE_DIR)))


def table_module() -> str:
    """The text of the module."""
    path = files("confusable_homoglyphs").joinpath("confusables.json")
    prototypes: dict[str, str] = {}
    for char, entries in json.loads(path.read_text(encoding="utf-8")).items():
        kept = [entry["c"] for entry in entries if _is_kept(char, entry["c"])]
        if kept:
            # The table says who looks like whom both ways; without a Latin letter among them the first one counts.
            prototypes[char] = kept[0] if kept[0].isascii() else min(kept)
    like: dict[str, list[str]] = defaultdict(list)
    for char, prototype in prototypes.items():
        if prototype.isascii() or prototype < char:
            like[prototype].append(char)
    lines: list[str] = []
    for prototype, chars in sorted(like.items()):
        points = [f"{ord(char):x}" for char in sorted(chars)]
        lines += (
            " ".join([f"{ord(prototype):x}", *points[start : start + _PER_LINE]])
            for start in range(0, len(points), _PER_LINE)
        )
    return _HEAD + "\n".join(lines) + '\n"""\n'


def _is_kept(char: str, prototype: str) -> bool:
    if len(char) != 1 or len(prototype) != 1 or char.isascii() or normalize("NFKD", char) != char:
        return False
    if unicodedata.category(char)[0] not in "LN":
        return False
    if prototype.isascii():
        return prototype.isalnum()
    # Within one script, what looks alike to a stranger may be two names to those who read it.
    if normalize("NFKD", prototype) != prototype:
        return False
    return not _has_case(char) and not _has_case(prototype) and _script(char) != _script(prototype)


def _has_case(char: str) -> bool:
    return char.upper() != char.lower()


def _script(char: str) -> str:
    return unicodedata.name(char, "").partition(" ")[0]

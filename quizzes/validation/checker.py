"""What every check of content from outside shares: single values, and what a problem is. Pure.

Text is trimmed and brought into Unicode's composed form (NFC), in which the same word typed on two keyboards is the
same string.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields
from typing import Any, Final, get_args
from urllib.parse import urlsplit

from django.utils.translation import gettext as _

from quizzes.rules import limits
from quizzes.rules.content import AccentRule, ArticleRule, CaseRule, Grading
from quizzes.rules.sound_names import digest_of
from quizzes.rules.text import normalize

#: A quiz of 500 wrong questions is told about its first problems; nobody reads thousands.
PROBLEMS_MAX: Final = 200

_ID = re.compile(limits.ID_PATTERN)
#: The shape of RFC 5646's tags, without a look into its registry.
_LANGUAGE = re.compile(r"^[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8})*\Z")
#: Overrides of the text direction make a text read otherwise than it is spelt.
_OVERRIDES = frozenset("\u202d\u202e")
_UNPRINTABLE = frozenset({"Cc", "Cs", "Zl", "Zp"})
_LINE_ENDS = re.compile("\r\n?")
_PARENTHESES = re.compile(r"\([^()]*\)")


@dataclass(frozen=True, slots=True)
class ValidationProblem:
    """What is wrong with one value. An empty ``path`` means the whole."""

    path: str
    message: str


class Checker:
    """Gathers problems. A value at fault is replaced by a harmless one, so that the rest is checked as well."""

    def __init__(self) -> None:
        self.problems: list[ValidationProblem] = []

    def problem(self, path: str, message: str) -> None:
        if len(self.problems) < PROBLEMS_MAX:
            self.problems.append(ValidationProblem(path, message))

    def grading(self, mapping: Mapping[str, object], path: str) -> Grading:
        path = join(path, "grading")
        value = self.mapping(mapping.get("grading", {}), path, Grading)
        if value is None:
            return Grading()
        default = Grading()
        return Grading(
            case=self.choice(value, "case", path, get_args(CaseRule), default.case) or default.case,
            accents=self.choice(value, "accents", path, get_args(AccentRule), default.accents) or default.accents,
            articles=self.choice(value, "articles", path, get_args(ArticleRule), default.articles) or default.articles,
            almost=self.number(value, "almost", path, default.almost, 1.0),
        )

    def written(self, place: str, answer: str) -> None:
        """What a player types: its parentheses hold what may be left out, so they must pair and leave something."""
        bare = _PARENTHESES.sub("", answer)
        if "(" in bare or ")" in bare:
            self.problem(place, _("The parentheses do not pair, or stand inside each other."))
        elif answer and not bare.strip():
            self.problem(
                place, _("All of this is optional, for it stands in parentheses: an empty answer would be right.")
            )

    def mapping(self, data: object, path: str, form: type) -> Mapping[str, object] | None:
        """``data`` as a mapping; its keys are the fields of the dataclass ``form``."""
        if not isinstance(data, dict):
            self.problem(path, _("Give an object with named fields."))
            return None
        known = {field.name for field in fields(form)}
        for name in data:
            if name not in known:
                self.problem(path, _("There is no field “%(name)s”.") % {"name": _printable(str(name))})
                break
        return data

    def id(self, mapping: Mapping[str, object], path: str) -> str:
        path = join(path, "id")
        value = mapping.get("id", "")
        if not isinstance(value, str):
            self.problem(path, _("Give a text."))
        elif not value:
            self.problem(path, _("An id is needed."))
        elif not _ID.match(value):
            self.problem(path, _("Use 1 to 36 letters without accents, digits, dots, underscores or hyphens."))
        elif path == "id" and value in limits.RESERVED_IDS:
            self.problem(path, _("This id is reserved; choose another."))
        else:
            return value
        return ""

    def language(self, mapping: Mapping[str, object], name: str, path: str, default: str = "en") -> str:
        """A language tag; an empty one only where that is the default."""
        before = len(self.problems)
        value = self.text(mapping, name, path, limits.LANGUAGE_LENGTH, default=default)
        if _LANGUAGE.match(value) or value == default:
            return value
        if len(self.problems) == before:
            self.problem(join(path, name), _("Give a language tag such as en, es or pt-BR."))
        return default

    def media(self, mapping: Mapping[str, object], path: str, name: str = "media") -> str:
        value = self.text(mapping, name, path, limits.MEDIA_LENGTH)
        if value and not _is_address(value):
            self.problem(join(path, name), _("Give an address that starts with https://, http:// or a single /."))
        return value

    def sound(self, mapping: Mapping[str, object], path: str) -> str:
        """The address of a recording: one of this server, for only those were made harmless."""
        value = self.text(mapping, "sound", path, limits.MEDIA_LENGTH)
        if value and not digest_of(value):
            self.problem(join(path, "sound"), _("Give the address of a recording that was stored here, or none."))
        return value

    def text(
        self,
        mapping: Mapping[str, object],
        name: str,
        path: str,
        length: int,
        *,
        default: str = "",
        required: bool = False,
        lines: bool = False,
    ) -> str:
        path = join(path, name)
        text = self.string(mapping.get(name, default), path, length, lines=lines)
        if text == "" and required:
            self.problem(path, _("This must not be empty."))
        return text or ""

    def texts(
        self, mapping: Mapping[str, object], name: str, path: str, count: int, *, length: int = limits.OPTION_LENGTH
    ) -> tuple[str, ...]:
        """A list of distinct texts of one line each."""
        path = join(path, name)
        value = mapping.get(name, [])
        if not isinstance(value, list):
            self.problem(path, _("Give a list of texts."))
            return ()
        if len(value) > count:
            self.problem(path, _("Give at most %(max)d entries.") % {"max": count})
        texts: list[str] = []
        for index, item in enumerate(value[:count]):
            place = f"{path}[{index}]"
            text = self.string(item, place, length)
            if text == "":
                self.problem(place, _("This must not be empty."))
            elif text in texts:
                self.problem(place, _("“%(text)s” is given twice.") % {"text": text})
            elif text is not None:
                texts.append(text)
        return tuple(texts)

    def string(self, value: object, path: str, length: int, *, lines: bool = False) -> str | None:
        """``value`` trimmed and composed, or ``None`` after a problem."""
        if not isinstance(value, str):
            self.problem(path, _("Give a text."))
            return None
        # Composing at most quarters a text, and should not be asked of megabytes.
        text = value if len(value) > 4 * length + 100 else normalize("NFC", value).strip()
        if len(text) > length:
            self.problem(path, _("This is longer than %(max)d characters.") % {"max": length})
            return None
        if lines:
            text = _LINE_ENDS.sub("\n", text)
        allowed = "\n\t" if lines else ""
        if any(
            char in _OVERRIDES or (unicodedata.category(char) in _UNPRINTABLE and char not in allowed) for char in text
        ):
            self.problem(path, _("This holds a control character."))
            return None
        return text

    def choice(
        self, mapping: Mapping[str, object], name: str, path: str, values: tuple[Any, ...], default: Any = None
    ) -> Any:
        value = mapping.get(name, default)
        # A list is not hashable but compares well enough for "in" on a tuple.
        if value in values and isinstance(value, str):
            return value
        self.problem(join(path, name), _("Give one of: %(values)s.") % {"values": ", ".join(values)})
        return None

    def boolean(self, mapping: Mapping[str, object], name: str, path: str) -> bool:
        value = mapping.get(name, False)
        if not isinstance(value, bool):
            self.problem(join(path, name), _("Give true or false."))
        return value is True

    def integer(self, mapping: Mapping[str, object], name: str, path: str, *, default: int, low: int, high: int) -> int:
        value = mapping.get(name, default)
        if isinstance(value, float) and value.is_integer():
            # JSON knows one kind of number: 10.0 is an integer.
            value = int(value)
        if not isinstance(value, int) or isinstance(value, bool) or not low <= value <= high:
            message = _("Give a whole number from %(low)d to %(high)d.") % {"low": low, "high": high}
            self.problem(join(path, name), message)
            return default
        return value

    def number(self, mapping: Mapping[str, object], name: str, path: str, default: float, high: float) -> float:
        value = mapping.get(name, default)
        if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= high:
            message = _("Give a number from 0 to %(high)s.") % {"high": f"{high:g}"}
            self.problem(join(path, name), message)
            return default
        return float(value)


def as_json(problems: Iterable[ValidationProblem]) -> list[dict[str, str]]:
    """The problems as the REST API lists them."""
    return [{"path": problem.path, "message": problem.message} for problem in problems]


def join(path: str, name: str) -> str:
    """The path of a value within another one."""
    return f"{path}.{name}" if path else name


def _printable(text: str) -> str:
    return "".join(char if char.isprintable() else "\ufffd" for char in text[:40])


def _is_address(value: str) -> bool:
    if any(char.isspace() for char in value) or "\\" in value:
        return False
    try:
        parts = urlsplit(value)
    except ValueError:
        return False
    if parts.scheme:
        return parts.scheme in {"http", "https"} and bool(parts.hostname)
    return value.startswith("/") and not value.startswith("//")

"""GIFT, Moodle's text format: https://docs.moodle.org/en/GIFT_format

What it cannot hold stands in comments that our export writes (:mod:`quizzes.exporters.gift`) and this reads.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any, Final

from django.utils.translation import gettext as _

from quizzes.importers.base import Draft, Item
from quizzes.importers.gaps import GAP, Gap, gap_questions, match_questions
from quizzes.importers.html import html_text
from quizzes.rules.spreadsheet_rows import number

#: Comments with what GIFT cannot hold; the rest of the line is JSON.
QUIZ_COMMENT: Final = "// quiz: "
QUESTION_COMMENT: Final = "// question: "
_CATEGORY: Final = "$CATEGORY:"
#: Characters that are looked at to tell the format.
_SAMPLE: Final = 50_000
#: An asterisk that is meant.
STAR: Final = "\x0e"
#: Stand-ins for escaped characters; control characters cannot be in a text.
_ESCAPES = {"\\\\": "\x01", "\\~": "\x02", "\\=": "\x03", "\\#": "\x04", "\\{": "\x05", "\\}": "\x06", "\\:": "\x07"}
_PLAIN = str.maketrans({mark: escape[1] for escape, mark in _ESCAPES.items()} | {"\x08": "\n"})
#: Before a text or an answer: how it is written. Without it, as Moodle writes by itself: HTML whose line ends stay.
FORMAT: Final = re.compile(r"\s*\[(html|moodle|plain|markdown)\]")
_WEIGHT = re.compile(r"%(-?[0-9.,]{1,20})%")
_ANSWER = re.compile(r"([=~])([^=~]*)")
_BRACES = re.compile(r"\{([^{}]*)\}")
_LINE_END = re.compile(r"[ \t]*\n[ \t\n]*")
_EMPHASIS = re.compile(r"(\*\*|__|\*|`)(\S(?:[^*_`\n]{0,300}\S)?)\1")
#: A line that only GIFT has.
_SURE = re.compile(r"^[ \t]*(?:\$CATEGORY:|// (?:quiz|question): \{|::[^:\n]{0,300}::[^\n]{0,2000}\{)", re.MULTILINE)
_INSIDE = re.compile(r"\s*(?:[=~#]|(?:T|TRUE|F|FALSE)\s*(?:#|\Z))", re.IGNORECASE)
_ESCAPED = re.compile(r"\\[{}=~#:\\]")
_WHOLE_LINE = re.compile(r"[^{}]*\{[^{}]+\}\s*\Z")


@dataclass(frozen=True, slots=True)
class _Answer:
    right: bool
    weight: float | None
    text: str


def looks_like_gift(text: str) -> bool:
    """Whether braces hold answers as GIFT writes them, or lines begin as only GIFT's do."""
    if _SURE.search(text):
        return True
    # Cells of a table may have braces as well: in GIFT there is a pair for every question, and no tab parts columns.
    escaped = _ESCAPED.sub("", text[:_SAMPLE])
    found = sum(_INSIDE.match(body) is not None for body in _BRACES.findall(escaped))
    lines = [line for line in _BRACES.sub("", escaped).split("\n") if line.strip() and not line.startswith("//")]
    tabbed = sum("\t" in line.lstrip() for line in lines)
    return found > 0 and found * 3 >= len(lines) and tabbed * 2 <= len(lines)


def read_gift(text: str) -> Draft:
    """The questions of a text."""
    heading: dict[str, Any] = {}
    categories: list[str] = []
    for line in text.split("\n"):
        if line.startswith(QUIZ_COMMENT) and not heading:
            heading = _comment(line.removeprefix(QUIZ_COMMENT))
        elif line.lstrip().startswith(_CATEGORY):
            categories.append(line.partition(":")[2])
    titled, notes = category_heading(categories)
    heading = heading or titled
    return Draft("questions", _items(text), heading, notes)


def category_heading(categories: Iterable[str]) -> tuple[dict[str, Any], tuple[str, ...]]:
    """The title that the only category of a file gives, or a remark on several."""
    names = list(dict.fromkeys(said.strip().rpartition("/")[2].strip()[:200] for said in categories))
    names = [name for name in names if name not in {"", "top"}]
    if len(names) < 2:
        return ({"title": names[0]} if names else {}), ()
    return {}, (_("The categories of the file were left out: %(list)s.") % {"list": "; ".join(names[:10])},)


def _items(text: str) -> Iterator[Item]:
    for start, lines, known in _blocks(text):
        source = "\n".join(lines)
        try:
            found = read_questions(source)
        except ValueError as error:
            if "correct_answers" not in known:
                yield Item(start, source, None, (str(error),))
                continue
            found = []
        if known and len(found) != 1:
            found = [({"text": source}, [])]
        for data, notes in found:
            data.update(known)
            yield Item(start, str(data["text"]), data, tuple(notes))


def _blocks(text: str) -> Iterator[tuple[int, list[str], dict[str, Any]]]:
    """Paragraphs, with the line each starts at and what a comment above it says."""
    lines: list[tuple[int, str]] = []
    known: dict[str, Any] = {}
    cleaned = "".join(char for char in text if char in "\n\t" or char >= " ")
    for index, line in enumerate([*cleaned.split("\n"), ""], start=1):
        if line.startswith(QUESTION_COMMENT):
            known = _comment(line.removeprefix(QUESTION_COMMENT))
        elif line.lstrip().startswith(("//", _CATEGORY)):
            continue
        elif line.strip():
            lines.append((index, line))
        elif lines:
            # Lists of questions without empty lines between them: each line has its braces at its end.
            if len(lines) > 1 and all(_WHOLE_LINE.match(line) for _number, line in lines):
                yield from ((number, [line], {}) for number, line in lines)
            else:
                yield lines[0][0], [line for _number, line in lines], known
            lines, known = [], {}


def _comment(source: str) -> dict[str, Any]:
    try:
        data = json.loads(source)
    except (ValueError, RecursionError):
        return {}
    return data if isinstance(data, dict) else {}


def read_questions(source: str) -> list[tuple[dict[str, Any], list[str]]]:
    """The questions in a paragraph, in the exchange format, and remarks on how each was read.

    A paragraph is one question unless it has several gaps that cannot stand together, or matches what has no single
    order.

    :raises ValueError: when it is none that can be played; the message says why.
    """
    for escape, mark in _ESCAPES.items():
        source = source.replace(escape, mark)
    source = source.replace("\\n", "\x08")
    source = source.strip()
    if source.startswith("::") and (end := source.find("::", 2)) > 0:
        source = source[end + 2 :]
    form = FORMAT.match(source)
    source = source[form.end() :] if form else source
    style = form[1] if form else "moodle"
    bodies = _BRACES.findall(source)
    parts = _BRACES.split(source)[::2]
    if any("{" in part or "}" in part for part in parts):
        raise ValueError(_("The braces do not pair."))
    if not bodies:
        raise ValueError(_("This is a text without answers."))
    reader = _Reader(style)
    if len(bodies) > 1:
        gaps = [_gap(reader, body) for body in bodies]
        return gap_questions([reader.plain(part, trim=False) for part in parts], gaps)
    before, after = parts
    # Text on both sides of the braces is a sentence with a gap, which may be a part of a word.
    data: dict[str, Any] = {"text": reader.plain(f"{before}{GAP}{after}" if after.strip() else before)}
    body, _mark, explanation = bodies[0].partition("####")
    if explanation.strip():
        data["explanation"] = reader.styled(explanation)
    answers = reader.answers(body.strip())
    if "pairs" not in answers:
        return [({**data, **answers}, reader.notes)]
    made = match_questions(data.pop("text"), answers["pairs"], answers["others"])
    return [({**data, **match}, [*reader.notes, *notes]) for match, notes in made]


def _gap(reader: _Reader, body: str) -> Gap:
    data = reader.answers(body.partition("####")[0].strip())
    if "pairs" in data:
        raise ValueError(_("A match in a text with several gaps cannot be played here."))
    return Gap(data, tuple(reader.take_notes()))


class _Reader:
    """What stands between the braces of one question."""

    def __init__(self, style: str) -> None:
        self._style = style
        self.notes: list[str] = []

    def take_notes(self) -> list[str]:
        notes, self.notes = self.notes, []
        return notes

    def note(self, said: str) -> None:
        if said not in self.notes:
            self.notes.append(said)

    def styled(self, text: str, *, line: bool = False) -> str:
        """A text that may begin with its format."""
        style = self._style
        if form := FORMAT.match(text):
            # Moodle writes the format of an answer where it is not the question's.
            text, style = text[form.end() :], form[1]
        return self.plain(text, style, line=line)

    def plain(self, text: str, style: str = "", *, line: bool = False, trim: bool = True) -> str:
        """:param line: whether line ends are spaces. :param trim: whether spaces at its ends are taken off."""
        style = style or self._style
        ends = (text[: len(text) - len(text.lstrip())], text[len(text.rstrip()) :])
        text = text.strip(" \t\n").translate(_PLAIN)
        if style in {"html", "moodle"}:
            found = html_text(text, keep_lines=style == "moodle")
            text = found.text.strip()
            if found.images:
                self.note(_("An image was left out."))
            if found.sounds:
                self.note(_("A sound was left out."))
        elif style == "markdown":
            text = _EMPHASIS.sub(r"\2", text)
        if line:
            text = _LINE_END.sub(" ", text)
        return text if trim else f"{ends[0]}{text}{ends[1]}"

    def answers(self, body: str) -> dict[str, Any]:
        if not body:
            raise ValueError(_("Essays cannot be graded here."))
        truth, *feedback = (part.strip() for part in body.split("#"))
        if truth.upper() in {"T", "TRUE", "F", "FALSE"}:
            if any(feedback):
                self.note(_("What is said about single answers was left out."))
            return {"kind": "true_false", "correct_answers": ["True" if truth[0] in "Tt" else "False"]}
        if body.startswith("#"):
            return self._numeric(body[1:])
        body = body.replace("~=", "=")
        first = re.split("[=~]", body, maxsplit=1)[0]
        said = [(sign, text) for sign, text in _ANSWER.findall(body)]
        if first.strip():
            # Without a sign: a right answer where all are, a wrong option where some are.
            said.insert(0, ("~" if "~" in body else "=", first))
        answers = [self._answer(sign, text) for sign, text in said]
        if not answers:
            raise ValueError(_("There is no answer between the braces."))
        if "~" not in body:
            return self._match(answers) if all("->" in answer.text for answer in answers) else self._short(answers)
        return self._choice(answers)

    def _match(self, answers: list[_Answer]) -> dict[str, Any]:
        sides = [tuple(side.strip() for side in answer.text.split("->", 1)) for answer in answers]
        return {
            "pairs": [(left, right) for left, right in sides if left and right],
            "others": [right for left, right in sides if not left],
        }

    def _short(self, answers: list[_Answer]) -> dict[str, Any]:
        # Only wholly right answers count here.
        best = [answer.text for answer in answers if answer.weight in {None, 100.0}]
        if len(best) < len(answers):
            self.note(_("Answers for a part of the points were left out."))
        return {"kind": "typed", "correct_answers": without_wildcards(best, self.note)}

    def _choice(self, answers: list[_Answer]) -> dict[str, Any]:
        options = list(dict.fromkeys(answer.text for answer in answers))
        if len(options) < len(answers):
            self.note(_("An option that is there already was left out."))
        full = [answer.text for answer in answers if answer.right and answer.weight in {None, 100.0}]
        part = [answer.text for answer in answers if not answer.right and (answer.weight or 0) > 0]
        if full:
            # One is chosen, and any of those that are wholly right is right.
            whole = [answer.text for answer in answers if not answer.right and answer.weight == 100]
            if len(part) > len(whole) or any(answer.right and answer.weight not in {None, 100.0} for answer in answers):
                self.note(_("Answers for a part of the points count as wrong."))
            return {"kind": "choice", "options": options, "correct_answers": list(dict.fromkeys([*full, *whole]))}
        part = list(dict.fromkeys(part))
        if not part and any(answer.weight is not None for answer in answers):
            return {"kind": "poll", "options": options}
        return {"kind": "choice" if len(part) == 1 else "multi", "options": options, "correct_answers": part}

    def _answer(self, sign: str, said: str) -> _Answer:
        said, feedback, text = said.partition("#")
        if feedback and text.strip():
            self.note(_("What is said about single answers was left out."))
        said = said.strip()
        weight = _WEIGHT.match(said)
        value = weight_of(weight[1]) if weight else None
        said = said[weight.end() :] if weight else said
        return _Answer(sign == "=", value, self.styled(said, line=True))

    def _numeric(self, body: str) -> dict[str, Any]:
        ranges: list[tuple[Decimal, Decimal]] = []
        answers = [self._answer(sign, said) for sign, said in _ANSWER.findall(body) or [("=", body)]]
        best = [answer.text for answer in answers if answer.right and answer.weight in {None, 100.0}]
        if len(best) < len(answers):
            self.note(_("Answers for a part of the points were left out."))
        for text in best:
            if ".." in text:
                low, high = (_decimal(part) for part in text.split("..", 1))
                ranges.append(((low + high) / 2, abs(high - low) / 2))
            else:
                value, colon, tolerance = text.partition(":")
                said = tolerance.strip() if colon else ""
                ranges.append((_decimal(value), abs(_decimal(said or "0"))))
        tolerances = {tolerance for _value, tolerance in ranges}
        if len(tolerances) > 1:
            self.note(_("The numbers differ in their tolerance here; the largest is used for all."))
        return {
            "kind": "number",
            "correct_answers": list(dict.fromkeys(_digits(value) for value, _tolerance in ranges)),
            "tolerance": float(max(tolerances, default=Decimal(0))),
        }


def without_wildcards(answers: Sequence[str], note: Callable[[str], None]) -> list[str]:
    """Short answers of Moodle, where an asterisk stands for any letters: those at the ends are taken off."""
    found: dict[str, None] = {}
    for answer in (answer.replace("\\*", STAR) for answer in answers):
        bare = answer.strip("*").strip()
        if "*" in answer:
            note(_("Moodle takes an asterisk for any letters. Here it is left out at the ends, or stands for itself."))
        if bare:
            found[bare.replace(STAR, "*")] = None
    return list(found)


def weight_of(text: str) -> float:
    """Percent of the points."""
    value = number(text)
    return 0.0 if isinstance(value, str) else float(value)


def _decimal(text: str) -> Decimal:
    try:
        value = Decimal(text.strip().replace(",", "."))
    except InvalidOperation:
        raise ValueError(_("This is not a number.")) from None
    if not value.is_finite() or abs(value.adjusted()) > 30:
        raise ValueError(_("This is not a number."))
    return value


def _digits(value: Decimal) -> str:
    text = f"{value:f}"
    return text.rstrip("0").rstrip(".") or "0" if "." in text else text

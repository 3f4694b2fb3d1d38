"""GIFT, Moodle's text format: https://docs.moodle.org/en/GIFT_format

What it cannot hold stands in comments that our export writes (:mod:`quizzes.exporters.gift`) and this reads.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from django.utils.translation import gettext as _

from quizzes.importers.base import Draft, Item, matched
from quizzes.importers.html import html_text
from quizzes.rules.spreadsheet_rows import number

#: Comments with what GIFT cannot hold; the rest of the line is JSON.
QUIZ_COMMENT: Final = "// quiz: "
QUESTION_COMMENT: Final = "// question: "
#: Stand-ins for escaped characters; control characters cannot be in a text.
_ESCAPES = {"\\\\": "\x01", "\\~": "\x02", "\\=": "\x03", "\\#": "\x04", "\\{": "\x05", "\\}": "\x06", "\\:": "\x07"}
_PLAIN = str.maketrans({mark: escape[1] for escape, mark in _ESCAPES.items()} | {"\x08": "\n"})
#: Before a text or an answer: how it is written.
FORMAT: Final = re.compile(r"\s*\[(html|moodle|plain|markdown)\]")
_TITLE = re.compile(r"\s*::(.*?)::", re.DOTALL)
_WEIGHT = re.compile(r"%(-?[0-9.]+)%")
_ANSWER = re.compile(r"([=~])([^=~]*)")


@dataclass(frozen=True, slots=True)
class _Answer:
    right: bool
    weight: float | None
    text: str


def looks_like_gift(text: str) -> bool:
    """Whether braces hold answers as GIFT writes them."""
    return re.search(r"\{\s*(?:[=~#]|T(?:RUE)?\s*[}#]|F(?:ALSE)?\s*[}#])", text) is not None


def read_gift(text: str) -> Draft:
    """The questions of a text."""
    heading: dict[str, Any] = {}
    for line in text.split("\n"):
        if line.startswith(QUIZ_COMMENT):
            heading = _comment(line.removeprefix(QUIZ_COMMENT))
            break
    return Draft("questions", _items(text), heading)


def _items(text: str) -> Iterator[Item]:
    for start, lines, known in _blocks(text):
        source = "\n".join(lines)
        try:
            data, notes = read_question(source)
        except ValueError as error:
            if "correct_answers" not in known:
                yield Item(start, source, None, (str(error),))
                continue
            data, notes = {"text": source}, []
        data.update(known)
        yield Item(start, str(data["text"]), data, tuple(notes))


def _blocks(text: str) -> Iterator[tuple[int, list[str], dict[str, Any]]]:
    """Paragraphs, with the line each starts at and what a comment above it says."""
    lines: list[str] = []
    known: dict[str, Any] = {}
    start = 0
    cleaned = "".join(char for char in text if char in "\n\t" or char >= " ")
    for index, line in enumerate([*cleaned.split("\n"), ""], start=1):
        if line.startswith(QUESTION_COMMENT):
            known = _comment(line.removeprefix(QUESTION_COMMENT))
        elif line.lstrip().startswith(("//", "$CATEGORY:")):
            continue
        elif line.strip():
            lines.append(line)
            start = start or index
        elif lines:
            yield start, lines, known
            lines, known, start = [], {}, 0


def _comment(source: str) -> dict[str, Any]:
    try:
        data = json.loads(source)
    except ValueError:
        return {}
    return data if isinstance(data, dict) else {}


def read_question(source: str) -> tuple[dict[str, Any], list[str]]:
    """The question in a paragraph, in the exchange format, and remarks on how it was read.

    :raises ValueError: when it is none that can be played; the message says why.
    """
    for escape, mark in _ESCAPES.items():
        source = source.replace(escape, mark)
    source = source.replace("\\n", "\x08")
    if title := _TITLE.match(source):
        source = source[title.end() :]
    form = FORMAT.match(source)
    source = source[form.end() :] if form else source
    before, opened, rest = source.partition("{")
    body, closed, after = rest.rpartition("}")
    if not opened:
        raise ValueError(_("This is a text without answers."))
    if not closed:
        raise ValueError(_("The braces do not pair."))
    is_html = form is not None and form[1] == "html"
    # Text on both sides of the braces is a sentence with a gap.
    text = f"{before.rstrip()} ____ {after.lstrip()}" if after.strip() else before
    body, _mark, explanation = body.partition("####")
    data: dict[str, Any] = {"text": _plain(text, is_html)}
    if explanation.strip():
        data["explanation"] = _plain(explanation, is_html)
    notes: list[str] = []
    answers = _answers(body.strip(), is_html, notes)
    data.update(matched(data["text"], answers.pop("pairs")) if "pairs" in answers else answers)
    return data, notes


def _answers(body: str, is_html: bool, notes: list[str]) -> dict[str, Any]:
    if not body:
        raise ValueError(_("Essays cannot be graded here."))
    truth = body.partition("#")[0].strip().upper()
    if truth in {"T", "TRUE", "F", "FALSE"}:
        return {"kind": "true_false", "correct_answers": ["True" if truth[0] == "T" else "False"]}
    if body.startswith("#"):
        return _numeric(body[1:], notes)
    answers = [_answer(sign, said, is_html, notes) for sign, said in _ANSWER.findall(body)]
    if not answers:
        raise ValueError(_("There is no answer between the braces."))
    if all("->" in answer.text for answer in answers):
        sides = (answer.text.partition("->") for answer in answers)
        return {"pairs": [(left.strip(), right.strip()) for left, _arrow, right in sides]}
    if all(answer.right for answer in answers):
        # Only wholly right answers count here.
        best = [answer.text for answer in answers if answer.weight in {None, 100.0}]
        if len(best) < len(answers):
            notes.append(_("Answers for a part of the points were left out."))
        return {"kind": "typed", "correct_answers": list(dict.fromkeys(best))}
    options = [answer.text for answer in answers]
    right = [answer.text for answer in answers if answer.right or (answer.weight or 0) > 0]
    if not right and any(answer.weight is not None for answer in answers):
        return {"kind": "poll", "options": options}
    return {"kind": "choice" if len(right) == 1 else "multi", "options": options, "correct_answers": right}


def _answer(sign: str, said: str, is_html: bool, notes: list[str]) -> _Answer:
    said, feedback, _text = said.partition("#")
    if feedback:
        note = _("What is said about single answers was left out.")
        if note not in notes:
            notes.append(note)
    said = said.strip()
    weight = _WEIGHT.match(said)
    value = float(weight[1]) if weight else None
    said = said[weight.end() :] if weight else said
    if form := FORMAT.match(said):
        # Moodle writes the format of an answer where it is not the question's.
        said, is_html = said[form.end() :], form[1] == "html"
    return _Answer(sign == "=", value, _plain(said, is_html))


def _numeric(body: str, notes: list[str]) -> dict[str, Any]:
    values, tolerances = [], []
    answers = [_answer(sign, said, False, notes) for sign, said in _ANSWER.findall(body) or [("=", body)]]
    best = [answer.text for answer in answers if answer.right and answer.weight in {None, 100.0}]
    if len(best) < len(answers):
        notes.append(_("Answers for a part of the points were left out."))
    for text in best:
        if ".." in text:
            low, high = (number(part) for part in text.split("..", 1))
            if isinstance(low, str) or isinstance(high, str):
                raise ValueError(_("This is not a number."))
            value, tolerance = str((low + high) / 2), abs(high - low) / 2
        else:
            value, _colon, said_tolerance = text.partition(":")
            given = number(said_tolerance or "0")
            tolerance = given if not isinstance(given, str) else 0
        values.append(value.strip())
        tolerances.append(float(tolerance))
    return {"kind": "number", "correct_answers": values, "tolerance": max(tolerances)}


def _plain(text: str, is_html: bool) -> str:
    text = text.strip(" \t\n").translate(_PLAIN)
    return html_text(text)[0].strip() if is_html else text

"""Moodle's XML: https://docs.moodle.org/en/Moodle_XML_format"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Iterator
from typing import Any, Final
from urllib.parse import unquote
from xml.etree.ElementTree import Element, ParseError

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import fromstring
from django.conf import settings
from django.utils.translation import gettext as _

from quizzes.images.sanitizing import ImageFile, read_image
from quizzes.importers.base import CannotRead, Draft, Item, matched
from quizzes.importers.html import html_text
from quizzes.rules.spreadsheet_rows import number

#: What stands before the name of a file that the question brings along.
_PLUGIN_FILE: Final = "@@PLUGINFILE@@/"
#: Structure of the file and text, not questions.
_IGNORED = frozenset({"category", "description"})


def read_moodle(data: bytes) -> Draft:
    """The questions of a file.

    :raises CannotRead: when it is no such file, or has entities or a document type.
    """
    try:
        root = fromstring(data, forbid_dtd=True)
    except (ParseError, DefusedXmlException, ValueError, LookupError):
        raise CannotRead(_("This is not an XML file that can be read.")) from None
    if root.tag != "quiz":
        raise CannotRead(_("This is not Moodle XML."))
    images: dict[str, ImageFile] = {}
    return Draft("questions", list(_items(root, images)), images=images)


def _items(root: Element, images: dict[str, ImageFile]) -> Iterator[Item]:
    number_ = 0
    for question in root.iter("question"):
        kind = question.get("type", "")
        if kind in _IGNORED:
            continue
        number_ += 1
        notes: list[str] = []
        asked = question.find("questiontext")
        image = _image(asked)
        text = _text(asked, notes, shown=1 if image else 0)
        reader = _READERS.get(kind)
        if reader is None:
            note = _("Questions of the type “%(type)s” cannot be played here.") % {"type": kind}
            yield Item(number_, text or kind, None, (note,))
            continue
        try:
            data: dict[str, Any] = {"text": text, **reader(question, notes)}
        except ValueError as error:
            yield Item(number_, text, None, (str(error),))
            continue
        if image:
            images[image.address] = image
            data["media"] = image.address
        if explanation := _text(question.find("generalfeedback"), notes):
            data["explanation"] = explanation
        yield Item(number_, text, data, tuple(dict.fromkeys(notes)))


def _text(element: Element | None, notes: list[str], *, shown: int = 0) -> str:
    """:param shown: how many of its images are shown otherwise."""
    if element is None:
        return ""
    source = element.findtext("text") or ""
    if element.get("format", "html") in {"html", "moodle_auto_format"}:
        source, images = html_text(source)
        if len(images) > shown:
            notes.append(_("An image was left out."))
    return source.replace("\u00a0", " ").strip()


def _image(asked: Element | None) -> ImageFile | None:
    """The first image of a question, if the file brings it along."""
    if asked is None:
        return None
    _said, sources = html_text(asked.findtext("text") or "")
    names = [unquote(source.removeprefix(_PLUGIN_FILE)) for source in sources[:1] if source.startswith(_PLUGIN_FILE)]
    for file in asked.iter("file"):
        if file.get("name") in names and file.get("encoding") == "base64":
            try:
                return read_image(base64.b64decode(file.text or ""), max_bytes=settings.IMAGE_MAX_BYTES)
            except (binascii.Error, ValueError):
                return None
    return None


def _answers(question: Element, notes: list[str]) -> list[tuple[str, float]]:
    answers = []
    for answer in question.iter("answer"):
        fraction = number(answer.get("fraction", "0"))
        answers.append((" ".join(_text(answer, notes).split()), 0.0 if isinstance(fraction, str) else float(fraction)))
        if _text(answer.find("feedback"), []):
            notes.append(_("What is said about single answers was left out."))
    return answers


def _choice(question: Element, notes: list[str]) -> dict[str, Any]:
    answers = _answers(question, notes)
    single = (question.findtext("single") or "true").strip() in {"true", "1"}
    right = [text for text, fraction in answers if fraction > 0]
    if single and right:
        best = max(fraction for _text_, fraction in answers)
        if len(right) > 1:
            notes.append(_("Answers for a part of the points count as wrong."))
        right = [text for text, fraction in answers if fraction == best]
    kind = "choice" if single and len(right) <= 1 else "multi"
    return {"kind": kind, "options": [text for text, _fraction in answers], "correct_answers": right}


def _true_false(question: Element, notes: list[str]) -> dict[str, Any]:
    right = [text for text, fraction in _answers(question, notes) if fraction > 0]
    return {"kind": "true_false", "correct_answers": [text.capitalize() for text in right]}


def _short(question: Element, notes: list[str]) -> dict[str, Any]:
    answers = _answers(question, notes)
    right = [text for text, fraction in answers if fraction == 100]
    if len(right) < len(answers):
        notes.append(_("Answers for a part of the points were left out."))
    if any("*" in text for text in right):
        notes.append(_("An asterisk stands for itself here, not for any letters."))
    strict = (question.findtext("usecase") or "0").strip() == "1"
    return {
        "kind": "typed",
        "correct_answers": list(dict.fromkeys(right)),
        "grading": {"case": "strict" if strict else "ignore"},
    }


def _numerical(question: Element, notes: list[str]) -> dict[str, Any]:
    right = [answer for answer in question.iter("answer") if number(answer.get("fraction", "0")) == 100]
    tolerances = [number(answer.findtext("tolerance") or "0") for answer in right]
    return {
        "kind": "number",
        "correct_answers": [_text(answer, notes) for answer in right],
        "tolerance": max((float(value) for value in tolerances if not isinstance(value, str)), default=0.0),
    }


def _matching(question: Element, notes: list[str]) -> dict[str, Any]:
    pairs = []
    for part in question.iter("subquestion"):
        left = " ".join(_text(part, notes).split())
        right = " ".join((part.findtext("answer/text") or "").split())
        if left:
            pairs.append((left, right))
        else:
            notes.append(_("An answer that goes with nothing was left out."))
    return matched(_text(question.find("questiontext"), []), pairs)


def _ordering(question: Element, notes: list[str]) -> dict[str, Any]:
    return {"kind": "order", "correct_answers": [text for text, _fraction in _answers(question, notes)]}


_READERS = {
    "multichoice": _choice,
    "truefalse": _true_false,
    "shortanswer": _short,
    "numerical": _numerical,
    "ordering": _ordering,
    "matching": _matching,
}

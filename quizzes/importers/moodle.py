"""Moodle's XML: https://docs.moodle.org/en/Moodle_XML_format"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Iterator, Sequence
from typing import Any, Final
from urllib.parse import unquote
from xml.etree.ElementTree import Element, ParseError

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import fromstring
from django.conf import settings
from django.utils.translation import gettext as _

from quizzes.images.sanitizing import ImageFile, NoImage, read_image
from quizzes.importers.base import CannotRead, Draft, Item
from quizzes.importers.gaps import match_questions
from quizzes.importers.gift import category_heading, weight_of, without_wildcards
from quizzes.importers.html import html_text
from quizzes.importers.moodle_gaps import GAP_READERS
from quizzes.rules.spreadsheet_rows import number
from quizzes.sounds.sanitizing import NoSound, SoundFile, read_sound

#: What stands before the name of a file that the question brings along.
_PLUGIN_FILE: Final = "@@PLUGINFILE@@/"


def read_moodle(data: bytes) -> Draft:
    """The questions of a file.

    :raises CannotRead: when it is no such file, or has entities or a document type.
    """
    try:
        root = fromstring(data, forbid_dtd=True)
    except ParseError as error:
        said = _("This is not an XML file that can be read: line %(line)d, column %(column)d.")
        raise CannotRead(said % {"line": error.position[0], "column": error.position[1] + 1}) from None
    except (DefusedXmlException, ValueError, LookupError):
        raise CannotRead(_("This is not an XML file that can be read.")) from None
    if root.tag != "quiz":
        raise CannotRead(_named(root.tag.rpartition("}")[2]))
    images: dict[str, ImageFile] = {}
    sounds: dict[str, SoundFile] = {}
    heading, notes = category_heading(
        element_text(question.find("category"), [])
        for question in root.iter("question")
        if question.get("type") == "category"
    )
    return Draft("questions", list(_items(root, images, sounds)), heading, notes, images=images, sounds=sounds)


def _named(tag: str) -> str:
    """What an XML file is, by its outermost element."""
    if tag in {"questestinterop", "assessmentItem", "assessmentTest", "qti-assessment-item", "manifest"}:
        return _("This is QTI. Import it into Moodle, export the questions there as Moodle XML, and import that file.")
    if tag in {"html", "svg", "rss", "feed"}:
        return _("This is a web page. Copy the text out of it and paste that.")
    return _("This is not Moodle XML.")


def _items(root: Element, images: dict[str, ImageFile], sounds: dict[str, SoundFile]) -> Iterator[Item]:
    number_ = 0
    for question in root.iter("question"):
        kind = question.get("type", "")
        if kind == "category":
            continue
        number_ += 1
        notes: list[str] = []
        asked = question.find("questiontext")
        image = _image(asked)
        # Where a text has several gaps, it becomes several questions.
        sound = None if kind in GAP_READERS else _sound(asked, notes)
        text = element_text(asked, notes, shown=1 if image else 0, played=1 if sound else 0)
        shown: dict[str, Any] = {}
        if explanation := element_text(question.find("generalfeedback"), notes):
            shown["explanation"] = explanation
        if image:
            images[image.address] = image
            shown["media"] = image.address
        if sound:
            sounds[sound.address] = sound
            shown |= {"sound": sound.address, "listen": "beside"}
        try:
            found = _questions(question, kind, text, notes)
        except ValueError as error:
            yield Item(number_, text or kind, None, (str(error),))
            continue
        for data, more in found:
            yield Item(number_, text, {**data, **shown}, tuple(dict.fromkeys([*notes, *more])))


def _questions(question: Element, kind: str, text: str, notes: list[str]) -> list[tuple[dict[str, Any], list[str]]]:
    """The questions that one of Moodle's becomes.

    :raises ValueError: when there is none; the message says why.
    """
    if kind == "description":
        raise ValueError(_("This is a text without answers."))
    if kind in GAP_READERS:
        return GAP_READERS[kind](question, notes)
    if kind == "matching":
        return _matching(question, text, notes)
    if kind not in _READERS:
        raise ValueError(_("Questions of the type “%(type)s” cannot be played here.") % {"type": kind})
    return [({"text": text, **_READERS[kind](question, notes)}, [])]


def element_text(element: Element | None, notes: list[str], *, shown: int = 0, played: int = 0) -> str:
    """What an element of Moodle's says in its format.

    :param shown: how many of its images are shown otherwise.
    :param played: how many of its sounds are played otherwise.
    :param notes: told of what is left out.
    """
    if element is None:
        return ""
    source = element.findtext("text") or ""
    style = element.get("format", "html")
    if style in {"html", "moodle_auto_format"}:
        found = html_text(source, keep_lines=style != "html")
        source = found.text
        if len(found.images) > shown:
            notes.append(_("An image was left out."))
        if len(found.sounds) > played:
            notes.append(_("A sound was left out."))
    return source.replace("\u00a0", " ").strip()


def _image(asked: Element | None) -> ImageFile | None:
    """The first image of a question, if the file brings it along."""
    if asked is None:
        return None
    try:
        data = _brought(asked, html_text(asked.findtext("text") or "").images)
        return read_image(data, max_bytes=settings.IMAGE_MAX_BYTES) if data else None
    except NoImage:
        return None


def _sound(asked: Element | None, notes: list[str]) -> SoundFile | None:
    """The first sound of a question, if the file brings it along."""
    if asked is None:
        return None
    try:
        data = _brought(asked, html_text(asked.findtext("text") or "").sounds)
        return read_sound(data, max_bytes=settings.SOUND_MAX_BYTES) if data else None
    except NoSound as error:
        notes.append(str(error))
        return None


def _brought(asked: Element, sources: Sequence[str]) -> bytes:
    """The first of the files that a text shows or plays; empty where the file does not bring it along."""
    names = [unquote(source.removeprefix(_PLUGIN_FILE)) for source in sources[:1] if source.startswith(_PLUGIN_FILE)]
    for file in asked.iter("file"):
        if file.get("name") in names and file.get("encoding") == "base64":
            try:
                return base64.b64decode(file.text or "")
            except (binascii.Error, ValueError):
                return b""
    return b""


def _answers(question: Element, notes: list[str]) -> list[tuple[str, float]]:
    answers = []
    for answer in question.iter("answer"):
        text = " ".join(element_text(answer, notes).split())
        answers.append((text, weight_of(answer.get("fraction", "0"))))
        if element_text(answer.find("feedback"), []):
            notes.append(_("What is said about single answers was left out."))
    if sum(1 for name in ("correctfeedback", "incorrectfeedback") if _has_own_words(question.find(name))):
        notes.append(_("What is said about single answers was left out."))
    return answers


def _has_own_words(element: Element | None) -> bool:
    """Whether a feedback says more than what Moodle writes into every question by itself."""
    said = element_text(element, [])
    return bool(said) and not said.casefold().startswith("your answer is ")


def _choice(question: Element, notes: list[str]) -> dict[str, Any]:
    answers = _answers(question, notes)
    single = (question.findtext("single") or "true").strip() in {"true", "1"}
    right = [text for text, fraction in answers if fraction > 0]
    if single and right:
        # One is chosen, and any that has the most points is right.
        best = max(fraction for _text_, fraction in answers)
        if any(0 < fraction < best for _text_, fraction in answers):
            notes.append(_("Answers for a part of the points count as wrong."))
        right = [text for text, fraction in answers if fraction == best]
    options = list(dict.fromkeys(text for text, _fraction in answers))
    if len(options) < len(answers):
        notes.append(_("An option that is there already was left out."))
    if not single and not right and options:
        return {"kind": "poll", "options": options}
    return {"kind": "choice" if single else "multi", "options": options, "correct_answers": list(dict.fromkeys(right))}


def _true_false(question: Element, notes: list[str]) -> dict[str, Any]:
    right = [text for text, fraction in _answers(question, notes) if fraction > 0]
    return {"kind": "true_false", "correct_answers": [text.capitalize() for text in right]}


def _short(question: Element, notes: list[str]) -> dict[str, Any]:
    answers = _answers(question, notes)
    right = [text for text, fraction in answers if fraction == 100]
    if len(right) < len(answers):
        notes.append(_("Answers for a part of the points were left out."))
    strict = (question.findtext("usecase") or "0").strip() == "1"
    return {
        "kind": "typed",
        "correct_answers": without_wildcards(right, notes.append),
        "grading": {"case": "strict" if strict else "ignore"},
    }


def _numerical(question: Element, notes: list[str]) -> dict[str, Any]:
    answers = _answers(question, notes)
    elements = list(question.iter("answer"))
    right = [place for place, (_said, fraction) in enumerate(answers) if fraction == 100]
    if len(right) < len(answers):
        notes.append(_("Answers for a part of the points were left out."))
    tolerances = [weight_of(elements[place].findtext("tolerance") or "0") for place in right]
    if len(set(tolerances)) > 1:
        notes.append(_("The numbers differ in their tolerance here; the largest is used for all."))
    values = [number(answers[place][0]) for place in right]
    return {
        "kind": "number",
        "correct_answers": list(dict.fromkeys(value if isinstance(value, str) else f"{value}" for value in values)),
        "tolerance": max(tolerances, default=0.0),
    }


def _matching(question: Element, text: str, notes: list[str]) -> list[tuple[dict[str, Any], list[str]]]:
    pairs, others = [], []
    for part in question.iter("subquestion"):
        left = " ".join(element_text(part, notes).split())
        answer = part.find("answer")
        right = " ".join(html_text((answer.findtext("text") if answer is not None else "") or "").text.split())
        if left:
            pairs.append((left, right))
        elif right:
            others.append(right)
    return match_questions(text, pairs, others)


def _ordering(question: Element, notes: list[str]) -> dict[str, Any]:
    return {"kind": "order", "correct_answers": [text for text, _fraction in _answers(question, notes)]}


_READERS = {
    "multichoice": _choice,
    "multichoiceset": _choice,
    "truefalse": _true_false,
    "shortanswer": _short,
    "numerical": _numerical,
    "ordering": _ordering,
}

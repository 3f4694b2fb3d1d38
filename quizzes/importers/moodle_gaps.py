"""Moodle's questions with gaps: cloze, gapselect, ddwtos and gapfill.

https://docs.moodle.org/en/Embedded_Answers_(Cloze)_question_type
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import Any, Final
from xml.etree.ElementTree import Element

from django.utils.translation import gettext as _

from quizzes.importers.gaps import Gap, gap_questions
from quizzes.importers.gift import weight_of, without_wildcards
from quizzes.importers.html import html_text
from quizzes.rules.spreadsheet_rows import number

Found = list[tuple[dict[str, Any], list[str]]]

_NAMES: Final = {
    "typed": "SHORTANSWER SA MW SHORTANSWER_C SAC MWC",
    "number": "NUMERICAL NM",
    "choice": "MULTICHOICE MC MULTICHOICE_V MCV MULTICHOICE_H MCH MULTICHOICE_S MCS MULTICHOICE_VS MCVS MULTICHOICE_HS "
    "MCHS",
    "multi": "MULTIRESPONSE MR MULTIRESPONSE_H MRH MULTIRESPONSE_S MRS MULTIRESPONSE_HS MRHS",
}
_KINDS: Final = {name: kind for kind, names in _NAMES.items() for name in names.split()}
_CLOZE: Final = re.compile(r"\{\d{0,6}:([A-Z_]{2,20}):((?:\\.|[^\\{}])*)\}", re.DOTALL)
_NUMBERED: Final = re.compile(r"\[\[(\d{1,3})\]\]")
_WEIGHT: Final = re.compile(r"%(-?[0-9.,]{1,20})%")
#: Stand for a gap while the HTML around it is read. The range is for private use.
_MARK: Final = "\ue000"


def _cloze(question: Element, notes: list[str]) -> Found:
    gaps: list[Gap] = []

    def take(found: re.Match[str]) -> str:
        kind = _KINDS.get(found[1])
        if kind is None:
            raise ValueError(_("Questions of the type “%(type)s” cannot be played here.") % {"type": found[1]})
        gaps.append(_cloze_gap(kind, found[2], strict=found[1] in {"SHORTANSWER_C", "SAC", "MWC"}))
        return _MARK

    return _made(_CLOZE.sub(take, _source(question)), gaps, notes)


def _cloze_gap(kind: str, body: str, *, strict: bool) -> Gap:
    notes: list[str] = []
    answers = []
    for said in re.split(r"(?<!\\)~", body.strip().removeprefix("~")):
        text, feedback, more = [*re.split(r"(?<!\\)(#)", said, maxsplit=1), "", ""][:3]
        if feedback and more.strip():
            notes.append(_("What is said about single answers was left out."))
        text = text.strip()
        weight = 0.0
        if text.startswith("="):
            weight, text = 100.0, text[1:]
        elif found := _WEIGHT.match(text):
            weight, text = weight_of(found[1]), text[found.end() :]
        text = re.sub(r"\\(.)", r"\1", html_text(text).text)
        answers.append((" ".join(text.split()), weight))
    right = [text for text, weight in answers if weight == 100]
    if kind != "multi" and any(0 < weight < 100 for _text, weight in answers):
        notes.append(_("Answers for a part of the points were left out."))
    notes = list(dict.fromkeys(notes))
    if kind == "typed":
        data: dict[str, Any] = {"kind": kind, "correct_answers": without_wildcards(right, notes.append)}
        return Gap({**data, "grading": {"case": "strict"}} if strict else data, tuple(notes))
    if kind == "number":
        return Gap(_number(right), tuple(notes))
    if kind == "multi":
        right = [text for text, weight in answers if weight > 0]
    options = list(dict.fromkeys(text for text, _weight in answers))
    return Gap({"kind": kind, "options": options, "correct_answers": list(dict.fromkeys(right))}, tuple(notes))


def _number(right: Sequence[str]) -> dict[str, Any]:
    parts = [text.partition(":") for text in right]
    values = [number(value) for value, _colon, _tolerance in parts]
    return {
        "kind": "number",
        "correct_answers": [str(value) for value in values],
        "tolerance": max((weight_of(tolerance or "0") for _value, _colon, tolerance in parts), default=0.0),
    }


def _chosen(question: Element, notes: list[str]) -> Found:
    """Gaps as ``[[1]]`` with options in groups: gapselect and ddwtos."""
    elements = [*question.iter("selectoption"), *question.iter("dragbox")]
    texts = [" ".join(html_text(element.findtext("text") or "").text.split()) for element in elements]
    groups = [(element.findtext("group") or "1").strip() for element in elements]
    gaps: list[Gap] = []

    def take(found: re.Match[str]) -> str:
        place = int(found[1]) - 1
        if not 0 <= place < len(texts):
            raise ValueError(_("There is no option %(letter)s.") % {"letter": found[1]})
        group = [text for text, name in zip(texts, groups, strict=True) if name == groups[place]]
        options = list(dict.fromkeys(group))
        gaps.append(Gap({"kind": "choice", "options": options, "correct_answers": [texts[place]]}))
        return _MARK

    return _made(_NUMBERED.sub(take, _source(question)), gaps, notes)


def _filled(question: Element, notes: list[str]) -> Found:
    """Gaps with their answers in brackets: gapfill."""
    delimiters = (question.findtext("delimitchars") or "[]").strip()[:2].ljust(2, "]")
    opening, closing = re.escape(delimiters[0]), re.escape(delimiters[1])
    gaps: list[Gap] = []
    wrong = [
        " ".join(html_text(answer.findtext("text") or "").text.split())
        for answer in question.iter("answer")
        if weight_of(answer.get("fraction", "0")) <= 0
    ]
    typed = (question.findtext("answerdisplay") or "").strip() in {"gapfill", ""}
    bodies = re.findall(f"{opening}([^{opening}{closing}<>]*){closing}", _source(question))
    words = [[html_text(word).text.strip() for word in body.split("|")] for body in bodies]
    options = list(dict.fromkeys([*(word for entry in words for word in entry), *filter(None, wrong)]))
    for right in words:
        if typed:
            gaps.append(Gap({"kind": "typed", "correct_answers": list(dict.fromkeys(right))}))
        else:
            gaps.append(Gap({"kind": "choice", "options": options, "correct_answers": list(dict.fromkeys(right))}))
    source = re.sub(f"{opening}[^{opening}{closing}<>]*{closing}", _MARK, _source(question))
    return _made(source, gaps, notes)


def _source(question: Element) -> str:
    return (question.findtext("questiontext/text") or "").replace(_MARK, "")


def _made(source: str, gaps: Sequence[Gap], notes: list[str]) -> Found:
    if not gaps:
        raise ValueError(_("This is a text without answers."))
    found = html_text(source)
    if found.sounds:
        notes.append(_("A sound was left out."))
    return gap_questions(found.text.split(_MARK), gaps)


GAP_READERS: Final[dict[str, Callable[[Element, list[str]], Found]]] = {
    "cloze": _cloze,
    "multianswer": _cloze,
    "gapselect": _chosen,
    "ddwtos": _chosen,
    "gapfill": _filled,
}

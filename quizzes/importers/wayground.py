"""Wayground's (formerly Quizizz's) spreadsheet: a type, up to five options, the numbers of the right ones, seconds."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _

from quizzes.importers.base import Item
from quizzes.importers.sheets import TableFormat, named_columns, numbered, right_options, time_limit
from quizzes.rules.matching import fold

_KINDS = {
    "multiple choice": "choice",
    "checkbox": "multi",
    "multi select": "multi",
    "poll": "poll",
    "fill in the blank": "typed",
    "fill in the blanks": "typed",
    "": "choice",
}


def _item(row: int, cells: Mapping[str, str]) -> Item | None:
    options = dict(numbered(cells, "option "))
    if not cells["text"] and not options:
        return None
    said = cells.get("type", "")
    if fold(said).startswith("question type "):
        # Below its header the template explains each column.
        return None
    kind = _KINDS.get(fold(said) if said else "")
    if kind is None:
        note = _("Questions of the type “%(type)s” cannot be played here.") % {"type": said}
        return Item(row, cells["text"], None, (note,))
    notes: list[str] = []
    data: dict[str, Any] = {"text": cells["text"], "kind": kind}
    if kind == "typed":
        # Its options are the accepted answers.
        data["correct_answers"] = list(dict.fromkeys(options.values()))
    else:
        data["options"] = list(options.values())
        data["correct_answers"] = [] if kind == "poll" else right_options(options, cells.get("correct", ""), notes)
        if kind == "choice" and len(data["correct_answers"]) > 1:
            data["kind"] = "multi"
    data |= time_limit(cells.get("time", ""), notes)
    if cells.get("media"):
        notes.append(_("Images of other servers are not shown; upload the image."))
    data |= {name: cells[name] for name in ("media", "explanation") if cells.get(name)}
    return Item(row, cells["text"], data, tuple(notes))


WAYGROUND = TableFormat(
    "questions",
    named_columns(
        {
            "text": ("question text",),
            "type": ("question type",),
            **{f"option {n}": (f"option {n}",) for n in range(1, 11)},
            "correct": ("correct answer",),
            "time": ("time in seconds",),
            "media": ("image link",),
            "explanation": ("answer explanation",),
        },
        ("text", "type", "option 1"),
    ),
    _item,
)

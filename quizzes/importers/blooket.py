"""Blooket's CSV template: two header rows, up to four answers, seconds, the numbers of the right answers.

A ``typing`` in the column after them makes a typed question, whose answers are all right.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from quizzes.importers.base import Item
from quizzes.importers.sheets import Columns, TableFormat, named_columns, numbered, right_options, time_limit
from quizzes.rules.spreadsheet_rows import guessed_kind

_named = named_columns(
    {
        "number": ("question",),
        "text": ("question text",),
        **{f"answer {n}": (f"answer {n}",) for n in range(1, 5)},
        "time": ("time limit",),
        "correct": ("correct answer", "correct answers"),
    },
    ("number", "answer 1", "correct"),
)


def _columns(cells: Sequence[str]) -> Columns | None:
    found = _named(cells)
    # "Question #" and "Question Text" both begin with "question".
    if found is None or len(found["number"]) < 2:
        return None
    last = found["correct"][0]
    return {**found, "number": found["number"][:1], "text": found["number"][1:2], "type": [last + 1, last + 2]}


def _item(row: int, cells: Mapping[str, str]) -> Item | None:
    options = dict(numbered(cells, "answer "))
    if not cells["text"] and not options:
        return None
    notes: list[str] = []
    if "typing" in cells["type"].casefold():
        data: dict[str, Any] = {"kind": "typed", "correct_answers": list(options.values())}
    else:
        right = right_options(options, cells["correct"], notes)
        kind = guessed_kind(list(options.values()), right) if right else "choice"
        data = {"kind": kind, "options": list(options.values()), "correct_answers": right}
    data["text"] = cells["text"]
    data |= time_limit(cells.get("time", ""), notes)
    return Item(row, cells["text"], data, tuple(notes))


BLOOKET = TableFormat("questions", _columns, _item)

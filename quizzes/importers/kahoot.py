"""Kahoot's spreadsheet template: a question, up to four answers, seconds, and the numbers of the right answers.

The header stands below some rows of instructions, and not always in the same row.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from quizzes.importers.base import Item
from quizzes.importers.sheets import TableFormat, named_columns, numbered, right_options, time_limit
from quizzes.rules.spreadsheet_rows import guessed_kind


def _item(row: int, cells: Mapping[str, str]) -> Item | None:
    options = dict(numbered(cells, "answer "))
    if not cells["question"] and not options:
        return None
    notes: list[str] = []
    right = right_options(options, cells["correct"], notes)
    data: dict[str, Any] = {
        "text": cells["question"],
        # A Kahoot question has right answers unless it is a poll, which the template does not hold.
        "kind": "choice" if not right else guessed_kind(list(options.values()), right),
        "options": list(options.values()),
        "correct_answers": right,
    }
    data |= time_limit(cells.get("time", ""), notes)
    return Item(row, cells["question"], data, tuple(notes))


KAHOOT = TableFormat(
    "questions",
    named_columns(
        {
            "question": ("question",),
            **{f"answer {n}": (f"answer {n}",) for n in range(1, 7)},
            "time": ("time limit",),
            "correct": ("correct answer", "correct answers"),
        },
        ("question", "answer 1", "answer 2", "correct"),
    ),
    _item,
)

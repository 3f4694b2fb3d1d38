"""Gimkit's CSV template: a question, its right answer, up to three wrong ones; without wrong ones it is typed."""

from __future__ import annotations

from collections.abc import Mapping

from quizzes.importers.base import Item
from quizzes.importers.sheets import TableFormat, named_columns, numbered


def _item(row: int, cells: Mapping[str, str]) -> Item | None:
    wrong = [text for _number, text in numbered(cells, "wrong ")]
    right = cells["correct"]
    if not cells["question"] and not right and not wrong:
        return None
    correct = [right] if right else []
    data = {
        "text": cells["question"],
        "kind": "choice" if wrong else "typed",
        "options": [*correct, *wrong] if wrong else [],
        "correct_answers": correct,
    }
    return Item(row, cells["question"], data)


GIMKIT = TableFormat(
    "questions",
    named_columns(
        {
            "question": ("question",),
            "correct": ("correct answer",),
            **{f"wrong {n}": (f"incorrect answer {n}",) for n in range(1, 6)},
        },
        ("question", "correct", "wrong 1"),
    ),
    _item,
    lambda _rows: {"shuffle_options": True},
)

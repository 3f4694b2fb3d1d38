"""Our own CSV and XLSX: what :mod:`quizzes.exporters` writes, and what a person writes with the same columns."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from quizzes.importers.base import Holds, Item
from quizzes.importers.sheets import Columns, TableFormat
from quizzes.rules import spreadsheet_rows
from quizzes.rules.matching import fold


def _columns(names: Sequence[str], required: Sequence[str], cells: Sequence[str]) -> Columns | None:
    found: dict[str, list[int]] = {}
    for place, cell in enumerate(cells):
        name = fold(cell).replace(" ", "_")
        if name in names:
            found.setdefault(name, []).append(place)
    # Words with a column that is none of ours are a table of any columns, which reads that one as well.
    whole = names is spreadsheet_rows.QUESTION_COLUMNS or sum(map(len, found.values())) == sum(map(bool, cells))
    return found if whole and all(name in found for name in required) else None


def _heading(rows: Iterable[Sequence[str]], *, words: bool) -> Mapping[str, Any]:
    cells = {row[0][1:]: row[1] for row in rows if len(row) > 1 and row[0].startswith("#")}
    return spreadsheet_rows.heading_data(cells, words=words)


def _format(holds: Holds, names: Sequence[str], required: Sequence[str]) -> TableFormat:
    words = holds == "words"
    data = spreadsheet_rows.word_data if words else spreadsheet_rows.question_data
    title = "term" if words else "text"
    return TableFormat(
        holds,
        lambda cells: _columns(names, required, cells),
        lambda number, cells: Item(number, cells.get(title, ""), data(cells)),
        lambda rows: _heading(rows, words=words),
    )


QUESTIONS = _format("questions", spreadsheet_rows.QUESTION_COLUMNS, ("text", "correct_answers"))
WORDS = _format("words", spreadsheet_rows.WORD_COLUMNS, ("term", "meanings"))

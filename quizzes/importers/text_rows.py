"""Rows of cells from text: CSV with its quotes, and lines parted by whatever people put between a word and its meaning.

https://www.rfc-editor.org/rfc/rfc4180 for quotes. Bounds: rows and columns of :mod:`quizzes.importers.sheets`.
"""

from __future__ import annotations

import csv
import io
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any, Final

from django.utils.translation import gettext as _

from quizzes.importers.base import CannotRead
from quizzes.importers.sheets import COLUMNS_MAX, ROWS_MAX, SheetRow
from quizzes.rules.spreadsheet_rows import unescape_csv_cell

#: What may part cells, the surest first: of those that most of the lines have, the first is taken. A hyphen within a
#: word parts nothing.
SEPARATORS: Final = (
    "\t", "|", "->", "=>", "→", ";", "==", " = ", "--", "//", " – ", " — ", " - ", "=", "：", ":", ",", "，", "–", "—",
    " / ", "   ",
)  # fmt: skip
#: One character, quotes as in CSV, and as many columns as there are.
_CELLS: Final = frozenset("\t|;,，")
#: A run of these is one separator, however long.
_RUNS: Final = frozenset({"--", "//", "==", "   "})
#: Lines that are looked at.
_SAMPLE: Final = 500
#: Characters of a line that are looked at.
_LINE: Final = 2_000
#: Characters of a cell; a quotation mark that is never closed would take in all that follows.
_CELL_MAX: Final = 20_000


def find_separator(lines: Sequence[str]) -> str:
    """What parts the cells of lines: a tab where there is one, else what most of the lines have."""
    sample = [line.strip()[:_LINE] for line in lines[:_SAMPLE]]
    counts = {separator: sum(separator in line for line in sample) for separator in SEPARATORS}
    if counts["\t"] or any("\t" in line.strip() for line in lines[_SAMPLE:]):
        return "\t"
    best = max(SEPARATORS, key=lambda separator: counts[separator])
    # "Hund - dog; hound": what parts the meanings is on fewer lines than what parts the word from them.
    return next(separator for separator in SEPARATORS if counts[separator] >= counts[best])


def text_rows(text: str, separator: str = "", row_separator: str = "\n") -> tuple[list[SheetRow], tuple[str, ...]]:
    """The rows of a text, each with the line it begins at, and remarks.

    :param separator: what parts cells; empty to find out.
    :param row_separator: what parts rows.
    :raises CannotRead: when there is nothing to read.
    """
    text = text.lstrip("\ufeff")
    if row_separator not in {"", "\n"}:
        text = "\n".join(text.split(row_separator))
    lines = [line for line in text.split("\n") if line.strip()]
    if not lines:
        raise CannotRead(_("There is nothing to read."))
    said, lines_above = _said_separator(text)
    separator = separator or said or find_separator(lines)
    if separator in _CELLS:
        rows, notes = _cells(text, separator, lines_above)
    else:
        rows, notes = list(_pairs(text, separator)), ()
    if len(rows) > ROWS_MAX:
        rows, notes = rows[:ROWS_MAX], (*notes, _("Only the first %(max)d rows were read.") % {"max": ROWS_MAX})
    return rows, notes


def _said_separator(text: str) -> tuple[str, int]:
    """Excel's own first line ``sep=;``."""
    first = text[:20].partition("\n")[0].strip().casefold()
    return (first[4:], 1) if first.startswith("sep=") and len(first) == 5 else ("", 0)


def _cells(text: str, separator: str, skip: int) -> tuple[list[SheetRow], tuple[str, ...]]:
    notes: tuple[str, ...] = ()
    try:
        rows = _read(text, separator, quoted=True)
    except _BadQuote as error:
        said = _("Line %(line)d: a quotation mark is not closed. Quotation marks were read as letters.")
        notes = (said % {"line": error.line},) if '"' in text else ()
        rows = _read(text, separator, quoted=False)
    return _one_split(rows[skip:], separator), notes


class _BadQuote(Exception):
    def __init__(self, line: int) -> None:
        super().__init__(line)
        self.line = line


def _read(text: str, separator: str, *, quoted: bool) -> list[SheetRow]:
    # The only mark of CSV's that a typist's quotation marks break is one at the start of a cell.
    rules: Any = {"strict": True} if quoted else {"quoting": csv.QUOTE_NONE}
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, **rules)
    rows: list[SheetRow] = []
    line = 1
    try:
        for cells in reader:
            if len(rows) > ROWS_MAX:
                break
            if quoted and reader.line_num - line > 50:
                raise _BadQuote(line)
            kept = [unescape_csv_cell(_unquoted(cell) if not quoted else cell).strip() for cell in cells[:COLUMNS_MAX]]
            if any(kept):
                rows.append(SheetRow(line, kept))
            line = reader.line_num + 1
    except csv.Error as error:
        if quoted:
            raise _BadQuote(line) from None
        raise CannotRead(_("This is not a CSV file: %(error)s.") % {"error": error}) from None
    return rows


def _unquoted(cell: str) -> str:
    cell = cell.strip()
    return cell[1:-1].replace('""', '"') if len(cell) > 1 and cell[0] == cell[-1] == '"' else cell


def _one_split(rows: list[SheetRow], separator: str) -> list[SheetRow]:
    """Where most rows have two cells, the separator of the others stands within the meaning."""
    if separator == "\t":
        return rows
    widths = Counter(len(row.cells) for row in rows[:_SAMPLE])
    if len(widths) < 2 or widths.most_common(1)[0][0] != 2:
        return rows
    joined = separator if separator == "|" else f"{separator} "
    return [
        SheetRow(row.number, [row.cells[0], joined.join(filter(None, row.cells[1:]))]) if len(row.cells) > 2 else row
        for row in rows
    ]


def _pairs(text: str, separator: str) -> Iterator[SheetRow]:
    """Lines of two cells: the separator may stand in the second once more."""
    pattern = re.compile(re.escape(separator[0]) + "{2,}" if separator in _RUNS else re.escape(separator))
    for number, line in enumerate(text.split("\n"), start=1):
        if line.strip():
            parts = pattern.split(line.strip()[: 2 * _CELL_MAX], maxsplit=1)
            yield SheetRow(number, [unescape_csv_cell(_unquoted(part)).strip() for part in parts])

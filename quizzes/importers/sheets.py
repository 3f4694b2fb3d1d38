"""Rows of CSV and XLSX files, and finding the header among them: it moves, and notes stand above it."""

from __future__ import annotations

import csv
import io
import warnings
import zipfile
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from itertools import islice
from typing import Any, Final

from django.utils.translation import gettext as _

from quizzes.importers.base import CannotRead, Draft, Holds, Item
from quizzes.rules import limits
from quizzes.rules.matching import fold
from quizzes.rules.spreadsheet_rows import number, unescape_cell

ROWS_MAX: Final = 10_000
COLUMNS_MAX: Final = 100
#: Unpacked bytes of a spreadsheet; a zip of 20 KB can hold gigabytes.
UNPACKED_MAX: Final = 25 * 1024 * 1024
HEADER_ROWS_MAX: Final = 30
_DELIMITERS: Final = (",", ";", "\t")


@dataclass(frozen=True, slots=True)
class SheetRow:
    """A row of a sheet. ``formulas`` names the cells that hold one."""

    number: int
    cells: list[str]
    formulas: tuple[str, ...] = ()


#: By name of a column: where it stands.
Columns = Mapping[str, list[int]]


@dataclass(frozen=True, slots=True)
class TableFormat:
    """A spreadsheet format: how its header looks, and what its rows say."""

    holds: Holds
    #: The columns, when the cells are this format's header.
    columns: Callable[[Sequence[str]], Columns | None]
    #: What a row says; ``None`` for one that says nothing.
    item: Callable[[int, Mapping[str, str]], Item | None]
    #: What the rows above the header say.
    heading: Callable[[Iterable[Sequence[str]]], Mapping[str, Any]] = lambda _rows: {}


def read_table(rows: Sequence[SheetRow], formats: Sequence[TableFormat], notes: tuple[str, ...] = ()) -> Draft:
    """The questions or words of a sheet, by the first of the formats whose header it has.

    :raises CannotRead: when it has none.
    """
    for index, row in enumerate(rows[:HEADER_ROWS_MAX]):
        for table_format in formats:
            columns = table_format.columns(row.cells)
            if columns is not None:
                heading = table_format.heading([above.cells for above in rows[:index]])
                items = filter(None, (_item(row, columns, table_format) for row in rows[index + 1 :]))
                return Draft(table_format.holds, items, heading, notes)
    raise CannotRead(_("There is no header row among the first %(max)d rows.") % {"max": HEADER_ROWS_MAX})


def _item(row: SheetRow, columns: Columns, table_format: TableFormat) -> Item | None:
    cells = {
        name: "\n".join(filter(None, (row.cells[place] for place in places if place < len(row.cells))))
        for name, places in columns.items()
    }
    if not any(cells.values()) and not row.formulas:
        return None
    if row.formulas:
        note = _("Cell %(cell)s holds a formula; put its value there.") % {"cell": row.formulas[0]}
        return Item(row.number, " ".join(filter(None, row.cells)), None, (note,))
    return table_format.item(row.number, cells)


def named_columns(
    names: Mapping[str, Sequence[str]], required: Iterable[str]
) -> Callable[[Sequence[str]], Columns | None]:
    """Finds a header by the beginnings of its cells, letter case and punctuation aside.

    :param names: by name of a column, how its header may begin.
    """

    def columns(cells: Sequence[str]) -> Columns | None:
        found: dict[str, list[int]] = {}
        for place, cell in enumerate(cells):
            said = fold(cell)
            for name, beginnings in names.items():
                if any(said == beginning or said.startswith(f"{beginning} ") for beginning in beginnings):
                    found.setdefault(name, []).append(place)
                    break
        return found if all(name in found for name in required) else None

    return columns


def csv_rows(text: str) -> tuple[list[SheetRow], tuple[str, ...]]:
    """The rows of a CSV text, its delimiter found out, and a note when there are too many."""
    sample = text[:20_000]
    delimiter = max(_DELIMITERS, key=sample.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=False)
    try:
        rows = [
            SheetRow(number, [unescape_cell(cell).strip() for cell in cells[:COLUMNS_MAX]])
            for number, cells in enumerate(islice(reader, ROWS_MAX + 1), start=1)
        ]
    except csv.Error as error:
        raise CannotRead(_("This is not a CSV file: %(error)s.") % {"error": error}) from None
    return _bounded(rows)


def xlsx_rows(data: bytes) -> tuple[list[SheetRow], tuple[str, ...]]:
    """The rows of the first sheet that has any, and a note when there are too many.

    :raises CannotRead: when it is no spreadsheet, or too large.
    """
    # Loaded with the first workbook: most processes never see one.
    import openpyxl

    check_unpacked(data, UNPACKED_MAX)
    try:
        with warnings.catch_warnings():
            # About parts of a workbook that openpyxl does not know and we do not read.
            warnings.simplefilter("ignore")
            book = openpyxl.load_workbook(io.BytesIO(data), read_only=True, data_only=False)
            for sheet in book.worksheets:
                rows = [
                    _sheet_row(number, cells)
                    for number, cells in enumerate(sheet.iter_rows(max_row=ROWS_MAX + 1, max_col=COLUMNS_MAX), start=1)
                ]
                if any(any(row.cells) for row in rows):
                    return _bounded(rows)
    except CannotRead:
        raise
    except Exception as error:  # openpyxl raises anything at a broken workbook
        raise CannotRead(_("This is not a spreadsheet that can be read.")) from error
    raise CannotRead(_("There is nothing to read."))


def check_unpacked(data: bytes, bound: int) -> list[zipfile.ZipInfo]:
    """The members of a zip.

    :raises CannotRead: when it is none, or its members unpack to more than ``bound`` bytes.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            members = archive.infolist()
    except (zipfile.BadZipFile, ValueError, NotImplementedError, OSError):
        raise CannotRead(_("This file is damaged, or not what its name says.")) from None
    # zipfile never unpacks more of a member than it declares.
    if sum(member.file_size for member in members) > bound:
        message = _("This file unpacks to more than %(max)d MB.")
        raise CannotRead(message % {"max": bound // (1024 * 1024)})
    return members


def _bounded(rows: list[SheetRow]) -> tuple[list[SheetRow], tuple[str, ...]]:
    if len(rows) <= ROWS_MAX:
        return rows, ()
    return rows[:ROWS_MAX], (_("Only the first %(max)d rows were read.") % {"max": ROWS_MAX},)


def _sheet_row(number: int, cells: Sequence[Any]) -> SheetRow:
    from openpyxl.utils import get_column_letter

    formulas = tuple(
        f"{get_column_letter(place)}{number}"
        for place, cell in enumerate(cells, start=1)
        if getattr(cell, "data_type", "") == "f"
    )
    return SheetRow(number, [_cell_text(cell.value) for cell in cells], formulas)


def _cell_text(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    if isinstance(value, datetime | date | time):
        return value.isoformat()
    return unescape_cell(str(value)).strip()


def numbered(cells: Mapping[str, str], prefix: str) -> Iterator[tuple[int, str]]:
    """The cells of ``prefix 1``, ``prefix 2`` and so on that hold something, by their numbers."""
    for name, value in cells.items():
        if name.startswith(prefix) and value:
            yield int(name.removeprefix(prefix)), value


def right_options(options: Mapping[int, str], said: str, notes: list[str]) -> list[str]:
    """The right options where a cell names them by number ("1,3") or by their own text.

    :param notes: told of what names no option.
    """
    if not said:
        return []
    whole = said.strip()
    if whole in options.values() and not whole.isdigit():
        return [whole]
    right = []
    for part in map(str.strip, whole.replace(";", ",").split(",")):
        if part.isdigit() and int(part) in options:
            right.append(options[int(part)])
        elif part in options.values():
            right.append(part)
        elif part:
            notes.append(_("“%(answer)s” is not among the options.") % {"answer": part})
    return list(dict.fromkeys(right))


def time_limit(seconds: str, notes: list[str]) -> dict[str, Any]:
    """The time limit a cell gives in seconds, brought within what is possible here."""
    if not seconds:
        return {}
    value = number(seconds)
    if isinstance(value, str):
        return {"time_limit_ms": value}
    limit = min(max(round(value * 1000), limits.TIME_LIMIT_MS_MIN), limits.TIME_LIMIT_MS_MAX)
    if limit != value * 1000:
        notes.append(_("The time limit was brought to %(seconds)d seconds.") % {"seconds": limit // 1000})
    return {"time_limit_ms": limit}

"""Tables of known formats: finding the header among the rows, for it moves and notes stand above it."""

from __future__ import annotations

import csv
import io
import re
import zipfile
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any, Final

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from quizzes.importers.base import CannotRead, Draft, Holds, Item
from quizzes.rules import limits
from quizzes.rules.matching import fold
from quizzes.rules.spreadsheet_rows import number, unescape_csv_cell

ROWS_MAX: Final = 10_000
COLUMNS_MAX: Final = 100
#: Unpacked bytes of a spreadsheet; a zip of 20 KB can hold gigabytes.
UNPACKED_MAX: Final = 25 * 1024 * 1024
HEADER_ROWS_MAX: Final = 30
_DELIMITERS: Final = (",", ";", "\t")
_LETTER: Final = re.compile(r"(?:option |answer )?([A-Ja-j])[.)]?\Z", re.IGNORECASE)
_TIME: Final = re.compile(r"\s*([0-9]{1,6}(?:[.,][0-9]{1,6})?)\s*([^\W\d_]{0,20})\.?\s*\Z")


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


def known_table(rows: Sequence[SheetRow], formats: Sequence[TableFormat], notes: tuple[str, ...] = ()) -> Draft:
    """The questions or words of a sheet, by the first of the formats whose header it has.

    :raises CannotRead: when it has none.
    """
    for index, row in enumerate(rows[:HEADER_ROWS_MAX]):
        for table_format in formats:
            columns = table_format.columns(row.cells)
            if columns is not None:
                heading = table_format.heading([above.cells for above in rows[:index]])
                items = filter(None, (_item(row, columns, table_format) for row in rows[index + 1 :]))
                return Draft(
                    table_format.holds, items, heading, (*notes, *_unread(row.cells, columns, rows[index + 1 :]))
                )
    raise CannotRead(_("There is no header row among the first %(max)d rows.") % {"max": HEADER_ROWS_MAX})


def _unread(titles: Sequence[str], columns: Columns, rows: Sequence[SheetRow]) -> Iterator[str]:
    """What is said of columns that hold something and are not read."""
    read = {place for places in columns.values() for place in places}
    for place, title in enumerate(titles):
        filled = (row.cells[place] for row in rows if place < len(row.cells) and row.cells[place])
        if place not in read and title and next(filled, None) is not None:
            yield _("This column was left out: %(name)s.") % {"name": " ".join(title.split())[:60]}


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
    """The rows of a CSV text, each with the line it begins at, its delimiter found out; and a note when there are too
    many.
    """
    sample = text[:20_000]
    delimiter = max(_DELIMITERS, key=sample.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=False)
    rows = []
    line = 1
    try:
        for cells in islice(reader, ROWS_MAX + 1):
            rows.append(SheetRow(line, [unescape_csv_cell(cell).strip() for cell in cells[:COLUMNS_MAX]]))
            line = reader.line_num + 1
    except csv.Error as error:
        raise CannotRead(_("This is not a CSV file: %(error)s.") % {"error": error}) from None
    return bounded(rows)


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


def bounded(rows: list[SheetRow]) -> tuple[list[SheetRow], tuple[str, ...]]:
    """As many rows as are read, and a note where there are more."""
    if len(rows) <= ROWS_MAX:
        return rows, ()
    return rows[:ROWS_MAX], (_("Only the first %(max)d rows were read.") % {"max": ROWS_MAX},)


def numbered(cells: Mapping[str, str], prefix: str) -> Iterator[tuple[int, str]]:
    """The cells of ``prefix 1``, ``prefix 2`` and so on that hold something, by their numbers."""
    for name, value in cells.items():
        if name.startswith(prefix) and value:
            yield int(name.removeprefix(prefix)), value


def right_options(options: Mapping[int, str], said: str, notes: list[str]) -> list[str]:
    """The right options where a cell names them by number ("1,3"), by letter ("B"), or by their own text.

    A cell that a spreadsheet took for a number has ``1.0`` for 1, and ``1.3`` for 1 and 3.

    :param notes: told of what names no option.
    """
    whole = said.strip()
    if not whole:
        return []
    if whole in options.values() and not whole.isdigit():
        return [whole]
    by_text = {text.casefold(): text for text in reversed(list(options.values()))}
    right = []
    for part in map(str.strip, re.split(r"[;,|/&\n]|\band\b", _as_list(whole, options))):
        letter = _LETTER.match(part)
        if part.isdecimal() and len(part) < 4 and int(part) in options:
            right.append(options[int(part)])
        elif part.casefold() in by_text:
            right.append(by_text[part.casefold()])
        elif letter and ord(letter[1].upper()) - 64 in options:
            right.append(options[ord(letter[1].upper()) - 64])
        elif whole.casefold() in by_text:
            return [by_text[whole.casefold()]]
        elif part:
            notes.append(_("“%(answer)s” is not among the options.") % {"answer": part})
    return list(dict.fromkeys(right))


def _as_list(said: str, options: Mapping[int, str]) -> str:
    """Numbers and letters as a list: ``1.0`` is 1, ``1.3`` is 1 and 3, ``AC`` is A and C."""
    if re.fullmatch(r"\d{1,2}\.0+", said):
        return said.partition(".")[0]
    if re.fullmatch(r"\d(?:\.\d)+", said):
        return said.replace(".", ",")
    if re.fullmatch(r"[A-J]{2,10}", said) and said not in options.values():
        return ",".join(said)
    if re.fullmatch(r"\d{1,2}(?:\s+\d{1,2})+|[A-Ja-j](?:\s+[A-Ja-j])+", said):
        return ",".join(said.split())
    return said


def time_limit(said: str, notes: list[str]) -> dict[str, Any]:
    """The time limit a cell gives in seconds, or with its unit, brought within what is possible here."""
    if not said:
        return {}
    value = _seconds(said)
    if value is None:
        notes.append(_("The time limit “%(text)s” is no number of seconds and was left out.") % {"text": said[:40]})
        return {}
    limit = min(max(round(value * 1000), limits.TIME_LIMIT_MS_MIN), limits.TIME_LIMIT_MS_MAX)
    if limit != round(value * 1000):
        said = ngettext(
            "The time limit was brought to %(seconds)d second.",
            "The time limit was brought to %(seconds)d seconds.",
            limit // 1000,
        )
        notes.append(said % {"seconds": limit // 1000})
    return {"time_limit_ms": limit}


def _seconds(said: str) -> float | None:
    clock = re.fullmatch(r"\s*(?:(\d{1,2}):)?(\d{1,2}):(\d{2})\s*", said)
    if clock:
        return int(clock[1] or 0) * 3600 + int(clock[2]) * 60 + int(clock[3])
    found = _TIME.match(said)
    if found is None:
        return None
    value = number(found[1])
    if isinstance(value, str):
        return None
    minutes = found[2].casefold().startswith(("min", "мин", "хв", "分", "분", "phút", "دقيق", "dak"))
    return value * 60 if minutes or found[2].casefold() == "m" else value

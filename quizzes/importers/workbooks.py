"""Rows of spreadsheets: XLSX and ODS, each cell as the sheet shows it."""

from __future__ import annotations

import io
import re
import warnings
import zipfile
from collections.abc import Iterator, Sequence
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any, Final
from xml.etree.ElementTree import Element, ParseError

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import iterparse
from django.utils.translation import gettext as _

from quizzes.importers.base import CannotRead
from quizzes.importers.sheets import COLUMNS_MAX, ROWS_MAX, UNPACKED_MAX, SheetRow, bounded, check_unpacked
from quizzes.rules.spreadsheet_rows import unescape_cell

_TABLE: Final = "{urn:oasis:names:tc:opendocument:xmlns:table:1.0}"
_TEXT: Final = "{urn:oasis:names:tc:opendocument:xmlns:text:1.0}"
#: Of a number format: what stands in brackets or quotes, or behind a backslash, and what is for negative numbers.
_DECORATION: Final = re.compile(r'\[[^\]]{0,40}\]|"[^"]{0,40}"|\\.|_.|;.*')
_DATE_PARTS: Final = re.compile(r"yyyy|yy|mmmm|mmm|mm|m|dddd|ddd|dd|d|hh|h|ss|s|AM/PM|.", re.IGNORECASE)
#: Excel's short date, which each computer shows in its own way.
_LOCAL_DATES: Final = frozenset({"mm-dd-yy", "general", ""})


def workbook_rows(data: bytes, kind: str) -> tuple[list[SheetRow], tuple[str, ...]]:
    """The rows of the first sheet that has any, and remarks on what was not read.

    :param kind: ``xlsx`` or ``ods``.
    :raises CannotRead: when it is no spreadsheet, or too large.
    """
    check_unpacked(data, UNPACKED_MAX)
    try:
        if kind == "ods":
            return _ods(data)
        with warnings.catch_warnings():
            # About parts of a workbook that openpyxl does not know and we do not read.
            warnings.simplefilter("ignore")
            return _xlsx(data)
    except CannotRead:
        raise
    except Exception as error:  # openpyxl raises anything at a broken workbook
        raise CannotRead(_("This is not a spreadsheet that can be read.")) from error


def _xlsx(data: bytes) -> tuple[list[SheetRow], tuple[str, ...]]:
    # Loaded with the first workbook: most processes never see one.
    import openpyxl

    book = openpyxl.load_workbook(io.BytesIO(data), read_only=True, data_only=False)
    found: tuple[list[SheetRow], tuple[str, ...]] | None = None
    others: list[str] = []
    for sheet in book.worksheets:
        most = 20 if found else ROWS_MAX + 1
        rows = [
            _xlsx_row(number, cells)
            for number, cells in enumerate(sheet.iter_rows(max_row=most, max_col=COLUMNS_MAX), start=1)
        ]
        if not any(any(row.cells) for row in rows):
            continue
        if found:
            others.append(str(sheet.title))
        else:
            found = bounded(rows)
    return _first(found, others)


def _first(
    found: tuple[list[SheetRow], tuple[str, ...]] | None, others: Sequence[str]
) -> tuple[list[SheetRow], tuple[str, ...]]:
    if found is None:
        raise CannotRead(_("There is nothing to read."))
    rows, notes = found
    if others:
        said = _("Only the first sheet was read, not: %(list)s.") % {"list": ", ".join(others)[:200]}
        notes = (*notes, said)
    return rows, notes


def _xlsx_row(number: int, cells: Sequence[Any]) -> SheetRow:
    from openpyxl.utils import get_column_letter

    formulas = tuple(
        f"{get_column_letter(place)}{number}"
        for place, cell in enumerate(cells, start=1)
        if getattr(cell, "data_type", "") == "f"
    )
    return SheetRow(number, [shown(cell.value, getattr(cell, "number_format", "") or "") for cell in cells], formulas)


def shown(value: Any, number_format: str = "") -> str:
    """A value as a sheet shows it in a number format of Excel's."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, datetime | date | time):
        return _shown_date(value, number_format)
    if isinstance(value, timedelta):
        return str(value)
    if isinstance(value, int | float | Decimal):
        return _shown_number(value, _DECORATION.sub("", number_format[:200]))
    return unescape_cell(str(value)).strip()


def _shown_number(value: float | Decimal, pattern: str) -> str:
    percent = pattern.rstrip().endswith("%")
    if percent:
        value = value * 100
    _whole, point, after = pattern.partition(".")
    decimals = len(re.match(r"0*", after)[0]) if point else 0  # type: ignore[index]
    if point and decimals:
        text = f"{value:.{min(decimals, 10)}f}"
    elif "0" in pattern and "E" not in pattern.upper() and "#" not in after and "?" not in pattern:
        text = f"{value:.0f}"
        zeros = len(re.sub("[^0]", "", pattern.partition("%")[0]))
        text = text.zfill(zeros) if re.fullmatch(r"0+%?\s*", pattern) else text
    else:
        # Fifteen digits are what Excel counts in: 0.1 + 0.2 is shown as 0.3.
        text = f"{value:.15g}"
        text = f"{Decimal(text):f}" if "e" in text else text
    return f"{text}%" if percent else text


def _shown_date(value: datetime | date | time, number_format: str) -> str:
    pattern = re.sub(r"\[[^\]]{0,40}\]|;.*", "", number_format[:200]).replace("\\", "").replace('"', "")
    if isinstance(value, time) and "h" not in pattern.casefold():
        return value.isoformat(timespec="minutes") if not value.second else value.isoformat()
    if pattern.strip().casefold() in _LOCAL_DATES:
        midnight = not isinstance(value, datetime) or value.time() == time()
        return value.isoformat()[:10] if midnight else str(value)
    parts = _DATE_PARTS.findall(pattern)
    found = []
    for place, part in enumerate(parts):
        name = part.casefold()
        if name in {"m", "mm"} and _is_minute(parts, place):
            name = name.replace("m", "n")
        found.append(_date_part(value, name, part))
    return "".join(found).strip()


def _is_minute(parts: Sequence[str], place: int) -> bool:
    before = next((part.casefold() for part in reversed(parts[:place]) if part[0].isalpha()), "")
    after = next((part.casefold() for part in parts[place + 1 :] if part[0].isalpha()), "")
    return before.startswith("h") or after.startswith("s")


def _date_part(value: Any, name: str, part: str) -> str:
    formats = {
        "yyyy": "%Y", "yy": "%y", "mmmm": "%B", "mmm": "%b", "mm": "%m", "dddd": "%A", "ddd": "%a", "dd": "%d",
        "hh": "%H", "nn": "%M", "ss": "%S", "am/pm": "%p",
    }  # fmt: skip
    attributes = {"m": "month", "d": "day", "h": "hour", "n": "minute", "s": "second"}
    if name in formats:
        return f"{value:{formats[name]}}"
    return str(getattr(value, attributes[name], "")) if name in attributes else part


# -- OpenDocument -------------------------------------------------------------------------------------------------


def _ods(data: bytes) -> tuple[list[SheetRow], tuple[str, ...]]:
    found: tuple[list[SheetRow], tuple[str, ...]] | None = None
    others: list[str] = []
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive, archive.open("content.xml") as content:
            for name, rows in _ods_sheets(content):
                if not any(any(row.cells) for row in rows):
                    continue
                if found:
                    others.append(name)
                else:
                    found = bounded(rows)
    except (KeyError, ParseError, DefusedXmlException) as error:
        raise CannotRead(_("This is not a spreadsheet that can be read.")) from error
    return _first(found, others)


def _ods_sheets(content: Any) -> Iterator[tuple[str, list[SheetRow]]]:
    rows: list[SheetRow] = []
    number = 1
    for _event, element in iterparse(content, events=("end",), forbid_dtd=True):
        if element.tag == f"{_TABLE}table-row":
            times = _times(element, "number-rows-repeated", ROWS_MAX)
            cells, formulas = _ods_cells(element, number)
            # Sheets end with a million empty rows in one element.
            if any(cells) and len(rows) <= ROWS_MAX:
                repeated = min(times, ROWS_MAX + 1 - len(rows))
                rows += [SheetRow(number + place, cells, formulas) for place in range(repeated)]
            number += times
            element.clear()
        elif element.tag == f"{_TABLE}table":
            yield element.get(f"{_TABLE}name", ""), rows
            rows, number = [], 1
            element.clear()


def _ods_cells(row: Element, number: int) -> tuple[list[str], tuple[str, ...]]:
    cells: list[str] = []
    formulas: list[str] = []
    for cell in row:
        if cell.tag not in {f"{_TABLE}table-cell", f"{_TABLE}covered-table-cell"}:
            continue
        room = COLUMNS_MAX - len(cells)
        if room <= 0:
            break
        paragraphs = ["".join(_ods_text(part)) for part in cell if part.tag == f"{_TEXT}p"]
        if cell.get(f"{_TABLE}formula"):
            formulas.append(f"{chr(ord('A') + min(len(cells), 25))}{number}")
        text = unescape_cell("\n".join(paragraphs)).strip()
        cells += [text] * _times(cell, "number-columns-repeated", room)
    while cells and not cells[-1]:
        cells.pop()
    return cells, tuple(formulas)


def _ods_text(element: Element) -> Iterator[str]:
    """What a paragraph says; spaces, tabs and line ends are elements."""
    yield element.text or ""
    for part in element:
        if part.tag == f"{_TEXT}s":
            yield " " * _times(part, "c", 100, _TEXT)
        elif part.tag == f"{_TEXT}tab":
            yield "\t"
        elif part.tag == f"{_TEXT}line-break":
            yield "\n"
        else:
            yield from _ods_text(part)
        yield part.tail or ""


def _times(element: Element, name: str, most: int, space: str = _TABLE) -> int:
    said = element.get(f"{space}{name}", "1")
    return min(int(said), most) if said.isdecimal() and said != "0" else 1

"""Results as CSV and XLSX, as spreadsheets of any country open them.

The library for workbooks is loaded with the first download: most processes never need it.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from typing import Any, Final

from django.utils import timezone
from django.utils.formats import get_format

from quizzes.rules.spreadsheet_rows import escape_cell, escape_csv_cell

PLAYER_HEADERS = ["rank", "user_id", "username", "score", "correct", "answered", "place", "attempts", "team"]
QUESTION_HEADERS = ["question_id", "text", "answered", "correct"]
ANSWER_HEADERS = [
    "user_id",
    "username",
    "question_id",
    "answer",
    "is_correct",
    "points",
    "time_taken_ms",
    "submitted_at",
    # After those that were there first: whoever reads columns by their place finds them.
    "question",
    "verdict",
    "place",
    "names_until",
    "rule",
    "attempt",
    "team",
]
#: What parts the columns of a CSV file, by the names that a request gives.
SEPARATORS: Final = {"comma": ",", "semicolon": ";", "tab": "\t"}
#: Windows allows none of these in the name of a file.
_NO_NAME: Final = re.compile(r'[\\/:*?"<>|\x00-\x1f\x7f\u200e\u200f\u202a-\u202e\u2066-\u2069]')
_TITLE_LENGTH: Final = 80
_CELL_LENGTH: Final = 32_000
_DATE_FORMAT: Final = "yyyy-mm-dd hh:mm:ss"

Row = dict[str, Any]


def safe_cell(value: Any, escape: Callable[[str], str] = escape_cell) -> Any:
    """The value as a spreadsheet may have it: names and answers come from strangers, and must not run as formulas."""
    if isinstance(value, list):
        value = " | ".join(value)
    return escape(value) if isinstance(value, str) else value


def file_name(title: str, played: datetime, code: str, extension: str) -> str:
    """What a download is called: the title, the day in the server's time zone, and the session's code."""
    named = " ".join(_NO_NAME.sub(" ", title).split())[:_TITLE_LENGTH].strip(". ")
    return f"{named} {timezone.localtime(played):%Y-%m-%d} {code}.{extension}".strip()


def default_separator() -> str:
    """A semicolon where the page's language writes decimals with a comma, as spreadsheets there expect."""
    return "semicolon" if get_format("DECIMAL_SEPARATOR") == "," else "comma"


def results_csv(results: Row, separator: str = "comma") -> bytes:
    """One line per answer, in UTF-8 with the mark without which Excel takes it for Windows-1252.

    :param separator: one of :data:`SEPARATORS`.
    """
    text = io.StringIO(newline="")
    writer = csv.writer(text, delimiter=SEPARATORS[separator])
    writer.writerow(ANSWER_HEADERS)
    for row in _answers(results):
        moments = {name: _local(row[name]) for name in ("submitted_at", "names_until")}
        shown = {**row, **moments}
        writer.writerow([safe_cell(shown[header], escape_csv_cell) for header in ANSWER_HEADERS])
    return text.getvalue().encode("utf-8-sig")


def results_xlsx(results: Row) -> bytes:
    """Four sheets: players, questions, answers, and the points of each player at each question."""
    import openpyxl

    book = openpyxl.Workbook(write_only=True)
    sheet(book, "Players", PLAYER_HEADERS, _values(results["participants"], PLAYER_HEADERS))
    sheet(book, "Questions", QUESTION_HEADERS, _values(results["questions"], QUESTION_HEADERS))
    answers = [
        {**row, "submitted_at": _moment(row["submitted_at"]), "names_until": _moment(row["names_until"])}
        for row in _answers(results)
    ]
    sheet(book, "Answers", ANSWER_HEADERS, _values(answers, ANSWER_HEADERS))
    titles = [f"{number}. {question['text']}" for number, question in enumerate(results["questions"], start=1)]
    sheet(book, "Players x questions", ["place", "username", "score", *titles], _grid(results))
    data = io.BytesIO()
    book.save(data)
    return data.getvalue()


def _answers(results: Row) -> list[Row]:
    players = {participant["user_id"]: participant for participant in results["participants"]}
    asked = {question["question_id"]: question["text"] for question in results["questions"]}
    return [
        {
            **answer,
            "username": players.get(answer["user_id"], {}).get("username", ""),
            "place": players.get(answer["user_id"], {}).get("place", ""),
            "team": players.get(answer["user_id"], {}).get("team") or "",
            "names_until": results["names_until"] or "",
            "question": asked.get(answer["question_id"], ""),
        }
        for answer in results["answers"]
    ]


def _values(rows: Iterable[Row], headers: Sequence[str]) -> Iterable[list[Any]]:
    return ([row[header] for header in headers] for row in rows)


def _grid(results: Row) -> Iterable[list[Any]]:
    """The points of each player at each question; empty where there is no answer."""
    points = {
        (answer["user_id"], answer["question_id"]): answer["points"]
        for answer in results["answers"]
        if answer["counts"]
    }
    questions = [question["question_id"] for question in results["questions"]]
    for player in results["participants"]:
        earned = [points.get((player["user_id"], question)) for question in questions]
        yield [player["place"], player["username"], player["score"], *earned]


def sheet(book: Any, title: str, headers: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    """A sheet under a header that stays in sight: numbers and dates are such, and all else is text."""
    from openpyxl.cell import WriteOnlyCell
    from openpyxl.styles import Font

    sheet = book.create_sheet(title)
    sheet.freeze_panes = "A2"

    def cell(value: Any) -> Any:
        value = safe_cell(value)
        made = WriteOnlyCell(sheet, value[:_CELL_LENGTH] if isinstance(value, str) else value)
        if isinstance(value, str):
            made.data_type = "s"
        elif isinstance(value, datetime):
            made.number_format = _DATE_FORMAT
        return made

    heads = [cell(header) for header in headers]
    for head in heads:
        head.font = Font(bold=True)
    sheet.append(heads)
    for row in rows:
        sheet.append([cell(value) for value in row])


def _local(moment: str) -> str:
    """A time of the wire in the server's time zone, with its offset."""
    return timezone.localtime(datetime.fromisoformat(moment)).isoformat(timespec="milliseconds") if moment else ""


def _moment(moment: str) -> datetime | str:
    """As :func:`_local`, as a date of a spreadsheet, which knows no time zones."""
    return timezone.localtime(datetime.fromisoformat(moment)).replace(tzinfo=None) if moment else ""

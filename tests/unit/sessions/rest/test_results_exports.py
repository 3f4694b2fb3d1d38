"""What teachers get as CSV and XLSX: as spreadsheets of their country open it, with nothing in it that runs."""

from __future__ import annotations

import csv
import io
from datetime import UTC, datetime
from typing import Any

import pytest
from django.utils import translation
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import load_workbook

from quizzes.rules.spreadsheet_rows import escape_csv_cell, unescape_csv_cell
from sessions.rest.exports import SEPARATORS, default_separator, file_name, results_csv, results_xlsx

RESULTS: dict[str, Any] = {
    "names_until": "2026-01-16T23:30:00.000Z",
    "participants": [
        {
            "rank": 1,
            "place": 1,
            "user_id": "a",
            "username": "Zoë",
            "score": 10,
            "correct": 1,
            "answered": 2,
            "attempts": 2,
            "team": None,
        },
        {
            "rank": 2,
            "place": 1,
            "user_id": "b",
            "username": "Bo",
            "score": 10,
            "correct": 1,
            "answered": 1,
            "attempts": 1,
            "team": None,
        },
    ],
    "questions": [
        {"question_id": "q1", "text": "Tür?", "answered": 2, "correct": 2},
        {"question_id": "q2", "text": "Bär?", "answered": 1, "correct": 0},
    ],
    "answers": [
        {
            "user_id": user,
            "question_id": question,
            "answer": answer,
            "is_correct": points > 0,
            "verdict": verdict,
            "points": points,
            "rule": rule,
            "time_taken_ms": 1_500,
            "submitted_at": "2026-01-15T23:30:00.250Z",
            "attempt": attempt,
            "counts": attempt == 1,
        }
        for user, question, answer, verdict, points, rule, attempt in (
            ("a", "q1", "door", "correct", 10, "right", 1),
            ("a", "q2", "a;=1+1", "wrong", 0, "wrong", 1),
            ("b", "q1", ["x", "y"], "almost", 5, "almost", 1),
            # Not in the grid, which has the points of the attempt that counts.
            ("a", "q1", "wall", "wrong", 0, "wrong", 2),
        )
    ],
}


@pytest.mark.parametrize("separator", SEPARATORS)
def test_the_csv_opens_as_it_is_in_a_spreadsheet(separator: str, settings: Any) -> None:
    settings.TIME_ZONE = "Europe/Berlin"
    data = results_csv(RESULTS, separator)
    assert data.startswith(b"\xef\xbb\xbf")
    rows = list(csv.DictReader(io.StringIO(data.decode("utf-8-sig"), newline=""), delimiter=SEPARATORS[separator]))
    assert [row["verdict"] for row in rows] == ["correct", "wrong", "almost", "wrong"]
    assert [row["attempt"] for row in rows] == ["1", "1", "1", "2"]
    assert [row["place"] for row in rows] == ["1"] * 4
    assert [row["rule"] for row in rows] == ["right", "wrong", "almost", "wrong"]
    assert rows[0]["question"] == "Tür?"
    assert rows[0]["submitted_at"] == "2026-01-16T00:30:00.250+01:00"


def test_no_part_of_a_cell_runs_where_another_separator_is_used() -> None:
    text = results_csv(RESULTS).decode("utf-8-sig")
    for separator in ";,\t|":
        for row in csv.reader(io.StringIO(text, newline=""), delimiter=separator):
            assert not [cell for cell in row if cell.startswith(("=", "+", "-", "@"))]


@given(st.text("a'=+-@;,\t|\n\"1 ＝", max_size=12))
def test_escaping_for_csv_has_an_inverse_and_leaves_nothing_that_runs(text: str) -> None:
    cell = escape_csv_cell(text)
    assert unescape_csv_cell(cell) == text
    for separator in ";,\t|":
        assert not [part for part in cell.split(separator) if part.startswith(("=", "+", "-", "@", "＝"))]


def test_the_workbook_has_dates_numbers_and_a_grid_of_players_and_questions(settings: Any) -> None:
    settings.TIME_ZONE = "Europe/Berlin"
    book = load_workbook(io.BytesIO(results_xlsx(RESULTS)))
    assert book.sheetnames == ["Players", "Questions", "Answers", "Players x questions"]
    grid = list(book["Players x questions"].values)
    assert grid == [("place", "username", "score", "1. Tür?", "2. Bär?"), (1, "Zoë", 10, 10, 0), (1, "Bo", 10, 5, None)]
    answers = book["Answers"]
    heads = [cell.value for cell in answers[1]]
    sent = answers.cell(2, heads.index("submitted_at") + 1)
    assert sent.is_date
    assert sent.value == datetime(2026, 1, 16, 0, 30, 0, 250_000)
    assert not [cell for sheet in book for row in sheet.iter_rows() for cell in row if cell.data_type == "f"]


@pytest.mark.parametrize(("language", "separator"), [("en", "comma"), ("de", "semicolon"), ("fr", "semicolon")])
def test_the_separator_follows_the_language_of_the_page(language: str, separator: str) -> None:
    with translation.override(language):
        assert default_separator() == separator


@pytest.mark.parametrize(
    ("title", "name"),
    [
        ("French: food / drinks?", "French food drinks 2026-01-15 ABC123.csv"),
        ("語彙", "語彙 2026-01-15 ABC123.csv"),
        ("\u202egpj.exe", "gpj.exe 2026-01-15 ABC123.csv"),
        ("", "2026-01-15 ABC123.csv"),
    ],
)
def test_a_download_is_called_by_its_title_and_day(title: str, name: str) -> None:
    assert file_name(title, datetime(2026, 1, 15, 12, tzinfo=UTC), "ABC123", "csv") == name

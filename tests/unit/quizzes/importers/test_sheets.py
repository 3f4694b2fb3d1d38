"""Spreadsheets of other programs: what is read, what the report says, and how much is taken at most."""

from __future__ import annotations

import io
import zipfile
from typing import Any

import pytest

from quizzes.importers.base import CannotRead
from quizzes.importers.sheets import ROWS_MAX, UNPACKED_MAX
from tests.support.quiz_files import kinds, outcomes, package, read, xlsx

KAHOOT: list[list[Any]] = [
    ["Quiz template"],
    ["Add questions, at least two answer alternatives, time limit and choose correct answers."],
    [],
    [
        None,
        "Question - max 120 characters",
        "Answer 1 - max 75 characters",
        "Answer 2 - max 75 characters",
        "Answer 3 - max 75 characters",
        "Answer 4 - max 75 characters",
        "Time limit (sec) – 5, 10, 20, 30, 60, 90, 120, or 240 secs",
        "Correct answer(s) - choose at least one",
    ],
    [1, "Le chien?", "dog", "cat", "cow", None, 20, 1],
    [2, "Which are fruits?", "pomme", "poire", "pain", "pluie", 60, "1,2"],
    [3, "No answer?", "a", "b", None, None, 20, None],
    [4, "Wrong number?", "a", "b", None, None, 20, 4],
    [5, None, None, None, None, None, None, None],
]


@pytest.mark.parametrize("name", ["", "kahoot"])
@pytest.mark.parametrize("above", [0, 2, 3])
def test_it_reads_a_kahoot_spreadsheet_wherever_its_header_is(name: str, above: int) -> None:
    imported = read(xlsx(KAHOOT[3 - above :]), name)
    assert kinds(imported) == [
        ("choice", ("dog", "cat", "cow"), ("dog",)),
        ("multi", ("pomme", "poire", "pain", "pluie"), ("pomme", "poire")),
    ]
    assert [question.time_limit_ms for question in imported.questions] == [20_000, 60_000]
    assert [row.outcome for row in imported.rows] == ["read", "read", "skipped", "skipped"]
    assert imported.rows[2].notes == ("correct_answers: No right answer is given.",)
    assert imported.rows[3].notes[0] == "“4” is not among the options."


BLOOKET = (
    '"Blooket\nImport Template",,,,,,,,,\n'
    'Question #,Question Text,Answer 1,Answer 2,"Answer 3\n(Optional)","Answer 4\n(Optional)","Time Limit (sec)\n'
    '(Max: 300 seconds)","Correct Answer(s)\n(Only include Answer #)",,\n'
    '1,"Le chien, en anglais?",dog,cat,,,20,1,,\n'
    '2,Fruits?,pomme,poire,pain,,300,"1,2",,\n'
    "3,Solve: 2+2,4,four,,,60,,,typing\n"
    "4,,,,,,,,,\n"
)


@pytest.mark.parametrize("name", ["", "blooket"])
def test_it_reads_a_blooket_file(name: str) -> None:
    imported = read(BLOOKET, name)
    assert kinds(imported) == [
        ("choice", ("dog", "cat"), ("dog",)),
        ("multi", ("pomme", "poire", "pain"), ("pomme", "poire")),
        ("typed", (), ("4", "four")),
    ]
    assert imported.questions[0].text == "Le chien, en anglais?"
    assert imported.questions[1].time_limit_ms == 300_000


@pytest.mark.parametrize("name", ["", "gimkit"])
def test_it_reads_a_gimkit_file(name: str) -> None:
    imported = read(
        "Gimkit Spreadsheet Import Template,,,,\n"
        "Question,Correct Answer,Incorrect Answer 1,Incorrect Answer 2 (Optional),Incorrect Answer 3 (Optional)\n"
        "Le chien?,dog,cat,cow,\nLe chat?,cat,,,\nVide?,,a,,\n",
        name,
    )
    assert kinds(imported) == [("choice", ("dog", "cat", "cow"), ("dog",)), ("typed", (), ("cat",))]
    assert imported.heading == {"shuffle_options": True}
    assert outcomes(imported) == [(3, "read"), (4, "read"), (5, "skipped")]


@pytest.mark.parametrize("name", ["", "wayground"])
def test_it_reads_a_wayground_spreadsheet(name: str) -> None:
    header = ["Question Text", "Question Type", *(f"Option {n}" for n in range(1, 6)), "Correct Answer"]
    header += ["Time in seconds", "Image Link", "Answer explanation"]
    explained = ["Text of the question\n\n(required)", "Question Type\n\n(default is Multiple Choice)"]
    explained += [*["Text for the option\n\n(optional)"] * 5, "The correct option choice (between 1-5).", "(optional)"]
    rows: list[list[Any]] = [
        header,
        explained,
        ["Dog?", "Multiple Choice", "chien", "chat", None, None, None, 1, 30, "https://example.org/dog.png", "Woof."],
        ["Fruits?", "Checkbox", "pomme", "poire", "pain", None, None, "1,2", 900, None, None],
        ["2+2?", "Fill-in-the-Blank", "4", "four", None, None, None, None, 20, None, None],
        ["Best?", "Poll", "a", "b", None, None, None, None, 20, None, None],
        ["Say it.", "Open-Ended", None, None, None, None, None, None, 60, None, None],
    ]
    imported = read(xlsx(rows), name)
    assert [kind for kind, _options, _right in kinds(imported)] == ["choice", "multi", "typed", "poll"]
    assert imported.questions[0].media == "https://example.org/dog.png"
    assert imported.questions[0].explanation == "Woof."
    assert imported.questions[1].time_limit_ms == 600_000
    assert imported.rows[1].notes == ("The time limit was brought to 600 seconds.",)
    assert [row.number for row in imported.rows] == [3, 4, 5, 6, 7]
    assert imported.rows[0].notes == ("Images of other servers are not shown; upload the image.",)
    assert imported.rows[4].notes == ("Questions of the type “Open-Ended” cannot be played here.",)


def test_it_refuses_a_zip_bomb_in_a_spreadsheet() -> None:
    with pytest.raises(CannotRead, match="unpacks to more than 25 MB"):
        read(package(**{"xl/sheet1.xml": b"\0" * (UNPACKED_MAX + 1)}), "xlsx")


@pytest.mark.parametrize("data", [b"PK\x03\x04", package(nothing=b""), b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR"])
def test_it_refuses_a_spreadsheet_that_is_none(data: bytes) -> None:
    with pytest.raises(CannotRead):
        read(data, "xlsx")


def test_formulas_are_not_read() -> None:
    imported = read(xlsx([["text", "correct_answers"], ["2+2?", "4"], ["3+3?", "=3+3"]]))
    assert [question.text for question in imported.questions] == ["2+2?"]
    assert imported.rows[1].notes == ("Cell B3 holds a formula; put its value there.",)


def test_a_sheet_of_too_many_rows_is_read_as_far_as_there_is_room() -> None:
    rows = [f"w{n},m{n}\n" for n in range(100_000)]
    # Too long for a cell: nobody reads as far as here.
    rows[50_000] = f"{'x' * 200_000},y\n"
    imported = read("term,meanings\n" + "".join(rows))
    assert len(imported.words) == 2_000
    assert imported.notes == (f"Only the first {ROWS_MAX:,} rows were read.".replace(",", ""),)
    assert imported.rows[-1].notes == ("7999 further rows were not read: there is room for 2000.",)


def test_a_workbook_of_a_hundred_thousand_rows_is_read_as_far_as_there_is_room() -> None:
    rows = "".join(f'<row><c t="str"><v>w{n}</v></c><c t="str"><v>m{n}</v></c></row>' for n in range(100_000))
    head = '<row><c t="str"><v>term</v></c><c t="str"><v>meanings</v></c></row>'
    # No sheet ends so: nobody reads as far as here.
    imported = read(with_sheet(f"{head}{rows}</broken>"))
    assert len(imported.words) == 2_000
    assert imported.notes == (f"Only the first {ROWS_MAX} rows were read.",)


def with_sheet(rows: str) -> bytes:
    """A workbook whose sheet has these rows."""
    namespace = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    size = '<dimension ref="A1:B100001"/>'
    sheet = f'<worksheet xmlns="{namespace}">{size}<sheetData>{rows}</sheetData></worksheet>'.encode()
    data = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(xlsx([["x"]]))) as old, zipfile.ZipFile(data, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            new.writestr(name, sheet if name == "xl/worksheets/sheet1.xml" else old.read(name))
    return data.getvalue()

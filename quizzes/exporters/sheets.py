"""Our own CSV and XLSX, whose rows are those of :mod:`quizzes.rules.spreadsheet_rows`."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable

from quizzes.rules.content import QuizContent
from quizzes.rules.spreadsheet_rows import (
    WORD_COLUMNS,
    escape_cell,
    escape_csv_cell,
    question_cells,
    question_columns,
    quiz_heading,
    table,
    word_cells,
    word_list_heading,
)
from quizzes.rules.words import WordListContent


def rows(content: QuizContent | WordListContent, escape: Callable[[str], str] = escape_cell) -> list[list[str]]:
    """All rows of the sheet."""
    if isinstance(content, QuizContent):
        questions = [question_cells(question) for question in content.questions]
        return list(table(quiz_heading(content), question_columns(content.questions), questions, escape))
    words = [word_cells(word) for word in content.words]
    return list(table(word_list_heading(content), WORD_COLUMNS, words, escape))


def to_csv(content: QuizContent | WordListContent) -> bytes:
    """CSV in UTF-8, with the mark that makes Excel read it so."""
    text = io.StringIO(newline="")
    csv.writer(text).writerows(rows(content, escape_csv_cell))
    return text.getvalue().encode("utf-8-sig")


def to_xlsx(content: QuizContent | WordListContent) -> bytes:
    """A workbook of one sheet, all its cells text."""
    # Loaded with the first workbook: most processes never see one.
    import openpyxl
    from openpyxl.cell import WriteOnlyCell

    book = openpyxl.Workbook(write_only=True)
    sheet = book.create_sheet("Words" if isinstance(content, WordListContent) else "Questions")
    for row in rows(content):
        cells = [WriteOnlyCell(sheet, value) for value in row]
        for cell in cells:
            cell.data_type = "s"
        sheet.append(cells)
    data = io.BytesIO()
    book.save(data)
    return data.getvalue()

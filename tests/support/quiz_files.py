"""Files as other programs make them, read, and what came of it in short."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Sequence
from typing import Any

import openpyxl

from quizzes.importers.base import Imported
from quizzes.importers.formats import Source, read_source


def read(data: bytes | str, name: str = "", **options: Any) -> Imported:
    return read_source(Source(data.encode() if isinstance(data, str) else data, format=name, **options))


def xlsx(rows: Sequence[Sequence[Any]]) -> bytes:
    book = openpyxl.Workbook()
    for row in rows:
        book.worksheets[0].append(row)
    data = io.BytesIO()
    book.save(data)
    return data.getvalue()


def kinds(imported: Imported) -> list[tuple[str, tuple[str, ...], tuple[str, ...]]]:
    return [(question.kind, question.options, question.correct_answers) for question in imported.questions]


def pairs(imported: Imported) -> list[tuple[str, tuple[str, ...]]]:
    return [(word.term, word.meanings) for word in imported.words]


def outcomes(imported: Imported) -> list[tuple[int, str]]:
    return [(row.number, row.outcome) for row in imported.rows]


def package(**members: bytes) -> bytes:
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, member in members.items():
            archive.writestr(name.replace("__", "."), member)
    return data.getvalue()

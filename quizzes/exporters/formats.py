"""Every format that quizzes and word lists can be exported to."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from quizzes.content import QuizContent, content_to_json
from quizzes.exporters.anki import to_apkg
from quizzes.exporters.gift import to_gift
from quizzes.exporters.sheets import to_csv, to_xlsx
from quizzes.words import WordListContent, word_list_to_json


@dataclass(frozen=True, slots=True)
class ExportFormat:
    """How a file is written, and what it is called."""

    write: Callable[[QuizContent | WordListContent], bytes]
    extension: str
    media_type: str


def to_json(content: QuizContent | WordListContent) -> bytes:
    """The exchange format of the REST API, in UTF-8."""
    data = content_to_json(content) if isinstance(content, QuizContent) else word_list_to_json(content)
    return json.dumps(data, ensure_ascii=False, indent=1).encode()


_XLSX: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
WORD_LIST_FORMATS: Final[dict[str, ExportFormat]] = {
    "csv": ExportFormat(to_csv, "csv", "text/csv; charset=utf-8"),
    "xlsx": ExportFormat(to_xlsx, "xlsx", _XLSX),
    "json": ExportFormat(to_json, "json", "application/json"),
    "apkg": ExportFormat(to_apkg, "apkg", "application/octet-stream"),
}


def _gift(content: QuizContent | WordListContent) -> bytes:
    assert isinstance(content, QuizContent)
    return to_gift(content)


QUIZ_FORMATS: Final[dict[str, ExportFormat]] = {
    **WORD_LIST_FORMATS,
    "gift": ExportFormat(_gift, "gift.txt", "text/plain; charset=utf-8"),
}

"""Every format that quizzes and word lists can be exported to."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from quizzes.exporters.anki import to_apkg
from quizzes.exporters.gift import to_gift
from quizzes.exporters.sheets import to_csv, to_xlsx
from quizzes.images.storage import IMAGES, images_to_json
from quizzes.rules.content import QuizContent, content_to_json
from quizzes.rules.words import WordListContent, word_list_to_json

#: The bytes of the images that are stored here, by address.
Images = Mapping[str, bytes]


@dataclass(frozen=True, slots=True)
class ExportFormat:
    """How a file is written, and what it is called. Tables and GIFT have no room for images but their addresses."""

    writer: Callable[[QuizContent | WordListContent, Images], bytes]
    extension: str
    media_type: str

    def write(self, content: QuizContent | WordListContent, images: Images = MappingProxyType({})) -> bytes:
        """The file."""
        return self.writer(content, images)


def to_json(content: QuizContent | WordListContent, images: Images) -> bytes:
    """The exchange format of the REST API, in UTF-8."""
    data = content_to_json(content) if isinstance(content, QuizContent) else word_list_to_json(content)
    if images:
        data[IMAGES] = images_to_json(images)
    return json.dumps(data, ensure_ascii=False, indent=1).encode()


_XLSX: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
WORD_LIST_FORMATS: Final[dict[str, ExportFormat]] = {
    "csv": ExportFormat(lambda content, _images: to_csv(content), "csv", "text/csv; charset=utf-8"),
    "xlsx": ExportFormat(lambda content, _images: to_xlsx(content), "xlsx", _XLSX),
    "json": ExportFormat(to_json, "json", "application/json"),
    "apkg": ExportFormat(to_apkg, "apkg", "application/octet-stream"),
}


def _gift(content: QuizContent | WordListContent, _images: Images) -> bytes:
    assert isinstance(content, QuizContent)
    return to_gift(content)


QUIZ_FORMATS: Final[dict[str, ExportFormat]] = {
    **WORD_LIST_FORMATS,
    "gift": ExportFormat(_gift, "gift.txt", "text/plain; charset=utf-8"),
}

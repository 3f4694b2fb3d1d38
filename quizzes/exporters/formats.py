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
from quizzes.images.storage import IMAGES, images_of, media_to_json
from quizzes.rules.content import QuizContent, content_to_json
from quizzes.rules.sound_names import digest_of as sound_of
from quizzes.rules.words import WordListContent, word_list_to_json
from quizzes.sounds.storage import SOUNDS, sounds_of

#: The bytes of the images and recordings that are stored here, by address.
Media = Mapping[str, bytes]


def media_of(content: QuizContent | WordListContent) -> dict[str, bytes]:
    """The images and recordings of a quiz or a word list that are stored here, by address."""
    return {**images_of(content), **sounds_of(content)}


@dataclass(frozen=True, slots=True)
class ExportFormat:
    """How a file is written, and what it is called.

    Tables and GIFT have no room for images and recordings but their addresses.
    """

    writer: Callable[[QuizContent | WordListContent, Media], bytes]
    extension: str
    media_type: str

    def write(self, content: QuizContent | WordListContent, media: Media = MappingProxyType({})) -> bytes:
        """The file."""
        return self.writer(content, media)


def to_json(content: QuizContent | WordListContent, media: Media) -> bytes:
    """The exchange format of the REST API, in UTF-8."""
    data = content_to_json(content) if isinstance(content, QuizContent) else word_list_to_json(content)
    sounds = {address: found for address, found in media.items() if sound_of(address)}
    images = {address: found for address, found in media.items() if address not in sounds}
    for name, files in ((IMAGES, images), (SOUNDS, sounds)):
        if files:
            data[name] = media_to_json(files)
    return json.dumps(data, ensure_ascii=False, indent=1).encode()


_XLSX: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
WORD_LIST_FORMATS: Final[dict[str, ExportFormat]] = {
    "csv": ExportFormat(lambda content, _media: to_csv(content), "csv", "text/csv; charset=utf-8"),
    "xlsx": ExportFormat(lambda content, _media: to_xlsx(content), "xlsx", _XLSX),
    "json": ExportFormat(to_json, "json", "application/json"),
    "apkg": ExportFormat(to_apkg, "apkg", "application/octet-stream"),
}


def _gift(content: QuizContent | WordListContent, _media: Media) -> bytes:
    assert isinstance(content, QuizContent)
    return to_gift(content)


QUIZ_FORMATS: Final[dict[str, ExportFormat]] = {
    **WORD_LIST_FORMATS,
    "gift": ExportFormat(_gift, "gift.txt", "text/plain; charset=utf-8"),
}

"""Every format that can be imported, and telling them apart."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Final

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from quizzes.importers.aiken import looks_like_aiken, read_aiken
from quizzes.importers.anki import read_anki_text, read_apkg
from quizzes.importers.base import CannotRead, Draft, Imported, finish
from quizzes.importers.blooket import BLOOKET
from quizzes.importers.encoding import decode
from quizzes.importers.exchange import read_json
from quizzes.importers.gift import looks_like_gift, read_gift
from quizzes.importers.gimkit import GIMKIT
from quizzes.importers.kahoot import KAHOOT
from quizzes.importers.lines import read_lines
from quizzes.importers.moodle import read_moodle
from quizzes.importers.own import QUESTIONS, WORDS
from quizzes.importers.sheets import TableFormat, csv_rows, read_table, xlsx_rows
from quizzes.importers.wayground import WAYGROUND

#: The order matters: a header that is one of an earlier format may look like one of a later.
_TABLES: Final = (QUESTIONS, WORDS, BLOOKET, WAYGROUND, GIMKIT, KAHOOT)

NAMES: Final = {
    "csv": gettext_lazy("CSV with our columns"),
    "xlsx": gettext_lazy("Excel with our columns"),
    "json": gettext_lazy("JSON"),
    "kahoot": gettext_lazy("Kahoot spreadsheet"),
    "blooket": gettext_lazy("Blooket CSV"),
    "gimkit": gettext_lazy("Gimkit CSV"),
    "wayground": gettext_lazy("Wayground (Quizizz) spreadsheet"),
    "quizlet": gettext_lazy("Quizlet text, or a word and its meaning a line"),
    "anki-text": gettext_lazy("Anki notes as text"),
    "apkg": gettext_lazy("Anki package"),
    "aiken": gettext_lazy("Aiken"),
    "gift": gettext_lazy("GIFT"),
    "moodle": gettext_lazy("Moodle XML"),
}

#: How files of PNG, JPEG, GIF and TIFF begin.
_PICTURES: Final = (b"\x89PNG\r\n", b"\xff\xd8\xff", b"GIF87a", b"GIF89a", b"II*\0", b"MM\0*")
#: How files of HEIC and AVIF go on after their first four bytes, which are a length.
_PHONE_PICTURES: Final = (b"ftypheic", b"ftypheix", b"ftypmif1", b"ftypavif")


@dataclass(frozen=True, slots=True)
class Source:
    """A file as it was sent. Empty strings are found out."""

    data: bytes
    format: str = ""
    encoding: str = ""
    #: For ``quizlet``: between a word and its meaning, and between two words.
    separator: str = ""
    row_separator: str = "\n"


def read_source(source: Source) -> Imported:
    """What a file holds, checked, with the report.

    :raises CannotRead: when it is not what it should be.
    """
    if not source.data.strip():
        raise CannotRead(_("This file is empty."))
    _refuse_pictures(source.data)
    if source.format and source.format not in NAMES:
        raise CannotRead(_("There is no format “%(name)s”.") % {"name": source.format[:40]})
    return finish(_draft(source))


def _refuse_pictures(data: bytes) -> None:
    """Say what was chosen, where reading it as text would only say that it is none."""
    webp = data.startswith(b"RIFF") and data[8:12] == b"WEBP"
    if webp or data.startswith(_PICTURES) or data[4:12] in _PHONE_PICTURES:
        raise CannotRead(
            _(
                "This is a picture. What can be imported is text, a table (CSV or Excel), JSON, Moodle XML or an Anki "
                "package."
            )
        )
    if data.startswith(b"%PDF-"):
        raise CannotRead(
            _(
                "This is a PDF file. Copy the text out of it and paste that. What can be imported is text, a table "
                "(CSV or Excel), JSON, Moodle XML or an Anki package."
            )
        )


def _draft(source: Source) -> Draft:
    match source.format:
        case "":
            return _found_out(source)
        case "csv":
            return _table(source, (QUESTIONS, WORDS))
        case "xlsx":
            return _table(source, (QUESTIONS, WORDS))
        case "kahoot" | "blooket" | "gimkit" | "wayground":
            return _table(source, (_TABLE_BY_NAME[source.format],))
        case "apkg":
            return read_apkg(source.data)
        case "moodle":
            return read_moodle(source.data)
        case _:
            text, notes = decode(source.data, source.encoding)
            return _with_notes(_TEXTS[source.format](text, source), notes)


def _found_out(source: Source) -> Draft:
    if source.data.startswith(b"PK"):
        return read_apkg(source.data) if _is_apkg(source.data) else _table(source, _TABLES)
    text, notes = decode(source.data, source.encoding)
    start = text.lstrip("\ufeff \n\t")
    if start.startswith("<"):
        return read_moodle(source.data)
    if start.startswith("{") and '"' in start[:50]:
        return _with_notes(read_json(text), notes)
    if start.startswith(("#separator:", "#html:", "#columns:", "#notetype", "#deck", "#tags", "#guid")) and (
        ":" in start.partition("\n")[0]
    ):
        return _with_notes(read_anki_text(text), notes)
    try:
        return _table(source, _TABLES)
    except CannotRead:
        pass
    for looks, name in ((looks_like_aiken, "aiken"), (looks_like_gift, "gift")):
        if looks(text):
            return _with_notes(_TEXTS[name](text, source), notes)
    return _with_notes(_TEXTS["quizlet"](text, source), notes)


def _table(source: Source, formats: tuple[TableFormat, ...]) -> Draft:
    if source.data.startswith(b"PK"):
        rows, notes = xlsx_rows(source.data)
    else:
        text, encoding_notes = decode(source.data, source.encoding)
        rows, notes = csv_rows(text)
        notes = encoding_notes + notes
    return read_table(rows, formats, notes)


def _with_notes(draft: Draft, notes: tuple[str, ...]) -> Draft:
    return replace(draft, notes=draft.notes + notes)


def _is_apkg(data: bytes) -> bool:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            return any(name.startswith("collection.anki") for name in archive.namelist())
    except (zipfile.BadZipFile, ValueError, OSError):
        raise CannotRead(_("This file is damaged, or not what its name says.")) from None


_TABLE_BY_NAME: Final = {"kahoot": KAHOOT, "blooket": BLOOKET, "gimkit": GIMKIT, "wayground": WAYGROUND}
_TEXTS: Final[dict[str, Callable[[str, Source], Draft]]] = {
    "json": lambda text, _source: read_json(text),
    "quizlet": lambda text, source: read_lines(
        text, separator=source.separator, row_separator=source.row_separator or "\n"
    ),
    "anki-text": lambda text, _source: read_anki_text(text),
    "aiken": lambda text, _source: read_aiken(text),
    "gift": lambda text, _source: read_gift(text),
}

"""Every format that can be imported, and telling them apart."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Final

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from quizzes.importers.aiken import looks_like_aiken, read_aiken
from quizzes.importers.anki import read_anki_text, read_apkg
from quizzes.importers.anki_notes import with_gap_notes
from quizzes.importers.base import CannotRead, Draft, Imported, finish
from quizzes.importers.blooket import BLOOKET
from quizzes.importers.encoding import decode
from quizzes.importers.exchange import read_json
from quizzes.importers.free_tables import read_free_table, table_from_json, to_table, without_tags
from quizzes.importers.gift import QUESTION_COMMENT, QUIZ_COMMENT, looks_like_gift, read_gift
from quizzes.importers.gimkit import GIMKIT
from quizzes.importers.kahoot import KAHOOT
from quizzes.importers.moodle import read_moodle
from quizzes.importers.own import QUESTIONS, WORDS
from quizzes.importers.recognizing import is_json, refuse_what_is_no_quiz, zip_kind
from quizzes.importers.sheets import SheetRow, TableFormat, csv_rows, known_table
from quizzes.importers.text_rows import text_rows
from quizzes.importers.wayground import WAYGROUND
from quizzes.importers.workbooks import workbook_rows

#: The order matters: a header that is one of an earlier format may look like one of a later.
_TABLES: Final = (QUESTIONS, WORDS, BLOOKET, WAYGROUND, GIMKIT, KAHOOT)

NAMES: Final = {
    "csv": gettext_lazy("CSV"),
    "xlsx": gettext_lazy("Excel"),
    "ods": gettext_lazy("OpenDocument spreadsheet"),
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
#: Fewer lines with a tab are chance in a file of questions.
_TABBED_LEAST: Final = 2
#: A table that was read before and is read once more with other columns, as JSON.
TABLE_AGAIN: Final = "table-again"


@dataclass(frozen=True, slots=True)
class Source:
    """A file as it was sent. Empty strings are found out."""

    data: bytes
    format: str = ""
    encoding: str = ""
    #: For ``quizlet``: between a word and its meaning, and between two words.
    separator: str = ""
    row_separator: str = "\n"
    #: What the columns of a table are (:data:`~quizzes.importers.columns.ROLES`), from the first on.
    columns: tuple[str, ...] = ()
    #: Tags of the languages that the sender says it holds; they help to find the encoding out.
    languages: tuple[str, ...] = ()


def read_source(source: Source) -> Imported:
    """What a file holds, checked, with the report.

    :raises CannotRead: when it is not what it should be.
    """
    if not source.data.strip():
        raise CannotRead(_("This file is empty."))
    refuse_what_is_no_quiz(source.data)
    if source.format and source.format not in {*NAMES, TABLE_AGAIN}:
        raise CannotRead(_("There is no format “%(name)s”.") % {"name": source.format[:40]})
    return finish(_draft(source))


def _draft(source: Source) -> Draft:
    match source.format:
        case "":
            return _found_out(source)
        case "csv" | "xlsx" | "ods":
            return _table(source, (QUESTIONS, WORDS))
        case "kahoot" | "blooket" | "gimkit" | "wayground":
            rows, notes = _rows(source)
            return known_table(rows, (_TABLE_BY_NAME[source.format],), notes)
        case "apkg":
            return read_apkg(source.data, source.columns)
        case "moodle":
            return read_moodle(source.data)
        case "table-again":
            table = table_from_json(source.data)
            return with_gap_notes(read_free_table(table, source.columns), table)
        case _:
            text, notes = decode(source.data, source.encoding, source.languages)
            return _with_notes(_TEXTS[source.format](text, source), notes)


def _found_out(source: Source) -> Draft:
    if source.data.startswith(b"PK"):
        return read_apkg(source.data, source.columns) if zip_kind(source.data) == "apkg" else _table(source, _TABLES)
    text, notes = decode(source.data, source.encoding, source.languages)
    start = text[:1000].lstrip("\ufeff \n\t").casefold()
    if start.startswith(("<?xml", "<quiz", "<!doctype", "<html", "<questestinterop", "<assessment", "<qti-")):
        return read_moodle(source.data)
    if is_json(text):
        return _with_notes(read_json(text, source.columns), notes)
    if start.startswith(("#separator:", "#html:", "#columns:", "#notetype", "#deck", "#tags", "#guid")) and (
        ":" in start.partition("\n")[0]
    ):
        return _with_notes(read_anki_text(text, source.columns), notes)
    if start.startswith((QUIZ_COMMENT, QUESTION_COMMENT)):
        return _with_notes(read_gift(text), notes)
    looks = [name for name, is_it in _LOOKS if not source.columns and is_it(text)]
    if not looks or looks == ["quizlet"]:
        return _table(source, _TABLES)
    if _is_known_table(text):
        return _asked(_table(source, _TABLES), _("a table"), looks)
    return _asked(_with_notes(_TEXTS[looks[0]](text, source), notes), str(NAMES[looks[0]]), looks[1:])


def _looks_tabbed(text: str) -> bool:
    """Whether several lines are a word and its meaning."""
    return sum("\t" in line.strip() for line in text.split("\n")) >= _TABBED_LEAST


def _asked(draft: Draft, taken_for: str, others: Sequence[str]) -> Draft:
    """A draft of a file that looks like another format too, which the host is asked about."""
    if not others:
        return draft
    said = _(
        "This file looks like %(one)s and like %(other)s. It was read as %(one)s: choose the format if that is wrong."
    )
    return replace(draft, asks=(*draft.asks, said % {"one": taken_for, "other": NAMES[others[0]]}))


def _is_known_table(text: str) -> bool:
    """Whether a table has a header of a known format, so that what is in its cells is no other format."""
    try:
        known_table(csv_rows(text)[0], _TABLES)
    except CannotRead:
        return False
    return True


def _table(source: Source, formats: tuple[TableFormat, ...]) -> Draft:
    """A table with a header of one of the formats, or with any columns."""
    if source.columns:
        return _free(source)
    rows, notes = _rows(source)
    try:
        return known_table(rows, formats, notes)
    except CannotRead:
        return _free(source)


def _rows(source: Source) -> tuple[list[SheetRow], tuple[str, ...]]:
    if source.data.startswith(b"PK"):
        return workbook_rows(source.data, zip_kind(source.data))
    text, encoding_notes = decode(source.data, source.encoding, source.languages)
    rows, notes = csv_rows(text)
    return rows, encoding_notes + notes


def _free(source: Source) -> Draft:
    """A table whatever its columns are."""
    if source.data.startswith(b"PK"):
        rows, notes = _rows(source)
        return read_free_table(to_table(rows, notes), source.columns)
    text, notes = decode(source.data, source.encoding, source.languages)
    return _with_notes(_lines(text, source), notes)


def _lines(text: str, source: Source) -> Draft:
    rows, notes = text_rows(text, source.separator, source.row_separator or "\n")
    return read_free_table(to_table(without_tags(rows), notes), source.columns)


def _with_notes(draft: Draft, notes: tuple[str, ...]) -> Draft:
    return replace(draft, notes=draft.notes + notes)


_TABLE_BY_NAME: Final = {"kahoot": KAHOOT, "blooket": BLOOKET, "gimkit": GIMKIT, "wayground": WAYGROUND}
#: Formats of text that are known by what stands in it, the surest first.
_LOOKS: Final = (("aiken", looks_like_aiken), ("gift", looks_like_gift), ("quizlet", _looks_tabbed))
_TEXTS: Final[dict[str, Callable[[str, Source], Draft]]] = {
    "json": lambda text, source: read_json(text, source.columns),
    "quizlet": _lines,
    "anki-text": lambda text, source: read_anki_text(text, source.columns),
    "aiken": lambda text, _source: read_aiken(text),
    "gift": lambda text, _source: read_gift(text),
}

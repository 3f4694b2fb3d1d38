"""Anki: notes as text, and packages (.apkg) of the formats 2, 21 and 21b.

Text: https://docs.ankiweb.net/importing/text-files.html. A package is a zip with an SQLite database:
``collection.anki2``, ``collection.anki21``, or ``collection.anki21b`` packed by zstandard, beside which the others hold
a mere notice.
"""

from __future__ import annotations

import csv
import io
import json
import re
import sqlite3
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import replace
from itertools import islice
from typing import Any, Final

import zstandard
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from quizzes.importers.anki_media import Media
from quizzes.importers.base import CannotRead, Draft, Item
from quizzes.importers.html import html_text
from quizzes.importers.lines import split_meanings
from quizzes.importers.sheets import ROWS_MAX, check_unpacked
from quizzes.rules import spreadsheet_rows
from quizzes.rules.matching import fold

#: Unpacked bytes of a package's database, and of the package with its sounds and images.
DATABASE_MAX: Final = 64 * 1024 * 1024
PACKAGE_MAX: Final = 2 * 1024 * 1024 * 1024
#: Where our own exports keep what is no note; Anki keeps what it does not know.
OWN_CONF: Final = "quizserver"
#: Columns of our own exports that show an image.
IMAGE_FIELDS: Final = frozenset({"image", "media"})
_COLLECTIONS: Final = ("collection.anki21b", "collection.anki21", "collection.anki2")
_SEPARATORS = {"tab": "\t", "comma": ",", "semicolon": ";", "space": " ", "pipe": "|", "colon": ":"}
_SOUND = re.compile(r"\[sound:[^\]]*\]|\[anki:[^\]]*\]")
#: Ideographs and their reading, with the space that parts them from what stands before.
_READING = re.compile(" ?([\u3400-\u9fff々]+)\\[([\u3041-\u30ff]+)\\]")
#: What the fields of common note types are called.
_FIELDS: Final = {
    "term": ("term", "front", "word", "expression", "vocabulary"),
    "meanings": ("meanings", "meaning", "back", "definition", "translation", "english"),
    "part_of_speech": ("part of speech", "pos", "word class"),
    "example": ("example", "sentence", "example sentence"),
    "notes": ("notes", "note", "extra"),
}
#: Steps of SQLite between two looks at how many there were; a package is data, not a program to run for minutes.
_STEPS: Final = 10_000
_STEPS_MAX: Final = 2_000


def read_anki_text(text: str) -> Draft:
    """The notes of a text file, whose first lines may say ``#separator:`` and the like."""
    settings: dict[str, str] = {}
    lines = text.split("\n")
    while lines and lines[0].startswith("#") and ":" in lines[0]:
        name, _colon, value = lines.pop(0)[1:].partition(":")
        settings[name.strip().casefold()] = value.strip() if value.strip() else value
    said = settings.get("separator", "")
    body = "\n".join(lines)
    separator = _SEPARATORS.get(said.casefold(), said[:1]) or max("\t;,|", key=body[:20_000].count)
    special = {
        int(value) - 1: name.removesuffix(" column")
        for name, value in settings.items()
        if name.endswith(" column") and value.isdigit()
    }
    columns = settings.get("columns", "").split(separator) if settings.get("columns") else []
    skipped = len(settings)
    reader = csv.reader(io.StringIO(body, newline=""), delimiter=separator)
    tags = settings.get("tags", "").split()
    is_html = settings.get("html", "").casefold() == "true"

    def items() -> Iterator[Item]:
        try:
            for number, cells in enumerate(islice(reader, ROWS_MAX), start=skipped + 1):
                # A line that begins so is a comment.
                if any(cells) and not cells[0].startswith("#"):
                    yield _text_item(number, cells, special, columns, tags=tags, is_html=is_html)
        except csv.Error as error:
            raise CannotRead(_("This is not a CSV file: %(error)s.") % {"error": error}) from None

    return Draft("words", items())


def _text_item(
    number: int,
    cells: Sequence[str],
    special: Mapping[int, str],
    columns: Sequence[str],
    *,
    tags: Sequence[str],
    is_html: bool,
) -> Item:
    tagged = [cells[place] for place, name in special.items() if name == "tags" and place < len(cells)]
    fields = {
        (columns[place] if place < len(columns) else f"field {place}"): cell
        for place, cell in enumerate(cells)
        if place not in special
    }
    return _word_item(number, fields, [*tags, *" ".join(tagged).split()], is_html=is_html)


def read_apkg(data: bytes) -> Draft:
    """The notes of a package.

    :raises CannotRead: when it is none, or too large.
    """
    names = {member.filename for member in check_unpacked(data, PACKAGE_MAX)}
    name = next((name for name in _COLLECTIONS if name in names), "")
    if not name:
        raise CannotRead(_("This is not an Anki package."))
    database = _database(data, name)
    try:
        with (
            zipfile.ZipFile(io.BytesIO(data)) as archive,
            closing(sqlite3.connect(":memory:")) as connection,
        ):
            # Bytes 18 and 19 say "write-ahead log", which a database in memory cannot have.
            connection.deserialize(database[:18] + b"\x01\x01" + database[20:])
            media = Media(archive, packed=name.endswith("b"))
            draft = _collection(connection, media)
            return replace(draft, images=media.images, notes=_media_notes(media.unread()))
    except (sqlite3.Error, ValueError, KeyError, TypeError, AttributeError):
        raise CannotRead(_("This Anki package is damaged.")) from None


def _database(data: bytes, name: str) -> bytes:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive, archive.open(name) as member:
            stream: Any = member
            if name.endswith("b"):
                stream = zstandard.ZstdDecompressor().stream_reader(member)
            database = bytes(stream.read(DATABASE_MAX + 1))
    except (zipfile.BadZipFile, zstandard.ZstdError, OSError, RuntimeError, NotImplementedError, EOFError):
        raise CannotRead(_("This Anki package is damaged.")) from None
    if len(database) > DATABASE_MAX:
        message = _("This file unpacks to more than %(max)d MB.")
        raise CannotRead(message % {"max": DATABASE_MAX // (1024 * 1024)})
    return database


def _media_notes(unread: int) -> tuple[str, ...]:
    if not unread:
        return ()
    said = ngettext(
        "%(count)d file of the package was not read: only the first image of a note is, and no sound.",
        "%(count)d files of the package were not read: only the first image of a note is, and no sound.",
        unread,
    )
    return (said % {"count": unread},)


def _collection(connection: sqlite3.Connection, media: Media) -> Draft:
    # The database comes from a stranger: its schema may call no function, and may not keep us for ever.
    connection.execute("PRAGMA trusted_schema = OFF")
    connection.execute("PRAGMA query_only = ON")
    left = iter(range(_STEPS_MAX))
    connection.set_progress_handler(lambda: next(left, None) is None, _STEPS)
    connection.create_collation("unicase", lambda a, b: (a.casefold() > b.casefold()) - (a.casefold() < b.casefold()))
    tables_there = {row[0] for row in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
    fields: dict[int, list[str]] = {}
    clozes: set[int] = set()
    own: dict[str, Any] = {}
    if "notetypes" in tables_there:
        for type_id, _order, name in connection.execute("SELECT ntid, ord, name FROM fields ORDER BY ntid, ord"):
            fields.setdefault(type_id, []).append(name)
    else:
        models, conf = connection.execute("SELECT models, conf FROM col").fetchone()
        for type_id, model in json.loads(models).items():
            fields[int(type_id)] = [field["name"] for field in sorted(model["flds"], key=lambda field: field["ord"])]
            if model.get("type") == 1:
                clozes.add(int(type_id))
        own = json.loads(conf).get(OWN_CONF) or {}
    rows = connection.execute("SELECT mid, tags, flds FROM notes ORDER BY id LIMIT ?", (ROWS_MAX,)).fetchall()
    if own:
        return _own_notes(own, fields, rows, media)
    items = []
    for number, (type_id, tags, values) in enumerate(rows, start=1):
        cells = dict(zip(fields.get(type_id, []), str(values).split("\x1f"), strict=False))
        if type_id in clozes or any("{{c1::" in cell for cell in cells.values()):
            items.append(Item(number, html_text(str(values))[0], None, (_("Notes with gaps are not read."),)))
        else:
            items.append(_word_item(number, cells, str(tags).split(), is_html=True, media=media))
    return Draft("words", items)


def _own_notes(
    own: Mapping[str, Any], fields: Mapping[int, list[str]], rows: Sequence[tuple[Any, ...]], media: Media
) -> Draft:
    """The notes of our own export: the fields are the columns of :mod:`quizzes.rules.spreadsheet_rows`."""
    words = own["holds"] == "words"
    data = spreadsheet_rows.word_data if words else spreadsheet_rows.question_data
    items = []
    for number, (type_id, _tags, values) in enumerate(rows, start=1):
        cells = {}
        for name, value in zip(fields[type_id], str(values).split("\x1f"), strict=True):
            cells[name], images = html_text(value)
            if images and name in IMAGE_FIELDS:
                cells[name] = media.own(images[0])
        items.append(Item(number, cells["term" if words else "text"], data(cells)))
    heading = spreadsheet_rows.heading_data(own["heading"], words=words)
    return Draft("words" if words else "questions", items, heading)


def _without_readings(text: str) -> tuple[str, list[str]]:
    """Japanese without the readings that Anki's note types have in brackets, and the whole in kana."""
    if not _READING.search(text):
        return text, []
    return _READING.sub(r"\1", text), [_READING.sub(r"\2", text)]


def _word_item(
    number: int, cells: Mapping[str, str], tags: Sequence[str], *, is_html: bool, media: Media | None = None
) -> Item:
    notes: list[str] = []
    texts = {}
    address = ""
    for name, cell in cells.items():
        text, images = html_text(cell) if is_html else (cell, [])
        for source in images:
            if media is None or address:
                notes.append(_("An image was left out."))
            else:
                address = media.address(source, notes)
        if _SOUND.search(text):
            notes.append(_("A sound was left out."))
        texts[name] = _SOUND.sub("", text).strip()
    named = {fold(name): text for name, text in texts.items()}
    found = {
        name: next((named[alias] for alias in aliases if named.get(alias)), "") for name, aliases in _FIELDS.items()
    }
    if not found["term"] or not found["meanings"]:
        # Unknown names: the first two fields are the two sides of the card.
        found["term"], found["meanings"] = [*texts.values(), "", ""][:2]
    data: dict[str, Any] = {name: " ".join(found[name].split()) for name in ("term", "part_of_speech", "example")}
    data["term"], readings = _without_readings(data["term"])
    data["alternatives"] = readings
    data["notes"] = found["notes"]
    data["image"] = address
    data["meanings"] = list(split_meanings(found["meanings"], notes))
    data["tags"] = list(dict.fromkeys(tags))[:10]
    kept = {name: value for name, value in data.items() if value}
    return Item(number, data["term"], kept, tuple(dict.fromkeys(notes)))

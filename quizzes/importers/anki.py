"""Anki: notes as text, packages (.apkg) of the formats 2, 21 and 21b, and CrowdAnki's JSON.

Text: https://docs.ankiweb.net/importing/text-files.html. A package is a zip with an SQLite database:
``collection.anki2``, ``collection.anki21``, or ``collection.anki21b`` packed by zstandard, beside which the others hold
a mere notice. CrowdAnki: https://github.com/Stvad/CrowdAnki
"""

from __future__ import annotations

import html
import io
import json
import re
import sqlite3
import zipfile
from collections.abc import Mapping, Sequence
from contextlib import closing
from dataclasses import replace
from typing import Any, Final

import zstandard
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from quizzes.importers.anki_media import Media
from quizzes.importers.anki_notes import Note, NoteType, read_notes
from quizzes.importers.base import CannotRead, Draft, Item
from quizzes.importers.sheets import ROWS_MAX, check_unpacked
from quizzes.importers.text_rows import text_rows
from quizzes.rules import spreadsheet_rows

#: Unpacked bytes of a package's database, and of the package with its sounds and images.
DATABASE_MAX: Final = 64 * 1024 * 1024
PACKAGE_MAX: Final = 2 * 1024 * 1024 * 1024
#: Where our own exports keep what is no note; Anki keeps what it does not know.
OWN_CONF: Final = "quizserver"
#: How they write lists: an entry a line. Older ones have them as our spreadsheets do.
LISTS: Final = "lines"
_OWN_IMAGE: Final = re.compile(r'<img src="([^"]*)">')
#: Columns of our own exports that show an image.
IMAGE_FIELDS: Final = frozenset({"image", "media"})
#: The one that plays a recording.
SOUND_FIELD: Final = "sound"
_OWN_SOUND: Final = re.compile(r"\[sound:([^\[\]]+)\]")
_COLLECTIONS: Final = ("collection.anki21b", "collection.anki21", "collection.anki2")
_SEPARATORS = {"tab": "\t", "comma": ",", "semicolon": ";", "space": " ", "pipe": "|", "colon": ":"}
#: Steps of SQLite between two looks at how many there were; a package is data, not a program to run for minutes.
_STEPS: Final = 10_000
_STEPS_MAX: Final = 2_000
#: Lines at the beginning of a text that say how it is written.
_SETTINGS_MAX: Final = 20
#: Decks within decks of CrowdAnki.
_DECKS_MAX: Final = 1_000


def read_anki_text(text: str, roles: Sequence[str] = ()) -> Draft:
    """The notes of a text file, whose first lines may say ``#separator:`` and the like.

    :param roles: what its columns are; empty to guess.
    """
    settings: dict[str, str] = {}
    lines = text.lstrip("\ufeff").split("\n")
    for line in lines[:_SETTINGS_MAX]:
        if not line.startswith("#") or ":" not in line:
            break
        name, _colon, value = line[1:].partition(":")
        settings[name.strip().casefold()] = value.strip() or value
    # A line that begins so is a comment.
    body = "\n".join("" if line.startswith("#") else line for line in lines)
    said = settings.get("separator", "")
    separator = _SEPARATORS.get(said.casefold(), said[:1]) or max("\t;,|", key=body[:20_000].count)
    special = {
        int(value) - 1: name.removesuffix(" column")
        for name, value in settings.items()
        if name.endswith(" column") and value.isdecimal() and len(value) < 4
    }
    titles = settings.get("columns", "").split(separator) if settings.get("columns") else []
    rows, notes = text_rows(body, separator)
    fields = tuple(title for place, title in enumerate(titles) if place not in special)
    tags = settings.get("tags", "").split()
    is_html = settings.get("html", "true").casefold() == "true"
    found = [
        Note(
            row.number,
            0,
            tuple(cell for place, cell in enumerate(row.cells) if place not in special),
            tuple(dict.fromkeys([*tags, *_tags(special, row.cells)])),
        )
        for row in rows
    ]
    draft = read_notes({0: NoteType("", fields)}, found, is_html=is_html, roles=roles)
    return replace(draft, notes=(*notes, *draft.notes))


def _tags(special: Mapping[int, str], cells: Sequence[str]) -> list[str]:
    places = [place for place, said in special.items() if said == "tags" and place < len(cells)]
    return [tag for place in places for tag in cells[place].split()]


def read_crowdanki(data: Mapping[str, Any], roles: Sequence[str] = ()) -> Draft:
    """The notes of a ``deck.json``.

    :raises CannotRead: when it is damaged.
    """
    types: dict[Any, NoteType] = {}
    notes: list[Note] = []
    decks = [data]
    try:
        for place in range(_DECKS_MAX):
            if place >= len(decks) or len(notes) >= ROWS_MAX:
                break
            deck = decks[place]
            for model in deck.get("note_models") or []:
                types[model["crowdanki_uuid"]] = _note_type(model)
            for note in deck.get("notes") or []:
                values, tags = tuple(map(str, note["fields"])), tuple(map(str, note.get("tags") or []))
                notes.append(Note(len(notes) + 1, note.get("note_model_uuid"), values, tags))
            decks += deck.get("children") or []
        draft = read_notes(types, notes[:ROWS_MAX], roles=roles)
    except (KeyError, TypeError, ValueError, AttributeError):
        raise CannotRead(_("This Anki package is damaged.")) from None
    title = str(data.get("name") or "").rpartition("::")[2]
    return replace(draft, heading={"title": title, **draft.heading}) if title else draft


def _note_type(model: Mapping[str, Any]) -> NoteType:
    names = [str(field["name"]) for field in sorted(model["flds"], key=lambda field: int(field.get("ord", 0)))]
    return NoteType(str(model.get("name", "")), tuple(names), model.get("type") == 1)


def read_apkg(data: bytes, roles: Sequence[str] = ()) -> Draft:
    """The notes of a package.

    :param roles: what the fields of its notes are; empty to guess.
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
            draft = _collection(connection, media, roles)
            notes = (*draft.notes, *_media_notes(media.unread()))
            return replace(draft, images=media.images, sounds=media.sounds, notes=notes)
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
        "%(count)d file of the package was not read: only the first image and the first sound of a note are.",
        "%(count)d files of the package were not read: only the first image and the first sound of a note are.",
        unread,
    )
    return (said % {"count": unread},)


def _collection(connection: sqlite3.Connection, media: Media, roles: Sequence[str]) -> Draft:
    # The database comes from a stranger: its schema may call no function, and may not keep us for ever.
    connection.execute("PRAGMA trusted_schema = OFF")
    connection.execute("PRAGMA query_only = ON")
    left = iter(range(_STEPS_MAX))
    connection.set_progress_handler(lambda: next(left, None) is None, _STEPS)
    connection.create_collation("unicase", lambda a, b: (a.casefold() > b.casefold()) - (a.casefold() < b.casefold()))
    tables_there = {row[0] for row in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
    types: dict[Any, NoteType] = {}
    own: dict[str, Any] = {}
    if "notetypes" in tables_there:
        names = dict(connection.execute("SELECT id, name FROM notetypes").fetchall())
        fields: dict[Any, list[str]] = {}
        for type_id, _order, name in connection.execute("SELECT ntid, ord, name FROM fields ORDER BY ntid, ord"):
            fields.setdefault(type_id, []).append(str(name))
        types = {type_id: NoteType(str(names.get(type_id, "")), tuple(said)) for type_id, said in fields.items()}
    else:
        models, conf = connection.execute("SELECT models, conf FROM col").fetchone()
        for type_id, model in json.loads(models).items():
            types[int(type_id)] = _note_type(model)
        own = json.loads(conf).get(OWN_CONF) or {}
    rows = connection.execute("SELECT mid, tags, flds FROM notes ORDER BY id LIMIT ?", (ROWS_MAX,)).fetchall()
    if own and not roles:
        return _own_notes(own, types, rows, media)
    notes = [
        Note(number, type_id, tuple(str(values).split("\x1f")), tuple(str(tags).split()))
        for number, (type_id, tags, values) in enumerate(rows, start=1)
    ]
    return read_notes(types, notes, media=media, roles=roles)


def _own_notes(
    own: Mapping[str, Any], types: Mapping[Any, NoteType], rows: Sequence[tuple[Any, ...]], media: Media
) -> Draft:
    """The notes of our own export: the fields are the columns of :mod:`quizzes.rules.spreadsheet_rows`."""
    words = own["holds"] == "words"
    data = spreadsheet_rows.word_data if words else spreadsheet_rows.question_data
    items = []
    for number, (type_id, _tags, values) in enumerate(rows, start=1):
        cells = {}
        for name, value in zip(types[type_id].fields, str(values).split("\x1f"), strict=True):
            image = _OWN_IMAGE.fullmatch(value) if name in IMAGE_FIELDS else None
            sound = _OWN_SOUND.fullmatch(value) if name == SOUND_FIELD else None
            in_lines = own.get("lists") == LISTS and name in spreadsheet_rows.LIST_COLUMNS
            if image:
                cells[name] = media.own(html.unescape(image[1]))
            elif sound:
                cells[name] = media.own_sound(sound[1])
            else:
                cells[name] = _own_text(value, in_lines=in_lines)
        items.append(Item(number, cells["term" if words else "text"], data(cells)))
    heading = spreadsheet_rows.heading_data(own["heading"], words=words)
    return Draft("words" if words else "questions", items, heading)


def _own_text(value: str, *, in_lines: bool) -> str:
    """A field of our own export as it was: the inverse of what :mod:`quizzes.exporters.anki` writes."""
    if in_lines and value:
        return spreadsheet_rows.join_list(html.unescape(entry) for entry in value.split("<br>"))
    return html.unescape(value.replace("<br>", "\n"))

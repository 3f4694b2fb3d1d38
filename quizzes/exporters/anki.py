"""An Anki package of a word list or a quiz, in the format that every version of Anki reads (``collection.anki2``).

The schema is version 11 of https://github.com/ankidroid/Anki-Android/wiki/Database-Structure. The same content gives
the same ids, so that importing a newer export into Anki updates the cards there.
"""

from __future__ import annotations

import hashlib
import html
import io
import json
import sqlite3
import zipfile
from collections.abc import Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from typing import Any, Final

from quizzes.images.sanitizing import digest_of
from quizzes.importers.anki import IMAGE_FIELDS, LISTS, OWN_CONF, SOUND_FIELD
from quizzes.rules import sound_names, spreadsheet_rows
from quizzes.rules.content import QuizContent
from quizzes.rules.words import WordListContent

#: Seconds since 1970 that all times in a package are counted from; they only need to be the same each time.
_EPOCH: Final = 1_600_000_000
_SCHEMA: Final = """
CREATE TABLE col (id integer PRIMARY KEY, crt integer NOT NULL, mod integer NOT NULL, scm integer NOT NULL,
    ver integer NOT NULL, dty integer NOT NULL, usn integer NOT NULL, ls integer NOT NULL, conf text NOT NULL,
    models text NOT NULL, decks text NOT NULL, dconf text NOT NULL, tags text NOT NULL);
CREATE TABLE notes (id integer PRIMARY KEY, guid text NOT NULL, mid integer NOT NULL, mod integer NOT NULL,
    usn integer NOT NULL, tags text NOT NULL, flds text NOT NULL, sfld integer NOT NULL, csum integer NOT NULL,
    flags integer NOT NULL, data text NOT NULL);
CREATE TABLE cards (id integer PRIMARY KEY, nid integer NOT NULL, did integer NOT NULL, ord integer NOT NULL,
    mod integer NOT NULL, usn integer NOT NULL, type integer NOT NULL, queue integer NOT NULL, due integer NOT NULL,
    ivl integer NOT NULL, factor integer NOT NULL, reps integer NOT NULL, lapses integer NOT NULL,
    left integer NOT NULL, odue integer NOT NULL, odid integer NOT NULL, flags integer NOT NULL, data text NOT NULL);
CREATE TABLE revlog (id integer PRIMARY KEY, cid integer NOT NULL, usn integer NOT NULL, ease integer NOT NULL,
    ivl integer NOT NULL, lastIvl integer NOT NULL, factor integer NOT NULL, time integer NOT NULL,
    type integer NOT NULL);
CREATE TABLE graves (usn integer NOT NULL, oid integer NOT NULL, type integer NOT NULL);
CREATE INDEX ix_notes_usn ON notes (usn);
CREATE INDEX ix_cards_usn ON cards (usn);
CREATE INDEX ix_revlog_usn ON revlog (usn);
CREATE INDEX ix_cards_nid ON cards (nid);
CREATE INDEX ix_cards_sched ON cards (did, queue, due);
CREATE INDEX ix_revlog_cid ON revlog (cid);
CREATE INDEX ix_notes_csum ON notes (csum);
"""
#: ``\\(x\\)`` is text here; Anki would show a formula without this class of MathJax's.
_SIDE: Final = '<div class="tex2jax_ignore">%s</div>'
_BACK: Final = "{{FrontSide}}<hr id=answer>%s"


@dataclass(frozen=True, slots=True)
class _Deck:
    """Notes of one type, and the cards made of each: what it shows first, and what then."""

    identifier: str
    title: str
    #: What our importer reads of it.
    own: Mapping[str, Any]
    columns: Sequence[str]
    rows: Sequence[Mapping[str, str]]
    #: As Anki keeps them: each tag between spaces.
    tags: Sequence[str]
    cards: Sequence[tuple[str, str]]

    @property
    def id(self) -> int:
        return (_EPOCH + _number(self.identifier) % 10**8) * 1000

    @property
    def model_id(self) -> int:
        return self.id + 1


def to_apkg(content: QuizContent | WordListContent, media: Mapping[str, bytes]) -> bytes:
    """The package. A word has a card in each direction, a question one.

    :param media: images and recordings that are stored here, by address; they go along.
    """
    columns: Sequence[str]
    if isinstance(content, WordListContent):
        heading, columns = spreadsheet_rows.word_list_heading(content), spreadsheet_rows.WORD_COLUMNS
        rows = [spreadsheet_rows.word_cells(word) for word in content.words]
        tags = ["".join(f" {tag.replace(' ', '_')} " for tag in word.tags) for word in content.words]
        cards = [
            ("{{term}} {{sound}}", _BACK % "{{meanings}}<br>{{example}}<br>{{image}}"),
            ("{{meanings}}", _BACK % "{{term}} {{sound}}<br>{{example}}<br>{{image}}"),
        ]
        holds = "words"
    else:
        heading, columns = spreadsheet_rows.quiz_heading(content), spreadsheet_rows.question_columns(content.questions)
        rows = [spreadsheet_rows.question_cells(question) for question in content.questions]
        tags = [""] * len(rows)
        cards = [("{{text}} {{sound}}<br>{{media}}<br>{{options}}", _BACK % "{{correct_answers}}<br>{{explanation}}")]
        holds = "questions"
    own = {"holds": holds, "heading": heading, "lists": LISTS}
    database = _database(_Deck(content.id, content.title, own, columns, rows, tags, cards))
    names = {str(number): _media_name(address) for number, address in enumerate(sorted(media))}
    members = {"collection.anki2": database, "media": json.dumps(names).encode()}
    members |= {str(number): media[address] for number, address in enumerate(sorted(media))}
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, member in members.items():
            archive.writestr(zipfile.ZipInfo(name, date_time=(2020, 1, 1, 0, 0, 0)), member, zipfile.ZIP_DEFLATED)
    return data.getvalue()


def _database(deck: _Deck) -> bytes:
    described = {"id": deck.id, "name": deck.title, "desc": "", **_DECK}
    model = {
        **_MODEL,
        "id": deck.model_id,
        "name": f"{deck.title} ({deck.identifier})",
        "did": deck.id,
        "flds": [{"name": name, "ord": place, **_FIELD} for place, name in enumerate(deck.columns)],
        "tmpls": [
            {"name": f"Card {place + 1}", "ord": place, "qfmt": _SIDE % front, "afmt": _SIDE % back, **_TEMPLATE}
            for place, (front, back) in enumerate(deck.cards)
        ],
        "req": [[place, "any", [0, 1]] for place in range(len(deck.cards))],
    }
    with closing(sqlite3.connect(":memory:")) as connection:
        connection.executescript(_SCHEMA)
        connection.execute(
            "INSERT INTO col VALUES (1, ?, ?, ?, 11, 0, 0, 0, ?, ?, ?, ?, '{}')",
            (
                _EPOCH,
                _EPOCH * 1000,
                _EPOCH * 1000,
                json.dumps({**_CONF, "curModel": deck.model_id, OWN_CONF: deck.own}),
                json.dumps({str(deck.model_id): model}),
                json.dumps({"1": {"id": 1, "name": "Default", "desc": "", **_DECK}, str(deck.id): described}),
                json.dumps({"1": _OPTIONS}),
            ),
        )
        _insert_notes(connection, deck)
        connection.commit()
        return connection.serialize()


def _insert_notes(connection: sqlite3.Connection, deck: _Deck) -> None:
    for place, row in enumerate(deck.rows):
        note_id = deck.id + 10 + place
        values = [_field(name, row[name]) for name in deck.columns]
        connection.execute(
            "INSERT INTO notes VALUES (?, ?, ?, ?, -1, ?, ?, ?, ?, 0, '')",
            (
                note_id,
                hashlib.sha256(f"{deck.identifier}\n{values[0]}\n{values[2]}".encode()).hexdigest()[:16],
                deck.model_id,
                _EPOCH,
                deck.tags[place],
                "\x1f".join(values),
                values[0],
                int(hashlib.sha1(values[0].encode(), usedforsecurity=False).hexdigest()[:8], 16),
            ),
        )
        for order in range(len(deck.cards)):
            connection.execute(
                "INSERT INTO cards VALUES (?, ?, ?, ?, ?, -1, 0, 0, ?, 0, 0, 0, 0, 0, 0, 0, 0, '')",
                (note_id * 10 + order, note_id, deck.id, order, _EPOCH, place),
            )


def _field(name: str, cell: str) -> str:
    if name in IMAGE_FIELDS:
        return _image(cell)
    if name == SOUND_FIELD:
        return f"[sound:{_media_name(cell)}]" if cell else ""
    if name in spreadsheet_rows.LIST_COLUMNS:
        # An entry a line: a card shows no marks of ours between them.
        return "<br>".join(map(_html, spreadsheet_rows.split_list(cell)))
    return _html(cell)


def _html(text: str) -> str:
    # A bracket could begin a sound or a formula of LaTeX.
    return html.escape(text, quote=False).replace("[", "&#91;").replace("\n", "<br>")


def _image(address: str) -> str:
    return f'<img src="{html.escape(_media_name(address))}">' if address else ""


def _media_name(address: str) -> str:
    """What a package calls an image or a recording that is ours; an address of elsewhere stays."""
    return address.rpartition("/")[2] if digest_of(address) or sound_names.digest_of(address) else address


def _number(identifier: str) -> int:
    return int.from_bytes(hashlib.sha256(identifier.encode()).digest()[:6], "big")


_DECK: Final[dict[str, Any]] = {
    "mod": _EPOCH,
    "usn": -1,
    "collapsed": False,
    "browserCollapsed": False,
    "dyn": 0,
    "conf": 1,
    "extendNew": 0,
    "extendRev": 0,
    "newToday": [0, 0],
    "revToday": [0, 0],
    "lrnToday": [0, 0],
    "timeToday": [0, 0],
}
_FIELD: Final = {"sticky": False, "rtl": False, "font": "Arial", "size": 20, "media": []}
_TEMPLATE: Final = {"bqfmt": "", "bafmt": "", "did": None}
_MODEL: Final[dict[str, Any]] = {
    "type": 0,
    "mod": _EPOCH,
    "usn": -1,
    "sortf": 0,
    "css": ".card { font-family: sans-serif; font-size: 24px; text-align: center; white-space: pre-line; }",
    "latexPre": "",
    "latexPost": "",
    "tags": [],
    "vers": [],
}
_CONF: Final[dict[str, Any]] = {
    "activeDecks": [1],
    "curDeck": 1,
    "newSpread": 0,
    "collapseTime": 1200,
    "timeLim": 0,
    "estTimes": True,
    "dueCounts": True,
    "nextPos": 1,
    "sortType": "noteFld",
    "sortBackwards": False,
    "addToCur": True,
}
_OPTIONS: Final[dict[str, Any]] = {
    "id": 1,
    "name": "Default",
    "mod": 0,
    "usn": 0,
    "maxTaken": 60,
    "autoplay": True,
    "timer": 0,
    "replayq": True,
    "dyn": False,
    "new": {"bury": True, "delays": [1, 10], "initialFactor": 2500, "ints": [1, 4, 7], "order": 1, "perDay": 20},
    "rev": {"bury": True, "ease4": 1.3, "fuzz": 0.05, "ivlFct": 1, "maxIvl": 36500, "minSpace": 1, "perDay": 100},
    "lapse": {"delays": [10], "leechAction": 0, "leechFails": 8, "minInt": 1, "mult": 0},
}

"""Tables with any header or none: what each column holds is guessed or told, and each row read so."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from django.utils.translation import gettext as _

from quizzes.importers.base import CannotRead, Draft, Item
from quizzes.importers.columns import IGNORED, ROLES, Column, Guess, guess_columns, is_header, named_role, told_columns
from quizzes.importers.html import html_text
from quizzes.importers.meanings import split_meanings
from quizzes.importers.sheets import ROWS_MAX, SheetRow, right_options, time_limit
from quizzes.rules import limits
from quizzes.rules.matching import fold
from quizzes.rules.sound_names import digest_of
from quizzes.rules.spreadsheet_rows import guessed_kind, number, split_list

#: Rows among which a header is looked for: titles and dates may stand above it.
_HEADER_ROWS: Final = 8
_TRUE_WORDS: Final = """
true t yes wahr richtig ja vrai oui verdadero cierto vero sì verdadeiro sim waar juist sant prawda правда верно
正しい 正 对 對 真 참 đúng benar صحيح صواب
"""
_FALSE_WORDS: Final = """
false f no falsch nein faux non falso nee onwaar onjuist falskt nej fałsz ложь неверно
間違い 誤 错 錯 假 거짓 sai salah خطأ خاطئ
"""
_TRUE: Final = frozenset(_TRUE_WORDS.split())
_FALSE: Final = frozenset(_FALSE_WORDS.split())
_TAGS: Final = re.compile(r"</(?:b|i|u|p|em|div|span|strong|font|li|td|ruby)>|<br\s*/?>|&nbsp;", re.IGNORECASE)
_NUMBERED: Final = re.compile(r"(\d{1,4})[.)]\s+(?=\S)")
_BLANK: Final = re.compile(r"\n[ \t]*(?:\n[ \t]*)+")
_UNITS: Final = re.compile(r"\s*(\d{1,4}(?:[.,]\d{1,3})?)\s*([^\d\s:.,]*)\.?\s*\Z")


@dataclass(frozen=True, slots=True)
class Table:
    """Rows below the titles of their columns, which are empty where there are none."""

    titles: tuple[str, ...]
    rows: Sequence[SheetRow]
    #: Remarks on the whole, such as on rows above the header.
    notes: tuple[str, ...] = ()
    #: Tags and remarks that single rows bring along beside their cells, by their numbers.
    tags: Mapping[int, Sequence[str]] = field(default_factory=dict)
    remarks: Mapping[int, Sequence[str]] = field(default_factory=dict)
    #: What the columns are, where that is known already.
    guess: Guess | None = None
    #: Notes with gaps that stand beside the rows: their numbers and fields.
    gaps: Sequence[tuple[int, Sequence[str]]] = ()


def to_table(rows: Sequence[SheetRow], notes: tuple[str, ...] = ()) -> Table:
    """Rows with their header found.

    :raises CannotRead: when there is nothing.
    """
    rows = [row for row in rows if any(row.cells) or row.formulas]
    if not rows:
        raise CannotRead(_("There is nothing to read."))
    used = max(place for row in rows for place, cell in enumerate([*row.cells, ""], start=1) if cell or place == 1)
    rows = [SheetRow(row.number, row.cells[:used], row.formulas) for row in rows]
    cells = [row.cells for row in rows[:200]]
    for place in range(min(_HEADER_ROWS, len(rows))):
        if is_header(rows[place].cells, cells[place + 1 :]):
            above = "; ".join(" ".join(filter(None, row.cells))[:60] for row in rows[:place])
            if above:
                notes = (*notes, _("What stands above the header was left out: %(text)s.") % {"text": above})
            titles, rows = rows[place].cells, rows[place + 1 :]
            break
    else:
        titles = []
    rows = _without_numbering(rows)
    width = max([len(titles), *(len(row.cells) for row in rows)], default=0)
    return Table(tuple([*titles, *[""] * width][:width]), rows, notes)


def _without_numbering(rows: Sequence[SheetRow]) -> Sequence[SheetRow]:
    """Rows of a list that somebody has numbered, ``1. Hund``, without the numbers."""
    found = [_NUMBERED.match(row.cells[0]) if row.cells else None for row in rows]
    numbers = [int(entry[1]) for entry in found if entry]
    if len(rows) < 2 or len(numbers) < len(rows) or numbers != list(range(numbers[0], numbers[0] + len(rows))):
        return rows
    return [
        SheetRow(row.number, [row.cells[0][entry.end() :], *row.cells[1:]], row.formulas)
        for row, entry in zip(rows, found, strict=True)
        if entry
    ]


def read_free_table(table: Table, roles: Sequence[str] = ()) -> Draft:
    """The words or questions of a table.

    :param roles: what its columns are (:data:`~quizzes.importers.columns.ROLES`); empty to guess.
    :raises CannotRead: when a role is unknown, or none says what is asked.
    """
    cells = [row.cells for row in table.rows]
    if roles:
        for role in roles:
            if role not in ROLES:
                said = _("There is no kind of column “%(name)s”. Give of: %(values)s.")
                raise CannotRead(said % {"name": role[:40], "values": ", ".join(ROLES)})
        guess = told_columns(table.titles, cells, roles)
    else:
        guess = table.guess or guess_columns(table.titles, cells)
    columns = guess.columns
    asks = () if guess.sure else (_("Look at what each column is: nothing in the file says it for sure."),)
    held = [column.role for column in columns]
    notes = [*table.notes, *_left_out(columns)]
    if "question" in held:
        items = _rows(table, columns, _question_item)
        return Draft("questions", items, {}, tuple(notes), columns=columns, asks=asks, table=table)
    heading = {}
    for role, name in (("term", "term_language"), ("meaning", "meaning_language")):
        tag = next((column.language for column in columns if column.role == role and column.language), "")
        if tag:
            heading[name] = tag
    items = _rows(table, columns, _word_item)
    return Draft("words", items, heading, tuple(notes), columns=columns, asks=asks, table=table)


def without_tags(rows: list[SheetRow]) -> list[SheetRow]:
    """Rows of text whose cells are HTML, as older exports of Anki have them, in plain text."""
    if not any(_TAGS.search(cell) for row in rows for cell in row.cells):
        return rows
    return [
        SheetRow(row.number, [_BLANK.sub("\n", html_text(cell, keep_lines=True).text) for cell in row.cells])
        for row in rows
    ]


def _left_out(columns: Sequence[Column]) -> Iterator[str]:
    for place, column in enumerate(columns, start=1):
        if (
            column.role in {IGNORED, "id", "sound", "kind"}
            and column.samples
            and not all(map(digest_of, column.samples))
        ):
            name = column.title or _("%(number)d (“%(text)s” and so on)") % {
                "number": place,
                "text": column.samples[0][:40],
            }
            yield _("This column was left out: %(name)s.") % {"name": name}


def table_to_json(table: Table) -> str:
    """A table as text, to be read once more when the host has said what its columns are.

    It has as many rows as a list has room for.
    """
    rows = [
        [
            row.number,
            row.cells,
            list(row.formulas),
            list(table.tags.get(row.number, ())),
            list(table.remarks.get(row.number, ())),
        ]
        for row in table.rows[: limits.WORDS_MAX + 100]
    ]
    said = {
        "titles": table.titles,
        "notes": table.notes,
        "rows": rows,
        "gaps": list(table.gaps)[: limits.QUESTIONS_MAX],
    }
    return json.dumps(said, ensure_ascii=False)


def table_from_json(data: bytes) -> Table:
    """The inverse of :func:`table_to_json`.

    :raises CannotRead: when it is none.
    """
    try:
        said = json.loads(data)
        titles = tuple(str(title) for title in said["titles"])
        width = len(titles)
        rows, tags, remarks = [], {}, {}
        for number, cells, formulas, tagged, remarked in said["rows"][:ROWS_MAX]:
            rows.append(SheetRow(int(number), [str(cell) for cell in cells[:width]], tuple(map(str, formulas))))
            tags[int(number)], remarks[int(number)] = list(map(str, tagged)), list(map(str, remarked))
        gaps = [(int(number), list(map(str, values))) for number, values in said["gaps"][: limits.QUESTIONS_MAX]]
        return Table(titles, rows, tuple(map(str, said["notes"])), tags, remarks, gaps=gaps)
    except (ValueError, KeyError, TypeError, RecursionError):
        raise CannotRead(_("There is nothing to read.")) from None


def _rows(
    table: Table, columns: Sequence[Column], read: Callable[[SheetRow, Sequence[Column], list[str]], Item]
) -> Iterator[Item]:
    tags, remarks = table.tags, table.remarks
    for row in table.rows:
        if row.formulas:
            note = _("Cell %(cell)s holds a formula; put its value there.") % {"cell": row.formulas[0]}
            yield Item(row.number, " ".join(filter(None, row.cells)), None, (note,))
        elif any(row.cells):
            item = read(row, columns, list(tags.get(row.number, ())))
            more = tuple(remarks.get(row.number, ()))
            yield Item(item.number, item.text, item.data, tuple(dict.fromkeys((*more, *item.notes))))


def _by_role(row: SheetRow, columns: Sequence[Column]) -> dict[str, list[tuple[Column, str]]]:
    found: dict[str, list[tuple[Column, str]]] = {}
    for column, cell in zip(columns, row.cells, strict=False):
        if cell:
            found.setdefault(column.role, []).append((column, cell))
    return found


# -- words --------------------------------------------------------------------------------------------------------


def _word_item(row: SheetRow, columns: Sequence[Column], tags: list[str]) -> Item:
    notes: list[str] = []
    found = _by_role(row, columns)

    def cells(role: str) -> list[str]:
        return [cell for _column, cell in found.get(role, [])]

    term, *others = [" ".join(cell.split()) for cell in cells("term")] or [""]
    article = " ".join(cells("article"))
    if article and term and not fold(term).startswith(f"{fold(article)} "):
        term = f"{article}{'' if article.endswith(('’', chr(39))) else ' '}{term}"
    text = " ".join(filter(None, [term, *cells("meaning")])) or " ".join(filter(None, row.cells))
    if len(row.cells) == 1:
        return Item(row.number, text, None, (_("There is no meaning after the word."),))
    meanings = list(split_meanings("\n".join(cells("meaning")), notes))
    if meanings == [term]:
        notes.append(_("The word and its meaning are the same. Look at what each column is."))
    alternatives = [*others, *(entry for cell in cells("alternatives") for entry in split_list(cell.replace(";", "|")))]
    alternatives += cells("reading")
    example, *more = [" ".join(cell.split()) for cell in cells("example")] or [""]
    said = [
        *more,
        *(_with_title(column, cell) for role in ("notes", "pronunciation") for column, cell in found.get(role, [])),
    ]
    images = cells("image")
    sound = _sound_address(cells("sound"), notes)
    address, lost = _image_address(images)
    notes += [_("An image was left out.")] * lost
    all_tags = [*tags, *(entry.strip() for cell in cells("tags") for entry in re.split(r"[,;|]", cell))]
    data: dict[str, Any] = {
        "term": term,
        "meanings": meanings,
        "alternatives": _kept(alternatives, limits.ALTERNATIVES_MAX, notes, without=term),
        "part_of_speech": " ".join(cells("part_of_speech"))[: limits.PART_OF_SPEECH_LENGTH],
        "example": example,
        "notes": "\n".join(said),
        "image": address,
        "sound": sound,
        "tags": _kept(all_tags, limits.TAGS_MAX, notes),
    }
    for name, length in (("example", limits.EXAMPLE_LENGTH), ("notes", limits.NOTES_LENGTH)):
        if len(data[name]) > length:
            notes.append(_("“%(name)s” was cut to %(max)d characters.") % {"name": name, "max": length})
            data[name] = data[name][: length - 1] + "…"
    kept = {name: value for name, value in data.items() if value}
    return Item(row.number, term or text, {"term": "", "meanings": [], **kept}, tuple(notes))


def _with_title(column: Column, cell: str) -> str:
    """What stands in a column of notes, with its title unless that says only that it is one."""
    title = column.title.strip()
    plain = not title or (named_role(title) == "notes" and fold(title) not in {"plural", "gender", "genus"})
    return cell if plain else f"{title}: {cell}"


def _sound_address(sounds: Sequence[str], notes: list[str]) -> str:
    """The address of the first recording that is one of this server's; of others a note tells."""
    here = [sound for sound in sounds if digest_of(sound)]
    notes += [_("A sound was left out.")] * (len(sounds) > len(here[:1]))
    return here[0] if here else ""


def _image_address(images: Sequence[str]) -> tuple[str, int]:
    """The address of an image that can be shown, and how many there are besides."""
    shown = [image for image in images if image.startswith(("https://", "http://", "/"))]
    return (shown[0] if shown else ""), len(images) - bool(shown)


def _kept(entries: Sequence[str], most: int, notes: list[str], *, without: str = "") -> list[str]:
    distinct = [
        entry for entry in dict.fromkeys(" ".join(entry.split()) for entry in entries) if entry and entry != without
    ]
    if len(distinct) > most:
        notes.append(_("“%(text)s” and what follows it was left out.") % {"text": distinct[most][:40]})
    return distinct[:most]


# -- questions ----------------------------------------------------------------------------------------------------


def _question_item(row: SheetRow, columns: Sequence[Column], tags: list[str]) -> Item:
    notes: list[str] = []
    found = _by_role(row, columns)

    def cells(role: str) -> list[str]:
        return [cell for _column, cell in found.get(role, [])]

    text = "\n".join(cells("question"))
    options = {place: cell for place, cell in enumerate(_placed(row, columns, "option"), start=1) if cell}
    if len(options) == 1 and len(split_list(options[min(options)].replace(";", "|"))) > 1:
        options = dict(enumerate(split_list(options[min(options)].replace(";", "|")), start=1))
    said, wrong = "|".join(cells("correct")), cells("wrong")
    data: dict[str, Any] = {"text": text}
    if wrong:
        right = split_list(said)
        data |= {
            "kind": "choice" if len(right) == 1 else "multi",
            "options": [*right, *wrong],
            "correct_answers": right,
        }
    elif len(options) < 2:
        data |= _typed(said or "|".join(options.values()))
    else:
        right = right_options(options, said, notes)
        data["options"] = list(dict.fromkeys(options.values()))
        data["correct_answers"] = right
        data["kind"] = guessed_kind(data["options"], right) if right else "choice"
    if cells("points"):
        data["points"] = _figure(cells("points")[0])
    if cells("time"):
        data |= time_limit(cells("time")[0], notes)
    explanation = [*cells("explanation"), *(_with_title(column, cell) for column, cell in found.get("notes", []))]
    if explanation:
        data["explanation"] = "\n".join(explanation)[: limits.EXPLANATION_LENGTH]
    address, lost = _image_address(cells("image"))
    if address:
        data["media"] = address
    notes += [_("An image was left out.")] * lost
    if sound := _sound_address(cells("sound"), notes):
        data["sound"] = sound
    return Item(row.number, text or " ".join(filter(None, row.cells)), data, tuple(notes))


def _placed(row: SheetRow, columns: Sequence[Column], role: str) -> list[str]:
    cells = [*row.cells, *[""] * len(columns)]
    return [cells[place] for place, column in enumerate(columns) if column.role == role]


def _typed(said: str) -> dict[str, Any]:
    """A question without options: true or false, or written."""
    entries = split_list(said.replace(";", "|"))
    if len(entries) == 1 and entries[0].casefold() in _TRUE | _FALSE:
        return {"kind": "true_false", "correct_answers": ["True" if entries[0].casefold() in _TRUE else "False"]}
    return {"kind": "typed", "correct_answers": list(dict.fromkeys(entries))}


def _figure(cell: str) -> int | float | str:
    found = _UNITS.match(cell)
    return number(found[1]) if found else cell

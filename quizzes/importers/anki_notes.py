"""Notes of Anki as a table, whose columns are the fields of their types; and notes with gaps as questions."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from django.utils.translation import gettext as _

from quizzes.importers.anki_media import Media
from quizzes.importers.base import CannotRead, Draft, Item
from quizzes.importers.column_names import named
from quizzes.importers.columns import Column, Guess, guess_columns
from quizzes.importers.free_tables import Table, read_free_table
from quizzes.importers.gaps import GAP, Gap, gap_questions
from quizzes.importers.html import html_text
from quizzes.importers.sheets import ROWS_MAX, SheetRow
from quizzes.rules import limits

# The name of a file has no bracket; a line of "[sound:" is walked through once.
_SOUND: Final = re.compile(r"\[(?:sound:([^\[\]]{0,500})|anki:[^\[\]]{0,500})\]")
#: Ideographs and their reading, with the space that parts them from what stands before.
_READING: Final = re.compile(" ?([\u3400-\u9fff々]+)\\[([\u3041-\u30ff]+)\\]")
#: What is said of a gap, behind it.
_HINT: Final = re.compile(r"\A \([^()]*\)")
_CLOZE: Final = re.compile(r"\{\{c(\d{1,3})::((?:[^{}:]|:(?!:)){0,1000})(?:::([^{}]{0,300}))?\}\}")
#: Questions that one note becomes at most.
_GAPS_MAX: Final = 20


@dataclass(frozen=True, slots=True)
class NoteType:
    """What the fields of its notes are called. ``cloze``: they have gaps."""

    name: str
    fields: tuple[str, ...]
    cloze: bool = False


@dataclass(frozen=True, slots=True)
class Note:
    """A note: its number in the file, its type, and what stands in its fields."""

    number: int
    type_id: Any
    values: tuple[str, ...]
    tags: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _Cell:
    """What a field says, and the names of the sounds it plays."""

    text: str
    sounds: Sequence[str]


def read_notes(
    types: Mapping[Any, NoteType],
    notes: Sequence[Note],
    *,
    media: Media | None = None,
    is_html: bool = True,
    roles: Sequence[str] = (),
) -> Draft:
    """The words of notes, their gaps among them; questions where all of them have gaps.

    :param media: the images and sounds of the package, where there is one.
    :param roles: what the fields are, those of all types one after the other; empty to guess.
    :raises CannotRead: when there is no note.
    """
    if not notes:
        raise CannotRead(_("There is nothing to read."))
    plain = [note for note in notes if not _has_gaps(note, types)]
    if not plain:
        return Draft("questions", _gap_items([(note.number, note.values) for note in notes]))
    gaps = [(note.number, note.values) for note in notes if _has_gaps(note, types)]
    table = replace(_table(types, plain, media, is_html=is_html), gaps=gaps)
    return with_gap_notes(read_free_table(table, roles), table)


def with_gap_notes(draft: Draft, table: Table) -> Draft:
    """The draft of a table with the notes with gaps that stand beside its rows, as questions or as words."""
    if not table.gaps:
        return draft
    items = _gap_items(table.gaps) if draft.holds == "questions" else _gap_words(table.gaps)
    return replace(draft, items=[*draft.items, *items])


def _has_gaps(note: Note, types: Mapping[Any, NoteType]) -> bool:
    kind = types.get(note.type_id)
    return (kind is not None and kind.cloze) or any("{{c1::" in value for value in note.values)


# -- words --------------------------------------------------------------------------------------------------------


def _table(types: Mapping[Any, NoteType], notes: Sequence[Note], media: Media | None, *, is_html: bool) -> Table:
    used = list(dict.fromkeys(note.type_id for note in notes))
    columns: list[Column] = []
    places: dict[Any, int] = {}
    remarks: dict[int, list[str]] = {}
    images: dict[int, str] = {}
    cells: dict[int, list[str]] = {}
    played: dict[int, list[tuple[int, str]]] = {}
    for note in notes:
        said: list[str] = []
        shown = [_cell(value, media, said, images, note.number, is_html=is_html) for value in note.values]
        cells[note.number] = [cell.text for cell in shown]
        played[note.number] = [(place, source) for place, cell in enumerate(shown) for source in cell.sounds]
        remarks[note.number] = said
    sure = True
    for type_id in used:
        rows = [cells[note.number] for note in notes if note.type_id == type_id]
        width = max(map(len, rows))
        kind = types.get(type_id, NoteType("", ()))
        titles = [*kind.fields, *[""] * width][:width]
        guess = guess_columns(titles, rows)
        sure = sure and guess.sure
        places[type_id] = len(columns)
        columns += [
            replace(column, title=f"{column.title} ({kind.name})") if len(used) > 1 and column.title else column
            for column in guess.columns
        ]
    readings = _take_readings(columns, places, notes, cells)
    width = len(columns)
    sounds = {
        note.number: _take_sound(columns[places[note.type_id] :], played[note.number], media, remarks[note.number])
        for note in notes
    }
    columns += [Column(_("Reading"), "reading"), Column(_("Image"), "image"), Column(_("Sound"), "sound")]
    extra = (readings, images, sounds)
    table_rows = []
    for note in notes:
        start = places[note.type_id]
        own = cells[note.number]
        row = [*[""] * start, *own, *[""] * (width - start - len(own))]
        table_rows.append(SheetRow(note.number, [*row, *(found.get(note.number, "") for found in extra)]))
    for place in reversed(range(len(extra))):
        if not any(extra[place].values()):
            del columns[width + place]
            table_rows = [
                SheetRow(row.number, [*row.cells[: width + place], *row.cells[width + place + 1 :]])
                for row in table_rows
            ]
    remarks = {number: list(dict.fromkeys(said)) for number, said in remarks.items()}
    tags = {note.number: note.tags for note in notes}
    all_titles = tuple(column.title for column in columns)
    return Table(all_titles, table_rows, (), tags, remarks, Guess(tuple(columns), sure))


def _cell(
    value: str, media: Media | None, said: list[str], images: dict[int, str], number: int, *, is_html: bool
) -> _Cell:
    sounds = [html.unescape(name) for name in _SOUND.findall(value)]
    value = _SOUND.sub("", value)
    if not is_html:
        return _Cell(value.strip(), sounds)
    found = html_text(value, keep_lines=True)
    sounds += found.sounds
    for source in found.images:
        address = "" if media is None or number in images else media.address(source, said)
        if address:
            images[number] = address
        elif media is None or number in images:
            said.append(_("An image was left out."))
    return _Cell(found.text.strip(), sounds)


def _take_sound(
    columns: Sequence[Column], played: Sequence[tuple[int, str]], media: Media | None, said: list[str]
) -> str:
    """The address of the sound of a note that says its word: of that field, else of one of no sentence.

    :param columns: of the note's type, from its first field on.
    :param played: place of the field, and name of the file, of each sound of the note.
    """
    ranks = {"term": 0, "reading": 1, "pronunciation": 1, "sound": 2, "meaning": 4, "example": 5}

    def rank(at: tuple[int, str]) -> int:
        column = columns[at[0]]
        sentence = "example" in (column.role, named(re.sub("audio|sound", "", column.title, flags=re.IGNORECASE)).role)
        return ranks["example"] if sentence else ranks.get(column.role, 3)

    address = ""
    for place, source in sorted(played, key=rank):
        # A sentence, or what the word means, is not what is to be heard.
        if address or media is None or not source or rank((place, source)) > 3:
            said.append(_("A sound was left out."))
        else:
            address = media.sound(source, said)
    return address


def _take_readings(
    columns: Sequence[Column], places: Mapping[Any, int], notes: Sequence[Note], cells: Mapping[int, list[str]]
) -> dict[int, str]:
    """Take the readings in brackets out of all cells, as Anki's Japanese note types have them, and keep the terms'."""
    readings = {}
    for note in notes:
        own = cells[note.number]
        for place, cell in enumerate(own):
            if not _READING.search(cell):
                continue
            if columns[places[note.type_id] + place].role == "term":
                readings[note.number] = _READING.sub(r"\2", cell)
            own[place] = _READING.sub(r"\1", cell)
    return readings


# -- gaps ---------------------------------------------------------------------------------------------------------


def _gap_items(notes: Sequence[tuple[int, Sequence[str]]], *, together: bool = True) -> Iterator[Item]:
    """:param together: whether a note with several gaps is one question; else one for each number."""
    for note_number, values in notes[:ROWS_MAX]:
        said: list[str] = []
        cells = [_cell(value, None, said, {}, note_number, is_html=True) for value in values]
        said += [_("A sound was left out.") for cell in cells for _sound in cell.sounds]
        texts = [cell.text for cell in cells]
        asked = next((text for text in texts if _CLOZE.search(text)), "")
        numbers = sorted({int(found[1]) for found in _CLOZE.finditer(asked)})
        if not numbers:
            yield Item(note_number, " ".join(filter(None, texts)), None, (_("This is a text without answers."),))
            continue
        others = [text for text in texts if text and text is not asked]
        whole = _gap_text(asked, others) if together else None
        if whole:
            yield Item(note_number, asked, whole, tuple(dict.fromkeys(said)))
            continue
        for number in numbers[:_GAPS_MAX]:
            yield Item(note_number, asked, _gap_question(asked, number, others), tuple(dict.fromkeys(said)))


def _gap_text(text: str, others: Sequence[str]) -> dict[str, Any] | None:
    """All gaps of a note as one question; ``None`` where there is one alone, or they cannot stand together."""
    parts, gaps, at = [""], [], 0
    for found in _CLOZE.finditer(text):
        parts[-1] += text[at : found.start()]
        at = found.end()
        parts.append(f" ({found[3]})" if found[3] else "")
        gaps.append(Gap({"kind": "typed", "correct_answers": [answer] if (answer := found[2].strip()) else []}))
    parts[-1] += text[at:]
    made = gap_questions(parts, gaps)
    if len(made) != 1 or len(gaps) < 2:
        return None
    ((data, _notes),) = made
    return {**data, "explanation": "\n".join(others)[: limits.EXPLANATION_LENGTH]} if others else data


def _gap_words(notes: Sequence[tuple[int, Sequence[str]]]) -> Iterator[Item]:
    """Gaps among words: what goes into a gap is a word, and the sentence around it both its meaning and its example."""
    for item in _gap_items(notes, together=False):
        if item.data is None:
            yield item
            continue
        shown, [right, *_more] = item.data["text"], item.data["correct_answers"] or [""]
        around = any(map(str.isalnum, shown.replace(GAP, "")))
        if not (right and around and len(right) <= limits.TERM_LENGTH and len(shown) <= limits.MEANING_LENGTH):
            said = _("This text with gaps makes no word. Export such notes alone, and import that file.")
            yield replace(item, data=None, notes=(*item.notes, said))
            continue
        word = {"term": right, "meanings": [shown]}
        before, _gap, after = shown.partition(GAP)
        example = f"{before}{{{right}}}{_HINT.sub('', after)}"
        if shown.count(GAP) == 1 and not set(right) & set("{}()") and len(example) <= limits.EXAMPLE_LENGTH:
            word["example"] = example
        if explanation := item.data.get("explanation"):
            word["notes"] = explanation[: limits.NOTES_LENGTH]
        said = _("This text with gaps became a word: the gap is the word, the sentence is its meaning and example.")
        yield replace(item, data=word, notes=(*item.notes, said))


def _gap_question(text: str, number: int, others: Sequence[str]) -> dict[str, Any]:
    """The card of one number: its gaps are asked for, the others are filled, as Anki shows them."""
    right: list[str] = []

    def show(found: re.Match[str]) -> str:
        if int(found[1]) != number:
            return found[2]
        right.append(found[2].strip())
        return f"{GAP} ({found[3]})" if found[3] else GAP

    shown = _CLOZE.sub(show, text)
    answers = list(dict.fromkeys(filter(None, right)))
    # One number on several gaps asks for all of them at once: in their order, as one answer.
    correct = answers if len(answers) < 2 else [", ".join(answers)]
    data: dict[str, Any] = {"kind": "typed", "text": shown, "correct_answers": correct}
    if others:
        data["explanation"] = "\n".join(others)[:2000]
    return data

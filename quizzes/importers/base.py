"""What all importers share: a file becomes a draft, a draft becomes checked questions or words and a row-by-row report.

An importer only says what it found where, in the exchange format. What is right and wrong is asked of the validation,
so that a file is held to the same rules as the admin and the REST API. Nothing here writes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Final, Literal, TypeVar

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from quizzes.images.sanitizing import ImageFile
from quizzes.rules import limits
from quizzes.rules.confusable import confusable_pairs
from quizzes.rules.content import QuestionContent
from quizzes.rules.matching import bare, fold
from quizzes.rules.scripts import lookalikes
from quizzes.rules.spelling import find_gap
from quizzes.rules.words import WordContent
from quizzes.sounds.sanitizing import SoundFile
from quizzes.validation.checker import ValidationProblem
from quizzes.validation.quiz import validate_question
from quizzes.validation.word_list import validate_word

if TYPE_CHECKING:
    from quizzes.importers.columns import Column
    from quizzes.importers.free_tables import Table

Outcome = Literal["read", "changed", "skipped"]
Holds = Literal["questions", "words"]
EXCERPT_LENGTH: Final = 80
#: Rows a report lists; a file of 100,000 bad rows is told about its first ones.
ROWS_MAX: Final = 2_500
#: Pairs of words a report names as easily confused.
CONFUSABLE_TOLD: Final = 10
#: So many words with letters of another alphabet are named.
LOOKALIKES_TOLD = 5
_Checked = TypeVar("_Checked", QuestionContent, WordContent)


class CannotRead(Exception):
    """The file is not what it says it is, or is too large. The message is for the person who sent it."""


@dataclass(frozen=True, slots=True)
class Item:
    """What stands at one place of a file, not checked yet."""

    #: Line, row or entry, from 1.
    number: int
    #: How the place begins, for the report.
    text: str
    #: The question or word in the exchange format; ``None`` when the importer skips it, ``notes`` tell why.
    data: Mapping[str, Any] | None
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Draft:
    """A file as an importer understood it."""

    holds: Holds
    items: Iterable[Item]
    #: Title, languages and so on in the exchange format, as far as the file tells.
    heading: Mapping[str, Any] = field(default_factory=dict)
    #: Remarks on the whole file, such as its encoding.
    notes: tuple[str, ...] = ()
    #: Images the file brings along, by the addresses its items give.
    images: Mapping[str, ImageFile] = field(default_factory=dict)
    #: Recordings, likewise.
    sounds: Mapping[str, SoundFile] = field(default_factory=dict)
    #: What its columns were taken for, where it is a table that may be read otherwise.
    columns: Sequence[Column] = ()
    #: What the host should look at before it is stored: the file does not say it for sure.
    asks: tuple[str, ...] = ()
    #: The table itself, so that it can be read once more with other columns.
    table: Table | None = None


@dataclass(frozen=True, slots=True)
class Row:
    """What became of one place of the file. ``changed``: it was read, but not as it stands."""

    number: int
    text: str
    outcome: Outcome
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Imported:
    """What a file holds, checked, and the report on it."""

    holds: Holds
    heading: Mapping[str, Any]
    questions: tuple[QuestionContent, ...]
    words: tuple[WordContent, ...]
    rows: tuple[Row, ...]
    notes: tuple[str, ...]
    #: Those that are shown and played by what was read, by address.
    images: Mapping[str, ImageFile] = field(default_factory=dict)
    sounds: Mapping[str, SoundFile] = field(default_factory=dict)
    #: As in :class:`Draft`.
    columns: Sequence[Column] = ()
    asks: tuple[str, ...] = ()
    table: Table | None = None

    @property
    def skipped(self) -> int:
        """How many rows were skipped."""
        return sum(row.outcome == "skipped" for row in self.rows)

    @property
    def count(self) -> int:
        """How many questions or words were read."""
        return len(self.questions) + len(self.words)


def excerpt(text: str) -> str:
    """The beginning of a text in one line, for a report."""
    line = " ".join("".join(char if char.isprintable() else " " for char in text[: 4 * EXCERPT_LENGTH]).split())
    return line if len(line) <= EXCERPT_LENGTH else line[: EXCERPT_LENGTH - 1] + "…"


def finish(draft: Draft) -> Imported:
    """Check what an importer found."""
    rows: list[Row] = []
    questions: list[QuestionContent] = []
    words: list[WordContent] = []
    further = 0
    limit = limits.QUESTIONS_MAX if draft.holds == "questions" else limits.WORDS_MAX
    merger = _Merger(words)
    taken: set[str] = set()
    for item in draft.items:
        if len(questions) + len(words) >= limit or len(rows) >= ROWS_MAX:
            further += 1
            continue
        if draft.holds == "questions":
            rows.append(_question_row(item, questions, taken))
        else:
            rows.append(_checked_row(item, validate_word, merger.add))
    notes = (*draft.notes, *_confusable(words), *lookalike_notes(questions, words))
    if further:
        note = ngettext(
            "%(count)d further row was not read: there is room for %(max)d.",
            "%(count)d further rows were not read: there is room for %(max)d.",
            further,
        )
        rows.append(Row(rows[-1].number + 1, "", "skipped", (note % {"count": further, "max": limit},)))
    shown = {question.media for question in questions} | {word.image for word in words}
    images = {address: image for address, image in draft.images.items() if address in shown}
    played = {question.sound for question in questions} | {word.sound for word in words}
    sounds = {address: sound for address, sound in draft.sounds.items() if address in played}
    return Imported(
        draft.holds,
        draft.heading,
        tuple(questions),
        tuple(words),
        tuple(rows),
        notes,
        images,
        sounds,
        draft.columns,
        draft.asks,
        draft.table,
    )


def _confusable(words: Sequence[WordContent]) -> tuple[str, ...]:
    """A note on words that are easily taken for each other."""
    pairs = confusable_pairs(words, CONFUSABLE_TOLD)
    if not pairs:
        return ()
    listed = "; ".join(f"{one} / {other}" for one, other in pairs)
    return (_("Easily confused, one for the other never counts as almost right: %(pairs)s") % {"pairs": listed},)


def lookalike_notes(questions: Iterable[QuestionContent], words: Iterable[WordContent]) -> tuple[str, ...]:
    """A note on right answers in which letters of another alphabet hide: who types the right ones is almost right."""
    answers = (answer for question in questions if question.kind == "typed" for answer in question.correct_answers)
    listed = (text for word in words for text in (word.term, *word.meanings, *word.alternatives))
    found = lookalikes((*answers, *listed), LOOKALIKES_TOLD)
    if not found:
        return ()
    told = _("Some letters are from another alphabet and only look the same. Type these words anew: %(words)s")
    return (told % {"words": ", ".join(found)},)


def _question_row(item: Item, questions: list[QuestionContent], taken: set[str]) -> Row:
    def add(question: QuestionContent, number: int) -> tuple[Outcome, tuple[str, ...]]:
        if question.id in taken:
            return "skipped", (_("There is a question with the id “%(id)s” already.") % {"id": question.id},)
        taken.add(question.id)
        questions.append(question)
        return "read", ()

    if item.data is not None and not item.data.get("id"):
        item = replace(item, data={**item.data, "id": _free_id(len(questions) + 1, taken)})
    return _checked_row(item, validate_question, add)


def _free_id(number: int, taken: set[str]) -> str:
    while f"q{number}" in taken:
        number += 1
    return f"q{number}"


def _checked_row(
    item: Item,
    check: Callable[[object], _Checked | list[ValidationProblem]],
    add: Callable[[_Checked, int], tuple[Outcome, tuple[str, ...]]],
) -> Row:
    text = excerpt(item.text)
    if item.data is None:
        return Row(item.number, text, "skipped", item.notes)
    result = check(item.data)
    if isinstance(result, list):
        problems = tuple(f"{problem.path}: {problem.message}".removeprefix(": ") for problem in result)
        return Row(item.number, text, "skipped", item.notes + problems)
    outcome, notes = add(result, item.number)
    if outcome == "read" and item.notes:
        outcome = "changed"
    return Row(item.number, text, outcome, item.notes + notes)


class _Merger:
    """Brings the same word on several rows together: its meanings add up, a mere repetition is skipped."""

    def __init__(self, words: list[WordContent]) -> None:
        self._words = words
        self._places: dict[str, list[tuple[int, int]]] = {}

    def add(self, word: WordContent, number: int) -> tuple[Outcome, tuple[str, ...]]:
        places = self._places.setdefault(_key(word), [])
        for index, earlier in places:
            known = self._words[index]
            if known.part_of_speech and word.part_of_speech and known.part_of_speech != word.part_of_speech:
                continue
            have = {fold(bare(meaning)) for meaning in known.meanings}
            new = tuple(meaning for meaning in word.meanings if fold(bare(meaning)) not in have)
            if not new:
                return "skipped", (_("Row %(number)d has this word already.") % {"number": earlier},)
            if len(known.meanings) + len(new) > limits.MEANINGS_MAX:
                note = _("Row %(number)d has this word already, with as many meanings as a word may have.")
                return "skipped", (note % {"number": earlier},)
            self._words[index] = replace(known, meanings=known.meanings + new)
            note = _(
                "Row %(number)d gives this word another meaning: “%(meaning)s”. Both are accepted; take one out if "
                "that is a mistake."
            )
            return "changed", (note % {"number": earlier, "meaning": "; ".join(known.meanings)},)
        places.append((len(self._words), number))
        self._words.append(word)
        if word.example and find_gap(word) is None:
            return "read", (
                _("The example does not have the word in it: mark its form with braces, as in “I {went} home.”"),
            )
        return "read", ()


def _key(word: WordContent) -> str:
    """Words that differ in capitals or accents alone may be different words (German "weg", "Weg")."""
    return " ".join(word.term.split())

"""Quizzes and word lists as rows of text: the form that our CSV, XLSX and Anki exports share. Pure.

First stand rows of ``#name, value`` for the quiz or the list itself, then a header, then a row for each question or
word. Lists stand in one cell with ``|`` between the entries (a backslash before one that is meant); a list too long
for a cell goes on in another column of the same name.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict
from decimal import Decimal, InvalidOperation
from typing import Any, Final

from quizzes.rules.content import HEARING, QuestionContent, QuizContent
from quizzes.rules.words import WordContent, WordListContent

QUESTION_COLUMNS: Final = (
    "id",
    "kind",
    "text",
    "options",
    "correct_answers",
    "points",
    "time_limit",
    "explanation",
    "media",
    "tolerance",
    "language",
    "case",
    "accents",
    "articles",
    "almost",
    "confusable",
    "listen",
    "sound",
    "listen_language",
    "gaps",
)
WORD_COLUMNS: Final = (
    "term",
    "meanings",
    "part_of_speech",
    "alternatives",
    "example",
    "notes",
    "image",
    "sound",
    "tags",
)
LIST_COLUMNS: Final = frozenset(
    {"options", "correct_answers", "confusable", "gaps", "meanings", "alternatives", "tags"}
)
_GRADING: Final = ("case", "accents", "articles", "almost")
#: Excel holds 32,767 characters a cell.
CELL_LENGTH: Final = 30_000
#: What a spreadsheet would run as a formula, behind any apostrophes that stand there already.
_FORMULA = re.compile("'*[=+\\-@\t\r\n＝＋－＠]")
#: The same behind what another country's spreadsheet may take for the end of a cell: it splits at its own separator.
_LATER_FORMULA = re.compile("([;,\t|\r\n]\"?)('*[=+\\-@＝＋－＠])")
_ESCAPED_LATER = re.compile("([;,\t|\r\n]\"?)'('*[=+\\-@＝＋－＠])")

Heading = Mapping[str, str]


def escape_cell(text: str) -> str:
    """The text as a spreadsheet may have it: what it would take for a formula gets an apostrophe in front."""
    return f"'{text}" if _FORMULA.match(text) else text


def unescape_cell(text: str) -> str:
    """The inverse of :func:`escape_cell`."""
    return text[1:] if text.startswith("'") and _FORMULA.match(text[1:]) else text


def escape_csv_cell(text: str) -> str:
    """As :func:`escape_cell`, and behind everything in it that may part cells: ``a;=1`` is two cells where semicolons
    part them."""
    return _LATER_FORMULA.sub(r"\1'\2", escape_cell(text))


def unescape_csv_cell(text: str) -> str:
    """The inverse of :func:`escape_csv_cell`."""
    return unescape_cell(_ESCAPED_LATER.sub(r"\1\2", text))


def join_list(entries: Iterable[str]) -> str:
    """A list as one cell."""
    return " | ".join(entry.replace("\\", "\\\\").replace("|", "\\|") for entry in entries)


def split_list(cell: str) -> list[str]:
    """The inverse of :func:`join_list`, forgiving about spaces, line ends and empty entries."""
    entries, entry, escaped = [], "", False
    for char in cell:
        if escaped:
            entry += char if char in "\\|" else f"\\{char}"
            escaped = False
        elif char == "\\":
            escaped = True
        elif char in "|\n":
            entries.append(entry)
            entry = ""
        else:
            entry += char
    entries.append(entry + "\\" * escaped)
    return [text for text in map(str.strip, entries) if text]


def quiz_heading(quiz: QuizContent) -> dict[str, str]:
    """What stands above the questions."""
    heading = {name: getattr(quiz, name) for name in ("id", "title", "language", "description")}
    return {**heading, "shuffle_options": "true" if quiz.shuffle_options else "false"}


def word_list_heading(words: WordListContent) -> dict[str, str]:
    """What stands above the words."""
    names = ("id", "title", "term_language", "meaning_language", "description")
    heading = {name: getattr(words, name) for name in names}
    heading |= {name: str(value) for name, value in asdict(words.grading).items()}
    return {**heading, "tags": join_list(words.tags)}


def question_cells(question: QuestionContent) -> dict[str, str]:
    """A question as cells by column, lists joined."""
    cells = {
        name: str(getattr(question, name))
        for name in ("id", "kind", "text", "points", "explanation", "media", *HEARING)
    }
    cells |= {name: join_list(getattr(question, name)) for name in ("options", "correct_answers", "confusable")}
    if question.gaps:
        # For whoever reads the sheet, or learns from the card; what is read back are the gaps.
        cells["correct_answers"] = join_list(gap.correct_answers[0] for gap in question.gaps)
    cells["gaps"] = join_list(json.dumps(asdict(gap), ensure_ascii=False) for gap in question.gaps)
    cells |= {name: str(value) for name, value in asdict(question.grading).items()}
    seconds = Decimal(question.time_limit_ms) / 1000
    return {**cells, "time_limit": f"{seconds:f}", "tolerance": repr(question.tolerance), "language": question.language}


def word_cells(word: WordContent) -> dict[str, str]:
    """A word as cells by column, lists joined."""
    values = asdict(word)
    return {name: join_list(value) if name in LIST_COLUMNS else value for name, value in values.items()}


def table(
    heading: Heading,
    columns: Sequence[str],
    rows: Sequence[Mapping[str, str]],
    escape: Callable[[str], str] = escape_cell,
) -> Iterator[list[str]]:
    """All rows of a sheet, escaped."""
    for name, value in heading.items():
        yield [f"#{name}", escape(value)]
    widths = {
        name: max([1, *(len(_chunks(row[name])) for row in rows)]) if name in LIST_COLUMNS else 1 for name in columns
    }
    yield [name for name in columns for _ in range(widths[name])]
    for row in rows:
        cells = []
        for name in columns:
            chunks = _chunks(row[name]) if name in LIST_COLUMNS else [row[name]]
            cells += [*chunks, *[""] * (widths[name] - len(chunks))]
        yield [escape(cell) for cell in cells]


def _chunks(cell: str) -> list[str]:
    """A long list as several cells."""
    if len(cell) <= CELL_LENGTH:
        return [cell]
    chunks, chunk = [], ""
    for entry in split_list(cell):
        joined = join_list([entry])
        if chunk and len(chunk) + len(joined) + 3 > CELL_LENGTH:
            chunks.append(chunk)
            chunk = ""
        chunk = f"{chunk} | {joined}" if chunk else joined
    return [*chunks, chunk]


def heading_data(cells: Heading, *, words: bool) -> dict[str, Any]:
    """The heading in the exchange format; what it does not know is left out."""
    names = ("id", "title", "description", *(("term_language", "meaning_language") if words else ("language",)))
    data: dict[str, Any] = {name: cells[name] for name in names if cells.get(name)}
    if words:
        if grading := _grading(cells):
            data["grading"] = grading
        if cells.get("tags"):
            data["tags"] = split_list(cells["tags"])
    elif cells.get("shuffle_options"):
        data["shuffle_options"] = cells["shuffle_options"].casefold() in {"true", "yes", "1"}
    return data


def question_data(cells: Mapping[str, str]) -> dict[str, Any]:
    """A question in the exchange format, of cells by column; a column may be missing or empty."""
    data: dict[str, Any] = {
        name: cells[name]
        for name in ("id", "kind", "text", "explanation", "media", "language", *HEARING)
        if cells.get(name)
    }
    for name in ("options", "correct_answers", "confusable"):
        data[name] = split_list(cells.get(name, ""))
    if gaps := split_list(cells.get("gaps", "")):
        data |= {"kind": "gaps", "options": [], "correct_answers": [], "gaps": list(map(_gap_data, gaps))}
    if not data.get("kind"):
        data["kind"] = guessed_kind(data["options"], data["correct_answers"])
    else:
        data["kind"] = data["kind"].casefold().replace(" ", "_").replace("-", "_")
    for name in ("points", "tolerance"):
        if cells.get(name):
            data[name] = number(cells[name])
    if cells.get("time_limit"):
        seconds = number(cells["time_limit"])
        data["time_limit_ms"] = round(seconds * 1000) if isinstance(seconds, int | float) else seconds
    if grading := _grading(cells):
        data["grading"] = grading
    return data


def _gap_data(cell: str) -> Any:
    """A gap, or the text itself where it is none."""
    try:
        return json.loads(cell)
    except (ValueError, RecursionError):
        return cell


def question_columns(questions: Iterable[QuestionContent]) -> Sequence[str]:
    """The columns that these questions need: that of gaps only where there are some."""
    if any(question.gaps for question in questions):
        return QUESTION_COLUMNS
    return [name for name in QUESTION_COLUMNS if name != "gaps"]


def word_data(cells: Mapping[str, str]) -> dict[str, Any]:
    """A word in the exchange format, of cells by column."""
    data: dict[str, Any] = {name: cells[name] for name in WORD_COLUMNS if cells.get(name) and name not in LIST_COLUMNS}
    return data | {name: split_list(cells[name]) for name in WORD_COLUMNS if name in LIST_COLUMNS and cells.get(name)}


def guessed_kind(options: Sequence[str], correct: Sequence[str]) -> str:
    """The kind of a question that does not say it."""
    if not options:
        return "typed"
    if not correct:
        return "poll"
    return "choice" if len(correct) == 1 else "multi"


def number(text: str) -> int | float | str:
    """The number a cell says, whole where it is; the text itself when it says none."""
    try:
        value = Decimal(text.strip().replace(",", "."))
    except InvalidOperation:
        return text
    if not value.is_finite():
        return text
    return int(value) if value == value.to_integral_value() and abs(value) < 10**15 else float(value)


def _grading(cells: Mapping[str, str]) -> dict[str, Any]:
    grading: dict[str, Any] = {name: cells[name] for name in _GRADING if cells.get(name)}
    if "almost" in grading:
        grading["almost"] = number(grading["almost"])
    return grading

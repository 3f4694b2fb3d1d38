"""The menus over the columns of an import's preview, and reading the table once more as they say."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from django.http import HttpRequest
from django.utils.translation import gettext_lazy

from quizzes.importers.base import Imported
from quizzes.importers.columns import ROLES
from quizzes.importers.formats import TABLE_AGAIN, Source
from quizzes.importers.free_tables import table_to_json

ROLE_NAMES: Final = {
    "term": gettext_lazy("Word"),
    "meaning": gettext_lazy("Meaning"),
    "alternatives": gettext_lazy("Other spellings"),
    "reading": gettext_lazy("Reading"),
    "article": gettext_lazy("Article"),
    "part_of_speech": gettext_lazy("Part of speech"),
    "example": gettext_lazy("Example"),
    "notes": gettext_lazy("Notes"),
    "pronunciation": gettext_lazy("Pronunciation"),
    "tags": gettext_lazy("Tags"),
    "image": gettext_lazy("Image"),
    "sound": gettext_lazy("Sound"),
    "question": gettext_lazy("Question"),
    "option": gettext_lazy("Option"),
    "correct": gettext_lazy("Right answer"),
    "wrong": gettext_lazy("Wrong answer"),
    "time": gettext_lazy("Time limit"),
    "points": gettext_lazy("Points"),
    "explanation": gettext_lazy("Explanation"),
    "kind": gettext_lazy("Kind"),
    "id": gettext_lazy("Number"),
    "-": gettext_lazy("left out"),
}
#: What the page keeps of the heading while the columns are corrected.
_HEADING: Final = ("title", "term_language", "meaning_language")


@dataclass(frozen=True, slots=True)
class Menu:
    """A menu over one column: its number from 1, its title, its first cells, and what it may be."""

    number: int
    title: str
    samples: tuple[str, ...]
    choices: tuple[tuple[str, Any, bool], ...]


def column_menus(imported: Imported) -> dict[str, Any]:
    """What the page shows of the columns, and keeps to read them once more; nothing for what is no table."""
    if imported.table is None:
        return {}
    return {
        "menus": list(_menus(imported)),
        "table": table_to_json(imported.table),
        "kept": [(name, imported.heading[name]) for name in _HEADING if imported.heading.get(name)],
    }


def _menus(imported: Imported) -> Iterator[Menu]:
    for number, column in enumerate(imported.columns, start=1):
        choices = tuple((role, ROLE_NAMES[role], role == column.role) for role in ROLES)
        yield Menu(number, column.title, column.samples, choices)


def corrected(request: HttpRequest) -> tuple[Source, dict[str, str]] | None:
    """The table with the columns the host has chosen, and its heading; ``None`` when something else was sent."""
    if "columns" not in request.POST:
        return None
    source = Source(
        request.POST.get("table", "").encode(),
        format=TABLE_AGAIN,
        columns=tuple(request.POST.getlist("column")),
    )
    return source, {name: request.POST[name] for name in _HEADING if request.POST.get(name)}

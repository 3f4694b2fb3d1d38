"""Storing what importers read, all of it or, when asked, all but the rows that were skipped."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, replace
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext as _

from quizzes.images.storage import images_store, with_addresses
from quizzes.importers.base import Imported
from quizzes.models import Quiz, WordList
from quizzes.services.quizzes import free_id, quiz_create
from quizzes.services.word_lists import word_list_create
from quizzes.sounds.storage import sounds_store
from quizzes.validation.checker import ValidationProblem
from quizzes.validation.quiz import validate_heading
from quizzes.validation.word_list import validate_word_list_heading

if TYPE_CHECKING:
    from django.contrib.auth.models import User


class BadHeading(Exception):
    """The title, the language and so on are wrong."""

    def __init__(self, problems: list[ValidationProblem]) -> None:
        super().__init__("; ".join(f"{problem.path}: {problem.message}" for problem in problems))
        self.problems = problems


def store_words(imported: Imported, heading: Mapping[str, Any], *, owner: User | None) -> WordList:
    """Store what was read as a new word list.

    :param heading: title, languages and so on in the exchange format; they go before the file's own.
    :raises BadHeading: when they are wrong, or there is no word.
    :raises WordListExists: when the id that was asked for is taken.
    """
    if not imported.words:
        raise BadHeading([ValidationProblem("words", _("There is no word to store."))])
    data = _with_id(WordList, {**imported.heading, **heading})
    content = validate_word_list_heading(data)
    if isinstance(content, list):
        raise BadHeading(content)
    words = with_addresses(imported.words, media_store(imported))
    return word_list_create(replace(content, words=words), owner=owner)


def store_questions(imported: Imported, heading: Mapping[str, Any], *, owner: User | None) -> Quiz:
    """Store what was read as a new quiz. Parameters and errors as :func:`store_words`, and QuizExists."""
    if not imported.questions:
        raise BadHeading([ValidationProblem("questions", _("There is no question to store."))])
    data = _with_id(Quiz, {**imported.heading, **heading})
    content = validate_heading(data)
    if isinstance(content, list):
        raise BadHeading(content)
    questions = with_addresses(imported.questions, media_store(imported))
    return quiz_create(replace(content, questions=questions), owner=owner)


def media_store(imported: Imported) -> dict[str, str]:
    """Store the images and recordings that came with a file; the addresses they have here."""
    return {**images_store(imported.images), **sounds_store(imported.sounds)}


def report_json(imported: Imported) -> dict[str, Any]:
    """The report as the REST API gives it."""
    return {
        "holds": imported.holds,
        "count": imported.count,
        "skipped": imported.skipped,
        "notes": list(imported.notes),
        "asks": list(imported.asks),
        "columns": [
            {"title": column.title, "role": column.role, "samples": list(column.samples)} for column in imported.columns
        ],
        "rows": [asdict(row) for row in imported.rows],
    }


def _with_id(model: type[Quiz] | type[WordList], heading: Mapping[str, Any]) -> dict[str, Any]:
    title = heading.get("title") or _("Imported")
    return {**heading, "title": title, "id": heading.get("id") or free_id(model, str(title))}

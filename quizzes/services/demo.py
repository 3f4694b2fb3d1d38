"""The quizzes and word lists that come with the server: files in the exchange format under ``quizzes/content/``."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Literal, TypeVar

from django.db import transaction

from quizzes.models import Quiz, WordList
from quizzes.rules.content import QuizContent
from quizzes.rules.words import WordListContent
from quizzes.services.quizzes import QuizExists, content_digest, quiz_create, quiz_save
from quizzes.services.word_lists import WordListExists, word_list_create, word_list_save
from quizzes.validation.checker import ValidationProblem
from quizzes.validation.quiz import validate_quiz
from quizzes.validation.word_list import validate_word_list

FOLDER = Path(__file__).parent.parent / "content"

Outcome = Literal["loaded", "updated", "unchanged", "kept"]
_Content = TypeVar("_Content", QuizContent, WordListContent)


class BadQuizFile(Exception):
    """A file that holds no valid quiz or word list; the message has a line for each problem."""


def read_quiz_file(path: Path) -> QuizContent:
    """The quiz in a file.

    :raises BadQuizFile: when it is not JSON, or not a valid quiz.
    """
    return _read(path, validate_quiz)


def read_word_list_file(path: Path) -> WordListContent:
    """The word list in a file.

    :raises BadQuizFile: when it is not JSON, or not a valid word list.
    """
    return _read(path, validate_word_list)


def demo_quizzes() -> Iterator[QuizContent]:
    """Every quiz of the folder, by file name."""
    for path in sorted(FOLDER.glob("*.json")):
        yield read_quiz_file(path)


def demo_word_lists() -> Iterator[WordListContent]:
    """Every word list of the folder ``wordlists`` in it, by file name."""
    for path in sorted((FOLDER / "wordlists").glob("*.json")):
        yield read_word_list_file(path)


@transaction.atomic
def load_quiz(content: QuizContent) -> Outcome:
    """Bring the stored quiz up to a file's, unless somebody has edited or made one of this id: that one is kept."""
    quiz = Quiz.objects.select_for_update().filter(pk=content.id).first()
    digest = content_digest(content)
    outcome = _outcome(digest, quiz)
    try:
        if outcome == "loaded":
            quiz_create(content, loaded_digest=digest)
        elif outcome == "updated":
            quiz_save(content, loaded_digest=digest)
    except QuizExists:
        # Another instance, starting at the same time, was first.
        return "unchanged"
    return outcome


@transaction.atomic
def load_word_list(content: WordListContent) -> Outcome:
    """As :func:`load_quiz`, for a word list."""
    word_list = WordList.objects.select_for_update().filter(pk=content.id).first()
    digest = content_digest(content)
    outcome = _outcome(digest, word_list)
    try:
        if outcome == "loaded":
            word_list_create(content, loaded_digest=digest)
        elif outcome == "updated":
            word_list_save(content, loaded_digest=digest)
    except WordListExists:
        return "unchanged"
    return outcome


def _outcome(digest: str, stored: Quiz | WordList | None) -> Outcome:
    """What to do with a file of this digest."""
    if stored is None:
        return "loaded"
    found = content_digest(stored.content())
    if found == digest:
        return "unchanged"
    return "updated" if found == stored.loaded_digest else "kept"


def _read(path: Path, check: Callable[[object], _Content | list[ValidationProblem]]) -> _Content:
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
    except ValueError as error:
        raise BadQuizFile(f"{path.name}: {error}") from error
    result = check(data)
    if isinstance(result, list):
        lines = (": ".join(filter(None, (path.name, problem.path, problem.message))) for problem in result)
        raise BadQuizFile("\n".join(lines))
    return result

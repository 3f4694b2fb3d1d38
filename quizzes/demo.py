"""The quizzes that come with the server: files in the exchange format under ``quizzes/content/``."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Literal

from django.db import transaction

from quizzes.content import QuizContent
from quizzes.models import Quiz
from quizzes.services import QuizExists, content_digest, quiz_create, quiz_save
from quizzes.validation import validate_quiz

FOLDER = Path(__file__).parent / "content"

Outcome = Literal["loaded", "updated", "unchanged", "kept"]


class BadQuizFile(Exception):
    """A file that holds no valid quiz; the message has a line for each problem."""


def read_quiz_file(path: Path) -> QuizContent:
    """The quiz in a file.

    :raises BadQuizFile: when it is not JSON, or not a valid quiz.
    """
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
    except ValueError as error:
        raise BadQuizFile(f"{path.name}: {error}") from error
    result = validate_quiz(data)
    if isinstance(result, QuizContent):
        return result
    raise BadQuizFile(
        "\n".join(": ".join(filter(None, (path.name, problem.path, problem.message))) for problem in result)
    )


def demo_quizzes() -> Iterator[QuizContent]:
    """Every quiz of the folder, by file name."""
    for path in sorted(FOLDER.glob("*.json")):
        yield read_quiz_file(path)


def load_quiz(content: QuizContent) -> Outcome:
    """Bring the stored quiz up to a file's, unless somebody has edited or made one of this id: that one is kept."""
    digest = content_digest(content)
    with transaction.atomic():
        quiz = Quiz.objects.select_for_update().filter(pk=content.id).first()
        if quiz is not None:
            stored = content_digest(quiz.content())
            if stored == digest:
                return "unchanged"
            if stored != quiz.loaded_digest:
                return "kept"
            quiz_save(content, loaded_digest=digest)
            return "updated"
        try:
            quiz_create(content, loaded_digest=digest)
        except QuizExists:
            # Another instance, starting at the same time, was first.
            return "unchanged"
        return "loaded"

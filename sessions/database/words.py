"""The word lists in the database."""

from __future__ import annotations

from collections.abc import Mapping

from common.database import UNREACHABLE, DatabaseThread
from quizzes.rules.words import WordListContent
from quizzes.services.word_questions import words_behind
from scoring.ports import ServiceUnavailable


class DatabaseWords:
    """See :class:`sessions.services.ports.Words`."""

    def __init__(self, thread: DatabaseThread) -> None:
        self._thread = thread

    async def behind(self, quiz_id: str, texts: Mapping[str, str]) -> Mapping[str, tuple[WordListContent, int]]:
        try:
            return await self._thread.run(lambda: words_behind(quiz_id, texts))
        except UNREACHABLE as error:
            raise ServiceUnavailable("The database cannot be reached.") from error

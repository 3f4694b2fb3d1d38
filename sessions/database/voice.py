"""The recordings of a session's questions, and the server's own speech where there are none."""

from __future__ import annotations

import asyncio
from functools import partial

from common.database import UNREACHABLE, DatabaseThread
from quizzes.rules.content import QuizContent
from quizzes.services import speech
from scoring.ports import ServiceUnavailable


class DatabaseVoice:
    """See :class:`sessions.services.ports.Voice`."""

    def __init__(self, thread: DatabaseThread) -> None:
        self._thread = thread

    async def give(self, quiz: QuizContent) -> QuizContent:
        if not any(question.listen for question in quiz.questions):
            return quiz
        try:
            quiz, wanted = await self._thread.run(partial(speech.recorded, quiz))
            if not wanted:
                return quiz
            # Not on the thread of the database: it may take seconds, and others read meanwhile.
            made = await asyncio.to_thread(speech.speak, list(dict.fromkeys(wanted.values())))
            return await self._thread.run(partial(speech.with_speech, quiz, wanted, made))
        except UNREACHABLE as error:
            raise ServiceUnavailable("The database cannot be reached.") from error

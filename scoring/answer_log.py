"""Answers in the database: the durable place behind :class:`scoring.ports.AnswerLog`.

Batches that arrive while a commit is under way share the next one (group commit): a commit costs the disk about the
same for one row as for hundreds.
"""

from __future__ import annotations

import asyncio
import logging
import uuid
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Any

from django.db import DatabaseError, connection, transaction

from quizserver.database import UNREACHABLE, DatabaseThread
from scoring.models import AnswerSubmission
from scoring.ports import ServiceUnavailable, StoredAnswer

logger = logging.getLogger(__name__)

Batch = tuple[str, Sequence[StoredAnswer]]
Inserted = set[tuple[str, str]]
#: Inserts answers that are not there yet, and the players' scores with them, in the caller's transaction; tells which
#: ones were not.
Insert = Callable[[str, Sequence[StoredAnswer]], Inserted]

_COLUMNS = (
    "session_id",
    "id",
    "user_id",
    "question_id",
    "answer",
    "verdict",
    "is_correct",
    "points",
    "submitted_at",
    "time_taken_ms",
)
#: Rows of one INSERT statement: SQLite takes at most 32,766 parameters.
_ROWS_PER_STATEMENT = 1_000


def insert_answers(session_id: str, answers: Sequence[StoredAnswer]) -> Inserted:
    """Insert answers that are not there yet, in the caller's transaction; tells which ones were not."""
    inserted: Inserted = set()
    adapt = connection.ops.adapt_datetimefield_value
    key = AnswerSubmission._meta.get_field("id").get_db_prep_value
    row = f"({', '.join(['%s'] * len(_COLUMNS))})"
    with connection.cursor() as cursor:
        for start in range(0, len(answers), _ROWS_PER_STATEMENT):
            chunk = answers[start : start + _ROWS_PER_STATEMENT]
            values: list[Any] = []
            for answer in chunk:
                values += (
                    session_id,
                    key(uuid.uuid4(), connection),
                    answer.user_id,
                    answer.question_id,
                    answer.answer,
                    answer.verdict,
                    answer.verdict == "correct",
                    answer.points,
                    adapt(datetime.fromtimestamp(answer.submitted_at / 1000, UTC)),
                    answer.elapsed_ms,
                )
            # The column names are constants; every value is a parameter.
            cursor.execute(
                f"INSERT INTO answer_submissions ({', '.join(_COLUMNS)}) VALUES {', '.join([row] * len(chunk))} "  # noqa: S608
                "ON CONFLICT (session_id, user_id, question_id) DO NOTHING RETURNING user_id, question_id",
                values,
            )
            inserted.update((user_id, question_id) for user_id, question_id in cursor.fetchall())
    return inserted


class DatabaseAnswerLog:
    """Commits answers, many batches to a transaction."""

    def __init__(self, thread: DatabaseThread, insert: Insert) -> None:
        self._thread = thread
        self._insert = insert
        self._waiting: list[tuple[Batch, asyncio.Future[Inserted]]] = []
        self._committing: asyncio.Task[None] | None = None

    async def append(self, session_id: str, answers: Sequence[StoredAnswer]) -> Inserted:
        """See :meth:`scoring.ports.AnswerLog.append`."""
        future: asyncio.Future[Inserted] = asyncio.get_running_loop().create_future()
        self._waiting.append(((session_id, answers), future))
        if self._committing is None or self._committing.done():
            self._committing = asyncio.create_task(self._commit_all())
        return await future

    async def _commit_all(self) -> None:
        while self._waiting:
            group, self._waiting = self._waiting, []
            await self._commit_group(group)

    async def _commit_group(self, group: list[tuple[Batch, asyncio.Future[Inserted]]]) -> None:
        try:
            results = await self._thread.run(lambda: self._commit([batch for batch, _ in group]))
        except Exception as error:
            logger.exception("answers_not_committed", extra={"batches": len(group)})
            results = [ServiceUnavailable(f"The database took no answers: {error}")] * len(group)
        for (_, future), result in zip(group, results, strict=True):
            if not future.done():
                if isinstance(result, Exception):
                    future.set_exception(result)
                else:
                    future.set_result(result)

    def _commit(self, batches: Sequence[Batch]) -> list[Inserted | ServiceUnavailable]:
        try:
            with transaction.atomic():
                # In one order everywhere: an insert waits for a regrade of its session.
                inserted = {index: self._insert(*batches[index]) for index in _by_session(batches)}
                return [inserted[index] for index in range(len(batches))]
        except UNREACHABLE:
            raise
        except DatabaseError:
            # One batch that the database refuses must not take the others with it.
            return [self._commit_alone(batch) for batch in batches]

    def _commit_alone(self, batch: Batch) -> Inserted | ServiceUnavailable:
        try:
            with transaction.atomic():
                return self._insert(*batch)
        except UNREACHABLE:
            raise
        except DatabaseError as error:
            logger.exception("answers_refused_by_database", extra={"session_id": batch[0]})
            return ServiceUnavailable(f"The database refused the answers: {error}")


def _by_session(batches: Sequence[Batch]) -> list[int]:
    """Places of the batches, in the order of their sessions."""
    return sorted(range(len(batches)), key=lambda index: batches[index][0])

"""Answers in the database: the durable place behind :class:`scoring.ports.AnswerLog`.

Batches that arrive while a commit is under way share the next one (group commit): a commit costs the disk about the
same for one row as for hundreds.
"""

from __future__ import annotations

import asyncio
import logging
import os
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

from django.db import DatabaseError, connection, transaction

from common.batching import chunks
from common.database import UNREACHABLE, DatabaseThread, condemns, json_element, json_elements, json_field, to_json
from scoring.ports import ServiceUnavailable
from scoring.rules.answers import StoredAnswer

logger = logging.getLogger(__name__)

Batch = tuple[str, Sequence[StoredAnswer]]
Inserted = set[tuple[str, str]]
#: Inserts answers that are not there yet, and the players' scores with them, in the caller's transaction; tells which
#: ones were not.
Insert = Callable[[str, Sequence[StoredAnswer]], Inserted]

#: The columns a row tells for itself, with their types on PostgreSQL.
_COLUMNS = {
    "id": "uuid",
    "user_id": "text",
    "question_id": "text",
    "answer": "text",
    "verdict": "text",
    "is_correct": "boolean",
    "points": "integer",
    "submitted_at": "timestamptz",
    "time_taken_ms": "integer",
}
#: Rows of one INSERT statement; the counter in their ids has 12 bits.
_ROWS_PER_STATEMENT = 1_000
#: Moments that are kept as the database has them: answers come by the dozen per millisecond.
_MOMENTS = 1_024


def insert_answers(session_id: str, answers: Sequence[StoredAnswer]) -> Inserted:
    """Insert answers that are not there yet, in the caller's transaction; tells which ones were not."""
    inserted: Inserted = set()
    values = ", ".join(json_field(index, kind) for index, kind in enumerate(_COLUMNS.values()))
    with connection.cursor() as cursor:
        for chunk in chunks(answers, _ROWS_PER_STATEMENT):
            ids = _ordered_ids(len(chunk))
            rows = [
                (
                    key,
                    answer.user_id,
                    answer.question_id,
                    answer.answer,
                    answer.verdict,
                    answer.verdict == "correct",
                    answer.points,
                    _moment(answer.submitted_at),
                    answer.elapsed_ms,
                )
                for key, answer in zip(ids, chunk, strict=True)
            ]
            # The names and types are constants; every value is in a parameter.
            cursor.execute(
                f"INSERT INTO answer_submissions (session_id, {', '.join(_COLUMNS)}) "  # noqa: S608
                f"SELECT %s, {values} FROM {json_elements()} WHERE true "
                "ON CONFLICT (session_id, user_id, question_id) DO NOTHING",
                [session_id, to_json(rows)],
            )
            if cursor.rowcount == len(chunk):
                inserted.update((answer.user_id, answer.question_id) for answer in chunk)
                continue
            cursor.execute(
                "SELECT user_id, question_id FROM answer_submissions "  # noqa: S608
                f"WHERE session_id = %s AND id IN (SELECT {json_element('uuid')} FROM {json_elements()})",
                [session_id, to_json(ids)],
            )
            inserted.update((user_id, question_id) for user_id, question_id in cursor.fetchall())
    return inserted


def _ordered_ids(count: int) -> list[str]:
    """UUIDs of version 7 (RFC 9562, section 5.7): rows that come together lie together in the index."""
    moment, tail = time.time_ns() // 1_000_000, os.urandom(8).hex()[1:]
    return [f"{moment:012x}7{number:03x}8{tail}" for number in range(count)]


@lru_cache(_MOMENTS)
def _moment(ms: int) -> Any:
    return connection.ops.adapt_datetimefield_value(datetime.fromtimestamp(ms / 1000, UTC))


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
        except UNREACHABLE as error:
            logger.warning("answers_not_committed", extra={"batches": len(group), "error": repr(error)})
            results = [ServiceUnavailable(f"The database took no answers: {error}")] * len(group)
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
        except DatabaseError as error:
            if not condemns(error):
                raise
            # One batch that the database refuses must not take the others with it.
            return [self._commit_alone(batch) for batch in batches]

    def _commit_alone(self, batch: Batch) -> Inserted | ServiceUnavailable:
        try:
            with transaction.atomic():
                return self._insert(*batch)
        except DatabaseError as error:
            if not condemns(error):
                raise
            logger.exception("answers_refused_by_database", extra={"session_id": batch[0]})
            return ServiceUnavailable(f"The database refused the answers: {error}")


def _by_session(batches: Sequence[Batch]) -> list[int]:
    """Places of the batches, in the order of their sessions."""
    return sorted(range(len(batches)), key=lambda index: batches[index][0])

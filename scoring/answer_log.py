"""Answers in the database: the durable place behind :class:`scoring.ports.AnswerLog`.

Batches that arrive while a commit is under way share the next one.
"""

from __future__ import annotations

import logging
import os
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any, NamedTuple

from django.db import connection

from common.batching import chunks
from common.database import (
    UNREACHABLE,
    VALUES_AT_ONCE,
    DatabaseThread,
    GroupCommit,
    json_elements,
    json_field,
    to_json,
)
from scoring.models import AnswerSubmission
from scoring.ports import ServiceUnavailable
from scoring.rules.answers import StoredAnswer

logger = logging.getLogger(__name__)

Inserted = set[tuple[str, str]]


class Batch(NamedTuple):
    """Answers of a session."""

    session_id: str
    answers: Sequence[StoredAnswer]
    #: Where the session stood when they were taken: they count only if it still stands there. ``None``: they count.
    revision: int | None = None


#: Inserts answers that are not there yet, and the players' scores with them, in the caller's transaction; tells for
#: each batch which ones were not, and ``None`` for one whose session has been moved on.
Insert = Callable[[Sequence[Batch]], Sequence[Inserted | None]]

#: The columns a row tells for itself, with their types on PostgreSQL.
_COLUMNS = {
    "session_id": "text",
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


def insert_answers(batches: Sequence[Batch]) -> list[Inserted]:
    """Insert answers that are not there yet, in the caller's transaction; tells for each batch which ones were not."""
    inserted: list[Inserted] = [set() for _ in batches]
    values = ", ".join(json_field(index, kind) for index, kind in enumerate(_COLUMNS.values()))
    rows = [(number, session_id, each) for number, (session_id, answers, _) in enumerate(batches) for each in answers]
    with connection.cursor() as cursor:
        for chunk in chunks(rows, _ROWS_PER_STATEMENT):
            ids = _ordered_ids(len(chunk))
            values_of = [
                (
                    session_id,
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
                for key, (_, session_id, answer) in zip(ids, chunk, strict=True)
            ]
            # The names and types are constants; every value is in a parameter.
            cursor.execute(
                f"INSERT INTO answer_submissions ({', '.join(_COLUMNS)}) "  # noqa: S608
                f"SELECT {values} FROM {json_elements()} WHERE true "
                "ON CONFLICT (session_id, user_id, question_id) DO NOTHING",
                [to_json(values_of)],
            )
            known = set(ids) if cursor.rowcount == len(chunk) else _those_in(chunk, ids)
            for key, (number, _, answer) in zip(ids, chunk, strict=True):
                if key in known:
                    inserted[number].add((answer.user_id, answer.question_id))
    return inserted


def _those_in(chunk: Sequence[tuple[int, str, StoredAnswer]], ids: Sequence[str]) -> set[str]:
    """Which of these rows are in the database, by id."""
    found: set[str] = set()
    by_session: dict[str, list[str]] = {}
    for key, (_, session_id, _) in zip(ids, chunk, strict=True):
        by_session.setdefault(session_id, []).append(key)
    for session_id, keys in by_session.items():
        rows = AnswerSubmission.objects.filter(session_id=session_id)
        for some in chunks(keys, VALUES_AT_ONCE):
            found.update(key.hex for key in rows.filter(id__in=some).values_list("id", flat=True))
    return found


def _ordered_ids(count: int) -> list[str]:
    """UUIDs of version 7 (RFC 9562, section 5.7): rows that come together lie together in the index."""
    moment, tail = time.time_ns() // 1_000_000, os.urandom(8).hex()[1:]
    return [f"{moment:012x}7{number:03x}8{tail}" for number in range(count)]


@lru_cache(_MOMENTS)
def _moment(ms: int) -> Any:
    return connection.ops.adapt_datetimefield_value(datetime.fromtimestamp(ms / 1000, UTC))


class DatabaseAnswerLog:
    """Commits answers, those of all sessions that wait in one transaction."""

    def __init__(self, thread: DatabaseThread, insert: Insert) -> None:
        self._commits: GroupCommit[Batch, Inserted | None] = GroupCommit(thread, insert)

    async def append(
        self, session_id: str, answers: Sequence[StoredAnswer], *, revision: int | None = None
    ) -> Inserted | None:
        """See :meth:`scoring.ports.AnswerLog.append`."""
        try:
            return await self._commits.add(Batch(session_id, answers, revision))
        except UNREACHABLE as error:
            logger.warning("answers_not_committed", extra={"session_id": session_id, "error": repr(error)})
            raise ServiceUnavailable(f"The database took no answers: {error}") from error
        except Exception as error:
            logger.exception("answers_refused_by_database", extra={"session_id": session_id})
            raise ServiceUnavailable(f"The database refused the answers: {error}") from error

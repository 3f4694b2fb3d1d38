"""Sessions and participants in the database: the durable place behind :class:`sessions.services.ports.SessionLog`."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from typing import TypeVar

from django.db import IntegrityError, connection, transaction
from django.db.models import Case, Count, When

from common.batching import Batcher
from common.database import UNREACHABLE, DatabaseThread, GroupCommit
from leaderboards.ranking import Standings
from quizzes.rules.content import content_to_json
from scoring.models import AnswerSubmission
from scoring.ports import ServiceUnavailable
from sessions.database.restoring import restore_session
from sessions.database.rows import (
    append_questions,
    arrange_participant,
    event_rows,
    insert_participants,
    load_records,
    lock_grading,
    regrade_question,
    remove_participant,
    rename_participant,
    revisions_of,
    state_columns,
    to_datetime,
    write_standings,
    write_statuses,
)
from sessions.models import Participant, QuizSession, SessionEventRecord
from sessions.rules.options import options_to_json
from sessions.rules.state import SessionSetup, SessionState, state_from_json
from sessions.services.ports import CodeTaken, Decision, LogProgress, ParticipantState, ParticipantStatus, SessionRecord

#: Sessions that are read in one go: the largest hold thousands of answers.
_LOADED_AT_ONCE = 20

T = TypeVar("T")
#: New players, each with their session.
Players = list[tuple[str, ParticipantState]]


def _insert_players(groups: Sequence[Players]) -> list[None]:
    insert_participants([player for group in groups for player in group])
    return [None] * len(groups)


class DatabaseSessionLog:
    """Reads and writes sessions on threads of its own: commits do not wait for the loading of a large session."""

    def __init__(self, writer: DatabaseThread, reader: DatabaseThread) -> None:
        self._writer = writer
        self._reader = reader
        #: After a restart everybody comes back at once: sessions that are asked for together are read together.
        self._loads: Batcher[str, SessionRecord | Exception | None] = Batcher(self._load, max_size=_LOADED_AT_ONCE)
        #: Joins of all sessions that wait share a transaction.
        self._joins: GroupCommit[Players, None] = GroupCommit(writer, _insert_players)

    async def create(self, setup: SessionSetup, state: SessionState) -> None:
        """See :meth:`sessions.services.ports.SessionLog.create`."""

        def insert() -> None:
            try:
                QuizSession.objects.create(
                    id=setup.id,
                    quiz_id=setup.quiz.id,
                    title=setup.quiz.title,
                    content=content_to_json(setup.quiz),
                    join_code=setup.join_code,
                    pace=setup.pace,
                    reveal=setup.reveal,
                    scoring=setup.scoring,
                    max_participants=setup.max_participants,
                    time_limit_ms=setup.time_limit_ms,
                    max_duration_ms=setup.max_duration_ms,
                    options=options_to_json(setup.options),
                    class_id=setup.options.class_id,
                    homework=bool(setup.options.closes_at),
                    owner_id=setup.owner_id,
                    created_at=to_datetime(state.created_at),
                    **state_columns(state),
                )
            except IntegrityError as error:
                raise CodeTaken(setup.join_code) from error

        await self._run(self._writer, insert)

    async def load(self, session_id: str) -> SessionRecord | None:
        """See :meth:`sessions.services.ports.SessionLog.load`."""
        loaded = await self._loads.enqueue("", session_id)
        if isinstance(loaded, Exception):
            raise loaded
        return loaded

    async def _load(self, _: str, session_ids: Sequence[str]) -> Sequence[SessionRecord | Exception | None]:
        try:
            return await self._run(self._reader, lambda: load_records(session_ids))
        except ServiceUnavailable:
            raise
        except Exception as error:
            if len(session_ids) == 1:
                return [error]
            # One that cannot be read must not take the others with it.
            return [loaded for each in session_ids for loaded in await self._load("", [each])]

    async def state(self, session_id: str) -> SessionState | None:
        """See :meth:`sessions.services.ports.SessionLog.state`."""
        rows = QuizSession.objects.filter(id=session_id).values_list("state", flat=True)
        state = await self._run(self._reader, rows.first)
        return None if state is None else state_from_json(state)

    async def restore(self, record: SessionRecord) -> None:
        """See :meth:`sessions.services.ports.SessionLog.restore`."""
        await self._run(self._writer, lambda: restore_session(record))

    async def revisions(self, session_ids: Sequence[str]) -> dict[str, int]:
        """See :meth:`sessions.services.ports.SessionLog.revisions`."""
        return await self._run(self._reader, lambda: revisions_of(list(session_ids)))

    async def progress(self, session_ids: Sequence[str]) -> dict[str, LogProgress]:
        """See :meth:`sessions.services.ports.SessionLog.progress`."""

        def count() -> dict[str, LogProgress]:
            revisions = QuizSession.objects.filter(id__in=session_ids).values_list("id", "revision")
            players = Participant.objects.filter(session_id__in=session_ids).order_by().values_list("session_id")
            participants = Counter(dict(players.annotate(Count("id"))))
            connected = Counter(dict(players.filter(status="connected").annotate(Count("id"))))
            answers = Counter(
                dict(
                    AnswerSubmission.objects.filter(session_id__in=session_ids)
                    .values_list("session_id")
                    .annotate(Count("id"))
                )
            )
            return {
                each: LogProgress(revision, participants[each], answers[each], connected[each])
                for each, revision in revisions
            }

        return await self._run(self._reader, count)

    async def find_code(self, join_code: str) -> str | None:
        """See :meth:`sessions.services.ports.SessionLog.find_code`."""
        newest = QuizSession.objects.filter(join_code=join_code).order_by(
            Case(When(status="completed", then=1), default=0), "-created_at"
        )
        return await self._run(self._reader, lambda: newest.values_list("id", flat=True).first())

    async def live(self) -> list[tuple[str, int | None]]:
        """See :meth:`sessions.services.ports.SessionLog.live`."""
        rows = QuizSession.objects.filter(homework=False).exclude(status="completed").values_list("id", "due_at")
        return await self._run(self._reader, lambda: list(rows))

    async def homeworks_due(self, before: int) -> list[str]:
        """See :meth:`sessions.services.ports.SessionLog.homeworks_due`."""
        rows = QuizSession.objects.filter(homework=True, due_at__lt=before).exclude(status="completed")
        return await self._run(self._reader, lambda: list(rows.order_by("due_at").values_list("id", flat=True)))

    async def commit(self, session_id: str, decision: Decision, *, after_answers: bool = False) -> bool:
        """See :meth:`sessions.services.ports.SessionLog.commit`."""

        def update() -> bool:
            with transaction.atomic():
                if decision.regraded or after_answers:
                    lock_grading([session_id], "pg_advisory_xact_lock")
                row = QuizSession.objects.filter(id=session_id, revision=decision.expected_revision)
                if not row.update(**state_columns(decision.state)):
                    return False
                if decision.added:
                    append_questions(session_id, decision.added)
                SessionEventRecord.objects.bulk_create(event_rows(session_id, decision))
                if decision.regraded:
                    regrade_question(session_id, decision.state, decision.regraded)
            return True

        return await self._run(self._writer, update)

    async def add_participants(self, session_id: str, participants: Sequence[ParticipantState]) -> None:
        """See :meth:`sessions.services.ports.SessionLog.add_participants`."""
        try:
            await self._joins.add([(session_id, participant) for participant in participants])
        except UNREACHABLE as error:
            raise ServiceUnavailable("The database cannot be reached.") from error

    async def set_status(self, changes: Mapping[str, Mapping[str, ParticipantStatus]], now: int) -> None:
        """See :meth:`sessions.services.ports.SessionLog.set_status`."""

        def update() -> None:
            with transaction.atomic():
                write_statuses(changes, now)

        await self._run(self._writer, update)

    async def remove(self, session_id: str, user_id: str, *, at: int, actor: str) -> None:
        """See :meth:`sessions.services.ports.SessionLog.remove`."""

        def update() -> None:
            with transaction.atomic():
                remove_participant(session_id, user_id, at=at, actor=actor)

        await self._run(self._writer, update)

    async def rename(self, session_id: str, participant: ParticipantState, *, before: str, actor: str) -> None:
        """See :meth:`sessions.services.ports.SessionLog.rename`."""

        def update() -> None:
            with transaction.atomic():
                rename_participant(session_id, participant, before=before, actor=actor)

        await self._run(self._writer, update)

    async def arrange(self, session_id: str, participant: ParticipantState, *, what: str, actor: str) -> None:
        """See :meth:`sessions.services.ports.SessionLog.arrange`."""

        def update() -> None:
            with transaction.atomic():
                arrange_participant(session_id, participant, what=what, actor=actor)

        await self._run(self._writer, update)

    async def set_shown(self, changes: Mapping[str, Mapping[str, tuple[str, int]]]) -> None:
        """See :meth:`sessions.services.ports.SessionLog.set_shown`."""
        rows = [
            (question_id, at, session_id, user_id)
            for session_id, shown in changes.items()
            for user_id, (question_id, at) in shown.items()
        ]

        def update() -> None:
            with transaction.atomic(), connection.cursor() as cursor:
                cursor.executemany(
                    "UPDATE participants SET shown_question_id = %s, shown_at = %s "
                    "WHERE session_id = %s AND user_id = %s",
                    rows,
                )

        await self._run(self._writer, update)

    async def finish(self, session_id: str, standings: Standings) -> None:
        """See :meth:`sessions.services.ports.SessionLog.finish`."""

        def write() -> None:
            with transaction.atomic():
                lock_grading([session_id], "pg_advisory_xact_lock")
                write_standings(session_id, standings.order)

        await self._run(self._writer, write)

    @staticmethod
    async def _run(thread: DatabaseThread, function: Callable[[], T]) -> T:
        try:
            return await thread.run(function)
        except UNREACHABLE as error:
            raise ServiceUnavailable("The database cannot be reached.") from error

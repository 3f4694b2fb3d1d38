"""Sessions and participants in the database: the durable place behind :class:`sessions.ports.SessionLog`."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import TypeVar

from django.db import IntegrityError, connection, transaction
from django.db.models import Case, Count, When

from leaderboards.ranking import Standing, Standings, rank
from quizserver.database import UNREACHABLE, DatabaseThread, json_element, json_elements, to_json
from quizzes.content import content_from_json, content_to_json
from scoring.answer_log import Inserted, insert_answers
from scoring.models import AnswerSubmission
from scoring.points import Verdict
from scoring.ports import ServiceUnavailable, StoredAnswer
from scoring.regrading import regrade
from sessions.lifecycle import (
    SessionEvent,
    SessionSetup,
    SessionState,
    due_at,
    event_to_json,
    state_from_json,
    state_to_json,
)
from sessions.models import FinalStanding, QuizSession, SessionEventRecord
from sessions.models import Participant as ParticipantRow
from sessions.ports import CodeTaken, Participant, ParticipantStatus, Progress, SessionRecord

T = TypeVar("T")


def to_datetime(ms: int) -> datetime:
    """Unix milliseconds as an aware datetime."""
    return datetime.fromtimestamp(ms / 1000, UTC)


def to_ms(moment: datetime) -> int:
    """An aware datetime as Unix milliseconds."""
    return round(moment.timestamp() * 1000)


def update_scores(session_id: str, user_ids: Iterable[str]) -> None:
    """Set the score of these participants to the sum of their answers' points. Doing it twice changes nothing."""
    with connection.cursor() as cursor:
        # What is put into the text are constants; every value is in a parameter.
        cursor.execute(
            "UPDATE participants SET score = (SELECT COALESCE(SUM(a.points), 0) FROM answer_submissions a "  # noqa: S608
            "WHERE a.session_id = participants.session_id AND a.user_id = participants.user_id) "
            f"WHERE session_id = %s AND user_id IN (SELECT {json_element('text')} FROM {json_elements()})",
            [session_id, to_json(list(user_ids))],
        )


def add_answers(session_id: str, answers: Sequence[StoredAnswer]) -> Inserted:
    """Insert answers that are not there yet, and bring their players' scores in line; in the caller's transaction.

    :returns: which ones were not there.
    """
    inserted = insert_current(session_id, answers)
    update_scores(session_id, sorted({user_id for user_id, _ in inserted}))
    return inserted


def insert_current(session_id: str, answers: Sequence[StoredAnswer]) -> Inserted:
    """Insert answers that are not there yet, in the caller's transaction, with the verdicts that hold now.

    An answer that was graded before the host accepted one more is graded again here: it may have waited in a stream or
    in the memory of an instance meanwhile. Whoever accepts waits for this transaction, and this one for that.

    :returns: which ones were not there.
    """
    _lock_grading(session_id, "pg_advisory_xact_lock_shared")
    state = QuizSession.objects.filter(id=session_id).values_list("state", flat=True).first()
    if state is not None and state.get("accepted"):
        setup = setup_of(QuizSession.objects.get(id=session_id))
        accepted = state_from_json(state).accepted_by_question()
        answers = regrade(setup.quiz, answers, accepted=accepted, speed=setup.scoring == "speed")
    return insert_answers(session_id, answers)


def _lock_grading(session_id: str, function: str) -> None:
    """Keep accepting and inserting apart until the transaction ends. SQLite has one writing transaction at a time."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            # Not the session's row: no other transition should have to wait for the writer.
            cursor.execute(f"SELECT {function}(hashtextextended(%s, 0))", [f"grading/{session_id}"])


def _regrade_question(session_id: str, state: SessionState, question_id: str) -> None:
    """Grade the answers to a question again, and set the scores by them, in the caller's transaction."""
    setup = setup_of(QuizSession.objects.get(id=session_id))
    stored = _answers(session_id, question_id=question_id)
    accepted = {question_id: state.accepted_to(question_id)}
    regraded = regrade(setup.quiz, stored, accepted=accepted, speed=setup.scoring == "speed")
    users: dict[tuple[Verdict, int], list[str]] = {}
    for before, after in zip(stored, regraded, strict=True):
        if after is not before:
            users.setdefault((after.verdict, after.points), []).append(after.user_id)
    for (verdict, points), who in users.items():
        for start in range(0, len(who), 1_000):
            AnswerSubmission.objects.filter(
                session_id=session_id, question_id=question_id, user_id__in=who[start : start + 1_000]
            ).update(verdict=verdict, is_correct=verdict == "correct", points=points)
    update_scores(session_id, sorted(user_id for who in users.values() for user_id in who))
    if state.status == "completed":
        write_standings(session_id)


def write_standings(session_id: str, told: Sequence[Standing] = ()) -> None:
    """Write the final standings, in the caller's transaction; those that are there are brought up to date.

    A score only grows, in the live store and in the database, and either may be ahead: the higher one counts, so that
    it does not matter who writes last.

    :param told: the order as the live store knows it.
    """
    known = {standing.user_id: standing for standing in told}
    rows = FinalStanding.objects.filter(session_id=session_id)
    written = {row.user_id: row for row in rows}
    players = ParticipantRow.objects.filter(session_id=session_id).exclude(status="removed")
    for player in players:
        if player.user_id in known or player.user_id in written:
            scores = [player.score]
            scores += [each.score for each in (known.get(player.user_id), written.get(player.user_id)) if each]
            known[player.user_id] = Standing(player.user_id, player.username, max(scores), player.position)
    rows.delete()
    FinalStanding.objects.bulk_create(
        (
            FinalStanding(
                session_id=session_id, user_id=each.user_id, username=each.username, rank=place, score=each.score
            )
            for place, each in enumerate(rank(known.values()), start=1)
        ),
        batch_size=1_000,
    )


class DatabaseSessionLog:
    """Reads and writes sessions on threads of its own: commits do not wait for the loading of a large session."""

    def __init__(self, writer: DatabaseThread, reader: DatabaseThread) -> None:
        self._writer = writer
        self._reader = reader

    async def create(self, setup: SessionSetup, state: SessionState) -> None:
        """See :meth:`sessions.ports.SessionLog.create`."""

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
                    owner_id=setup.owner_id,
                    created_at=to_datetime(state.created_at),
                    **state_columns(state),
                )
            except IntegrityError as error:
                raise CodeTaken(setup.join_code) from error

        await self._run(self._writer, insert)

    async def load(self, session_id: str) -> SessionRecord | None:
        """See :meth:`sessions.ports.SessionLog.load`."""
        return await self._run(self._reader, lambda: _load(session_id))

    async def state(self, session_id: str) -> SessionState | None:
        """See :meth:`sessions.ports.SessionLog.state`."""
        rows = QuizSession.objects.filter(id=session_id).values_list("state", flat=True)
        state = await self._run(self._reader, rows.first)
        return None if state is None else state_from_json(state)

    async def revisions(self, session_ids: Sequence[str]) -> dict[str, int]:
        """See :meth:`sessions.ports.SessionLog.revisions`."""
        rows = QuizSession.objects.filter(id__in=session_ids).values_list("id", "revision")
        return await self._run(self._reader, lambda: dict(rows))

    async def progress(self, session_ids: Sequence[str]) -> dict[str, Progress]:
        """See :meth:`sessions.ports.SessionLog.progress`."""

        def count() -> dict[str, Progress]:
            revisions = QuizSession.objects.filter(id__in=session_ids).values_list("id", "revision")
            players = ParticipantRow.objects.filter(session_id__in=session_ids).order_by().values_list("session_id")
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
                each: Progress(revision, participants[each], answers[each], connected[each])
                for each, revision in revisions
            }

        return await self._run(self._reader, count)

    async def find_code(self, join_code: str) -> str | None:
        """See :meth:`sessions.ports.SessionLog.find_code`."""
        newest = QuizSession.objects.filter(join_code=join_code).order_by(
            Case(When(status="completed", then=1), default=0), "-created_at"
        )
        return await self._run(self._reader, lambda: newest.values_list("id", flat=True).first())

    async def live(self) -> list[tuple[str, int | None]]:
        """See :meth:`sessions.ports.SessionLog.live`."""
        rows = QuizSession.objects.exclude(status="completed").values_list("id", "due_at")
        return await self._run(self._reader, lambda: list(rows))

    async def commit(
        self,
        session_id: str,
        *,
        expected_revision: int,
        state: SessionState,
        events: Sequence[SessionEvent],
        command: str,
        actor: str,
    ) -> bool:
        """See :meth:`sessions.ports.SessionLog.commit`."""

        def update() -> bool:
            regraded = [event.question_id for event in events if event.kind == "answers_regraded"]
            with transaction.atomic():
                if regraded:
                    _lock_grading(session_id, "pg_advisory_xact_lock")
                row = QuizSession.objects.filter(id=session_id, revision=expected_revision)
                if not row.update(**state_columns(state)):
                    return False
                SessionEventRecord.objects.bulk_create(event_rows(session_id, state, events, command, actor))
                for question_id in regraded:
                    _regrade_question(session_id, state, question_id)
            return True

        return await self._run(self._writer, update)

    async def add_participants(self, session_id: str, participants: Sequence[Participant]) -> None:
        """See :meth:`sessions.ports.SessionLog.add_participants`."""

        def insert() -> None:
            ParticipantRow.objects.bulk_create(participant_rows(session_id, participants), ignore_conflicts=True)

        await self._run(self._writer, insert)

    async def set_status(self, session_id: str, statuses: Mapping[str, ParticipantStatus], now: int) -> None:
        """See :meth:`sessions.ports.SessionLog.set_status`."""

        def update() -> None:
            by_status: dict[ParticipantStatus, list[str]] = {}
            for user_id, status in statuses.items():
                by_status.setdefault(status, []).append(user_id)
            with transaction.atomic():
                for status, users in by_status.items():
                    for start in range(0, len(users), 1_000):
                        ParticipantRow.objects.filter(
                            session_id=session_id, user_id__in=users[start : start + 1_000]
                        ).exclude(status="removed").update(status=status, last_active_at=to_datetime(now))

        await self._run(self._writer, update)

    async def remove(self, session_id: str, user_id: str, *, at: int, actor: str) -> None:
        """See :meth:`sessions.ports.SessionLog.remove`."""

        def update() -> None:
            with transaction.atomic():
                remove_participant(session_id, user_id, at=at, actor=actor)

        await self._run(self._writer, update)

    async def rename(self, session_id: str, participant: Participant, *, before: str, actor: str) -> None:
        """See :meth:`sessions.ports.SessionLog.rename`."""

        def update() -> None:
            with transaction.atomic():
                rename_participant(session_id, participant, before=before, actor=actor)

        await self._run(self._writer, update)

    async def set_shown(self, session_id: str, shown: Mapping[str, tuple[str, int]]) -> None:
        """See :meth:`sessions.ports.SessionLog.set_shown`."""

        def update() -> None:
            with transaction.atomic(), connection.cursor() as cursor:
                cursor.executemany(
                    "UPDATE participants SET shown_question_id = %s, shown_at = %s "
                    "WHERE session_id = %s AND user_id = %s",
                    [(question_id, at, session_id, user_id) for user_id, (question_id, at) in shown.items()],
                )

        await self._run(self._writer, update)

    async def finish(self, session_id: str, standings: Standings) -> None:
        """See :meth:`sessions.ports.SessionLog.finish`."""

        def write() -> None:
            with transaction.atomic():
                _lock_grading(session_id, "pg_advisory_xact_lock")
                write_standings(session_id, standings.order)

        await self._run(self._writer, write)

    @staticmethod
    async def _run(thread: DatabaseThread, function: Callable[[], T]) -> T:
        try:
            return await thread.run(function)
        except UNREACHABLE as error:
            raise ServiceUnavailable("The database cannot be reached.") from error


def event_rows(
    session_id: str, state: SessionState, events: Sequence[SessionEvent], command: str, actor: str
) -> list[SessionEventRecord]:
    """The audit records of a transition."""
    return [
        SessionEventRecord(
            session_id=session_id,
            seq=event.seq,
            revision=state.revision,
            kind=event.kind,
            command=command,
            actor=actor,
            at=to_datetime(event.at),
            data=event_to_json(event),
        )
        for event in events
    ]


def participant_rows(session_id: str, participants: Sequence[Participant]) -> list[ParticipantRow]:
    """New participants as rows."""
    return [
        ParticipantRow(
            session_id=session_id,
            user_id=participant.user_id,
            username=participant.username,
            position=participant.position,
            joined_at=to_datetime(participant.joined_at),
            last_active_at=to_datetime(participant.joined_at),
            status=participant.status,
            renamed_at=participant.renamed_at,
        )
        for participant in participants
    ]


def remove_participant(session_id: str, user_id: str, *, at: int, actor: str) -> None:
    """Mark a player as removed, with its audit record, in the caller's transaction. Doing it twice changes nothing."""
    row = ParticipantRow.objects.filter(session_id=session_id, user_id=user_id).exclude(status="removed")
    if row.update(status="removed"):
        _record(session_id, "participant_removed", "Remove", actor=actor, at=at, data={"user_id": user_id})


def rename_participant(session_id: str, participant: Participant, *, before: str, actor: str) -> None:
    """Give a player another name, with its audit record, in the caller's transaction, unless a later one is there.

    Doing it twice changes nothing.
    """
    user_id, at = participant.user_id, participant.renamed_at
    row = ParticipantRow.objects.filter(session_id=session_id, user_id=user_id, renamed_at__lt=at)
    if row.update(username=participant.username, renamed_at=at):
        FinalStanding.objects.filter(session_id=session_id, user_id=user_id).update(username=participant.username)
        data = {"user_id": user_id, "from": before, "to": participant.username}
        _record(session_id, "participant_renamed", "Rename", actor=actor, at=at, data=data)


def _record(session_id: str, kind: str, command: str, *, actor: str, at: int, data: Mapping[str, str]) -> None:
    """Add to the audit trail what no client is told as an event."""
    revision = QuizSession.objects.values_list("revision", flat=True).get(id=session_id)
    SessionEventRecord.objects.create(
        session_id=session_id,
        seq=None,
        revision=revision,
        kind=kind,
        command=command,
        actor=actor,
        at=to_datetime(at),
        data=dict(data),
    )


def state_columns(state: SessionState) -> dict[str, object]:
    return {
        "status": state.status,
        "revision": state.revision,
        "state": state_to_json(state),
        "due_at": due_at(state),
        "start_time": to_datetime(state.started_at) if state.started_at else None,
        "end_time": to_datetime(state.ended_at) if state.ended_at else None,
    }


def setup_of(row: QuizSession) -> SessionSetup:
    """The setup a row holds."""
    return SessionSetup(
        id=row.id,
        quiz=content_from_json(row.content),
        join_code=row.join_code,
        pace=row.pace,  # type: ignore[arg-type]
        reveal=row.reveal,  # type: ignore[arg-type]
        scoring=row.scoring,  # type: ignore[arg-type]
        max_participants=row.max_participants,
        time_limit_ms=row.time_limit_ms,
        max_duration_ms=row.max_duration_ms,
        owner_id=row.owner_id,
    )


def _load(session_id: str) -> SessionRecord | None:
    row = QuizSession.objects.filter(id=session_id).first()
    if row is None:
        return None
    participants = list(ParticipantRow.objects.filter(session_id=session_id).order_by("position", "user_id"))
    events = SessionEventRecord.objects.filter(session_id=session_id, seq__isnull=False).order_by("seq")
    return SessionRecord(
        setup=setup_of(row),
        state=state_from_json(row.state),
        events=tuple(SessionEvent(**event.data) for event in events),
        participants=tuple(
            Participant(
                user_id=participant.user_id,
                username=participant.username,
                position=participant.position,
                joined_at=to_ms(participant.joined_at),
                status=participant.status,  # type: ignore[arg-type]
                renamed_at=participant.renamed_at,
            )
            for participant in participants
        ),
        answers=tuple(_answers(session_id)),
        shown={
            participant.user_id: {participant.shown_question_id: participant.shown_at}
            for participant in participants
            if participant.shown_question_id
        },
    )


def _answers(session_id: str, **narrower: str) -> list[StoredAnswer]:
    rows = AnswerSubmission.objects.filter(session_id=session_id, **narrower).values_list(
        "user_id", "question_id", "answer", "verdict", "points", "time_taken_ms", "submitted_at"
    )
    return [
        StoredAnswer(user_id, question_id, answer, verdict, points, elapsed, to_ms(at))  # type: ignore[arg-type]
        for user_id, question_id, answer, verdict, points, elapsed, at in rows
    ]

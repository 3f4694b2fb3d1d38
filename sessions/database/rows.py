"""Sessions, participants and answers as rows: what is read and written in the caller's transaction, on its thread."""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any, cast

from django.db import connection

from common.batching import chunks
from common.database import VALUES_AT_ONCE, json_element, json_elements, json_field, to_json
from leaderboards.ranking import Standing, rank
from quizzes.rules.content import QuestionContent, content_from_json, content_to_json, question_to_json
from scoring.answer_log import Batch, Inserted, insert_answers
from scoring.models import AnswerSubmission
from scoring.rules.answers import StoredAnswer
from scoring.rules.points import Scoring, Verdict
from scoring.rules.regrading import regrade
from sessions.models import FinalStanding, Participant, QuizSession, SessionEventRecord, StoreMark
from sessions.rules.attempts import Counts, results
from sessions.rules.options import options_from_json
from sessions.rules.people import Arranged, pack_needs, unpack_needs
from sessions.rules.state import (
    Pace,
    Reveal,
    SessionEvent,
    SessionSetup,
    SessionState,
    due_at,
    event_to_json,
    state_from_json,
    state_to_json,
)
from sessions.services.ports import Decision, ParticipantState, ParticipantStatus, SessionRecord

#: Rows of one INSERT statement.
_ROWS_PER_STATEMENT = 1_000


def to_datetime(ms: int) -> datetime:
    """Unix milliseconds as an aware datetime."""
    return datetime.fromtimestamp(ms / 1000, UTC)


def to_ms(moment: datetime) -> int:
    """An aware datetime as Unix milliseconds."""
    return round(moment.timestamp() * 1000)


def probe_writing() -> None:
    """Make sure that the database takes writes.

    :raises django.db.DatabaseError: when it does not.
    """
    StoreMark.objects.bulk_create(
        [StoreMark(name="probe", value=time.time_ns() // 1_000_000)],
        update_conflicts=True,
        unique_fields=["name"],
        update_fields=["value"],
    )


def update_scores(players: Iterable[tuple[str, str]]) -> None:
    """Set the score of these players (session and user) to the sum of their answers' points, in one statement for all.

    Doing it twice changes nothing.
    """
    with connection.cursor() as cursor:
        # What is put into the text are constants; every value is in a parameter.
        cursor.execute(
            "UPDATE participants SET score = (SELECT COALESCE(SUM(a.points), 0) FROM answer_submissions a "  # noqa: S608
            "WHERE a.session_id = participants.session_id AND a.user_id = participants.user_id) "
            f"WHERE (session_id, user_id) IN ({_PLAYERS.format(*_player_fields())})",
            [to_json(sorted(set(players)))],
        )


#: SQL: sessions and users, from a parameter of pairs.
_PLAYERS = "SELECT {}, {} FROM {}"


def _player_fields() -> tuple[str, str, str]:
    return json_field(0, "text"), json_field(1, "text"), json_elements()


def add_answers(batches: Sequence[Batch]) -> list[Inserted | None]:
    """Insert answers that are not there yet, and bring their players' scores in line; in the caller's transaction.

    :returns: for each batch which ones were not there; ``None`` for one whose session has been moved on.
    """
    inserted, over = insert_current(batches)
    players = {
        (batch.session_id, user_id) for batch, new in zip(batches, inserted, strict=True) for user_id, _ in new or ()
    }
    if players:
        update_scores(players)
    for session_id in over:
        write_standings(session_id)
    return inserted


def insert_current(batches: Sequence[Batch]) -> tuple[list[Inserted | None], list[str]]:
    """Insert answers that are not there yet, in the caller's transaction, with the verdicts that hold now.

    An answer that was graded before the host accepted one more is graded again here: it may have waited in a stream or
    in the memory of an instance meanwhile. Whoever accepts waits for this transaction, and this one for that.

    A batch that counts only where its session stood is left out once that has been moved on. Whoever closes a question
    without Redis waits for this transaction, and this one for that: what it took is found by whoever closes.

    :returns: for each batch which ones were not there (``None`` for one that was left out), and the sessions that are
        over: an instance that was slow took some of the answers before that, and final standings that are written
        already lack them.
    """
    # In one order everywhere, so that two transactions wait for each other in turn.
    ids = sorted({batch.session_id for batch in batches})
    lock_grading(ids, "pg_advisory_xact_lock_shared")
    stands = revisions_of([batch.session_id for batch in batches if batch.revision is not None])
    in_time = [batch.revision is None or stands.get(batch.session_id, 0) <= batch.revision for batch in batches]
    known = _accepting_or_over(ids)
    current = [
        batch._replace(answers=_current(known.get(batch.session_id), batch.answers) if counts else ())
        for batch, counts in zip(batches, in_time, strict=True)
    ]
    inserted = [new if counts else None for new, counts in zip(insert_answers(current), in_time, strict=True)]
    return inserted, [session.id for session in known.values() if session.status == "completed"]


def _one_of_these() -> str:
    """SQL: the id is one of those in a parameter."""
    return f"id IN (SELECT {json_element('text')} FROM {json_elements()})"  # noqa: S608


def revisions_of(ids: Sequence[str]) -> dict[str, int]:
    """By session, as far as it is there: the revision. By hand, for it is asked all the time."""
    if not ids:
        return {}
    with connection.cursor() as cursor:
        # What is put into the text are constants.
        cursor.execute(f"SELECT id, revision FROM quiz_sessions WHERE {_one_of_these()}", [to_json(ids)])  # noqa: S608
        return dict(cursor.fetchall())


def _accepting_or_over(ids: Sequence[str]) -> dict[str, QuizSession]:
    """Those of the sessions whose host has accepted answers, or that are over."""
    accepted = "state ? 'accepted'" if connection.vendor == "postgresql" else "json_type(state, '$.accepted') NOT NULL"
    with connection.cursor() as cursor:
        # By hand: it is asked in each transaction with answers, and making the statement anew would cost more than all
        # else that is done there. What is put into the text are constants.
        cursor.execute(
            f"SELECT id FROM quiz_sessions WHERE {_one_of_these()} AND (status = 'completed' OR {accepted})",  # noqa: S608
            [to_json(ids)],
        )
        found = [session_id for (session_id,) in cursor.fetchall()]
    return QuizSession.objects.in_bulk(found) if found else {}


def _current(session: QuizSession | None, answers: Sequence[StoredAnswer]) -> Sequence[StoredAnswer]:
    if session is None or "accepted" not in session.state:
        return answers
    setup, accepted = setup_of(session), state_from_json(session.state).accepted_by_question()
    lenient = _lenient(session.id)
    return regrade(setup.quiz, answers, accepted=accepted, speed_ms=setup.speed_ms, lenient=lenient)


def _lenient(session_id: str) -> set[str]:
    """Users for whom accents do not matter."""
    needing = Participant.objects.filter(session_id=session_id).exclude(needs="")
    needs = needing.values_list("user_id", "needs")
    return {user_id for user_id, packed in needs if unpack_needs(packed).ignore_accents}


def lock_grading(session_ids: Sequence[str], function: str) -> None:
    """Keep accepting and inserting apart until the transaction ends. SQLite has one writing transaction at a time.

    :param session_ids: in the order of their ids.
    """
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            # Not the sessions' rows: no other transition should have to wait for the writer.
            cursor.execute(
                f"SELECT {function}(hashtextextended({json_element('text')}, 0)) FROM {json_elements()}",  # noqa: S608
                [to_json([f"grading/{session_id}" for session_id in session_ids])],
            )


def regrade_question(session_id: str, state: SessionState, question_id: str) -> None:
    """Grade the answers to a question again, and set the scores by them, in the caller's transaction."""
    setup = setup_of(QuizSession.objects.get(id=session_id))
    stored = _answers(session_id, question_id=question_id)
    accepted = {question_id: state.accepted_to(question_id)}
    lenient = _lenient(session_id)
    regraded = regrade(setup.quiz, stored, accepted=accepted, speed_ms=setup.speed_ms, lenient=lenient)
    users: dict[tuple[Verdict, int], list[str]] = {}
    for before, after in zip(stored, regraded, strict=True):
        if after is not before:
            users.setdefault((after.verdict, after.points), []).append(after.user_id)
    for (verdict, points), who in users.items():
        for some in chunks(who, VALUES_AT_ONCE):
            rows = AnswerSubmission.objects.filter(session_id=session_id, question_id=question_id, user_id__in=some)
            rows.update(verdict=verdict, is_correct=verdict == "correct", points=points)
    update_scores((session_id, user_id) for who in users.values() for user_id in who)
    if state.status == "completed":
        write_standings(session_id)


def write_standings(session_id: str, told: Sequence[Standing] = ()) -> None:
    """Write the final standings, in the caller's transaction; those that are there are brought up to date.

    A score only grows, in the live store and in the database, and either may be ahead: the higher one counts, so that
    it does not matter who writes last.

    :param told: the order as the live store knows it.
    """
    rows = FinalStanding.objects.filter(session_id=session_id)
    if counts := counts_of(session_id):
        # A result need not grow with another attempt; each answer that comes later has it counted again.
        players = Participant.objects.filter(session_id=session_id).exclude(status="removed")
        every = (Standing(each.user_id, each.username, each.score, each.position) for each in players)
        _replace_standings(session_id, results(every, counts))
        return
    # The row of a player may come after the standing: another instance let the player in.
    known = {row.user_id: Standing(row.user_id, row.username, row.score, row.rank) for row in rows}
    for each in told:
        before = known.get(each.user_id)
        known[each.user_id] = each if before is None else replace(each, score=max(each.score, before.score))
    if not known:
        return
    for player in Participant.objects.filter(session_id=session_id):
        before = known.pop(player.user_id, None)
        if player.status != "removed":
            score = player.score if before is None else max(player.score, before.score)
            known[player.user_id] = Standing(player.user_id, player.username, score, player.position)
    _replace_standings(session_id, rank(known.values()))


def _replace_standings(session_id: str, order: Sequence[Standing]) -> None:
    FinalStanding.objects.filter(session_id=session_id).delete()
    FinalStanding.objects.bulk_create(
        (
            FinalStanding(
                session_id=session_id, user_id=each.user_id, username=each.username, rank=place, score=each.score
            )
            for place, each in enumerate(order, start=1)
        ),
        batch_size=1_000,
    )


def counts_of(session_id: str) -> Counts | None:
    """Which attempt is a player's result; ``None`` for a session of one attempt."""
    [stored] = QuizSession.objects.filter(id=session_id).values_list("options", flat=True) or [{}]
    options = options_from_json(stored)
    return options.counts if options.attempts > 1 else None


def event_rows(session_id: str, decision: Decision) -> list[SessionEventRecord]:
    """The audit records of a decision."""
    return [
        SessionEventRecord(
            session_id=session_id,
            seq=event.seq,
            revision=decision.state.revision,
            kind=event.kind,
            command=decision.command,
            actor=decision.actor,
            at=to_datetime(event.at),
            data=event_to_json(event),
        )
        for event in decision.events
    ]


#: The columns of a new player's row, with their types on PostgreSQL.
_PLAYER_COLUMNS = {
    "session_id": "text",
    "user_id": "text",
    "username": "text",
    "position": "integer",
    "joined_at": "timestamptz",
    "last_active_at": "timestamptz",
    "status": "text",
    "renamed_at": "bigint",
    "arranged_at": "bigint",
    "moves": "integer",
    "team": "integer",
    "needs": "text",
}


def insert_participants(players: Sequence[tuple[str, ParticipantState]]) -> None:
    """Add players, by session, that are not there yet; in the caller's transaction, in one statement."""
    rows = []
    for session_id, player in players:
        joined_at = connection.ops.adapt_datetimefield_value(to_datetime(player.joined_at))
        rows.append(
            (
                *(session_id, player.user_id, player.username, player.position),
                *(joined_at, joined_at, player.status, player.renamed_at),
                *arranged_columns(player.arranged).values(),
            )
        )
    values = ", ".join(json_field(index, kind) for index, kind in enumerate(_PLAYER_COLUMNS.values()))
    with connection.cursor() as cursor:
        for some in chunks(rows, _ROWS_PER_STATEMENT):
            # The names and types are constants; every value is in a parameter.
            cursor.execute(
                f"INSERT INTO participants ({', '.join(_PLAYER_COLUMNS)}, score, shown_question_id, shown_at) "  # noqa: S608
                f"SELECT {values}, 0, '', 0 FROM {json_elements()} WHERE true ON CONFLICT DO NOTHING",
                [to_json(some)],
            )


def write_statuses(changes: Mapping[str, Mapping[str, ParticipantStatus]], now: int) -> None:
    """Set the status of players, by session and user, unless they were removed; in the caller's transaction."""
    by_status: dict[ParticipantStatus, list[tuple[str, str]]] = {}
    for session_id, statuses in changes.items():
        for user_id, status in statuses.items():
            by_status.setdefault(status, []).append((session_id, user_id))
    at = connection.ops.adapt_datetimefield_value(to_datetime(now))
    with connection.cursor() as cursor:
        for status, players in by_status.items():
            cursor.execute(
                "UPDATE participants SET status = %s, last_active_at = %s WHERE status <> 'removed' "  # noqa: S608
                f"AND (session_id, user_id) IN ({_PLAYERS.format(*_player_fields())})",
                [status, at, to_json(sorted(players))],
            )


def remove_participant(session_id: str, user_id: str, *, at: int, actor: str) -> None:
    """Mark a player as removed, with its audit record, in the caller's transaction. Doing it twice changes nothing."""
    row = Participant.objects.filter(session_id=session_id, user_id=user_id).exclude(status="removed")
    if row.update(status="removed"):
        _record(session_id, "participant_removed", "Remove", actor=actor, at=at, data={"user_id": user_id})


def rename_participant(session_id: str, participant: ParticipantState, *, before: str, actor: str) -> None:
    """Give a player another name, with its audit record, in the caller's transaction, unless a later one is there.

    Doing it twice changes nothing.
    """
    user_id, at = participant.user_id, participant.renamed_at
    row = Participant.objects.filter(session_id=session_id, user_id=user_id, renamed_at__lt=at)
    if row.update(username=participant.username, renamed_at=at):
        FinalStanding.objects.filter(session_id=session_id, user_id=user_id).update(username=participant.username)
        data = {"user_id": user_id, "from": before, "to": participant.username}
        _record(session_id, "participant_renamed", "Rename", actor=actor, at=at, data=data)


def arranged_columns(arranged: Arranged) -> dict[str, int | str]:
    """The columns that hold what is arranged for a player."""
    needs = pack_needs(arranged.needs)
    return {"arranged_at": arranged.at, "moves": arranged.moves, "team": arranged.team, "needs": needs}


def arrange_participant(session_id: str, participant: ParticipantState, *, what: str, actor: str) -> None:
    """Keep what is arranged for a player, with its audit record, in the caller's transaction, unless a later one is
    there. Doing it twice changes nothing.
    """
    user_id, columns = participant.user_id, arranged_columns(participant.arranged)
    at = participant.arranged.at
    row = Participant.objects.filter(session_id=session_id, user_id=user_id, arranged_at__lt=at)
    if row.update(**columns):
        data = {"user_id": user_id, "to": str(columns[what])}
        kind = {"moves": "participant_moved", "team": "participant_teamed", "needs": "participant_needs"}[what]
        _record(session_id, kind, "Arrange", actor=actor, at=at, data=data)


def record_place_code(session_id: str, user_id: str, *, at: int, actor: str) -> None:
    """Write into the audit trail that somebody was shown the code by which this player's place moves."""
    _record(session_id, "place_code_shown", "PlaceCode", actor=actor, at=at, data={"user_id": user_id})


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
    """The columns that follow a session's state."""
    return {
        "status": state.status,
        "revision": state.revision,
        "state": state_to_json(state),
        "due_at": due_at(state),
        "start_time": to_datetime(state.started_at) if state.started_at else None,
        "end_time": to_datetime(state.ended_at) if state.ended_at else None,
    }


def append_questions(session_id: str, questions: Sequence[QuestionContent]) -> None:
    """Put questions at the end of a session's copy of its quiz, in the transaction that moves its revision."""
    row = QuizSession.objects.only("content").get(id=session_id)
    row.content["questions"] += map(question_to_json, questions)
    row.save(update_fields=["content"])


def lengthen(setup: SessionSetup) -> None:
    """Write a session's copy of its quiz where it is longer than the one that is there, in the caller's transaction."""
    row = QuizSession.objects.only("content").get(id=setup.id)
    if len(row.content["questions"]) < len(setup.quiz.questions):
        row.content = content_to_json(setup.quiz)
        row.save(update_fields=["content"])


def setup_of(row: QuizSession) -> SessionSetup:
    """The setup a row holds."""
    return SessionSetup(
        id=row.id,
        quiz=content_from_json(row.content),
        join_code=row.join_code,
        pace=cast(Pace, row.pace),
        reveal=cast(Reveal, row.reveal),
        scoring=cast(Scoring, row.scoring),
        max_participants=row.max_participants,
        time_limit_ms=row.time_limit_ms,
        max_duration_ms=row.max_duration_ms,
        owner_id=row.owner_id,
        options=options_from_json(row.options),
    )


def load_records(session_ids: Sequence[str]) -> list[SessionRecord | None]:
    """Everything the database knows of each session, or ``None``; in one query for each table."""
    rows = QuizSession.objects.in_bulk(list(session_ids))
    here = {"session_id__in": list(rows)}
    participants: dict[str, list[Participant]] = defaultdict(list)
    for participant in Participant.objects.filter(**here).order_by("position", "user_id"):
        participants[participant.session_id].append(participant)
    events: dict[str, list[SessionEvent]] = defaultdict(list)
    told = SessionEventRecord.objects.filter(**here, seq__isnull=False).order_by("seq")
    for session_id, data in told.values_list("session_id", "data"):
        events[session_id].append(SessionEvent(**data))
    answers: dict[str, list[StoredAnswer]] = defaultdict(list)
    for session_id, *answer in AnswerSubmission.objects.filter(**here).values_list("session_id", *_ANSWER_FIELDS):
        answers[session_id].append(_answer(answer))
    return [
        _record_of(rows[each], participants[each], events[each], answers[each]) if each in rows else None
        for each in session_ids
    ]


def _record_of(
    row: QuizSession,
    participants: Sequence[Participant],
    events: Sequence[SessionEvent],
    answers: Sequence[StoredAnswer],
) -> SessionRecord:
    return SessionRecord(
        setup=setup_of(row),
        state=state_from_json(row.state),
        events=tuple(events),
        participants=tuple(
            ParticipantState(
                user_id=participant.user_id,
                username=participant.username,
                position=participant.position,
                joined_at=to_ms(participant.joined_at),
                status=cast(ParticipantStatus, participant.status),
                renamed_at=participant.renamed_at,
                arranged=Arranged(
                    participant.arranged_at, participant.moves, participant.team, unpack_needs(participant.needs)
                ),
            )
            for participant in participants
        ),
        answers=tuple(answers),
        shown={
            participant.user_id: {participant.shown_question_id: participant.shown_at}
            for participant in participants
            if participant.shown_question_id
        },
    )


_ANSWER_FIELDS = ("user_id", "question_id", "answer", "verdict", "points", "time_taken_ms", "submitted_at")


def _answer(row: Sequence[Any]) -> StoredAnswer:
    """The answer in a row of these fields."""
    return StoredAnswer._make((*row[:-1], to_ms(row[-1])))


def _answers(session_id: str, **narrower: str) -> list[StoredAnswer]:
    rows = AnswerSubmission.objects.filter(session_id=session_id, **narrower)
    return [_answer(answer) for answer in rows.values_list(*_ANSWER_FIELDS)]

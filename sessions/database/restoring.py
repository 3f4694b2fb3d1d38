"""Writes what a live store knows of a session into a database that lost it: it came back without its last seconds,
or from an older copy. Only adds, so that doing it twice, or beside the live session, changes nothing."""

from __future__ import annotations

from django.contrib.auth import get_user_model
from django.db import transaction

from common.batching import chunks
from common.database import VALUES_AT_ONCE
from leaderboards.ranking import Standing
from quizzes.rules.content import content_to_json
from scoring.answer_log import Batch
from sessions.database.rows import (
    arranged_columns,
    event_rows,
    insert_current,
    insert_participants,
    lengthen,
    lock_grading,
    regrade_question,
    state_columns,
    to_datetime,
    update_scores,
    write_standings,
)
from sessions.models import Participant, QuizSession, SessionEventRecord
from sessions.rules.options import options_to_json
from sessions.services.ports import Decision, SessionRecord

#: Who is named in the audit trail for what nobody knows any more who asked for it.
_ACTOR = "restored"


def restore_session(record: SessionRecord) -> None:
    """Write a session as far as the database lacks it, in a transaction of its own."""
    setup, state = record.setup, record.state
    with transaction.atomic():
        lock_grading([setup.id], "pg_advisory_xact_lock")
        _restore_row(record)
        lengthen(setup)
        QuizSession.objects.filter(id=setup.id, revision__lt=state.revision).update(**state_columns(state))
        decision = Decision(state, record.events, command="Restore", actor=_ACTOR)
        SessionEventRecord.objects.bulk_create(event_rows(setup.id, decision), ignore_conflicts=True)
        for players in chunks(record.participants, VALUES_AT_ONCE):
            insert_participants([(setup.id, player) for player in players])
        rows = Participant.objects.filter(session_id=setup.id)
        for player in record.participants:
            if player.status == "removed":
                rows.filter(user_id=player.user_id).update(status="removed")
            if player.renamed_at:
                renamed = rows.filter(user_id=player.user_id, renamed_at__lt=player.renamed_at)
                renamed.update(username=player.username, renamed_at=player.renamed_at)
            if player.arranged.at:
                arranged = rows.filter(user_id=player.user_id, arranged_at__lt=player.arranged.at)
                arranged.update(**arranged_columns(player.arranged))
        if record.answers:
            insert_current([Batch(setup.id, record.answers)])
        for question_id in state.accepted_by_question():
            regrade_question(setup.id, state, question_id)
        update_scores([(setup.id, player.user_id) for player in record.participants])
        if state.status == "completed":
            told = [
                Standing(row.user_id, row.username, row.score, row.position) for row in rows.exclude(status="removed")
            ]
            write_standings(setup.id, told)


def _restore_row(record: SessionRecord) -> None:
    setup, state = record.setup, record.state
    if QuizSession.objects.filter(id=setup.id).exists():
        return
    owner = setup.owner_id
    if owner is not None and not get_user_model()._default_manager.filter(pk=owner).exists():
        owner = None
    QuizSession.objects.bulk_create(
        [
            QuizSession(
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
                owner_id=owner,
                created_at=to_datetime(state.created_at),
                **state_columns(state),
            )
        ]
    )

"""What retention does by itself in time, done now because a host or an operator says so."""

from __future__ import annotations

import logging
from datetime import datetime

from axes.models import AccessLog
from django.db.models import QuerySet

from sessions.database.practised import practice_book
from sessions.database.retention import purge_sessions, wipe_deleted
from sessions.models import QuizSession
from sessions.wiring.deletion import delete_session
from sessions.wiring.runtime import call, runtime

logger = logging.getLogger(__name__)


def replace_names(sessions: QuerySet[QuizSession], *, now: datetime, actor: str) -> int:
    """Replace the names and ids of the players of those sessions that have ended; how many sessions.

    :raises scoring.ports.ServiceUnavailable: when something could not be written; doing it again completes it.
    """
    ended = list(sessions.filter(status="completed", purged_at=None).values_list("id", flat=True))
    for session_id in ended:
        call(runtime().settle(session_id))
    count = purge_sessions(ended, now=now)
    for session_id in ended:
        # Whoever looks at it again has it from the rows.
        call(runtime().store.erase(session_id))
    wipe_deleted()
    logger.info("names_replaced", extra={"sessions": count, "actor": actor})
    return count


def delete_ended_sessions(sessions: QuerySet[QuizSession], *, before: datetime, actor: str) -> int:
    """Delete those of the sessions that ended before a moment, with everything; how many.

    :raises scoring.ports.ServiceUnavailable: when something could not be written; doing it again goes on.
    """
    ended = list(sessions.filter(status="completed", end_time__lt=before).values_list("id", flat=True))
    for session_id in ended:
        delete_session(session_id, actor=actor)
    wipe_deleted()
    return len(ended)


def delete_practice(sessions: QuerySet[QuizSession], *, actor: str) -> int:
    """Delete what players practise at home of these sessions; how many decks."""
    count = practice_book().delete_all(sessions)
    wipe_deleted()
    logger.info("practice_deleted", extra={"decks": count, "actor": actor})
    return count


def forget_sign_ins(*, actor: str) -> int:
    """Delete the record of who signed in when; how many lines."""
    count: int = AccessLog.objects.all().delete()[0]
    wipe_deleted()
    logger.info("sign_ins_deleted", extra={"rows": count, "actor": actor})
    return count

"""Deleting one person's data: a player in whichever sessions, from the live store, from the database, and for good.

Results of others stay, and close up. A session that is being played goes on without the player.
"""

from __future__ import annotations

import contextlib
import logging
from collections.abc import Iterable

from scoring.ports import ServiceUnavailable
from sessions.database.people import delete_person_in, ids_of, is_known
from sessions.database.retention import wipe_deleted
from sessions.models import QuizSession
from sessions.protocol.errors import SessionError
from sessions.rules.lifecycle import NotAllowed
from sessions.rules.state import state_from_json
from sessions.wiring.runtime import call, runtime

logger = logging.getLogger(__name__)

#: Times it is tried, should a record of the player have been on its way to the database.
_ATTEMPTS = 3


def forget_person(sessions: Iterable[QuizSession], user_id: str, *, actor: str) -> None:
    """Delete all that is kept of a player in these sessions. Doing it twice changes nothing.

    :raises scoring.ports.ServiceUnavailable: when something could not be written; doing it again completes it.
    """
    count = 0
    for session in sessions:
        _forget_in(session, user_id, actor=actor)
        count += 1
    wipe_deleted()
    # Whose data it was is not said: a log line outlives it.
    logger.info("person_deleted", extra={"sessions": count, "actor": actor})


def _forget_in(session: QuizSession, user_id: str, *, actor: str) -> None:
    if session.status != "completed":
        # From now on nothing is taken from the player, who is told so.
        with contextlib.suppress(SessionError):
            call(runtime().sessions.remove(session.id, user_id, actor=actor))
        state = state_from_json(session.state)
        if user_id in dict(state.extensions):
            with contextlib.suppress(SessionError, NotAllowed):
                call(runtime().sessions.take_back(session.id, user_id, actor=actor))
    for _ in range(_ATTEMPTS):
        call(runtime().settle(session.id))
        user_ids = ids_of(session.id, user_id)
        call(runtime().store.forget_players(session.id, user_ids))
        delete_person_in(session.id, user_ids)
        call(runtime().store.forget_players(session.id, user_ids))
        call(runtime().settle(session.id))
        if not is_known(session.id, user_ids):
            return
    raise ServiceUnavailable("The player is still being written.")

"""Deleting a session whole: its players, their answers, its results and its audit trail."""

from __future__ import annotations

import contextlib
import logging

from django.db import IntegrityError, transaction

from scoring.ports import ServiceUnavailable
from sessions.models import QuizSession
from sessions.rules.commands import End
from sessions.rules.lifecycle import NotAllowed
from sessions.wiring.runtime import call, runtime

logger = logging.getLogger(__name__)

#: Times a session is deleted that is still being written to.
_ATTEMPTS = 5


def delete_session(session_id: str, *, actor: str) -> None:
    """End the session where it is live, wait for what is still being written, and delete it, there and in the store.

    :raises scoring.ports.ServiceUnavailable: when something could not be written; nothing is deleted then.
    """
    with contextlib.suppress(NotAllowed):
        call(runtime().sessions.command(session_id, End(), actor=actor))
    for attempts_left in reversed(range(_ATTEMPTS)):
        call(runtime().settle(session_id))
        try:
            with transaction.atomic():
                QuizSession.objects.filter(id=session_id).delete()
            break
        except IntegrityError as error:
            # Something that was on its way came in between its players' rows and its own.
            if not attempts_left:
                raise ServiceUnavailable("The session is still being written.") from error
    # Behind the row: while it is there, whoever asks for the session reads it into the store again.
    call(runtime().store.erase(session_id))
    logger.info("session_deleted", extra={"session_id": session_id, "actor": actor})

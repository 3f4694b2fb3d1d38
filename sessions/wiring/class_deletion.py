"""Deleting a class, or a pupil of it: the names go from the class, from the sessions it played, and from live state.

Answers and scores stay, as of players without names. What is being played goes on: its players get other names at once.
"""

from __future__ import annotations

import logging
from collections import defaultdict
from collections.abc import Sequence
from datetime import date

from django.db import transaction

from classes.models import Pupil, SchoolClass
from sessions.database.retention import forget_names, wipe_deleted
from sessions.models import Participant, PupilPlace, QuizSession
from sessions.protocol.errors import SessionError
from sessions.wiring.runtime import call, runtime

logger = logging.getLogger(__name__)

#: Names that are tried for a player before it is left to the rows: a guest may be called "Player 3".
_NAMES_TRIED = 5


def live_sessions(class_id: str) -> list[QuizSession]:
    """The sessions that the class is in right now."""
    return list(QuizSession.objects.filter(class_id=class_id).exclude(status="completed").only("id", "title"))


def delete_class(class_id: str, *, actor: str) -> None:
    """Delete a class with its pupils.

    :raises scoring.ports.ServiceUnavailable: when something could not be written; doing it again completes it.
    """
    _forget(list(Pupil.objects.filter(school_class=class_id).values_list("id", flat=True)), actor=actor)
    SchoolClass.objects.filter(id=class_id).delete()
    wipe_deleted()
    logger.info("class_deleted", extra={"class_id": class_id, "actor": actor})


def delete_pupil(pupil_id: str, *, actor: str) -> None:
    """Delete a pupil, as :func:`delete_class` does all."""
    _forget([pupil_id], actor=actor)
    wipe_deleted()
    logger.info("pupil_deleted", extra={"pupil_id": pupil_id, "actor": actor})


def delete_expired_classes(today: date) -> int:
    """Delete the classes whose last day is over; how many."""
    expired = list(SchoolClass.objects.filter(keep_until__lt=today).values_list("id", flat=True))
    for class_id in expired:
        delete_class(class_id, actor="retention")
    return len(expired)


def _forget(pupils: Sequence[str], *, actor: str) -> None:
    # Before their rows go: should this stop half way, it is still known the next time who they played as.
    for session_id, players in _players(pupils).items():
        _forget_in(session_id, players, actor=actor)
    with transaction.atomic():
        # Nobody takes a place while this holds them.
        list(Pupil.objects.select_for_update().filter(id__in=pupils))
        late = _players(pupils)
        Pupil.objects.filter(id__in=pupils).delete()
    # Who came in meanwhile.
    for session_id, players in late.items():
        _forget_in(session_id, players, actor=actor)


def _players(pupils: Sequence[str]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = defaultdict(list)
    for session_id, user_id in PupilPlace.objects.filter(pupil__in=pupils).values_list("session_id", "user_id"):
        found[session_id].append(user_id)
    return found


def _forget_in(session_id: str, players: Sequence[str], *, actor: str) -> None:
    call(runtime().settle(session_id))
    completed = QuizSession.objects.filter(id=session_id, status="completed").exists()
    if not completed:
        for user_id, position in _named(session_id, players):
            _rename(session_id, user_id, f"Player {position}", actor=actor)
        call(runtime().settle(session_id))
    forget_names(session_id, players)
    if completed:
        # Whoever looks at it again has it from the rows.
        call(runtime().store.erase(session_id))


def _named(session_id: str, players: Sequence[str]) -> list[tuple[str, int]]:
    """Those of the players who may still have their name, with their position."""
    rows = Participant.objects.filter(session_id=session_id, user_id__in=players).exclude(status="removed")
    return [
        (user_id, position)
        for user_id, position, name in rows.values_list("user_id", "position", "username")
        if not name.startswith(f"Player {position}")
    ]


def _rename(session_id: str, user_id: str, name: str, *, actor: str) -> None:
    for tried in range(_NAMES_TRIED):
        try:
            call(runtime().sessions.rename(session_id, user_id, f"{name}{'*' * tried}", actor=actor))
        except SessionError as error:
            if error.code == "NOT_JOINED":
                return
            if error.code != "USERNAME_TAKEN":
                raise
        else:
            return

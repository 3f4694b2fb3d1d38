"""What the database has of one person: a player, by the user id, in whichever sessions; found, exported, deleted."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db import transaction
from django.db.models import Q, QuerySet

from scoring.models import AnswerSubmission
from scoring.rules.grading import as_given
from sessions.database.practised import practice_book
from sessions.database.rows import lock_grading, to_ms, write_standings
from sessions.models import FinalStanding, Participant, PupilPlace, QuizSession, SessionEventRecord
from sessions.protocol.encoding import iso
from sessions.rules.attempts import attempt_of, is_attempt
from sessions.rules.state import state_from_json

#: Players of one name that are told.
FOUND_MOST = 200


def find_players(sessions: QuerySet[QuizSession], name: str) -> list[dict[str, Any]]:
    """Players who bear this name, however it is written in capitals; the newest sessions first.

    :param sessions: those that whoever asks may see.
    """
    rows = Participant.objects.filter(session__in=sessions, username__iexact=name).select_related("session")
    return [
        {
            "user_id": row.user_id,
            "username": row.username,
            "session_id": row.session_id,
            "title": row.session.title,
            "joined_at": iso(to_ms(row.joined_at)),
        }
        for row in rows.order_by("-joined_at", "user_id")[:FOUND_MOST]
    ]


def sessions_of(sessions: QuerySet[QuizSession], user_id: str) -> list[QuizSession]:
    """Those of the sessions in which this player is on record, the oldest first."""
    places = PupilPlace.objects.filter(user_id=user_id).values("session")
    played = Participant.objects.filter(user_id=user_id).values("session")
    return list(sessions.filter(Q(id__in=played) | Q(id__in=places)).order_by("created_at", "id"))


def person_in(session: QuizSession, user_id: str) -> dict[str, Any]:
    """All that is kept of a player of a session, as plain data."""
    rows = list(_rows(session.id, user_id))
    kinds = {question["id"]: question["kind"] for question in session.content["questions"]}
    standing = FinalStanding.objects.filter(session=session, user_id=user_id).first()
    longer = dict(state_from_json(session.state).extensions).get(user_id)
    return {
        "session_id": session.id,
        "quiz_id": session.quiz_id,
        "title": session.title,
        "status": session.status,
        "participants": [
            {
                "username": row.username,
                "attempt": attempt_of(row.user_id),
                "score": row.score,
                "status": row.status,
                "joined_at": iso(to_ms(row.joined_at)),
                "last_active_at": iso(to_ms(row.last_active_at)),
            }
            for row in rows
        ],
        "answers": [
            {
                "question_id": answer.question_id,
                "attempt": attempt_of(answer.user_id),
                "answer": as_given(kinds.get(answer.question_id, "choice"), answer.answer),
                "verdict": answer.verdict,
                "points": answer.points,
                "time_taken_ms": answer.time_taken_ms,
                "submitted_at": iso(to_ms(answer.submitted_at)),
            }
            for answer in AnswerSubmission.objects.filter(
                session=session, user_id__in=[user_id, *(row.user_id for row in rows)]
            ).order_by("submitted_at")
        ],
        "rank": standing.rank if standing else None,
        "longer_until": iso(longer) if longer else None,
        "records": [
            {"kind": record.kind, "at": iso(to_ms(record.at)), "data": record.data}
            for record in _records(session.id, user_id)
        ],
        "practice": practice_book().export(session.id, user_id),
        "pupil_of_a_class": PupilPlace.objects.filter(session=session, user_id=user_id).exists(),
    }


def ids_of(session_id: str, user_id: str) -> list[str]:
    """The ids of a player's rows: the player's own, and those of further attempts."""
    return list(dict.fromkeys([user_id, *(row.user_id for row in _rows(session_id, user_id))]))


@transaction.atomic
def delete_person_in(session_id: str, user_ids: Sequence[str]) -> None:
    """Delete a player's rows in a session. The standings of the others close up; doing it twice changes nothing."""
    lock_grading([session_id], "pg_advisory_xact_lock")
    here = {"session_id": session_id, "user_id__in": list(user_ids)}
    for table in (AnswerSubmission, Participant, PupilPlace):
        table.objects.filter(**here).delete()
    for user_id in user_ids:
        _records(session_id, user_id).delete()
    if FinalStanding.objects.filter(**here).delete()[0]:
        write_standings(session_id)
    for session in QuizSession.objects.filter(id=session_id, status="completed", state__has_key="extensions"):
        # Of one that is being played it was taken back before.
        session.state["extensions"] = [each for each in session.state["extensions"] if each[0] not in user_ids]
        session.save(update_fields=["state"])


def is_known(session_id: str, user_ids: Sequence[str]) -> bool:
    """Whether a row still tells of the player in a session."""
    here = {"session_id": session_id, "user_id__in": list(user_ids)}
    tables = (Participant, AnswerSubmission, PupilPlace, FinalStanding)
    return any(table.objects.filter(**here).exists() for table in tables) or any(
        _records(session_id, user_id).exists() for user_id in user_ids
    )


def _rows(session_id: str, user_id: str) -> QuerySet[Participant]:
    """The player's rows, one for each attempt."""
    own = Q(user_id=user_id)
    if not is_attempt(user_id):
        own |= Q(user_id__startswith=f"{user_id}~")
    return Participant.objects.filter(own, session_id=session_id).order_by("position")


def _records(session_id: str, user_id: str) -> QuerySet[SessionEventRecord]:
    return SessionEventRecord.objects.filter(session_id=session_id, data__user_id=user_id)

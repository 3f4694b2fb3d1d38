"""What is not kept: names and ids of players become pseudonyms after a while, images that nothing
shows and recordings that nothing plays are deleted.

So are records of signing in. Results stay."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from importlib import import_module

from axes.models import AccessAttempt, AccessFailureLog, AccessLog
from django.conf import settings
from django.db import connection, transaction
from django.db.models import F, TextField, Value
from django.db.models.fields import CharField
from django.db.models.functions import Cast, Concat

from common.batching import chunks
from common.database import VALUES_AT_ONCE
from quizzes.images.sanitizing import address_of
from quizzes.images.storage import unused_images
from quizzes.models import Image, Sound
from quizzes.rules import sound_names
from quizzes.sounds.storage import unused_sounds
from scoring.models import AnswerSubmission
from sessions.models import FinalStanding, Participant, PupilPlace, QuizSession, SessionEventRecord
from sessions.rules.attempts import attempt_id, attempt_of, is_attempt, person_of

logger = logging.getLogger(__name__)

#: Between storing an image and the word that shows it passes the time a host takes to fill a form in.
_UNUSED_FOR = timedelta(days=1)
#: A wrong password is of no use once it locks nothing any more; an administrator may want to look at yesterday's.
_WRONG_PASSWORDS_FOR = timedelta(days=1)
#: A player's pseudonym is the same in every table: made of the participant's row, with a sign that no user id has.
_PSEUDONYM = (
    "UPDATE {table} SET user_id = COALESCE((SELECT 'player#' || CAST(p.id AS varchar(20)) FROM participants p "
    "WHERE p.session_id = {table}.session_id AND p.user_id = {table}.user_id), {table}.user_id) WHERE session_id = %s"
)


def purge(*, now: datetime, ended_before: datetime) -> int:
    """Replace the names and ids of the players of sessions that ended before a moment.

    :returns: how many sessions it was done to. Doing it again changes nothing.
    """
    due = QuizSession.objects.filter(status="completed", end_time__lt=ended_before, purged_at=None)
    sessions = list(due.values_list("id", flat=True))
    purge_sessions(sessions, now=now)
    if sessions:
        logger.info("sessions_purged", extra={"sessions": len(sessions)})
    return len(sessions)


def purge_sessions(session_ids: Sequence[str], *, now: datetime) -> int:
    """Replace the names and ids of the players of these sessions, which have ended; how many were done."""
    for session_id in session_ids:
        _purge(session_id, now)
    return len(session_ids)


def delete_unused_images(*, now: datetime) -> int:
    """Delete the images that were stored a day ago or earlier and that no word, question or session shows.

    :returns: how many.
    """
    before = now - _UNUSED_FOR
    unused = unused_images(stored_before=before)
    played = _in_sessions(unused, address_of)
    # Looked at again in a day: a session stays for long, and there may be many.
    Image.objects.filter(pk__in=played).update(stored_at=now)
    # Somebody may have stored one again in between.
    count, _models = Image.objects.filter(pk__in=unused - played, stored_at__lt=before).delete()
    if count:
        logger.info("images_deleted", extra={"images": count})
    return count


def delete_unused_sounds(*, now: datetime) -> int:
    """As :func:`delete_unused_images`, of recordings: what no word, question or session plays."""
    before = now - _UNUSED_FOR
    unused = unused_sounds(stored_before=before)
    played = _in_sessions(unused, sound_names.address_of)
    Sound.objects.filter(pk__in=played).update(stored_at=now)
    count, _models = Sound.objects.filter(pk__in=unused - played, stored_at__lt=before).delete()
    if count:
        logger.info("sounds_deleted", extra={"sounds": count})
    return count


def _in_sessions(digests: Iterable[str], address_of: Callable[[str], str]) -> set[str]:
    """Those of these names whose addresses stand in the copy of a quiz that a session plays."""
    quizzes = QuizSession.objects.annotate(quiz=Cast("content", TextField()))
    return {digest for digest in digests if quizzes.filter(quiz__contains=address_of(digest)).exists()}


def delete_sign_ins(*, now: datetime, days: float) -> int:
    """Delete browser sessions that have expired, wrong passwords that lock nothing any more, and old sign-ins.

    :param days: how long the record of who signed in when is kept; 0 for ever.
    :returns: how many rows.
    """
    browser_sessions = import_module(settings.SESSION_ENGINE).SessionStore.get_model_class()
    count: int = browser_sessions.objects.filter(expire_date__lt=now).delete()[0]
    forgotten = now - max(_WRONG_PASSWORDS_FOR, settings.AXES_COOLOFF_TIME)
    count += AccessAttempt.objects.filter(attempt_time__lt=forgotten).delete()[0]
    count += AccessFailureLog.objects.filter(attempt_time__lt=forgotten).delete()[0]
    if days:
        count += AccessLog.objects.filter(attempt_time__lt=now - timedelta(days=days)).delete()[0]
    if count:
        logger.info("sign_ins_deleted", extra={"rows": count})
    return count


@transaction.atomic
def forget_names(session_id: str, user_ids: Sequence[str]) -> None:
    """Replace the names of these players of a session, wherever its rows have them, as :func:`purge` does."""
    for some in chunks(list(user_ids), VALUES_AT_ONCE):
        players = Participant.objects.filter(session_id=session_id, user_id__in=some)
        players.update(needs="", username=Concat(Value("Player "), Cast(F("position"), CharField(max_length=20))))
        for user_id, name in players.values_list("user_id", "username"):
            FinalStanding.objects.filter(session_id=session_id, user_id=user_id).update(username=name)
    wanted = set(user_ids)
    for record in SessionEventRecord.objects.filter(session_id=session_id, data__has_key="user_id"):
        if record.data["user_id"] in wanted:
            record.data = {"user_id": record.data["user_id"]}
            record.save(update_fields=["data"])


def names_kept_until(session: QuizSession, *, hours: float) -> datetime | None:
    """When the players of a session that has ended lose their names; ``None`` where they do not, or have."""
    if not hours or session.end_time is None or session.purged_at is not None:
        return None
    return session.end_time + timedelta(hours=hours)


def wipe_deleted() -> None:
    """Overwrite what was deleted: SQLite's log has the pages as they were. Elsewhere that is the server's to do."""
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")


@transaction.atomic
def _purge(session_id: str, now: datetime) -> None:
    # The row decides between instances that do this at the same moment.
    if not QuizSession.objects.filter(id=session_id, purged_at=None).update(purged_at=now):
        return
    pseudonyms = dict(Participant.objects.filter(session_id=session_id).values_list("user_id", "id"))
    attempts = {user_id: _pseudonym(user_id, pseudonyms) for user_id in pseudonyms if is_attempt(user_id)}
    for user_id, pseudonym in attempts.items():
        AnswerSubmission.objects.filter(session_id=session_id, user_id=user_id).update(user_id=pseudonym)
    _forget_extensions(session_id, pseudonyms)
    # What a pupil needs is given again in the next lesson; that of others goes with their names.
    pupils = PupilPlace.objects.filter(session_id=session_id).values("user_id")
    Participant.objects.filter(session_id=session_id).exclude(user_id__in=pupils).update(needs="")
    for record in SessionEventRecord.objects.filter(session_id=session_id, data__has_key="user_id"):
        known = pseudonyms.get(record.data["user_id"])
        # A record of a new name has the names too; they go with the rest.
        record.data = {"user_id": f"player#{known}" if known else "player"}
        record.save(update_fields=["data"])
    with connection.cursor() as cursor:
        # The table names are constants; the value is a parameter.
        cursor.execute(
            "UPDATE final_standings SET username = COALESCE((SELECT 'Player ' || CAST(p.position AS varchar(20)) "
            "FROM participants p WHERE p.session_id = final_standings.session_id "
            "AND p.user_id = final_standings.user_id), 'Player') WHERE session_id = %s",
            [session_id],
        )
        for table in ("answer_submissions", "final_standings", "pupil_places"):
            cursor.execute(_PSEUDONYM.format(table=table), [session_id])
    text = CharField(max_length=20)
    players = Participant.objects.filter(session_id=session_id)
    players.exclude(user_id__in=attempts).update(
        user_id=Concat(Value("player#"), Cast(F("id"), text)),
        username=Concat(Value("Player "), Cast(F("position"), text)),
    )
    for user_id, pseudonym in attempts.items():
        players.filter(user_id=user_id).update(user_id=pseudonym)


def _pseudonym(user_id: str, rows: Mapping[str, int]) -> str:
    """Of an attempt at a homework that of its player, so that it stays the same player's."""
    return attempt_id(f"player#{rows.get(person_of(user_id), rows[user_id])}", attempt_of(user_id))


def _forget_extensions(session_id: str, rows: Mapping[str, int]) -> None:
    """A homework knows by id who had longer."""
    for session in QuizSession.objects.filter(id=session_id, state__has_key="extensions"):
        extended = session.state["extensions"]
        session.state["extensions"] = [[f"player#{rows[user]}", until] for user, until in extended if user in rows]
        session.save(update_fields=["state"])

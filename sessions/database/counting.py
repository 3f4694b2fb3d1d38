"""Whose row and which answers make the results: of several attempts at a homework those that count."""

from __future__ import annotations

from django.db.models import Count, Q, QuerySet

from scoring.models import AnswerSubmission
from sessions.models import Participant, QuizSession
from sessions.rules.attempts import Counts, attempt_of, counting_ids, is_attempt, person_of
from sessions.rules.options import options_from_json


def player_count() -> Count:
    """For an annotation of sessions: how many players each has."""
    removed, attempt = Q(participants__status="removed"), Q(participants__user_id__contains="~")
    return Count("participants", filter=~removed & ~attempt)


def has_attempts(session: QuizSession) -> bool:
    """Whether players may have more than one row."""
    return options_from_json(session.options).attempts > 1


def counted_players(session: QuizSession) -> list[Participant]:
    """One row for each ranked player, in the order of the ranking: the player's own, with the score that counts."""
    ranked = Participant.objects.filter(session=session).exclude(status="removed")
    if not has_attempts(session):
        return list(ranked.order_by("-score", "position", "user_id"))
    rows = {row.user_id: row for row in ranked}
    chosen = counting_ids(((row.user_id, row.score) for row in rows.values()), _counts(session))
    for person, counted in chosen.items():
        if person in rows:
            rows[person].score = rows[counted].score
    players = [row for user_id, row in rows.items() if not is_attempt(user_id)]
    return sorted(players, key=lambda row: (-row.score, row.position, row.user_id))


def counted_rows(session: QuizSession) -> dict[str, str]:
    """By ranked player: the id under which the answers stand that count; only for a session of several attempts."""
    rows = Participant.objects.filter(session=session).values_list("user_id", "score", "status")
    removed = {user_id for user_id, _, status in rows if status == "removed"}
    chosen = counting_ids(((user_id, score) for user_id, score, _ in rows), _counts(session))
    return {person: row for person, row in chosen.items() if person not in removed}


def attempts_begun(session: QuizSession) -> dict[str, int]:
    """By player: how many attempts were begun."""
    begun: dict[str, int] = {}
    for user_id in Participant.objects.filter(session=session).values_list("user_id", flat=True):
        person = person_of(user_id)
        begun[person] = max(begun.get(person, 1), attempt_of(user_id))
    return begun


def counted_answers(session: QuizSession) -> QuerySet[AnswerSubmission]:
    """The answers of those who are ranked, in the attempts that count."""
    answers = AnswerSubmission.objects.filter(session=session)
    removed = Participant.objects.filter(session=session, status="removed").values("user_id")
    if not has_attempts(session):
        return answers.exclude(user_id__in=removed)
    return answers.filter(user_id__in=list(counted_rows(session).values()))


def _counts(session: QuizSession) -> Counts:
    return options_from_json(session.options).counts

"""Compares what Redis, the database and the sums say of a session, and repairs what differs.

The answers are what counts. An answer that Redis has and the database lacks is written; one that the database has and
Redis lacks is merged; scores, final standings and places follow from the answers.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.db.models import Sum

from common.database import DatabaseThread
from leaderboards.ranking import Standing
from scoring.answer_log import Batch
from scoring.models import AnswerSubmission
from scoring.rules.answers import StoredAnswer
from sessions.database.rows import add_answers, counts_of, insert_participants, update_scores, write_standings
from sessions.models import FinalStanding, Participant, QuizSession
from sessions.rules.attempts import results
from sessions.services.ports import ParticipantState
from sessions.stores.redis.store import RedisStore


@dataclass(frozen=True, slots=True)
class Difference:
    """Something that two places say differently."""

    what: str
    redis: Any
    database: Any

    def __str__(self) -> str:
        return f"{self.what}: Redis says {self.redis}, the database {self.database}"


async def reconcile(
    session_id: str, *, thread: DatabaseThread, store: RedisStore | None, repair: bool
) -> list[Difference]:
    """What differs, before the repair.

    :param store: the session in Redis; ``None`` where there is none: then the database is compared with its own sums.
    :raises LookupError: for an unknown session.
    """
    participants: list[ParticipantState] = []
    answers: list[StoredAnswer] = []
    scores: dict[str, int] | None = None
    if store is not None:
        record = await store.snapshot(session_id)
        if record is None:
            raise LookupError(session_id)
        participants, answers = list(record.participants), list(record.answers)
        standings = await store.standings(session_id)
        scores = {standing.user_id: standing.score for standing in standings.order}
    found = await thread.run(lambda: _compare(session_id, participants, answers, scores))
    if repair and found:
        await thread.run(lambda: _repair(session_id, participants, answers))
        if store is not None:
            await store.rebuild(session_id)
    return found


def _compare(
    session_id: str, participants: list[ParticipantState], answers: list[StoredAnswer], scores: dict[str, int] | None
) -> list[Difference]:
    session = QuizSession.objects.filter(id=session_id).first()
    if session is None:
        raise LookupError(session_id)
    rows = {row.user_id: row for row in Participant.objects.filter(session_id=session_id)}
    stored = {
        (row.user_id, row.question_id): row.points for row in AnswerSubmission.objects.filter(session_id=session_id)
    }
    differences: list[Difference] = []
    if scores is not None:
        live = {(answer.user_id, answer.question_id): answer.points for answer in answers}
        known = {player.user_id for player in participants}
        differences += [Difference(f"participant {user}", user in known, user in rows) for user in known ^ set(rows)]
        differences += [
            Difference(f"points of {user} for {question}", live.get((user, question)), stored.get((user, question)))
            for user, question in sorted(live.keys() | stored.keys())
            if live.get((user, question)) != stored.get((user, question))
        ]
    sums: dict[str, int] = {
        row["user_id"]: row["points"]
        for row in AnswerSubmission.objects.filter(session_id=session_id)
        .values("user_id")
        .annotate(points=Sum("points"))
    }
    differences += [
        Difference(f"score of {user}, whose answers make {sums.get(user, 0)}", (scores or {}).get(user), row.score)
        for user, row in sorted(rows.items())
        if row.score != sums.get(user, 0)
    ]
    counted = {user: sums.get(user, 0) for user, row in rows.items() if row.status != "removed"}
    if counts := counts_of(session_id):
        attempts = (Standing(user, "", score, 0) for user, score in counted.items())
        counted = {standing.user_id: standing.score for standing in results(attempts, counts)}
    if session.status == "completed":
        if scores is not None:
            differences += [
                Difference(f"score of {user} on the leaderboard", score, counted.get(user, 0))
                for user, score in sorted(scores.items())
                if score != counted.get(user, 0)
            ]
        final = {row.user_id: row.score for row in FinalStanding.objects.filter(session_id=session_id)}
        differences += [
            Difference(f"final standing of {user}", counted.get(user), final.get(user))
            for user in sorted(counted.keys() | final.keys())
            if counted.get(user) != final.get(user)
        ]
    return differences


def _repair(session_id: str, participants: list[ParticipantState], answers: list[StoredAnswer]) -> None:
    with transaction.atomic():
        insert_participants([(session_id, player) for player in participants])
        add_answers([Batch(session_id, answers)])
        rows = Participant.objects.filter(session_id=session_id)
        update_scores(rows.values_list("session_id", "user_id"))
        if QuizSession.objects.get(id=session_id).status != "completed":
            return
        FinalStanding.objects.filter(session_id=session_id).delete()
        write_standings(
            session_id,
            [Standing(row.user_id, row.username, row.score, row.position) for row in rows.exclude(status="removed")],
        )

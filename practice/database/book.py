"""What sessions have to know of practice: behind :class:`sessions.database.practised.PracticeBook`."""

from __future__ import annotations

import logging
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Max, Min, QuerySet

from classes.models import Pupil, SchoolClass
from common.config import CONFIG
from practice.models import PracticeDeck, PracticeReview
from scoring.rules.grading import as_given
from sessions.database.practised import Kept, PractisedAnswer
from sessions.database.rows import to_ms
from sessions.models import QuizSession
from sessions.protocol.encoding import iso

logger = logging.getLogger(__name__)


class DatabasePracticeBook:
    """Reads and deletes decks."""

    def counting(self, school_class: SchoolClass, pupil: Pupil | None) -> Iterable[PractisedAnswer]:
        """See :meth:`sessions.database.practised.PracticeBook.counting`."""
        if school_class.practice_counts_since is None:
            return ()
        rows = PracticeReview.objects.filter(deck__pupil__school_class=school_class, counts=True)
        rows = rows.exclude(deck__participant__status="removed")
        if pupil is not None:
            rows = rows.filter(deck__pupil=pupil)
        names = ("deck__pupil_id", "deck__session_id", "question_id", "answer", "verdict", "at")
        return (
            PractisedAnswer(pupil_id, session_id, question_id, answer, verdict, to_ms(at))
            for pupil_id, session_id, question_id, answer, verdict, at in rows.values_list(*names)
        )

    def export(self, session_id: str, user_id: str) -> list[dict[str, Any]]:
        """See :meth:`sessions.database.practised.PracticeBook.export`."""
        return _exported(PracticeDeck.objects.filter(session=session_id, participant__user_id=user_id))

    def export_pupil(self, pupil: Pupil) -> list[dict[str, Any]]:
        """See :meth:`sessions.database.practised.PracticeBook.export_pupil`."""
        return _exported(PracticeDeck.objects.filter(pupil=pupil))

    def kept(self, sessions: QuerySet[QuizSession]) -> Kept:
        """See :meth:`sessions.database.practised.PracticeBook.kept`."""
        decks = PracticeDeck.objects.filter(session__in=sessions)
        used = decks.aggregate(first=Min("used_at"), last=Max("used_at"))
        return Kept(decks.count(), used["first"], used["last"])

    def delete_all(self, sessions: QuerySet[QuizSession]) -> int:
        """See :meth:`sessions.database.practised.PracticeBook.delete_all`."""
        return _delete(PracticeDeck.objects.filter(session__in=sessions))

    def delete_unused(self, *, now: datetime) -> int:
        """See :meth:`sessions.database.practised.PracticeBook.delete_unused`."""
        if not CONFIG.practice_kept_days:
            return 0
        return _delete(PracticeDeck.objects.filter(used_at__lt=now - timedelta(days=CONFIG.practice_kept_days)))


def _delete(decks: QuerySet[PracticeDeck]) -> int:
    _rows, by_model = decks.delete()
    count = by_model.get(PracticeDeck._meta.label, 0)
    if count:
        logger.info("practice_decks_deleted", extra={"decks": count})
    return count


def _exported(decks: QuerySet[PracticeDeck]) -> list[dict[str, Any]]:
    return [_deck(deck) for deck in decks.select_related("session").prefetch_related("reviews")]


def _deck(deck: PracticeDeck) -> dict[str, Any]:
    kinds = {question["id"]: question["kind"] for question in deck.session.content["questions"]}
    return {
        "session_id": deck.session_id,
        "created_at": iso(to_ms(deck.created_at)),
        "used_at": iso(to_ms(deck.used_at)),
        "missed": deck.missed,
        "reviews": [
            {
                "question_id": review.question_id,
                "answer": as_given(kinds[review.question_id], review.answer) if review.answer else None,
                "verdict": review.verdict,
                "at": iso(to_ms(review.at)),
                "time_taken_ms": review.took_ms,
                "counts_for_class": review.counts,
            }
            for review in deck.reviews.all()
        ],
    }

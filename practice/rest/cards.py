"""A deck and its cards as the practice page gets them. Times are Unix milliseconds."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from typing import Any

from common.config import CONFIG
from practice.database.decks import Deck
from practice.rules.deck import in_order
from practice.rules.schedule import Memory, due_after
from quizzes.rules.content import QuestionContent
from scoring.rules.regrading import right_answers
from sessions.database.rows import to_ms
from sessions.services.event_messages import options_of


def deck_json(deck: Deck) -> dict[str, Any]:
    """What is told of the deck itself."""
    row, days = deck.row, CONFIG.practice_kept_days
    school_class = row.pupil.school_class if row.pupil else None
    return {
        "title": deck.setup.quiz.title,
        "language": deck.setup.quiz.language,
        "created_at": to_ms(row.created_at),
        "used_at": to_ms(row.used_at),
        "kept_until": to_ms(row.used_at + timedelta(days=days)) if days else None,
        "kept_days": days,
        "counts_for_class": school_class is not None and school_class.practice_counts_since is not None,
        "class_name": school_class.name if school_class else None,
    }


def cards_json(deck: Deck, *, now: int, only: Iterable[str] | None = None) -> list[dict[str, Any]]:
    """The cards, those that were missed first.

    :param only: these alone.
    """
    wanted = None if only is None else set(only)
    rows = deck.row.cards.all() if wanted is None else deck.row.cards.filter(question_id__in=wanted)
    known = {row.question_id: _scheduled(Memory(*row.memory), row.reviews, now) for row in rows}
    missed = set(deck.row.missed)
    new = {"due": to_ms(deck.row.created_at), "reviews": 0, "after": due_after(None, now)}
    return [
        {**_card(deck, question), "missed": question.id in missed, **known.get(question.id, new)}
        for question in in_order(deck.setup.quiz, missed)
        if wanted is None or question.id in wanted
    ]


def _scheduled(memory: Memory, reviews: int, now: int) -> dict[str, Any]:
    return {"due": memory.due, "reviews": reviews, "after": due_after(memory, now)}


def _card(deck: Deck, question: QuestionContent) -> dict[str, Any]:
    quiz = deck.setup.quiz
    heard = bool(question.listen)
    return {
        "id": question.id,
        "kind": question.kind,
        "text": question.text,
        "options": options_of(deck.setup, question),
        "media": question.media or None,
        "listen": question.listen or None,
        "sound": question.sound or None if heard else None,
        "listen_language": (question.listen_language or quiz.language) if heard else None,
        "language": question.language or quiz.language,
        "explanation": question.explanation,
        "answer": {
            "accepted": right_answers(question, deck.state.accepted_to(question.id)),
            "tolerance": question.tolerance,
        },
    }

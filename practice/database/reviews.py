"""Reviews: graded, written into the log once, and what they make of their cards."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from django.db import transaction

from practice.database.decks import Deck, find_deck
from practice.models import PracticeCard, PracticeReview
from practice.rules.reviews import CARD_MOST, DECK_MOST, Sent, clamped
from practice.rules.schedule import Memory, remembered, replayed
from quizzes.rules.content import QuestionContent
from scoring.rules.difference import Segment, difference_shown
from scoring.rules.grading import InvalidAnswer, canonical, grade
from scoring.rules.regrading import without_accents
from sessions.database.rows import to_datetime, to_ms

Status = Literal["stored", "known", "unknown_card", "refused"]


@dataclass(frozen=True, slots=True)
class Result:
    """What came of a review. ``refusal`` is a message to be translated."""

    id: str
    status: Status
    verdict: str | None = None
    difference: list[Segment] | None = None
    refusal: str = ""


def gettext_noop(message: str) -> str:
    """Mark a message for translation; the face translates."""
    return message


NO_ANSWER = gettext_noop("There is no answer in it.")
FULL = gettext_noop("This card has been practised as often as is kept.")


@transaction.atomic
def add_reviews(token: str, sent: Sequence[Sent], *, now: int) -> tuple[Deck, list[Result], list[str]]:
    """Take reviews in; those that are known already change nothing.

    :param now: Unix milliseconds.
    :returns: the deck, what came of each, and the cards that changed.
    :raises practice.database.decks.UnknownDeck: when there is no such deck.
    """
    deck = find_deck(token, now=now, lock=True)
    known = {row.review_id: row for row in deck.row.reviews.filter(review_id__in=[each.id for each in sent])}
    counted = dict(deck.row.cards.values_list("question_id", "reviews"))
    total = sum(counted.values())
    results: list[Result] = []
    new: list[PracticeReview] = []
    for each in sent:
        row = known.get(each.id)
        question = deck.question(each.card)
        if row is not None:
            results.append(_known(deck, row))
            continue
        if question is None:
            results.append(Result(str(each.id), "unknown_card"))
            continue
        if total + len(new) >= DECK_MOST or counted.get(each.card, 0) >= CARD_MOST:
            results.append(Result(str(each.id), "refused", refusal=FULL))
            continue
        try:
            answer, verdict = _graded(deck, question, each)
        except InvalidAnswer as error:
            results.append(Result(str(each.id), "refused", refusal=str(error)))
            continue
        row = _row(deck, each, answer, verdict, now)
        known[each.id] = row
        new.append(row)
        counted[each.card] = counted.get(each.card, 0) + 1
        results.append(Result(str(each.id), "stored", verdict, _difference(deck, question, answer, verdict)))
    PracticeReview.objects.bulk_create(new)
    return deck, results, _remember(deck, new)


def _graded(deck: Deck, question: QuestionContent, sent: Sent) -> tuple[str, str]:
    """The answer as it is stored, and its verdict.

    :raises InvalidAnswer: when it has not the shape the question asks for.
    """
    if not sent.has_shape:
        raise InvalidAnswer(NO_ANSWER)
    if sent.answer is None:
        return "", "wrong"
    asked = without_accents(question) if deck.lenient else question
    accepted = deck.state.accepted_to(question.id)
    judged = grade(asked, sent.answer, language=deck.setup.quiz.language, accepted=accepted)
    return canonical(asked, sent.answer), judged.verdict


def _difference(deck: Deck, question: QuestionContent, answer: str, verdict: str) -> list[Segment] | None:
    if verdict != "almost":
        return None
    accepted = deck.state.accepted_to(question.id)
    return difference_shown(question, answer, "almost", language=deck.setup.quiz.language, accepted=accepted)


def _known(deck: Deck, row: PracticeReview) -> Result:
    question = deck.question(row.question_id)
    shown = _difference(deck, question, row.answer, row.verdict) if question else None
    return Result(str(row.review_id), "known", row.verdict, shown)


def _row(deck: Deck, sent: Sent, answer: str, verdict: str, now: int) -> PracticeReview:
    at = to_datetime(clamped(sent.at, made=to_ms(deck.row.created_at), now=now))
    since = deck.row.pupil.school_class.practice_counts_since if deck.row.pupil else None
    return PracticeReview(
        deck=deck.row,
        review_id=sent.id,
        question_id=sent.card,
        answer=answer,
        verdict=verdict,
        at=at,
        took_ms=sent.took_ms,
        counts=since is not None and at >= since,
    )


def _remember(deck: Deck, new: Sequence[PracticeReview]) -> list[str]:
    """Bring the cards of new reviews to where the log has them now; which they are."""
    by_card: dict[str, list[PracticeReview]] = defaultdict(list)
    for review in sorted(new, key=_place):
        by_card[review.question_id].append(review)
    cards = {card.question_id: card for card in deck.row.cards.filter(question_id__in=by_card)}
    for question_id, reviews in by_card.items():
        card = cards.get(question_id)
        memory = Memory(*card.memory) if card else None
        if memory is None or memory.last < to_ms(reviews[0].at):
            for review in reviews:
                memory = remembered(memory, review.verdict, to_ms(review.at))
        else:
            # One device was behind another.
            log = deck.row.reviews.filter(question_id=question_id).values_list("at", "review_id", "verdict")
            memory = replayed((to_ms(at), verdict) for at, _id, verdict in sorted(log))
        count = (card.reviews if card else 0) + len(reviews)
        cards[question_id] = PracticeCard(deck=deck.row, question_id=question_id, memory=memory, reviews=count)
    PracticeCard.objects.bulk_create(
        cards.values(),
        update_conflicts=True,
        unique_fields=["deck", "question_id"],
        update_fields=["memory", "reviews"],
    )
    return list(by_card)


def _place(review: PracticeReview) -> tuple[object, ...]:
    """Where a review stands in the log, in whatever order it came."""
    return review.at, review.review_id

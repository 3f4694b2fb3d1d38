"""Reviews as clients send them: read, bounded, and put in order. Pure."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

#: Reviews of one request.
AT_ONCE: Final = 200
#: Reviews that are kept of one deck, and of one card, whose log is replayed where a device was behind. A card that is
#: always wrong comes to a few dozen in half a year.
DECK_MOST: Final = 10_000
CARD_MOST: Final = 200
#: Longer than that nobody thinks about a word; milliseconds.
_LONGEST: Final = 3_600_000
_CARD_LENGTH: Final = 36


class NoReviews(ValueError):
    """What was sent is no list of reviews. The text is for a person who writes a client."""


@dataclass(frozen=True, slots=True)
class Sent:
    """A review as it was sent. ``answer`` is ``None`` for "I do not know", or where ``has_shape`` says it has none."""

    id: UUID
    card: str
    at: int
    answer: str | list[str] | None
    took_ms: int
    has_shape: bool


def read_reviews(body: object) -> list[Sent]:
    """The reviews of a request.

    :raises NoReviews: when they are none, too many, or one has no id by which it could be answered.
    """
    sent = body.get("reviews") if isinstance(body, Mapping) else None
    if not isinstance(sent, list) or not 1 <= len(sent) <= AT_ONCE:
        raise NoReviews(f'A body like {{"reviews": [...]}} with 1 to {AT_ONCE} of them, please.')
    return [_read(each) for each in sent]


def _read(sent: object) -> Sent:
    if not isinstance(sent, Mapping):
        raise NoReviews("Each review is an object.")
    try:
        review_id = UUID(sent.get("id"))
    except (ValueError, TypeError, AttributeError):
        raise NoReviews("Each review has an `id`, a UUID of the client's.") from None
    card, answer = sent.get("card"), sent.get("answer")
    known = isinstance(card, str) and 1 <= len(card) <= _CARD_LENGTH
    gives_up = answer is None and sent.get("provisional") is False
    return Sent(
        id=review_id,
        card=str(card) if known else "",
        at=_milliseconds(sent.get("at")),
        answer=_answer(answer),
        took_ms=max(0, min(_LONGEST, _milliseconds(sent.get("took_ms")))),
        has_shape=_answer(answer) is not None or gives_up,
    )


def _answer(answer: Any) -> str | list[str] | None:
    if isinstance(answer, str):
        return answer
    if isinstance(answer, list) and all(isinstance(item, str) for item in answer):
        return answer
    return None


def _milliseconds(value: object) -> int:
    """A number as it is; what is none is 0: a clock that is wrong loses nothing."""
    if isinstance(value, float) and math.isfinite(value):
        return int(value)
    return value if type(value) is int else 0


def clamped(at: int, *, made: int, now: int) -> int:
    """When a review was given: between the making of the deck and now, whatever the device's clock says."""
    return max(made, min(now, at))

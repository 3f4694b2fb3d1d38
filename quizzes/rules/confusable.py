"""Words of a list that are a slip of the keyboard apart. Pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence

from quizzes.rules.matching import bare, fold
from quizzes.rules.words import WordContent

#: Below so many letters no slip is almost right, so that nothing needs to be said.
LETTERS_LEAST = 4


def confusable_pairs(words: Sequence[WordContent], most: int) -> list[tuple[str, str]]:
    """Up to ``most`` pairs of terms that differ in one letter, one letter more, or two neighbours swapped."""
    by_rest: dict[str, list[int]] = defaultdict(list)
    bodies = [fold(bare(word.term)) for word in words]
    for index, body in enumerate(bodies):
        # Figures must be right anyhow.
        if len(body) >= LETTERS_LEAST and not any(map(str.isdigit, body)):
            for rest in _rests(body):
                by_rest[rest].append(index)
    pairs: dict[tuple[int, int], None] = {}
    for places in by_rest.values():
        first = places[0]
        for place in places[1:]:
            if bodies[place] != bodies[first]:
                pairs[min(first, place), max(first, place)] = None
    return [(words[one].term, words[other].term) for one, other in sorted(pairs)[:most]]


def _rests(body: str) -> Iterable[str]:
    """The text, and what is left of it without each of its letters."""
    return {body, *(f"{body[:place]}{body[place + 1 :]}" for place in range(len(body)))}

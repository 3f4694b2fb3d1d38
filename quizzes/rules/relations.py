"""Which words of a list could stand for each other, and which make good distractors. Pure."""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from functools import cached_property, lru_cache

from rapidfuzz import fuzz

from quizzes.rules.kinds import kind_of
from quizzes.rules.matching import bare, fold, leading, readings
from quizzes.rules.options import is_offensive, leaks
from quizzes.rules.words import WordContent, WordListContent


class ListedWord:
    """A word of the list at its place, with the readings of its sides."""

    def __init__(self, index: int, word: WordContent, kind: str = "") -> None:
        self.index = index
        self.word = word
        #: Part of speech.
        self.kind = kind
        self._fit: dict[str, bool] = {}

    @cached_property
    def tags(self) -> frozenset[str]:
        """Its tags, folded."""
        return frozenset(map(fold, self.word.tags))

    @cached_property
    def terms(self) -> frozenset[str]:
        """What the term and its alternatives may stand for."""
        return frozenset().union(*map(readings, (self.word.term, *self.word.alternatives)))

    @cached_property
    def meanings(self) -> frozenset[str]:
        """What the meanings may stand for."""
        return frozenset().union(*map(readings, self.word.meanings))

    @cached_property
    def _bags(self) -> tuple[frozenset[str], ...]:
        return tuple(frozenset(reading.split()) for reading in self.meanings)

    def may_be_offered(self, side: Callable[[WordContent], str]) -> bool:
        """Whether what is shown of it is fit to be a wrong option: not rude, and no give-away."""
        text = side(self.word)
        if (fit := self._fit.get(text)) is None:
            fit = self._fit[text] = not is_offensive(text) and not leaks(self.word, text)
        return fit

    def may_mean(self, other: ListedWord) -> bool:
        """Whether a meaning of one may be one of the other: the same, or with all its words ("big", "very big")."""
        if self.meanings & other.meanings:
            return True
        return any(one <= another or another <= one for one in self._bags for another in other._bags)


class Relations:
    """The words of a list among themselves."""

    def __init__(self, words: WordListContent) -> None:
        languages = words.term_language, words.meaning_language
        self.entries = [ListedWord(index, word, kind_of(word, *languages)) for index, word in enumerate(words.words)]
        self._by_term: dict[str, set[int]] = defaultdict(set)
        self._by_meaning: dict[str, set[int]] = defaultdict(set)
        # Two meanings are near each other only if they have a word in common.
        self._by_meaning_word: dict[str, set[int]] = defaultdict(set)
        for entry in self.entries:
            for reading in entry.terms:
                self._by_term[reading].add(entry.index)
            for reading in entry.meanings:
                self._by_meaning[reading].add(entry.index)
                for part in reading.split():
                    self._by_meaning_word[part].add(entry.index)
        self._relatives: dict[int, frozenset[int]] = {}

    def homographs(self, entry: ListedWord) -> list[ListedWord]:
        """Words spelled like it, itself first."""
        found = {index for reading in entry.terms for index in self._by_term[reading]} - {entry.index}
        return [entry, *(self.entries[index] for index in sorted(found))]

    def synonyms(self, entry: ListedWord) -> list[ListedWord]:
        """Other words that share a meaning with it."""
        found = {index for reading in entry.meanings for index in self._by_meaning[reading]} - {entry.index}
        return [self.entries[index] for index in sorted(found)]

    def _with_a_word_of(self, meanings: Iterable[str]) -> set[int]:
        return {index for reading in meanings for part in reading.split() for index in self._by_meaning_word[part]}

    def relatives(self, entry: ListedWord) -> frozenset[int]:
        """Places of the words that could be right where it is: of its spelling, or of nearly a meaning of those.

        With them goes what shares a meaning with one of them (where "riesig" is huge and big, huge is no wrong answer
        for big), and what is spelled like one.
        """
        if entry.index not in self._relatives:
            same = self.homographs(entry)
            found = {one.index for one in same}
            for one in same:
                near = self._with_a_word_of(one.meanings) - found
                found |= {index for index in near if one.may_mean(self.entries[index])}
            meant = frozenset().union(*(self.entries[index].meanings for index in found))
            found = found.union(*(self._by_meaning[reading] for reading in meant))
            spelled_so = (reading for index in found for reading in self.entries[index].terms)
            found = found.union(*(self._by_term[reading] for reading in spelled_so))
            self._relatives[entry.index] = frozenset(found)
        return self._relatives[entry.index]

    def unrelated(self, entry: ListedWord) -> list[ListedWord]:
        """The words that cannot be right in its place."""
        relatives = self.relatives(entry)
        return [other for other in self.entries if other.index not in relatives]

    def unrelated_count(self, entry: ListedWord) -> int:
        """How many words cannot be right in its place."""
        return len(self.entries) - len(self.relatives(entry))

    def groups(self, order: Sequence[int], *, size: int, least: int, most: int) -> list[tuple[int, ...]]:
        """Places in up to ``most`` groups of ``least`` to ``size`` words none of which could stand for another."""
        left = list(order)
        groups: list[tuple[int, ...]] = []
        while left and len(groups) < most:
            group: list[int] = []
            barred: set[int] = set()
            for index in left:
                if index not in barred:
                    group.append(index)
                    barred |= self.relatives(self.entries[index])
                if len(group) == size:
                    break
            if len(group) < least:
                break
            left = [index for index in left if index not in group]
            groups.append(tuple(group))
        return groups

    def distractors(
        self,
        entry: ListedWord,
        side: Callable[[WordContent], str],
        *,
        count: int,
        likeness: float,
        chance: random.Random,
    ) -> list[str]:
        """Up to ``count`` texts of words unrelated to it and to each other: two of one meaning would both be wrong.

        :param side: what of a word is shown: its term or its first meaning.
        :param likeness: weight of likeness against chance, 0 to 1.
        """
        right = side(entry.word)

        form = _form(right)

        def score(other: ListedWord) -> tuple[bool, bool, int, float]:
            text = side(other.word)
            alike = _likeness(entry, other, right, text)
            own = _form(text)
            same = sum(one == another for one, another in zip(form[1:], own[1:], strict=True))
            by_chance = likeness * alike + (1 - likeness) * chance.random()
            # A word of another kind, or of another article, is no option while there are others.
            return entry.kind == other.kind, form[0] == own[0], same, by_chance

        scored = sorted(
            ((score(other), other.index) for other in self.unrelated(entry) if other.may_be_offered(side)), reverse=True
        )
        chosen: list[str] = []
        barred: set[int] = set()
        for _score, index in scored:
            if len(chosen) == count:
                break
            if index not in barred:
                barred |= self.relatives(self.entries[index])
                chosen.append(side(self.entries[index].word))
        return chosen


def _likeness(entry: ListedWord, other: ListedWord, right: str, text: str) -> float:
    """How alike two words are as options, 0 to 1: tags count 0.4, length and letters 0.3 each."""
    tags, others = entry.tags, other.tags
    shared = len(tags & others) / len(tags | others) if tags | others else 0.0
    length = min(len(right), len(text)) / max(len(right), len(text), 1)
    return 0.4 * shared + 0.3 * length + 0.3 * fuzz.ratio(fold(right), fold(text)) / 100


@lru_cache(maxsize=16_384)
def _form(text: str) -> tuple[str, bool, bool, bool]:
    """What may give an option away: its article, its capital, whether it has parentheses, whether it is a phrase."""
    rest = bare(text)
    return leading(text), rest[:1].isupper(), "(" in text, len(rest.split()) > 1

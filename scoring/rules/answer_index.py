"""Accepted answers, found by their keys. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import NamedTuple, Self

from scoring.rules.expansions import expansions
from scoring.rules.folding import LEADING_MARKS, Accents, Folder
from scoring.rules.looseness import Loosening


class Wording(NamedTuple):
    """One way to spell an accepted answer."""

    spelling: str
    #: The answer as the author wrote it.
    shown: str
    #: Whether it is an author's line as it stands, which is right as a whole only.
    whole: bool


def wordings(texts: Iterable[str], folder: Folder, *, literal: bool = False) -> list[Wording]:
    """Every answer that the author's lines stand for, and the lines as they are written.

    :param literal: whether each stands for itself alone.
    """
    found: dict[Wording, None] = {}
    for text in texts:
        for shown in [text] if literal else expansions(text, folder.language):
            for spelling in (shown, *folder.spelled_out(shown)):
                found[Wording(spelling, shown, whole=False)] = None
        found[Wording(text, text, whole=True)] = None
    return list(found)


@dataclass(frozen=True, slots=True)
class Match:
    """An accepted answer that a typed one is, perhaps but for its article."""

    shown: str
    article_fits: bool


class AnswerIndex:
    """Answers by their keys, with and without their articles."""

    def __init__(self, folder: Folder, accepted: Iterable[Wording], *, case: bool, accents: Accents) -> None:
        self._folder = folder
        self._case = case
        self._accents = accents
        #: The whole text -> the answer as the author wrote it.
        self.wholes: dict[str, str] = {}
        #: The text without its article -> the articles it is accepted with -> the answer as the author wrote it.
        self.bodies: dict[str, dict[str, str]] = {}
        for wording in accepted:
            for key in filter(None, self.keys(wording.spelling)):
                self.wholes.setdefault(key, wording.shown)
                if not wording.whole:
                    article, body = folder.article(key)
                    self.bodies.setdefault(body, {}).setdefault(article, wording.shown)

    def loosened(self, way: Loosening) -> Self:
        """The same answers, their keys loosened."""
        index = type(self)(self._folder, (), case=self._case, accents=self._accents)
        for key, shown in self.wholes.items():
            loose = way(key)
            index.wholes.setdefault(loose, shown)
            article, body = self._folder.article(loose)
            index.bodies.setdefault(body, {}).setdefault(article, shown)
        return index

    def keys(self, text: str) -> tuple[str, ...]:
        """The keys of a text under this index's rules."""
        return self._folder.keys(text, case=self._case, accents=self._accents)

    def typed_keys(self, text: str) -> tuple[str, ...]:
        """The keys of what was typed: a mark before it that belongs to no accepted answer does not count."""
        keys = self.keys(text)
        if text[0] not in LEADING_MARKS:
            return keys
        return tuple(dict.fromkeys((*keys, *self.keys(text.lstrip(LEADING_MARKS)))))

    def splits(self, keys: Iterable[str]) -> Iterator[tuple[str, str]]:
        """Article and body of each key; a key that begins with what may be an article also as a whole."""
        for key in keys:
            article, body = self._folder.article(key)
            yield article, body
            if article:
                yield "", key

    def match(self, keys: tuple[str, ...], *, required: bool) -> Match | None:
        """The answer the keys are, perhaps but for the article; the best one.

        :param required: whether the article must be the accepted one.
        """
        for key in keys:
            if key in self.wholes:
                return Match(self.wholes[key], article_fits=True)
        found = None
        for article, body in self.splits(keys):
            if (known := self.bodies.get(body)) is not None:
                fits = self.fits(article, known, required=required)
                match = Match(known.get(article) or known[max(known)], fits)
                if fits:
                    return match
                found = found or match
        return found

    def fits(self, article: str, known: Iterable[str], *, required: bool) -> bool:
        """Whether an article (or none) goes with a word accepted with the known ones."""
        if article in known:
            return True
        stated = [other for other in known if other]
        if required or not self._folder.reflexives.isdisjoint((article, *stated)):
            return False
        if not article or not stated:
            return True
        return any(self._folder.articles_fit(article, other) for other in stated)

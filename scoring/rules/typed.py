"""Comparing a typed answer with the accepted ones as a language teacher would. Pure.

An answer is right when it is spelled like an accepted one. It is almost right when it has exactly one flaw: its
article is wrong, its accents are (where the question's rule says so), or it is a near miss, a typing error or two in
a word long enough. An answer that is another word of the list is never almost right.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property, lru_cache
from itertools import zip_longest

from rapidfuzz import process
from rapidfuzz.distance import OSA

from quizzes.rules.content import Grading, QuestionContent
from scoring.rules.expansions import expansions
from scoring.rules.folding import Accents, Folder, folder_for
from scoring.rules.points import Verdict

#: A near miss in a shorter word is another word ("cat", "bat").
MIN_NEAR_LETTERS = 4
#: One letter off a shorter article is another particle ("to", "no").
MIN_ARTICLE_LETTERS = 3
#: Letters from which on one, two and three typing errors are near (a swap of neighbours is one).
_NEAR_LIMITS = ((15, 3), (8, 2), (MIN_NEAR_LETTERS, 1))


def compare(question: QuestionContent, text: str, language: str) -> tuple[Verdict, str]:
    """The verdict on a typed answer, and the accepted answer it is closest to (empty when there is none).

    :param text: the answer, not empty.
    :param language: BCP 47 tag of the quiz.
    """
    return _target(question.correct_answers, question.confusable, question.grading, language).judge(text)


def compare_with(question: QuestionContent, accepted: str, text: str, language: str) -> tuple[Verdict, str]:
    """As :func:`compare`, with an answer that a player gave in the place of the author's.

    It stands for itself alone: its parentheses and slashes are no author's shorthand.
    """
    return _target((accepted,), question.confusable, question.grading, language, literal=True).judge(text)


def fold(question: QuestionContent, text: str, language: str) -> tuple[str, ...]:
    """What a typed answer is compared by: answers that differ in nothing the question looks at have the same."""
    accents = Accents.BASE if question.grading.accents == "ignore" else Accents.KEPT
    return folder_for(language).keys(text, case=question.grading.case == "strict", accents=accents)


def is_near(typed: str, right: str, negations: tuple[str, ...] = ()) -> bool:
    """Whether one text is a typing error or two away from the other; both are keys of :class:`Folder`.

    The distance is optimal string alignment; how much is allowed grows with the letters of the right text, and within
    a phrase with those of each word. Figures must be the same, and a negating prefix is no typing error.
    """
    limit = near_limit(right)
    if limit == 0 or near_limit(typed) == 0 or OSA.distance(typed, right, score_cutoff=limit) > limit:
        return False
    if [char for char in typed if char.isdigit()] != [char for char in right if char.isdigit()]:
        return False
    if " " not in typed and " " not in right:
        return not _negates(typed, right, negations)
    words = list(zip_longest(typed.split(), right.split(), fillvalue=""))
    if not all(all(pair) for pair in words):
        return True
    return all(a == b or is_near(a, b, negations) for a, b in words)


def near_limit(text: str) -> int:
    """How many typing errors are near in a text of so many letters and figures; 0 where none is."""
    letters = sum(map(str.isalnum, text))
    return next((limit for least, limit in _NEAR_LIMITS if letters >= least), 0)


def _negates(a: str, b: str, negations: tuple[str, ...]) -> bool:
    longer, shorter = (a, b) if len(a) > len(b) else (b, a)
    return longer.endswith(shorter) and longer[: -len(shorter)] in negations


@dataclass(frozen=True, slots=True)
class _Match:
    shown: str
    article_fits: bool


class _Index:
    """Answers by their keys, with and without their articles."""

    def __init__(self, folder: Folder, *, case: bool, accents: Accents) -> None:
        self._folder = folder
        self._case = case
        self._accents = accents
        #: The whole text -> the answer as the author wrote it.
        self.wholes: dict[str, str] = {}
        #: The text without its article -> the articles it is accepted with -> the answer as the author wrote it.
        self.bodies: dict[str, dict[str, str]] = {}

    def keys(self, text: str) -> tuple[str, ...]:
        return self._folder.keys(text, case=self._case, accents=self._accents)

    def splits(self, keys: Iterable[str]) -> Iterator[tuple[str, str]]:
        """Article and body of each key; a key that begins with what may be an article also as a whole."""
        for key in keys:
            article, body = self._folder.article(key)
            yield article, body
            if article:
                yield "", key

    def fill(self, texts: Iterable[str], *, literal: bool = False) -> None:
        """Take every answer that the author's lines stand for, and the lines as they are written.

        :param literal: whether each stands for itself alone.
        """
        for text in texts:
            for shown in [text] if literal else expansions(text, self._folder.language):
                for spelling in dict.fromkeys((shown, self._folder.spelled_out(shown))):
                    self._add(spelling, shown)
            for key in filter(None, self.keys(text)):
                self.wholes.setdefault(key, text)

    def _add(self, spelling: str, shown: str) -> None:
        for key in filter(None, self.keys(spelling)):
            self.wholes.setdefault(key, shown)
            article, body = self._folder.article(key)
            self.bodies.setdefault(body, {}).setdefault(article, shown)

    def match(self, keys: tuple[str, ...], *, required: bool) -> _Match | None:
        """The answer the keys are, perhaps but for the article; the best one."""
        for key in keys:
            if key in self.wholes:
                return _Match(self.wholes[key], article_fits=True)
        found = None
        for article, body in self.splits(keys):
            if (known := self.bodies.get(body)) is not None:
                fits = self.fits(article, known, required=required)
                match = _Match(known.get(article) or known[max(known)], fits)
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


#: By rule for accents: what a near miss may not owe its distance to. The strict rule counts letters of their own too.
_ACCENT_FLAWS: dict[str, tuple[Accents, ...]] = {
    "ignore": (),
    "almost": (Accents.BASE,),
    "strict": (Accents.BASE, Accents.BARE),
}


class _Target:
    """What a question accepts, prepared for comparing."""

    def __init__(
        self,
        accepted: tuple[str, ...],
        confusable: tuple[str, ...],
        grading: Grading,
        language: str,
        *,
        literal: bool,
    ) -> None:
        self._grading = grading
        self._confusable = confusable
        self._language = language
        self._required = grading.articles == "required"
        self._folder = folder = folder_for(language)
        self._negations = folder.language.negations
        case = grading.case == "strict"
        kept = _Index(folder, case=case, accents=Accents.KEPT)
        base = _Index(folder, case=case, accents=Accents.BASE)
        self._right = base if grading.accents == "ignore" else kept
        self._right_in_capitals = base if folder.language.bare_capitals else self._right
        self._but_for_accents = base if grading.accents == "almost" else None
        # Where accents are ignored, a miss may be near with them or without.
        self._near = [kept, base] if grading.accents == "ignore" else [kept]
        #: Where accents are strict, an answer that lacks nothing but them is wrong, however near a spelling without
        #: them ("schoen") may be.
        self._strict = [_Index(folder, case=False, accents=Accents.BARE)] if grading.accents == "strict" else []
        for index in (kept, base, *self._strict):
            index.fill(accepted, literal=literal)
        self._shown = list(dict.fromkeys(shown for known in kept.bodies.values() for shown in known.values()))

    def judge(self, text: str) -> tuple[Verdict, str]:
        right = self._right_in_capitals if text.isupper() else self._right
        found = right.match(right.keys(text), required=self._required)
        if found and found.article_fits:
            return "correct", found.shown
        if not found and self._but_for_accents:
            found = self._but_for_accents.match(self._but_for_accents.keys(text), required=self._required)
            if found and not found.article_fits:
                found = None
        if found:
            return "wrong" if self._is_another(text, Accents.KEPT) else "almost", found.shown
        near = self._near_miss(text) or self._slip_in_article(text)
        if near is None:
            return "wrong", self._closest(text)
        shown, slips = near
        # What is a slip away from this word and an accent away from another is no near miss of this one.
        lacks_accents = any(index.match(index.keys(text), required=False) for index in self._strict)
        another = lacks_accents or self._is_another(text, Accents.BASE) or self._is_nearer_to_another(text, slips)
        return "wrong" if another else "almost", shown

    def _is_another(self, text: str, accents: Accents) -> bool:
        """Whether the text is right for another word of the list, with an article that fits or none."""
        keys = self._folder.keys(text, accents=accents)
        own = {*keys, *(self._folder.article(key)[1] for key in keys)}
        for word in self._confusable:
            if own.isdisjoint(_spellings(word, self._language, accents)):
                continue
            index = _Index(self._folder, case=False, accents=accents)
            index.fill([word])
            found = index.match(keys, required=False)
            if found and found.article_fits:
                return True
        return False

    def _is_nearer_to_another(self, text: str, slips: int) -> bool:
        """Whether fewer typing errors lead to another word of the list."""
        if slips < 2 or not self._confusable:
            # With no slip it would be the other word itself.
            return False
        bodies = {self._folder.article(key)[1] for key in self._folder.keys(text)}
        return any(
            process.extractOne(body, self._other_bodies, scorer=OSA.distance, score_cutoff=slips - 1) for body in bodies
        )

    @cached_property
    def _other_bodies(self) -> list[str]:
        """The other words of the list without their articles, but for those that are right here as well."""
        known = self._right.bodies
        bodies = (
            body
            for word in self._confusable
            for body in _spellings(word, self._language, Accents.KEPT)
            if body not in known and not self._folder.article(body)[0]
        )
        return list(dict.fromkeys(bodies))

    def _near_miss(self, text: str) -> tuple[str, int] | None:
        """The accepted answer that the text is a near miss of, the nearest one, and how many slips it takes."""
        found: list[tuple[int, str]] = []
        for index in self._near:
            for article, body in index.splits(index.keys(text)):
                for right, known in index.bodies.items():
                    if (
                        is_near(body, right, self._negations)
                        and index.fits(article, known, required=self._required)
                        and self._is_only_slips(body, right)
                    ):
                        found.append((OSA.distance(body, right), known.get(article) or known[max(known)]))
        return min(found, key=lambda near: near[0])[::-1] if found else None

    def _slip_in_article(self, text: str) -> tuple[str, int] | None:
        """As :meth:`_near_miss`, where the word is right and a typing error is in its article or parts it from it."""
        for index in self._near:
            for key in index.keys(text):
                first, _space, rest = key.partition(" ")
                for article, shown in index.bodies.get(rest, {}).items():
                    if len(article) >= MIN_ARTICLE_LETTERS and OSA.distance(first, article) == 1:
                        return shown, 1
                for body, known in index.bodies.items():
                    for article, shown in known.items():
                        if article and near_limit(key) and key == article.replace("'", "").replace(" ", "") + body:
                            return shown, 1
        return None

    def _is_only_slips(self, body: str, right: str) -> bool:
        """Whether two near texts are as far apart with capitals and accents looked away from.

        If not, a capital or an accent is wrong too, and the rule for those says that this is a flaw of its own.
        """
        distance = OSA.distance(body, right)
        fold = self._folder.keys
        if self._grading.case == "strict":
            small_body, small_right = fold(body)[0], fold(right)[0]
            if distance > OSA.distance(small_body, small_right) or not is_near(
                small_body, small_right, self._negations
            ):
                return False
        return all(
            distance
            <= OSA.distance(fold(body, case=True, accents=accents)[0], fold(right, case=True, accents=accents)[0])
            for accents in _ACCENT_FLAWS[self._grading.accents]
        )

    def _closest(self, text: str) -> str:
        if len(self._shown) < 2:
            return self._shown[0] if self._shown else ""
        return min(self._shown, key=lambda shown: OSA.normalized_distance(text, shown))


@lru_cache(maxsize=2048)
def _target(
    accepted: tuple[str, ...], confusable: tuple[str, ...], grading: Grading, language: str, *, literal: bool = False
) -> _Target:
    return _Target(accepted, confusable, grading, language, literal=literal)


@lru_cache(maxsize=16384)
def _spellings(word: str, language: str, accents: Accents) -> frozenset[str]:
    """The keys of a word of the list, with and without its article: the questions of a list share their words."""
    index = _Index(folder_for(language), case=False, accents=accents)
    index.fill([word])
    return frozenset((*index.wholes, *index.bodies))

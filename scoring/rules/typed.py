"""Comparing a typed answer with the accepted ones as a language teacher would. Pure.

An answer is right when it is spelled like an accepted one. It is almost right when it has exactly one flaw: its
article is wrong, its accents are (where the question's rule says so), it is a near miss, a typing error or two in a
word long enough, or it is written in a way that :mod:`scoring.rules.looseness` knows. An answer that is another word of
the list, or of the language, is never almost right.
"""

from __future__ import annotations

import re
from functools import cached_property, lru_cache

from rapidfuzz import process
from rapidfuzz.distance import OSA

from quizzes.rules.content import Grading, QuestionContent
from scoring.rules.answer_index import AnswerIndex, Wording, wordings
from scoring.rules.folding import Accents, folder_for
from scoring.rules.lexicon import is_another_word
from scoring.rules.looseness import Loosening, loosenings
from scoring.rules.points import Verdict
from scoring.rules.slips import distance, is_near, near_limit

#: One letter off a shorter article is another particle ("to", "no").
MIN_ARTICLE_LETTERS = 3
#: So many answers may be given in place of one.
MAX_ANSWERS = 6
#: A word needs so many letters beside the article at its end.
STEM_LEAST = 3


def compare(question: QuestionContent, text: str, language: str) -> tuple[Verdict, str]:
    """The verdict on a typed answer, and the accepted answer it is closest to (empty when there is none).

    :param text: the answer, not empty.
    :param language: BCP 47 tag of the quiz.
    """
    return _judgement(_target(question.correct_answers, question.confusable, question.grading, language), text)


def compare_with(question: QuestionContent, accepted: str, text: str, language: str) -> tuple[Verdict, str]:
    """As :func:`compare`, with an answer that a player gave in the place of the author's.

    It stands for itself alone: its parentheses and slashes are no author's shorthand.
    """
    return _judgement(_target((accepted,), question.confusable, question.grading, language, literal=True), text)


def fold(question: QuestionContent, text: str, language: str) -> tuple[str, ...]:
    """What a typed answer is compared by: answers that differ in nothing the question looks at have the same."""
    accents = Accents.BARE if question.grading.accents == "ignore" else Accents.KEPT
    return folder_for(language).keys(text, case=question.grading.case == "strict", accents=accents)


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
        self._wordings: list[Wording] = wordings(accepted, folder_for(language), literal=literal)
        self._grading = grading
        self._confusable = confusable
        self._language = language
        self._others_by_accents: dict[Accents, dict[str, list[str]]] = {}
        self._required = grading.articles == "required"
        self._folder = folder = folder_for(language)
        self._negations = folder.language.negations
        self._kept = self._index(Accents.KEPT)
        # Where accents are ignored, so is what makes letters of their own: ñ and n, ł and l.
        self._right = self._index(Accents.BARE) if grading.accents == "ignore" else self._kept
        self._shown = list(dict.fromkeys(shown for _spelling, shown, whole in self._wordings if not whole))

    def _index(self, accents: Accents, *, case: bool | None = None) -> AnswerIndex:
        """:param case: whether capitals count; as the rule says if it is left out."""
        case = self._grading.case == "strict" if case is None else case
        return AnswerIndex(self._folder, self._wordings, case=case, accents=accents)

    @cached_property
    def _base(self) -> AnswerIndex:
        return self._index(Accents.BASE)

    @cached_property
    def _near(self) -> list[AnswerIndex]:
        """Where accents are ignored, a miss may be near with them or without."""
        return [self._kept, self._base, self._right] if self._grading.accents == "ignore" else [self._kept]

    @cached_property
    def _strict(self) -> list[AnswerIndex]:
        """Where accents are strict, an answer that lacks nothing but them is wrong, however near a spelling without
        them ("schoen") may be.
        """
        return [self._index(Accents.BARE, case=False)] if self._grading.accents == "strict" else []

    @cached_property
    def _loose(self) -> list[tuple[Loosening, AnswerIndex, bool]]:
        """Ways to write loosely, the answers in each, and whether it changes any of them."""
        indexes = ((way, self._kept.loosened(way)) for way in loosenings(self._folder.language))
        return [(way, index, index.wholes.keys() != self._kept.wholes.keys()) for way, index in indexes]

    def judge(self, text: str) -> tuple[Verdict, str]:
        verdict, shown = self._judged(text)
        if verdict != "correct" and len(self._shown) > 1:
            # Two right answers in place of one are right.
            parts = [part for part in self._or.split(text) if part.strip()]
            if 1 < len(parts) <= MAX_ANSWERS and all(self._is_right(part) for part in parts):
                return "correct", shown
        return verdict, shown

    @cached_property
    def _or(self) -> re.Pattern[str]:
        words = "".join(rf"|\s+{re.escape(word)}\s+" for word in self._folder.language.or_words)
        return re.compile(rf"\s*[,;/،、；]\s*{words}", re.IGNORECASE)

    def _is_right(self, text: str) -> bool:
        found = self._right.match(self._right.keys(text), required=self._required)
        return found is not None and found.article_fits

    def _judged(self, text: str) -> tuple[Verdict, str]:
        right = self._base if self._folder.language.bare_capitals and text.isupper() else self._right
        found = right.match(right.typed_keys(text), required=self._required)
        if found and found.article_fits:
            return "correct", found.shown
        if not found and self._grading.accents == "almost":
            found = self._base.match(self._base.typed_keys(text), required=self._required)
            if found and not found.article_fits:
                found = None
        if found:
            return "wrong" if self._is_another(text, Accents.KEPT) else "almost", found.shown
        keys = self._kept.keys(text)
        if (shown := self._loosely(keys)) and not self._is_another(text, Accents.BASE):
            return "almost", shown
        near = self._near_miss(text) or self._slip_in_article(text)
        if near is None:
            return "wrong", self._closest(text)
        shown, slips = near
        # What is a slip away from this word and an accent away from another is no near miss of this one.
        lacks_accents = any(index.match(index.keys(text), required=False) for index in self._strict)
        another = lacks_accents or self._is_another(text, Accents.BASE) or self._is_nearer_to_another(text, slips)
        return "wrong" if another else "almost", shown

    def _loosely(self, keys: tuple[str, ...]) -> str:
        """The accepted answer that keys are written loosely as, or an empty string."""
        for way, index, changes in self._loose:
            loose = tuple(map(way, keys))
            if loose == keys and not changes:
                continue
            found = index.match(loose, required=self._required)
            if found and found.article_fits:
                return found.shown
        return self._with_other_suffix(keys)

    def _with_other_suffix(self, keys: tuple[str, ...]) -> str:
        """The accepted answer that differs in the article at its end alone (hund, hunden)."""
        suffixes = self._folder.language.suffixes
        known = self._kept.bodies
        for _article, body in self._kept.splits(keys) if suffixes else ():
            stems = [body[: -len(suffix)] for suffix in suffixes if body.endswith(suffix)]
            if self._folder.language.genders_in_suffix:
                # A noun of two genders: boka, boken.
                stems += [f"{stem}{suffix}" for stem in stems for suffix in suffixes]
            wanted = (*(f"{body}{suffix}" for suffix in suffixes if len(body) >= STEM_LEAST), *stems)
            for right in wanted:
                if len(right) >= STEM_LEAST and right in known and not self._is_other_word(body, right):
                    return next(iter(known[right].values()))
        return ""

    def _is_another(self, text: str, accents: Accents) -> bool:
        """Whether the text is right for another word of the list, with an article that fits or none."""
        keys = self._folder.keys(text, accents=accents)
        own = dict.fromkeys((*keys, *(self._folder.article(key)[1] for key in keys)))
        others = self._others(accents)
        for word in (word for key in own if key in others for word in others[key]):
            index = AnswerIndex(self._folder, wordings((word,), self._folder), case=False, accents=accents)
            found = index.match(keys, required=False)
            if found and found.article_fits:
                return True
        return False

    def _others(self, accents: Accents) -> dict[str, list[str]]:
        """The other words of the list by their keys."""
        if accents not in self._others_by_accents:
            found: dict[str, list[str]] = {}
            for word in self._confusable:
                for key in _spellings(word, self._language, accents):
                    found.setdefault(key, []).append(word)
            self._others_by_accents[accents] = found
        return self._others_by_accents[accents]

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
                        and not self._is_other_word(body, right)
                    ):
                        found.append((distance(body, right), known.get(article) or known[max(known)]))
        return min(found, key=lambda near: near[0])[::-1] if found else None

    def _is_other_word(self, body: str, right: str) -> bool:
        """Whether a word of what was typed is another word of the language, no slip."""
        words, others = body.split(), right.split()
        return len(words) == len(others) and any(
            word != other and is_another_word(word, other, self._folder.language)
            for word, other in zip(words, others, strict=True)
        )

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
        fold = self._folder.keys
        if self._grading.case != "strict" and body.isascii() and right.isascii():
            return True
        apart = distance(body, right)
        if self._grading.case == "strict":
            small_body, small_right = fold(body)[0], fold(right)[0]
            if apart > distance(small_body, small_right) or not is_near(small_body, small_right, self._negations):
                return False
        return all(
            apart <= distance(fold(body, case=True, accents=accents)[0], fold(right, case=True, accents=accents)[0])
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


@lru_cache(maxsize=8192)
def _judgement(target: _Target, text: str) -> tuple[Verdict, str]:
    """The judgement of an answer, kept because thousands of players give the same few."""
    return target.judge(text)


@lru_cache(maxsize=16384)
def _spellings(word: str, language: str, accents: Accents) -> frozenset[str]:
    """The keys of a word of the list, with and without its article: the questions of a list share their words."""
    folder = folder_for(language)
    index = AnswerIndex(folder, wordings((word,), folder), case=False, accents=accents)
    return frozenset((*index.wholes, *index.bodies))

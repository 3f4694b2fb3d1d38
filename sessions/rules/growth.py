"""How surely words are known, from answers: the numbers of Growth. Pure; what is counted and how is all here.

A *word* is a right answer in its language: "Haus" in German, whoever asks for it and how. A question whose right answer
says nothing by itself (true or false, a number, an order, several options) is a word by its own text. Polls are none.

Sureness is the chance that a word would be right a day from now. It is the model of half-lives of B. Settles and
B. Meeder, "A Trainable Spaced Repetition Model for Language Learning" (ACL 2016), equation (1): `p = 2 ** (-delta / h)`
with ``delta`` days since the word was last asked, and with the weights by which that paper has the Leitner system as a
special case: ``h = 2 ** (right - wrong)`` days, between 15 minutes and 274 days, as there. An almost right answer is
half a right one. ``delta`` counts from the last answer to a day from now, so that it is never 0: a word that was
answered a moment ago is not sure for that alone. One right answer makes 71 percent, two 84, three 92; one wrong, 25.
"""

from __future__ import annotations

import math
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Final, Literal, NamedTuple

from quizzes.rules.content import QuestionContent
from quizzes.rules.text import normalize

DAY_MS: Final = 86_400_000
_SHORTEST, _LONGEST = 15 / (24 * 60), 274.0
#: From these chances on a word is known, or shaky; below, it is not known yet.
KNOWN, SHAKY = 0.8, 0.4
#: Pupils who have to confuse two words in the same way before it is told.
CONFUSED_BY: Final = 2
#: What half a right answer is worth.
_WORTH = {"correct": 1.0, "almost": 0.5}
_BY_ANSWER = ("choice", "typed")

Level = Literal["known", "shaky", "unknown"]
LEVELS: Final[tuple[Level, ...]] = ("known", "shaky", "unknown")


class StudiedWord(NamedTuple):
    """A word, by what makes two questions ask for the same one."""

    language: str
    key: str


@dataclass(frozen=True, slots=True)
class WordAnswer:
    """An answer of a pupil to a word. ``at`` is Unix milliseconds; ``typed`` is empty where nothing was typed."""

    pupil: str
    word: StudiedWord
    verdict: str
    at: int
    typed: str = ""


@dataclass(frozen=True, slots=True)
class Confusion:
    """What was typed for a word that it is not, by how many pupils."""

    word: StudiedWord
    typed: str
    pupils: int


@dataclass(frozen=True, slots=True)
class WordRow:
    """A word, over all pupils who were asked it."""

    word: StudiedWord
    answers: int
    right: int
    #: Mean of the pupils' chances.
    sureness: float
    levels: Mapping[Level, int]

    @property
    def percent_right(self) -> int:
        """The share of its answers that were right."""
        return round(100 * self.right / self.answers)


def word_of(question: QuestionContent, quiz_language: str) -> StudiedWord | None:
    """The word that a question asks; ``None`` for a poll."""
    if question.kind == "poll":
        return None
    language = question.language or quiz_language
    told = question.correct_answers[0] if question.kind in _BY_ANSWER else question.text
    return StudiedWord(language, fold(told))


@lru_cache(maxsize=10_000)
def fold(text: str) -> str:
    """A text as it is compared: case, width, and spaces and marks at its edges make no other word."""
    folded = normalize("NFKC", normalize("NFKC", text).casefold())
    words = " ".join(folded.split())
    return words.strip("".join({char for char in words if unicodedata.category(char)[0] in "PZ"})) or words


class WordTally(NamedTuple):
    """What is known of a pupil and a word: right and wrong answers, and when the last was given."""

    right: float = 0.0
    wrong: int = 0
    last: int = 0

    def and_(self, answer: WordAnswer) -> WordTally:
        """With one answer more."""
        worth = _WORTH.get(answer.verdict)
        return WordTally(self.right + (worth or 0.0), self.wrong + (worth is None), max(self.last, answer.at))

    def chance(self, now: int) -> float:
        """See :func:`sureness`."""
        # A power beyond what a float holds would be cut off anyway.
        power = max(-20.0, min(20.0, self.right - self.wrong))
        half_life = min(_LONGEST, max(_SHORTEST, math.exp2(power)))
        days = max(0, now - self.last) / DAY_MS + 1
        return max(math.exp2(-days / half_life), 1e-9)


_NOTHING = WordTally()


def sureness(answers: Iterable[WordAnswer], now: int) -> float:
    """The chance, above 0 and below 1, that the word of these answers would be right a day from now.

    :param answers: of one pupil to one word, at least one.
    :param now: Unix milliseconds.
    """
    tally = _NOTHING
    for answer in answers:
        tally = tally.and_(answer)
    return tally.chance(now)


def level(chance: float) -> Level:
    """How surely a word with this chance is known."""
    return "known" if chance >= KNOWN else "shaky" if chance >= SHAKY else "unknown"


def by_pupil(answers: Iterable[WordAnswer], now: int) -> dict[str, dict[StudiedWord, float]]:
    """How surely each pupil knows each word that the pupil was asked."""
    tallies: dict[tuple[str, StudiedWord], WordTally] = {}
    for answer in answers:
        pair = answer.pupil, answer.word
        tallies[pair] = tallies.get(pair, _NOTHING).and_(answer)
    found: dict[str, dict[StudiedWord, float]] = defaultdict(dict)
    for (pupil, word), tally in tallies.items():
        found[pupil][word] = tally.chance(now)
    return dict(found)


def word_rows(answers: Sequence[WordAnswer], by_pupils: Mapping[str, Mapping[StudiedWord, float]]) -> list[WordRow]:
    """Every word that was asked, the least surely known first.

    :param by_pupils: how surely each pupil knows each word, see :func:`by_pupil`.
    """
    counts: Counter[StudiedWord] = Counter(answer.word for answer in answers)
    right: Counter[StudiedWord] = Counter(answer.word for answer in answers if answer.verdict == "correct")
    chances: dict[StudiedWord, list[float]] = defaultdict(list)
    for words in by_pupils.values():
        for word, chance in words.items():
            chances[word].append(chance)
    rows = [
        WordRow(word, counts[word], right[word], sum(found) / len(found), _levels(found))
        for word, found in chances.items()
    ]
    return sorted(rows, key=lambda row: (row.sureness, row.word))


def hardest(rows: Iterable[WordRow], most: int) -> list[WordRow]:
    """The words with the smallest share of right answers, of those that were ever wrong and asked twice or more."""
    hard = [row for row in rows if row.answers > 1 and row.right < row.answers]
    return sorted(hard, key=lambda row: (row.right / row.answers, -row.answers, row.word))[:most]


def confusions(answers: Iterable[WordAnswer]) -> list[Confusion]:
    """What at least :data:`CONFUSED_BY` pupils typed for a word and was wrong, the most frequent first."""
    who: dict[tuple[StudiedWord, str], set[str]] = defaultdict(set)
    for answer in answers:
        if answer.verdict not in _WORTH and (typed := fold(answer.typed)):
            who[answer.word, typed].add(answer.pupil)
    found = [Confusion(word, typed, len(pupils)) for (word, typed), pupils in who.items() if len(pupils) >= CONFUSED_BY]
    return sorted(found, key=lambda each: (-each.pupils, each.word, each.typed))


def over_time(answers: Iterable[WordAnswer], moments: Sequence[int]) -> list[dict[Level, int]]:
    """At each moment, how many pairs of a pupil and a word were at each level, by the answers up to then.

    :param moments: Unix milliseconds, ascending.
    """
    tallies: dict[tuple[str, StudiedWord], WordTally] = {}
    waiting = sorted(answers, key=lambda answer: answer.at)
    found, taken = [], 0
    for moment in moments:
        while taken < len(waiting) and waiting[taken].at <= moment:
            pair = waiting[taken].pupil, waiting[taken].word
            tallies[pair] = tallies.get(pair, _NOTHING).and_(waiting[taken])
            taken += 1
        found.append(_levels(tally.chance(moment) for tally in tallies.values()))
    return found


def not_known(rows: Sequence[WordRow]) -> list[StudiedWord]:
    """The words that are not surely known, the least sure first: by the mean of those who were asked."""
    return [row.word for row in rows if level(row.sureness) != "known"]


def _levels(chances: Iterable[float]) -> dict[Level, int]:
    counted = Counter(map(level, chances))
    return {each: counted[each] for each in LEVELS}

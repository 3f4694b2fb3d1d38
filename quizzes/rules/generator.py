"""Makes a quiz of a word list. Pure: the same list, wishes and seed give the same quiz.

A distractor is a word of like kind (part of speech, tags, length, sound of its letters), and never one that could be
right: words that share a meaning or a spelling with the word asked for, or come near to it, are left out. What a
typed answer must not be taken for (the other words of the list) goes into the question's ``confusable``.
"""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Final, Literal

from quizzes.rules import limits
from quizzes.rules.content import QuestionContent, QuizContent
from quizzes.rules.matching import bare, fold
from quizzes.rules.options import is_offensive, leaks
from quizzes.rules.phrases import Phrases
from quizzes.rules.relations import ListedWord, Relations
from quizzes.rules.spelling import find_gap, is_a_word, is_variant, misspellings
from quizzes.rules.words import WordContent, WordListContent

Exercise = Literal[
    "term_to_meaning",
    "meaning_to_term",
    "type_meaning",
    "type_term",
    "cloze",
    "match",
    "spelling",
    "dictation",
    "hear_meaning",
]
#: Those that are made where nobody says which.
READ_EXERCISES: Final[tuple[Exercise, ...]] = (
    "term_to_meaning",
    "meaning_to_term",
    "type_meaning",
    "type_term",
    "cloze",
    "match",
    "spelling",
)
#: Those whose word is heard instead of read. Not everybody has a recording, a voice or ears for them: on request alone.
HEARD_EXERCISES: Final[tuple[Exercise, ...]] = ("dictation", "hear_meaning")
EXERCISES: Final[tuple[Exercise, ...]] = (*READ_EXERCISES, *HEARD_EXERCISES)
Difficulty = Literal["easy", "medium", "hard"]
DIFFICULTIES: Final[tuple[Difficulty, ...]] = ("easy", "medium", "hard")
#: Why an exercise could not be made as often as wished.
Lack = Literal["words", "distractors", "examples", "letters"]

#: With fewer options than this a choice is a coin toss.
OPTIONS_LEAST: Final = 3
MATCH_LEAST: Final = 3
MEANINGS_SHOWN: Final = 5
#: A meaning of more words is a definition, and not asked for by typing.
WORDS_TYPED: Final = 3
_NOTES: Final = re.compile(r"\([^()]*\)")


@dataclass(frozen=True, slots=True)
class Level:
    """What a difficulty means. Times are for a choice; typing takes longer."""

    options: int
    time_limit_ms: int
    #: How much likeness counts against chance when distractors are picked, 0 to 1.
    likeness: float
    match: int


LEVELS: Final[dict[Difficulty, Level]] = {
    "easy": Level(options=3, time_limit_ms=30_000, likeness=0.2, match=3),
    "medium": Level(options=4, time_limit_ms=20_000, likeness=0.6, match=4),
    "hard": Level(options=5, time_limit_ms=15_000, likeness=1.0, match=5),
}
#: Factors on the level's time.
_SLOWER: Final[dict[Exercise, float]] = {
    "type_meaning": 1.5,
    "type_term": 1.5,
    "cloze": 2.0,
    "match": 3.0,
    "dictation": 2.0,
    "hear_meaning": 1.5,
}


@dataclass(frozen=True, slots=True)
class Shortage:
    """An exercise that was made ``made`` times instead of ``wanted``, for want of ``missing`` things."""

    exercise: Exercise
    lack: Lack
    missing: int
    wanted: int
    made: int


@dataclass(frozen=True, slots=True)
class Generated:
    """The quiz, the place in the list of the word each question asks for, and what it could not hold."""

    quiz: QuizContent
    words: dict[str, int]
    shortages: tuple[Shortage, ...]


def generate(
    words: WordListContent,
    *,
    quiz_id: str,
    title: str,
    exercises: Sequence[Exercise] = READ_EXERCISES,
    count: int = 20,
    difficulty: Difficulty = "medium",
    seed: int = 0,
    phrases: Phrases | None = None,
) -> Generated:
    """Make a quiz of at most ``count`` questions, the exercises in turn, each word as seldom as can be.

    No exercise asks for the same word twice. Where the words do not suffice the quiz is shorter, or empty; the
    shortages say what is missing.
    """
    count = min(max(count, 0), limits.QUESTIONS_MAX)
    # Chance that players must not foresee is the session's; here the same seed must give the same quiz.
    maker = QuestionMaker(words, LEVELS[difficulty], random.Random(seed), phrases or Phrases())  # noqa: S311
    exercises = tuple(dict.fromkeys(exercises))
    queues = {exercise: maker.candidates(exercise, count) for exercise in exercises}
    wanted = {exercise: count // len(exercises) + (i < count % len(exercises)) for i, exercise in enumerate(exercises)}
    made = dict.fromkeys(exercises, 0)
    used = dict.fromkeys(range(len(words.words)), 0)
    questions: list[QuestionContent] = []
    sources: dict[str, int] = {}
    turn = 0
    while len(questions) < count and any(queues.values()):
        exercise = exercises[turn % len(exercises)]
        turn += 1
        if not queues[exercise]:
            continue
        group = min(queues[exercise], key=lambda group: sum(used[index] for index in group) / len(group))
        queues[exercise].remove(group)
        question_id = f"q{len(questions) + 1}"
        question = maker.question(exercise, group, question_id)
        if question is None:
            continue
        questions.append(question)
        made[exercise] += 1
        for index in group:
            used[index] += 1
        if len(group) == 1:
            sources[question_id] = group[0]
    shortages = [
        maker.shortage(exercise, wanted[exercise], made[exercise])
        for exercise in exercises
        if made[exercise] < wanted[exercise]
    ]
    quiz = QuizContent(
        id=quiz_id,
        title=title,
        language=words.term_language,
        description=words.description,
        shuffle_options=True,
        questions=tuple(questions),
    )
    return Generated(quiz, sources, tuple(shortages))


@dataclass(frozen=True, slots=True)
class _Asked:
    exercise: Exercise
    entry: ListedWord
    question_id: str


class QuestionMaker:
    """Makes questions of one list."""

    def __init__(self, words: WordListContent, level: Level, chance: random.Random, phrases: Phrases) -> None:
        self._list = words
        self._level = level
        self._chance = chance
        self._phrases = phrases
        self._relations = Relations(words)
        self._entries = self._relations.entries
        self._spellings = frozenset(text.casefold() for word in words.words for text in (word.term, *word.alternatives))
        self._makers: dict[Exercise, Callable[[_Asked], QuestionContent | None]] = {
            "term_to_meaning": self._term_to_meaning,
            "meaning_to_term": self._meaning_to_term,
            "type_meaning": self._type_meaning,
            "type_term": self._type_term,
            "cloze": self._cloze,
            "spelling": self._spelling,
            "dictation": self._dictation,
            "hear_meaning": self._hear_meaning,
        }

    def candidates(self, exercise: Exercise, count: int) -> list[tuple[int, ...]]:
        """The words (for a match, up to ``count`` groups of words) the exercise can ask for, shuffled."""
        order = list(range(len(self._entries)))
        self._chance.shuffle(order)
        if exercise == "match":
            return self._relations.groups(order, size=self._level.match, least=MATCH_LEAST, most=count)
        return [(index,) for index in order if self._fits(exercise, self._entries[index])]

    def question(self, exercise: Exercise, group: tuple[int, ...], question_id: str) -> QuestionContent | None:
        """The question, or ``None`` when no good one can be made of the words after all."""
        if exercise == "match":
            return self._match(group, question_id)
        return self._makers[exercise](_Asked(exercise, self._entries[group[0]], question_id))

    def fits(self, exercise: Exercise, index: int) -> bool:
        """Whether the exercise can ask for the word at this place of the list."""
        return self._fits(exercise, self._entries[index])

    def shortage(self, exercise: Exercise, wanted: int, made: int) -> Shortage:
        """Why an exercise fell short."""
        lack: Lack = "words"
        missing = wanted - made
        match exercise:
            case "cloze":
                lack = "examples"
            case "spelling":
                lack = "letters"
            case "match":
                missing = (
                    MATCH_LEAST - len(self._entries) if len(self._entries) < MATCH_LEAST else missing * MATCH_LEAST
                )
            case "term_to_meaning" | "meaning_to_term" | "hear_meaning" if not made:
                lack = "distractors"
                best = max(map(self._relations.unrelated_count, self._entries), default=-1)
                missing = max(1, OPTIONS_LEAST - 1 - best)
        return Shortage(exercise, lack, missing, wanted, made)

    def _fits(self, exercise: Exercise, entry: ListedWord) -> bool:
        match exercise:
            case "cloze":
                return find_gap(entry.word) is not None
            case "spelling":
                return len(self._wrong_spellings(entry)) >= OPTIONS_LEAST - 1
            case "type_meaning":
                # Nobody types a definition back as it stands.
                return not all(map(is_definition, entry.word.meanings))
            case "term_to_meaning" | "hear_meaning":
                return not leaks(entry.word, entry.word.meanings[0])
            case "meaning_to_term":
                return not leaks(entry.word, entry.word.term)
            case _:
                return True

    # -- the exercises --------------------------------------------------------------------------------------------

    def _term_to_meaning(self, asked: _Asked) -> QuestionContent | None:
        entry = asked.entry
        text = self._phrases.term_to_meaning.format(term=_named(entry.word))
        wrong = self._distractors(entry, lambda word: word.meanings[0])
        language = self._list.meaning_language
        return self._choice(asked, text, [entry.word.meanings[0], *wrong], language)

    def _meaning_to_term(self, asked: _Asked) -> QuestionContent | None:
        entry = asked.entry
        text = self._phrases.meaning_to_term.format(meaning=_meant(entry.word))
        wrong = self._distractors(entry, lambda word: word.term)
        return self._choice(asked, text, [entry.word.term, *wrong])

    def _spelling(self, asked: _Asked) -> QuestionContent | None:
        entry = asked.entry
        text = self._phrases.spelling.format(meaning=_meant(entry.word))
        wrong = self._wrong_spellings(entry)[: self._level.options - 1]
        return self._choice(asked, text, [entry.word.term, *wrong])

    def _type_meaning(self, asked: _Asked) -> QuestionContent:
        entry = asked.entry
        text = self._phrases.type_meaning.format(term=_named(entry.word))
        # What is spelled like it and of another kind ("la tarde", "tarde") is another word.
        alike = [one for one in self._relations.homographs(entry) if one.kind == entry.kind]
        accepted = [meaning for one in alike for meaning in one.word.meanings]
        others = [meaning for other in self._relations.unrelated(entry) for meaning in other.word.meanings]
        language = self._list.meaning_language
        # The list's rules are for its terms; an article that German asks for is optional in "the house".
        grading = self._list.grading
        if language != self._list.term_language:
            grading = replace(grading, articles="optional", case="ignore")
        return replace(self._typed(asked, text, accepted, others, language), grading=grading)

    def _type_term(self, asked: _Asked) -> QuestionContent:
        entry = asked.entry
        text = self._phrases.type_term.format(meaning=_meant(entry.word))
        accepted = [entry.word.term, *entry.word.alternatives, *self._terms(self._relations.synonyms(entry))]
        return self._typed(asked, text, accepted, self._other_terms(entry))

    def _cloze(self, asked: _Asked) -> QuestionContent | None:
        entry = asked.entry
        found = find_gap(entry.word)
        if found is None:
            return None
        sentence, gap = found
        accepted = [gap]
        if fold(bare(gap)) in entry.terms:
            # Not inflected: what the author says may stand for the word may stand in the gap; whether a synonym fits
            # the sentence nobody knows.
            accepted += map(bare, entry.word.alternatives)
        text = self._phrases.cloze.format(sentence=sentence, meaning=_meant(entry.word))
        return self._typed(asked, text, accepted, self._other_terms(entry))

    def _dictation(self, asked: _Asked) -> QuestionContent:
        entry = asked.entry
        # The word itself, and other spellings of it; a synonym is not what was heard.
        accepted = [entry.word.term, *entry.word.alternatives]
        typed = self._typed(asked, entry.word.term, accepted, self._other_terms(entry))
        return _heard(typed, entry.word)

    def _hear_meaning(self, asked: _Asked) -> QuestionContent | None:
        question = self._term_to_meaning(asked)
        # A picture would tell what is heard.
        return question and replace(_heard(question, asked.entry.word), text=asked.entry.word.term, media="")

    def _match(self, group: tuple[int, ...], question_id: str) -> QuestionContent | None:
        words = [self._entries[index].word for index in group]
        right = tuple(word.meanings[0] for word in words)
        if len(set(right)) < len(right):
            return None
        options = list(right)
        while tuple(options) == right:
            self._chance.shuffle(options)
        lines = (f"{number}. {word.term}" for number, word in enumerate(words, start=1))
        return QuestionContent(
            id=question_id,
            kind="order",
            text="\n".join((self._phrases.match, *lines)),
            options=tuple(options),
            correct_answers=right,
            time_limit_ms=self._time("match"),
            explanation="\n".join(f"{word.term}: {word.meanings[0]}" for word in words)[: limits.EXPLANATION_LENGTH],
            language=self._other_language(self._list.meaning_language),
        )

    # -- parts ----------------------------------------------------------------------------------------------------

    def _distractors(self, entry: ListedWord, side: Callable[[WordContent], str]) -> list[str]:
        level = self._level
        return self._relations.distractors(
            entry, side, count=level.options - 1, likeness=level.likeness, chance=self._chance
        )

    def _wrong_spellings(self, entry: ListedWord) -> list[str]:
        # A chance of its own, so that asking whether there are enough changes nothing.
        chance = random.Random(f"{entry.index} {entry.word.term}")  # noqa: S311
        language = self._list.term_language
        term = entry.word.term

        def is_wrong(text: str) -> bool:
            right = is_a_word(text, language) or is_variant(text, term, language)
            return not right and text.casefold() not in self._spellings and not is_offensive(text)

        return list(filter(is_wrong, misspellings(term, chance)))

    @staticmethod
    def _terms(entries: Iterable[ListedWord]) -> list[str]:
        return [text for entry in entries for text in (entry.word.term, *entry.word.alternatives)]

    def _other_terms(self, entry: ListedWord) -> list[str]:
        return self._terms(self._relations.unrelated(entry))

    def _choice(self, asked: _Asked, text: str, options: list[str], language: str = "") -> QuestionContent | None:
        """:param options: the right one first."""
        if len(options) < OPTIONS_LEAST:
            return None
        right = options[0]
        self._chance.shuffle(options)
        question = self._blank(asked, text, language)
        return replace(question, options=tuple(options), correct_answers=(right,))

    def _typed(
        self,
        asked: _Asked,
        text: str,
        accepted: list[str],
        others: list[str],
        language: str = "",
    ) -> QuestionContent:
        accepted = list(dict.fromkeys(accepted))[: limits.CORRECT_ANSWERS_MAX]
        known = {fold(bare(answer)) for answer in accepted}
        confusable = [other for other in dict.fromkeys(others) if fold(bare(other)) not in known]
        return replace(
            self._blank(asked, text, language),
            kind="typed",
            correct_answers=tuple(accepted),
            grading=self._list.grading,
            confusable=tuple(confusable[: limits.CONFUSABLE_MAX]),
        )

    def _blank(self, asked: _Asked, text: str, language: str) -> QuestionContent:
        """A question about the word, without its answers."""
        return QuestionContent(
            id=asked.question_id,
            kind="choice",
            text=text,
            time_limit_ms=self._time(asked.exercise),
            explanation=_explained(asked.entry.word),
            media=asked.entry.word.image,
            language=self._other_language(language),
        )

    def _other_language(self, language: str) -> str:
        return language if language != self._list.term_language else ""

    def _time(self, exercise: Exercise) -> int:
        return int(self._level.time_limit_ms * _SLOWER.get(exercise, 1.0))


def is_definition(meaning: str) -> bool:
    """Whether a meaning explains the word rather than names another one."""
    return len(bare(_NOTES.sub("", meaning)).split()) > WORDS_TYPED


def _heard(question: QuestionContent, word: WordContent) -> QuestionContent:
    return replace(question, listen="instead", sound=word.sound)


def _named(word: WordContent) -> str:
    return f"{word.term} ({word.part_of_speech})" if word.part_of_speech else word.term


def _meant(word: WordContent) -> str:
    shown = "; ".join(word.meanings[:MEANINGS_SHOWN])
    return f"{shown} ({word.part_of_speech})" if word.part_of_speech else shown


def _explained(word: WordContent) -> str:
    example = word.example.replace("{", "").replace("}", "")
    parts = (f"{word.term}: {'; '.join(word.meanings[:MEANINGS_SHOWN])}", example, word.notes)
    return "\n".join(filter(None, parts))[: limits.EXPLANATION_LENGTH].strip()

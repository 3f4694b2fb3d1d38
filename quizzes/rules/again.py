"""Asks once more for what a question of a session asked for: the word by another exercise, or the question itself with
its options in another order. Pure: the same question, forms and seed give the same one."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from quizzes.rules.content import QuestionContent
from quizzes.rules.generator import HEARD_EXERCISES, LEVELS, Exercise, QuestionMaker
from quizzes.rules.matching import fold
from quizzes.rules.phrases import Phrases
from quizzes.rules.words import WordContent, WordListContent

#: The exercises that ask for one word, in the order in which they are tried.
_EXERCISES: Final[tuple[Exercise, ...]] = (
    "meaning_to_term",
    "type_meaning",
    "term_to_meaning",
    "type_term",
    "spelling",
    "cloze",
)


def ask_by_another_exercise(
    words: WordListContent,
    index: int,
    forms: Sequence[QuestionContent],
    *,
    question_id: str,
    language: str,
    seed: str,
    phrases: Phrases,
) -> QuestionContent | None:
    """A question for the word at this place of the list, by an exercise that none of the forms used, or at least the
    last one did not; ``None`` when the list allows none. A word that was heard is heard again, if it can be.

    :param forms: how the word was asked for so far, the newest last.
    :param language: the quiz's, which may not be the list's.
    """
    # Nobody gains by foreseeing it: the same wish at two hosts is to give the same question.
    chance = random.Random(seed)  # noqa: S311
    maker = QuestionMaker(words, LEVELS["medium"], chance, phrases)
    word = words.words[index]
    used = [_way(question, word) for question in forms]
    for exercises in (HEARD_EXERCISES, _EXERCISES) if forms[-1].listen else (_EXERCISES,):
        for ways in (set(used), {used[-1]}):
            for exercise in exercises:
                if not maker.fits(exercise, index):
                    continue
                question = maker.question(exercise, (index,), question_id)
                if question is not None and _way(question, word) not in ways:
                    return _placed(question, words, forms, language)
    return None


def _way(question: QuestionContent, word: WordContent) -> tuple[str, bool, bool]:
    """How a question asks for the word: its kind, whether it is heard, and whether its meaning is to be answered."""
    meanings = set(map(fold, word.meanings))
    answers_meaning = any(fold(answer) in meanings for answer in question.correct_answers)
    return question.kind, question.listen == "instead", answers_meaning


def _placed(
    question: QuestionContent, words: WordListContent, forms: Sequence[QuestionContent], language: str
) -> QuestionContent:
    """The question as one of the quiz: worth as much as the one before, with as much time at least."""
    own = question.language or words.term_language
    return replace(
        question,
        points=forms[-1].points,
        time_limit_ms=max(question.time_limit_ms, forms[-1].time_limit_ms),
        language="" if own == language else own,
        listen_language=words.term_language if question.listen and words.term_language != language else "",
        again_of=forms[0].id,
    )


def ask_as_it_is(forms: Sequence[QuestionContent], *, question_id: str, seed: str) -> QuestionContent:
    """The newest form once more, its options shuffled; the order may come out the same."""
    last = forms[-1]
    options = list(last.options)
    if last.kind != "true_false":
        random.Random(seed).shuffle(options)  # noqa: S311 - an order, not a secret
    return replace(last, id=question_id, options=tuple(options), again_of=forms[0].id)

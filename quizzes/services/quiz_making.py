"""Making a quiz of a word list, and of pasted words in one go."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from quizzes.importers.base import CannotRead
from quizzes.models import Quiz, WordList
from quizzes.rules.content import QuizContent
from quizzes.rules.generator import READ_EXERCISES, Difficulty, Exercise, Generated, Shortage
from quizzes.rules.phrases import Phrases
from quizzes.rules.words import WordListContent
from quizzes.services.quizzes import free_id, quiz_create
from quizzes.services.reading import drawn
from quizzes.services.speech import what_to_say

if TYPE_CHECKING:
    from django.contrib.auth.models import User

EXERCISE_NAMES: Final = {
    "term_to_meaning": gettext_lazy("Choose the meaning"),
    "meaning_to_term": gettext_lazy("Choose the word"),
    "type_meaning": gettext_lazy("Type the meaning"),
    "type_term": gettext_lazy("Type the word"),
    "cloze": gettext_lazy("Fill the gap in the example"),
    "match": gettext_lazy("Match words and meanings"),
    "spelling": gettext_lazy("Choose the right spelling"),
    "dictation": gettext_lazy("Hear the word, type it"),
    "hear_meaning": gettext_lazy("Hear the word, choose its meaning"),
}
DIFFICULTY_NAMES: Final = {
    "easy": gettext_lazy("easy"),
    "medium": gettext_lazy("medium"),
    "hard": gettext_lazy("hard"),
}


@dataclass(frozen=True, slots=True)
class QuizOptions:
    """What quiz is wanted. ``seed``: the same seed draws the same questions; ``None`` draws new ones."""

    title: str = ""
    quiz_id: str = ""
    exercises: Sequence[Exercise] = READ_EXERCISES
    count: int = 20
    difficulty: Difficulty = "medium"
    seed: int | None = None


class TooFewWords(Exception):
    """Not one question could be made. The message says what is missing."""


class TooManyWords(TooFewWords):
    """The list takes more time or memory than there is for it. The message says so."""


def draw_quiz(words: WordListContent, options: QuizOptions) -> Generated:
    """The quiz a list gives, not stored.

    :raises TooFewWords: when it has no question.
    """
    seed = secrets.randbelow(1_000_000) if options.seed is None else options.seed
    wishes = {
        "quiz_id": options.quiz_id or free_id(Quiz, options.title or words.title),
        "title": options.title or words.title,
        "exercises": options.exercises,
        "count": options.count,
        "difficulty": options.difficulty,
        "seed": seed,
        "phrases": phrases(),
    }
    try:
        generated = drawn(words, wishes)
    except CannotRead as error:
        raise TooManyWords(str(error)) from error
    if not generated.quiz.questions:
        raise TooFewWords(" ".join(map(shortage_text, generated.shortages)))
    return generated


def make_quiz(
    word_list: WordList, options: QuizOptions, *, owner: User | None
) -> tuple[QuizContent, Sequence[Shortage]]:
    """Store a quiz of a list, its questions linked to the words they ask for.

    :raises TooFewWords: when it has no question.
    :raises QuizExists: when the wished id is taken.
    """
    generated = draw_quiz(word_list.content(), options)
    keys = [word.pk for word in word_list.words.all()]
    words = {question_id: keys[index] for question_id, index in generated.words.items()}
    quiz_create(generated.quiz, owner=owner, words=words)
    return generated.quiz, generated.shortages


def notices(quiz: QuizContent, shortages: Sequence[Shortage]) -> list[str]:
    """What is missing in a quiz that was made, for a person."""
    said = list(map(shortage_text, shortages))
    silent = [
        question
        for question in quiz.questions
        if question.listen and not question.sound and not what_to_say(quiz, question)
    ]
    if silent:
        text = ngettext(
            "%(count)d question is heard and has no recording, and the server has no voice for its language: the "
            "devices of a live game speak it.",
            "%(count)d questions are heard and have no recording, and the server has no voice for their language: the "
            "devices of a live game speak them.",
            len(silent),
        )
        said.append(text % {"count": len(silent)})
    return said


def shortage_text(shortage: Shortage) -> str:
    """What is missing, for a person."""
    name = EXERCISE_NAMES[shortage.exercise]
    match shortage.lack:
        case "distractors":
            said = ngettext(
                "%(name)s: %(missing)d more word with another meaning is needed for wrong options.",
                "%(name)s: %(missing)d more words with other meanings are needed for wrong options.",
                shortage.missing,
            )
        case "examples":
            said = ngettext(
                "%(name)s: %(missing)d more word needs an example sentence that has the word in it.",
                "%(name)s: %(missing)d more words need an example sentence that has the word in it.",
                shortage.missing,
            )
        case "letters":
            said = ngettext(
                "%(name)s: %(missing)d more word is needed that can be misspelled in two likely ways.",
                "%(name)s: %(missing)d more words are needed that can be misspelled in two likely ways.",
                shortage.missing,
            )
        case _:
            said = ngettext(
                "%(name)s: %(missing)d more word is needed.",
                "%(name)s: %(missing)d more words are needed.",
                shortage.missing,
            )
    return said % {"name": name, "missing": shortage.missing}


def phrases() -> Phrases:
    """The words of made questions in the language that is active."""
    return Phrases(
        term_to_meaning=_("What does “{term}” mean?"),
        meaning_to_term=_("Which word means “{meaning}”?"),
        type_meaning=_("Write the meaning of “{term}”."),
        type_term=_("Write the word for “{meaning}”."),
        cloze=_("Fill the gap: {sentence}\n({meaning})"),
        match=_("Put the meanings in the order of these words."),
        spelling=_("Which is spelled right? It means “{meaning}”."),
    )

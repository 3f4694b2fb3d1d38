"""What is done to quizzes. Content that comes in here has passed :mod:`quizzes.validation.quiz`."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, replace
from typing import TYPE_CHECKING

from django.db import IntegrityError, transaction
from django.utils.text import slugify

from quizzes.models import Question, Quiz, WordList
from quizzes.rules import limits
from quizzes.rules.content import QuestionContent, QuizContent, content_to_json
from quizzes.rules.words import WordListContent, word_list_to_json
from quizzes.services.word_lists import word_add_answer

if TYPE_CHECKING:
    from django.contrib.auth.models import User


class QuizExists(Exception):
    """There is a quiz with this id already."""


def quiz_create(
    content: QuizContent,
    *,
    owner: User | None = None,
    loaded_digest: str = "",
    words: Mapping[str, int] | None = None,
) -> Quiz:
    """Store a new quiz.

    :param loaded_digest: the content's own digest when it comes from a file (see :class:`quizzes.models.Quiz`).
    :param words: question id -> primary key of the word it was made from.
    :raises QuizExists: when the id is taken.
    """
    quiz = Quiz(id=content.id, owner=owner)
    try:
        with transaction.atomic():
            _write(quiz, content, loaded_digest=loaded_digest, words=words or {}, insert=True)
    except IntegrityError:
        if Quiz.objects.filter(pk=content.id).exists():
            raise QuizExists(content.id) from None
        raise
    return quiz


@transaction.atomic
def quiz_save(content: QuizContent, *, owner: User | None = None, loaded_digest: str = "") -> Quiz:
    """Store a quiz, in place of the one with this id where there is one.

    That one keeps its owner, and its questions their words where they ask the same.
    """
    quiz = Quiz.objects.select_for_update().filter(pk=content.id).first()
    if quiz is None:
        return quiz_create(content, owner=owner, loaded_digest=loaded_digest)
    asked = {
        (question_id, text): word
        for question_id, text, word in quiz.questions.filter(word__isnull=False).values_list(
            "question_id", "text", "word_id"
        )
    }
    words = {q.id: asked[q.id, q.text] for q in content.questions if (q.id, q.text) in asked}
    _write(quiz, content, loaded_digest=loaded_digest, words=words, insert=False)
    return quiz


@transaction.atomic
def question_add_answer(question: Question, content: QuestionContent, answer: str) -> bool:
    """Give a question the right answers (and the confusable words) of ``content``, which are its own and ``answer``.

    The word it was made from takes the answer as well, where the question asks for the word or its meaning. Tells
    whether it did; it does not when it is another owner's, or full.
    """
    question.correct_answers = list(content.correct_answers)
    question.gaps = [asdict(gap) for gap in content.gaps]
    question.confusable = list(content.confusable)
    question.save(update_fields=["correct_answers", "gaps", "confusable", "search_text"])
    question.quiz.save(update_fields=["updated_at"])
    word = question.word
    if word is None or word.word_list.owner_id != question.quiz.owner_id:
        return False
    return word_add_answer(word, answer, asked_for=content.correct_answers)


def quiz_delete(quiz_id: str) -> bool:
    """Delete a quiz and its questions; sessions go on, for they play a copy. Tells whether there was one."""
    _rows, per_model = Quiz.objects.filter(pk=quiz_id).delete()
    return per_model.get(Quiz._meta.label, 0) > 0


def quiz_duplicate(quiz: Quiz, *, owner: User | None, title: str) -> Quiz:
    """Store a copy of a quiz under an id of its own, such as ``vocab-101-copy-2``."""
    content = replace(quiz.content(), title=title[: limits.TITLE_LENGTH])
    words = dict(quiz.questions.filter(word__isnull=False).values_list("question_id", "word_id"))
    number = 1
    while True:
        suffix = "-copy" if number == 1 else f"-copy-{number}"
        try:
            copy = replace(content, id=quiz.id[: limits.ID_LENGTH - len(suffix)] + suffix)
            return quiz_create(copy, owner=owner, words=words)
        except QuizExists:
            number += 1


def free_id(model: type[Quiz] | type[WordList], title: str) -> str:
    """An id no quiz (or no word list) has, such as ``french-food-2``, made from a title."""
    base = slugify(title)[: limits.ID_LENGTH].strip("-_") or str(model._meta.model_name)
    candidate, number = base, 1
    while candidate in limits.RESERVED_IDS or model._default_manager.filter(pk=candidate).exists():
        number += 1
        suffix = f"-{number}"
        candidate = base[: limits.ID_LENGTH - len(suffix)] + suffix
    return candidate


def content_digest(content: QuizContent | WordListContent) -> str:
    """Hexadecimal SHA-256 of a quiz or a word list, equal for equal ones."""
    data = content_to_json(content) if isinstance(content, QuizContent) else word_list_to_json(content)
    text = json.dumps(data, sort_keys=True, ensure_ascii=True)
    return hashlib.sha256(text.encode()).hexdigest()


def _write(quiz: Quiz, content: QuizContent, *, loaded_digest: str, words: Mapping[str, int], insert: bool) -> None:
    quiz.title = content.title
    quiz.language = content.language
    quiz.description = content.description
    quiz.shuffle_options = content.shuffle_options
    quiz.loaded_digest = loaded_digest
    quiz.save(force_insert=insert)
    quiz.questions.all().delete()
    Question.objects.bulk_create(
        _question_row(quiz, position, question, words.get(question.id))
        for position, question in enumerate(content.questions)
    )


def _question_row(quiz: Quiz, position: int, question: QuestionContent, word_id: int | None) -> Question:
    return Question(
        quiz=quiz,
        question_id=question.id,
        position=position,
        kind=question.kind,
        text=question.text,
        options=list(question.options),
        correct_answers=list(question.correct_answers),
        points=question.points,
        time_limit_ms=question.time_limit_ms,
        explanation=question.explanation,
        media=question.media,
        tolerance=question.tolerance,
        grading=asdict(question.grading),
        gaps=[asdict(gap) for gap in question.gaps],
        confusable=list(question.confusable),
        language=question.language,
        listen=question.listen,
        sound=question.sound,
        listen_language=question.listen_language,
        word_id=word_id,
    )

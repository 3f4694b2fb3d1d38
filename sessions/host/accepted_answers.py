"""What a session's host accepted, kept in the quiz for the next time: the session itself played a copy."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db import transaction
from django.db.models import QuerySet

from quizzes.access import may_edit, visible_quizzes
from quizzes.models import Question
from quizzes.rules.content import QuestionContent
from quizzes.services.quizzes import question_add_answer
from scoring.rules.grading import TYPED_KINDS, as_given
from scoring.rules.regrading import to_accept, with_answer
from sessions.database.rows import setup_of
from sessions.models import QuizSession
from sessions.rules.state import state_from_json

if TYPE_CHECKING:
    from django.contrib.auth.models import User


@dataclass(frozen=True, slots=True)
class AcceptedAnswer:
    """An answer that a host accepted. ``number`` is the question's place in the session, from 1."""

    number: int
    question: QuestionContent
    answer: str
    #: The answer for people to read.
    text: str
    #: Whether the quiz takes it for right by now.
    kept: bool
    #: Whether this user can add it to the quiz.
    addable: bool


def accepted_answers(session: QuizSession, user: User) -> list[AcceptedAnswer]:
    """What was accepted in the session, in the order of its questions."""
    accepted = state_from_json(session.state).accepted_by_question()
    if not accepted:
        return []
    today = {(row.question_id, row.text): row for row in _questions_of_today(session, user)}
    found = []
    for number, question in enumerate(setup_of(session).quiz.questions, start=1):
        row = today.get((_first_id(question), question.text))
        for answer in accepted.get(question.id, ()):
            more = _with_answer(row, answer, user) if row else None
            kept = row is not None and _has(row, answer)
            found.append(AcceptedAnswer(number, question, answer, _text(question, answer), kept, bool(more)))
    return found


@transaction.atomic
def keep_answer(session: QuizSession, question_id: str, answer: str, user: User) -> bool:
    """Add an accepted answer to the quiz, and to the word that its question was made from. Twice is once.

    :returns: whether the word has it, too.
    :raises LookupError: when it was not accepted, or cannot be added: the quiz or the question is gone or another now,
        or is not this user's to change.
    """
    played = setup_of(session).quiz.question(question_id)
    if played is None or answer not in state_from_json(session.state).accepted_to(question_id):
        raise LookupError(answer)
    rows = _questions_of_today(session, user).select_for_update(of=("self",))
    row = rows.filter(question_id=_first_id(played), text=played.text).first()
    if row is None:
        raise LookupError(answer)
    if _has(row, answer):
        return False
    more = _with_answer(row, answer, user)
    if more is None:
        raise LookupError(answer)
    return question_add_answer(row, more, answer)


def _text(question: QuestionContent, answer: str) -> str:
    given = as_given(question.kind, answer)
    return given if isinstance(given, str) else " · ".join(filter(None, given))


def _first_id(question: QuestionContent) -> str:
    """The id that the quiz knows the question by, should it be one that was asked again as it was."""
    return question.again_of or question.id


def _questions_of_today(session: QuizSession, user: User) -> QuerySet[Question]:
    """The questions that are typed of the session's quiz as it stands now, where the user may see it."""
    rows = Question.objects.filter(quiz__in=visible_quizzes(user).filter(id=session.quiz_id), kind__in=TYPED_KINDS)
    return rows.select_related("quiz", "word__word_list")


def _has(row: Question, answer: str) -> bool:
    given = as_given(row.kind, answer)
    return not to_accept(row.content(), given, language=row.quiz.language, accepted=())


def _with_answer(row: Question, answer: str, user: User) -> QuestionContent | None:
    """The question with the answer, or ``None`` where it has it, or cannot take it."""
    if not may_edit(user, row.quiz) or _has(row, answer):
        return None
    return with_answer(row.content(), answer, language=row.quiz.language)

"""What a session missed, from its results: as a new session like it, or as a stored quiz."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from django.utils.text import Truncator
from django.utils.translation import gettext as _

from classes.access import visible_classes
from quizzes.models import Quiz
from quizzes.rules import limits
from quizzes.rules.content import QuizContent
from quizzes.services.quiz_making import phrases
from quizzes.services.quizzes import free_id, quiz_create
from quizzes.services.word_questions import word_keys
from sessions.database.rows import setup_of
from sessions.models import QuizSession
from sessions.wiring.runtime import call, runtime

if TYPE_CHECKING:
    from django.contrib.auth.models import User


def new_session(session: QuizSession, user: User) -> str:
    """Open a session like this one with the questions that were missed; its id.

    :raises NothingToAsk: when there is none.
    :raises ServiceUnavailable: when it cannot be stored.
    """
    setup = setup_of(session)
    # Its times are over, should it have been a homework.
    options = replace(setup.options, opens_at=0, closes_at=0, attempts=1)
    if not visible_classes(user).filter(id=options.class_id).exists():
        # Deleted since, or not shared any more.
        options = replace(options, class_id="")
    view = call(
        runtime().sessions.create(
            _missed(session),
            pace=setup.pace,
            reveal=setup.reveal,
            scoring=setup.scoring,
            max_participants=setup.max_participants,
            time_limit_ms=setup.time_limit_ms,
            options=options,
            owner_id=user.pk,
            actor=f"user:{user.get_username()}",
        )
    )
    return view.setup.id


def new_quiz(session: QuizSession, user: User) -> str:
    """Store a quiz of the questions that were missed, linked to their words; its id.

    :raises NothingToAsk: when there is none.
    :raises ServiceUnavailable: when the session cannot be read.
    """
    content = _missed(session)
    texts = {question.id: question.text for question in setup_of(session).quiz.questions}
    words = word_keys(session.quiz_id, {question.id: texts[question.id] for question in content.questions})
    return quiz_create(replace(content, id=free_id(Quiz, content.title)), owner=user, words=words).pk


def _missed(session: QuizSession) -> QuizContent:
    title = Truncator(_("%(title)s: once more") % {"title": session.title}).chars(limits.TITLE_LENGTH)
    return call(runtime().sessions.missed_quiz(session.id, title=title, phrases=phrases()))

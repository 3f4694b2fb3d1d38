"""A quiz of the words that a class or a pupil does not surely know yet, of the questions that asked for them last."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from quizzes.models import Quiz
from quizzes.rules.content import QuizContent
from quizzes.services.quizzes import free_id, quiz_create
from sessions.database.growth import Growth
from sessions.rules.growth import not_known

if TYPE_CHECKING:
    from django.contrib.auth.models import User

#: Questions of such a quiz: the least sure words first.
QUESTIONS_MOST = 30


class NothingLeft(Exception):
    """Every word that was asked is surely known."""


def make_growth_quiz(growth: Growth, owner: User | None) -> Quiz:
    """Store a quiz of what is not surely known; it names nobody.

    :raises NothingLeft: when there is nothing.
    """
    asked = [growth.asked[word] for word in not_known(growth.words)[:QUESTIONS_MOST]]
    if not asked:
        raise NothingLeft
    title = _("Not known yet, %(date)s") % {"date": date_format(timezone.localdate(), "SHORT_DATE_FORMAT")}
    language = asked[0].language
    content = QuizContent(
        id=free_id(Quiz, title),
        title=title,
        language=language,
        questions=tuple(
            replace(
                each.question, id=f"q{number}", again_of="", language="" if each.language == language else each.language
            )
            for number, each in enumerate(asked, start=1)
        ),
    )
    return quiz_create(content, owner=owner)

"""``manage.py make_quiz``: store a quiz made of a word list."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from quizzes.models import WordList
from quizzes.rules.generator import DIFFICULTIES, EXERCISES, READ_EXERCISES
from quizzes.rules.limits import QUESTIONS_MAX
from quizzes.services.quiz_making import QuizOptions, TooFewWords, make_quiz, notices
from quizzes.services.quizzes import QuizExists


class Command(BaseCommand):
    help = "Makes a quiz of a word list and stores it. Prints its id, and what the words did not suffice for."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("list", help="id of the word list")
        parser.add_argument("--id", default="", help="id of the quiz; by default made from the title")
        parser.add_argument("--title", default="", help="title of the quiz; by default the list's")
        parser.add_argument("--exercises", nargs="+", choices=EXERCISES, default=list(READ_EXERCISES))
        parser.add_argument("--count", type=int, default=20, help=f"questions, 1 to {QUESTIONS_MAX} (default 20)")
        parser.add_argument("--difficulty", choices=DIFFICULTIES, default="medium")
        parser.add_argument("--seed", type=int, help="the same seed draws the same questions")

    def handle(self, *args: Any, **options: Any) -> None:
        word_list = WordList.objects.filter(pk=options["list"]).first()
        if word_list is None:
            raise CommandError(_("There is no word list with the id %(id)s.") % {"id": options["list"]})
        chosen = QuizOptions(
            title=options["title"],
            quiz_id=options["id"],
            exercises=options["exercises"],
            count=options["count"],
            difficulty=options["difficulty"],
            seed=options["seed"],
        )
        try:
            quiz, shortages = make_quiz(word_list, chosen, owner=word_list.owner)
        except TooFewWords as error:
            raise CommandError(str(error)) from None
        except QuizExists:
            raise CommandError(_("The id %(id)s is taken already.") % {"id": options["id"]}) from None
        count = len(quiz.questions)
        line = ngettext("%(id)s (%(count)d question)", "%(id)s (%(count)d questions)", count)
        self.stdout.write(line % {"id": quiz.id, "count": count})
        for notice in notices(quiz, shortages):
            self.stderr.write(notice)

"""``manage.py load_quizzes``: store the quizzes and word lists that come with the server."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext_lazy, ngettext

from quizzes.services.demo import BadQuizFile, demo_quizzes, demo_word_lists, load_quiz, load_word_list

SAID = {
    "loaded": gettext_lazy("loaded"),
    "updated": gettext_lazy("updated"),
    "unchanged": gettext_lazy("unchanged"),
    "kept": gettext_lazy("kept as it is, for it was edited here"),
}


class Command(BaseCommand):
    help = "Stores the quizzes and word lists that come with the server. Run again, it keeps those that were edited."

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            quizzes, word_lists = list(demo_quizzes()), list(demo_word_lists())
        except BadQuizFile as error:
            raise CommandError(str(error)) from error
        for content in quizzes:
            outcome = SAID[load_quiz(content)]
            count = len(content.questions)
            line = ngettext(
                "%(id)s (%(count)d question): %(outcome)s", "%(id)s (%(count)d questions): %(outcome)s", count
            )
            self.stdout.write(line % {"id": content.id, "count": count, "outcome": outcome})
        for words in word_lists:
            outcome = SAID[load_word_list(words)]
            count = len(words.words)
            line = ngettext("%(id)s (%(count)d word): %(outcome)s", "%(id)s (%(count)d words): %(outcome)s", count)
            self.stdout.write(line % {"id": words.id, "count": count, "outcome": outcome})

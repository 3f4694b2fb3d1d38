"""Why a quiz that is heard cannot be played, in a teacher's words."""

from __future__ import annotations

from django.utils.translation import gettext as _

from sessions.rules.hearing import Unheard

#: Questions that a message names.
_NAMED = 10


def unheard(error: Unheard) -> str:
    """What to tell the host who asked for the session."""
    message = _(
        "Self-paced, nobody could hear these questions: %(questions)s. They have no recording, and the server has "
        "no voice for “%(languages)s”. Record them, show their text beside, or play live."
    )
    return message % {"questions": ", ".join(error.questions[:_NAMED]), "languages": ", ".join(error.languages)}

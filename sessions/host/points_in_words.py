"""Where points come from, in a teacher's words."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from scoring.rules.points import PointsRule, Scoring

#: How speed counts.
SCORING: dict[Scoring, Any] = {
    "speed": gettext_lazy(
        "5 points more for a right answer within 2 seconds, and one less every 2 seconds after: none after 10."
    ),
    "scaled": gettext_lazy(
        "Up to 5 points more for a right answer, over the whole time of the question: one less after each fifth of it."
    ),
    "flat": gettext_lazy("Speed does not count."),
}


def points_in_words(rule: PointsRule, points: int, *, worth: int) -> str:
    """What an answer earned, and why.

    :param worth: the question's points.
    """
    match rule:
        case "right":
            why = _("right")
        case "right_fast":
            why = _("right, %(speed)d of it for speed") % {"speed": points - worth}
        case "right_slow":
            why = _("right, too late for speed points")
        case "almost":
            why = _("almost right, a share of the points")
        case "wrong":
            why = _("not right")
        case "warm_up":
            why = _("the question has no points")
        case "poll":
            why = _("a poll has no points")
        case "unanswered":
            why = _("no answer in time")
    told = ngettext("%(points)d point: %(why)s", "%(points)d points: %(why)s", points)
    return told % {"points": points, "why": why}

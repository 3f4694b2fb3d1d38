"""The admin's home: what a host can do now, what is running, and what was played."""

from __future__ import annotations

from typing import Any

from django.db.models import Count
from django.http import HttpRequest
from django.utils.translation import gettext as _

from quizzes.access import is_host, visible_quizzes
from sessions.access import visible_sessions
from sessions.database.counting import player_count

_RECENT = 8


def dashboard(request: HttpRequest, context: dict[str, Any]) -> dict[str, Any]:
    """Add a host's own quizzes and sessions to the context of the admin's home."""
    user: Any = request.user
    if not is_host(user):
        return context
    sessions = visible_sessions(user).defer("content", "state").annotate(player_count=player_count())
    quizzes = visible_quizzes(user).annotate(question_count=Count("questions"))
    return {
        **context,
        "title": _("Home"),
        "is_host": True,
        "live_sessions": sessions.exclude(status="completed").order_by("-created_at")[:_RECENT],
        "past_sessions": sessions.filter(status="completed").order_by("-end_time")[:_RECENT],
        "own_quizzes": quizzes.filter(owner=user).order_by("-updated_at")[:_RECENT],
        "other_quizzes": quizzes.exclude(owner=user).order_by("title")[:_RECENT],
    }

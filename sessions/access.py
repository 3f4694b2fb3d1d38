"""Who may see and drive which session: superusers and operators all, hosts their own."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db.models import QuerySet

from sessions.models import QuizSession

if TYPE_CHECKING:
    from django.contrib.auth.models import User


def visible_sessions(user: User | None) -> QuerySet[QuizSession]:
    """The sessions this host may see. ``None`` is an operator."""
    if user is None or user.is_superuser:
        return QuizSession.objects.all()
    return QuizSession.objects.filter(owner=user)

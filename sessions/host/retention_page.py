"""The page that says what is kept of whom until when, and ends it: a host's own, an operator's of the whole server."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any

from axes.models import AccessLog
from django.contrib import messages
from django.contrib.auth.models import User
from django.db.models import Max, Min
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from classes.access import visible_classes
from common.config import CONFIG
from scoring.ports import ServiceUnavailable
from sessions.access import visible_sessions
from sessions.database.people import find_players, sessions_of
from sessions.database.practised import practice_book
from sessions.rules.player_names import USER_ID
from sessions.wiring.ending_retention import delete_ended_sessions, delete_practice, forget_sign_ins, replace_names
from sessions.wiring.forgetting import forget_person


def retention_page(request: HttpRequest, user: User) -> dict[str, Any]:
    """The context of the template."""
    sessions = visible_sessions(user)
    ended = sessions.filter(status="completed")
    named = ended.filter(purged_at=None)
    until = named.aggregate(first=Min("end_time"), last=Max("end_time"))
    keep = timedelta(hours=CONFIG.personal_data_hours)
    practice, unused = practice_book().kept(sessions), timedelta(days=CONFIG.practice_kept_days)
    name = request.GET.get("name", "").strip()
    return {
        "hours": round(CONFIG.personal_data_hours),
        "named_count": named.count(),
        "named_from": until["first"] + keep if until["first"] and keep else None,
        "named_until": until["last"] + keep if until["last"] and keep else None,
        "open_count": sessions.exclude(status="completed").count(),
        "ended_count": ended.count(),
        "oldest": ended.aggregate(oldest=Min("end_time"))["oldest"],
        "practice": practice,
        "practice_days": round(CONFIG.practice_kept_days),
        "practice_from": practice.used_first + unused if practice.used_first and unused else None,
        "practice_until": practice.used_last + unused if practice.used_last and unused else None,
        "classes": list(visible_classes(user).order_by("keep_until", "name")),
        "sign_in_days": round(CONFIG.sign_in_log_days),
        "sign_in_count": AccessLog.objects.count() if user.is_superuser else None,
        "name": name,
        "found": find_players(sessions, name) if name else None,
        "a_year_ago": timezone.localdate() - timedelta(days=365),
    }


def end_retention(request: HttpRequest, user: User) -> None:
    """Do what was asked for, and say what was done. Nobody's name is put into the message: those are stored."""
    actor = f"user:{user.get_username()}"
    actions: dict[str, Callable[[], str]] = {
        "names": lambda: _names(user, actor),
        "sessions": lambda: _sessions(user, request.POST.get("before", ""), actor),
        "practice": lambda: _practice(user, actor),
        "sign_ins": lambda: _sign_ins(user, actor),
        "person": lambda: _person(user, request.POST.get("user_id", ""), request.POST.get("session_id", ""), actor),
    }
    action = actions.get(request.POST.get("end", ""))
    if action is None or "sure" not in request.POST:
        messages.error(request, _("Nothing was done. Tick the box first."))
        return
    try:
        done = action()
    except ServiceUnavailable:
        messages.error(request, _("The server cannot store anything just now. Please try again."))
    else:
        messages.success(request, done)


def _names(user: User, actor: str) -> str:
    count = replace_names(visible_sessions(user), now=timezone.now(), actor=actor)
    told = ngettext("The names of %(count)d session are gone.", "The names of %(count)d sessions are gone.", count)
    return told % {"count": count}


def _sessions(user: User, before: str, actor: str) -> str:
    try:
        day = date.fromisoformat(before)
    except ValueError:
        return _("Nothing was done. Choose a day first.")
    moment = timezone.make_aware(datetime(day.year, day.month, day.day))
    count = delete_ended_sessions(visible_sessions(user), before=moment, actor=actor)
    return ngettext("%(count)d session is deleted.", "%(count)d sessions are deleted.", count) % {"count": count}


def _practice(user: User, actor: str) -> str:
    count = delete_practice(visible_sessions(user), actor=actor)
    return ngettext("%(count)d deck is deleted.", "%(count)d decks are deleted.", count) % {"count": count}


def _sign_ins(user: User, actor: str) -> str:
    if user.is_superuser:
        forget_sign_ins(actor=actor)
    return _("The record of sign-ins is empty.")


def _person(user: User, user_id: str, session_id: str, actor: str) -> str:
    # What cannot be an id is not asked for: a database may refuse its characters.
    if USER_ID.match(user_id) and USER_ID.match(session_id):
        found = sessions_of(visible_sessions(user).filter(id=session_id), user_id)
        forget_person(found, user_id, actor=actor)
    return _("All data of this person in this session is deleted.")

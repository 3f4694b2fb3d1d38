"""How the admin presents itself: its name, its colours, and a menu a teacher finds the way by."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from django.urls import reverse, reverse_lazy
from django.utils.translation import gettext_lazy as _

from quizserver import __version__


def _is_host(request: HttpRequest) -> bool:
    from quizzes.access import is_host

    return is_host(request.user)


def _is_sessions(request: HttpRequest) -> bool:
    sessions = reverse("admin:quiz_sessions_quizsession_changelist")
    others = {reverse(f"admin:quiz_sessions_quizsession_{name}") for name in ("open", "kept")}
    return request.path.startswith(sessions) and request.path not in others


def _may_view(permission: str) -> Any:
    return lambda request: request.user.has_perm(permission)


UNFOLD: dict[str, Any] = {
    "SITE_TITLE": _("Quiz server"),
    "SITE_HEADER": _("Quiz server"),
    "SITE_ICON": lambda request: _static("shared/icon.svg"),
    "SITE_URL": reverse_lazy("start"),
    "SITE_FAVICONS": [{"rel": "icon", "type": "image/svg+xml", "href": lambda request: _static("shared/icon.svg")}],
    "SHOW_LANGUAGES": True,
    "SHOW_BACK_BUTTON": True,
    "ACCOUNT": {"navigation": [{"title": _("Your sign-in"), "link": reverse_lazy("account")}]},
    "DASHBOARD_CALLBACK": "quizserver.admin_site.home",
    "STYLES": [lambda request: _static("host/host.css")],
    "SCRIPTS": [lambda request: _static("host/admin.js")],
    # The colours of the players' pages (static/shared/base.css) and what lies between them.
    "COLORS": {
        "base": {
            "50": "#f6f1e7",
            "100": "#f1eadc",
            "200": "#d9cfbd",
            "300": "#c6bba8",
            "400": "#a59c95",
            "500": "#6b6472",
            "600": "#575264",
            "700": "#3b3649",
            "800": "#221f2e",
            "900": "#1c1a27",
            "950": "#16141f",
        },
        "primary": {
            "50": "#f2f1fb",
            "100": "#e4e2f7",
            "200": "#d3d0f6",
            "300": "#bdb8ff",
            "400": "#a29cf0",
            "500": "#8f89e4",
            "600": "#35328c",
            "700": "#2c2a77",
            "800": "#242261",
            "900": "#1c1b4b",
            "950": "#131233",
        },
    },
    "SIDEBAR": {
        "navigation": [
            {
                "items": [
                    {"title": _("Home"), "icon": "home", "link": reverse_lazy("admin:index")},
                    {
                        "title": _("Run a quiz"),
                        "icon": "play_circle",
                        "link": reverse_lazy("admin:quiz_sessions_quizsession_open"),
                        "permission": _is_host,
                    },
                    {
                        "title": _("Quizzes"),
                        "icon": "quiz",
                        "link": reverse_lazy("admin:quizzes_quiz_changelist"),
                        "permission": _is_host,
                    },
                    {
                        "title": _("Word lists"),
                        "icon": "dictionary",
                        "link": reverse_lazy("admin:quizzes_wordlist_changelist"),
                        "permission": _is_host,
                    },
                    {
                        "title": _("Classes"),
                        "icon": "groups",
                        "link": reverse_lazy("admin:classes_schoolclass_changelist"),
                        "permission": _is_host,
                    },
                    {
                        "title": _("Sessions and results"),
                        "icon": "leaderboard",
                        "link": reverse_lazy("admin:quiz_sessions_quizsession_changelist"),
                        "permission": _is_host,
                        "active": _is_sessions,
                    },
                    {
                        "title": _("What is kept"),
                        "icon": "shield_person",
                        "link": reverse_lazy("admin:quiz_sessions_quizsession_kept"),
                        "permission": _is_host,
                    },
                    {
                        "title": _("Your first lesson"),
                        "icon": "help",
                        "link": reverse_lazy("help", args=["first-lesson"]),
                        "permission": _is_host,
                    },
                ],
            },
            {
                "title": _("Administration"),
                "separator": True,
                "items": [
                    {
                        "title": _("Accounts"),
                        "icon": "person",
                        "link": reverse_lazy("admin:auth_user_changelist"),
                        "permission": _may_view("auth.view_user"),
                    },
                    {
                        "title": _("Groups"),
                        "icon": "group",
                        "link": reverse_lazy("admin:auth_group_changelist"),
                        "permission": _may_view("auth.view_group"),
                    },
                    {
                        "title": _("API keys"),
                        "icon": "key",
                        "link": reverse_lazy("admin:quizserver_operatorkey_changelist"),
                        "permission": _may_view("quizserver.view_operatorkey"),
                    },
                ],
            },
        ],
    },
}


def home(request: HttpRequest, context: dict[str, Any]) -> dict[str, Any]:
    """The context of the admin's home."""
    from sessions.host.dashboard import dashboard

    return dashboard(request, {**context, "version": __version__})


def _static(path: str) -> str:
    from django.templatetags.static import static

    return static(path)

"""How the admin presents itself: its name, its colours, and a menu a teacher finds the way by."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from django.urls import reverse, reverse_lazy
from django.utils.translation import gettext_lazy as _


def _is_host(request: HttpRequest) -> bool:
    from quizzes.access import is_host

    return is_host(request.user)


def _is_sessions(request: HttpRequest) -> bool:
    sessions = reverse("admin:quiz_sessions_quizsession_changelist")
    return request.path.startswith(sessions) and request.path != reverse("admin:quiz_sessions_quizsession_open")


def _may_view(permission: str) -> Any:
    return lambda request: request.user.has_perm(permission)


UNFOLD: dict[str, Any] = {
    "SITE_TITLE": _("Quiz server"),
    "SITE_HEADER": _("Quiz server"),
    "SITE_SYMBOL": "quiz",
    "SITE_URL": reverse_lazy("start"),
    "SITE_FAVICONS": [{"rel": "icon", "type": "image/svg+xml", "href": lambda request: _static("shared/icon.svg")}],
    "SHOW_LANGUAGES": True,
    "SHOW_BACK_BUTTON": True,
    "ACCOUNT": {"navigation": [{"title": _("Your sign-in"), "link": reverse_lazy("account")}]},
    "DASHBOARD_CALLBACK": "sessions.host.dashboard.dashboard",
    "STYLES": [lambda request: _static("host/host.css")],
    "SCRIPTS": [lambda request: _static("host/admin.js")],
    "COLORS": {
        "primary": {
            "50": "oklch(96.2% .018 272.314)",
            "100": "oklch(93% .034 272.788)",
            "200": "oklch(87% .065 274.039)",
            "300": "oklch(78.5% .115 274.713)",
            "400": "oklch(67.3% .182 276.935)",
            "500": "oklch(62% .2 277.117)",
            "600": "oklch(51.1% .262 276.966)",
            "700": "oklch(45.7% .24 277.023)",
            "800": "oklch(39.8% .195 277.366)",
            "900": "oklch(35.9% .144 278.697)",
            "950": "oklch(25.7% .09 281.288)",
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


def _static(path: str) -> str:
    from django.templatetags.static import static

    return static(path)

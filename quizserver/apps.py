from __future__ import annotations

from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import Any

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class QuizserverConfig(AppConfig):
    name = "quizserver"
    verbose_name = _("Quiz server")

    def ready(self) -> None:
        from axes.signals import user_locked_out
        from django.contrib.auth.signals import user_logged_in
        from django.db.backends.signals import connection_created
        from django_prometheus.db import common as db_metrics

        from quizserver import host_sessions, openapi  # noqa: F401 - openapi tells drf-spectacular what an API key is

        # It makes a class for each cursor, which takes as long as a statement, and is garbage in a cycle after it.
        db_metrics.ExportingCursorWrapper = cache(db_metrics.ExportingCursorWrapper)
        connection_created.connect(_keep_to_its_owner, dispatch_uid="keep-sqlite-to-its-owner")
        user_locked_out.connect(_count_lockout, dispatch_uid="count-lockouts")
        user_logged_in.connect(host_sessions.note_sign_in, dispatch_uid="note-sign-ins")


def _keep_to_its_owner(*, connection: Any, **_kwargs: object) -> None:
    """SQLite makes its file readable by all, and answers, names and password digests are in it."""
    name = str(connection.settings_dict["NAME"])
    if connection.vendor != "sqlite" or not Path(name).is_file():
        return
    # What it writes beside the file gets the file's mode when it is made, so that older ones are looked at too.
    for path in (name, f"{name}-wal", f"{name}-shm"):
        with suppress(OSError):
            if Path(path).stat().st_mode & 0o077:
                Path(path).chmod(0o600)


def _count_lockout(**_kwargs: object) -> None:
    from common import metrics

    metrics.limits_hit.labels("logins").inc()

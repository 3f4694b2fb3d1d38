from __future__ import annotations

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class QuizserverConfig(AppConfig):
    name = "quizserver"
    verbose_name = _("Quiz server")

    def ready(self) -> None:
        from axes.signals import user_locked_out

        from quizserver import openapi  # noqa: F401 - tells drf-spectacular what an API key is

        user_locked_out.connect(_count_lockout, dispatch_uid="count-lockouts")


def _count_lockout(**_kwargs: object) -> None:
    from common import metrics

    metrics.limits_hit.labels("logins").inc()

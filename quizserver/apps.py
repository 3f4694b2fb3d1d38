from __future__ import annotations

from django.apps import AppConfig


class QuizserverConfig(AppConfig):
    name = "quizserver"
    verbose_name = "Quiz server"

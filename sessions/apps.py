from django.apps import AppConfig


class SessionsConfig(AppConfig):
    name = "sessions"
    # django.contrib.sessions has the plain label.
    label = "quiz_sessions"
    verbose_name = "Sessions"

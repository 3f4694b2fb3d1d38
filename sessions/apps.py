from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class SessionsConfig(AppConfig):
    name = "sessions"
    # django.contrib.sessions has the plain label.
    label = "quiz_sessions"
    verbose_name = _("Sessions")

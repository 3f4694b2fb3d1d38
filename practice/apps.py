from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class PracticeConfig(AppConfig):
    name = "practice"
    verbose_name = _("Practice at home")

    def ready(self) -> None:
        from practice.database.book import DatabasePracticeBook
        from sessions.database.practised import keep_book

        keep_book(DatabasePracticeBook())

"""`manage.py catalogs`: bring the catalogues of ``locale/`` up to date with the texts of the code."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandParser

from common.config import BASE_DIR, CONFIG, RESOURCES
from quizserver.translations import catalogue_path, compile_catalogues, texts_of, update_catalogue


class Command(BaseCommand):
    help = "Take new texts into the catalogues, untranslated, and take out those that are gone. Needs no GNU gettext."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--compile", action="store_true", help="Only compile them into the data folder, as an image needs it."
        )

    def handle(self, *args: Any, **options: Any) -> None:
        if options["compile"]:
            compile_catalogues(RESOURCES / "locale", CONFIG.data_dir / "locale")
            return
        texts = texts_of(BASE_DIR)
        for language, _name in settings.LANGUAGES:
            path = catalogue_path(BASE_DIR, language)
            if not path.exists():
                continue
            catalogue = update_catalogue(path, texts)
            catalogue.save(str(path))
            missing = len(catalogue.untranslated_entries())
            self.stdout.write(f"{language}: {len(catalogue)} texts, {missing} to translate")

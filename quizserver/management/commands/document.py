"""`manage.py document`: write the generated documents, or say which of them are stale."""

from __future__ import annotations

import json
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from common.config import BASE_DIR
from quizserver.generated_docs import metrics_document, settings_document
from sessions.rest.asyncapi import document
from sessions.rest.message_types import message_types


class Command(BaseCommand):
    help = "Writes docs/settings.md, docs/metrics.md, docs/asyncapi.json and static/shared/messages.js from the code."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--check", action="store_true", help="write nothing; fail when a document is stale")

    def handle(self, *args: Any, check: bool, **options: Any) -> None:
        made = {
            "docs/settings.md": settings_document(),
            "docs/metrics.md": metrics_document(),
            "docs/asyncapi.json": json.dumps(document(), indent=2, ensure_ascii=False) + "\n",
            "static/shared/messages.js": message_types(),
        }
        for name, text in made.items():
            path = BASE_DIR / name
            if check:
                if not path.exists() or path.read_text() != text:
                    raise CommandError(f"{name} is stale: run manage.py document")
            else:
                path.write_text(text)
                self.stdout.write(name)

"""`manage.py restore`: a backup, brought back."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from common.config import CONFIG
from quizserver.backups import BackupError, restore
from quizserver.startup_checks import Unsafe, claim_data


class Command(BaseCommand):
    help = (
        "Brings a backup back into an empty database, or with --replace in the place of what is there. Stop the server "
        "first. The file is checked whole before anything is changed."
    )
    # There may be no database, or one that is broken: that is what this is for.
    requires_system_checks = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path, help="the backup")
        parser.add_argument("--replace", action="store_true", help="in the place of the data that is there")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            lock = claim_data(CONFIG)
            try:
                manifest = restore(options["file"], replace=options["replace"])
            finally:
                if lock is not None:
                    lock.close()
        except (BackupError, Unsafe) as error:
            raise CommandError(str(error)) from None
        self.stdout.write(f"Restored what was there at {manifest.taken_at}, and brought it up to this version.")
        if CONFIG.redis_url:
            self.stdout.write(
                "Redis still has the live sessions of before. They are taken up again from the database when Redis is "
                "empty: run FLUSHDB on the database that REDIS_URL names, then start the instances."
            )

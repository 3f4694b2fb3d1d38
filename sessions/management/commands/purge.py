"""`manage.py purge`: do away with what is not kept."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.utils import timezone

from common.config import CONFIG
from sessions.database.practised import practice_book
from sessions.database.retention import delete_sign_ins, delete_unused_images, delete_unused_sounds, purge
from sessions.wiring.class_deletion import delete_expired_classes


class Command(BaseCommand):
    help = (
        "Replaces names and user ids of players by pseudonyms in sessions that ended PERSONAL_DATA_HOURS ago or "
        "earlier, and deletes classes whose last day is over, practice at home that was not used for "
        "PRACTICE_KEPT_DAYS, images and recordings that nothing shows or plays, and old records of signing in. Results "
        "stay. The server does this by itself once an hour; running it again is harmless."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--hours", type=float, default=CONFIG.personal_data_hours, help="instead of PERSONAL_DATA_HOURS"
        )

    def handle(self, *args: Any, hours: float, **options: Any) -> None:
        now = timezone.now()
        count = purge(now=now, ended_before=now - timedelta(hours=hours))
        images = delete_unused_images(now=now)
        sounds = delete_unused_sounds(now=now)
        sign_ins = delete_sign_ins(now=now, days=CONFIG.sign_in_log_days)
        decks = practice_book().delete_unused(now=now)
        classes = delete_expired_classes(timezone.localdate())
        self.stdout.write(
            f"{count} sessions purged, {classes} classes, {decks} decks of practice, {images} images, {sounds} "
            f"recordings and {sign_ins} records of signing in deleted."
        )

"""`manage.py backup`: all data in one file."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from common.config import CONFIG
from quizserver.backups import BackupError, read_manifest, take


class Command(BaseCommand):
    help = (
        "Writes the database and the server's own secret key into one file, also while games are on. The file holds "
        "names, answers and keys: keep it as safe as the server. --check reads one and says whether it is sound."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", nargs="?", type=Path, help="where to; default: backups/ in the data folder")
        parser.add_argument("--check", action="store_true", help="write nothing; read the file and say what it is")

    def handle(self, *args: Any, **options: Any) -> None:
        path: Path | None = options["file"]
        try:
            if options["check"]:
                if path is None:
                    raise CommandError("--check needs a file.")
                manifest = read_manifest(path)
                self.stdout.write(f"{path}: version {manifest.version}, {manifest.vendor}, taken {manifest.taken_at}")
                return
            # Local time: the name is for whoever looks for the backup of Tuesday.
            name = f"quizserver-{datetime.now():%Y%m%d-%H%M%S}.tar.gz"
            path = path or CONFIG.data_dir / "backups" / name
            take(path)
        except BackupError as error:
            raise CommandError(str(error)) from None
        self.stdout.write(f"{path} ({path.stat().st_size / 1e6:.1f} MB)")

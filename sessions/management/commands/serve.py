"""`manage.py serve`: the server, as it runs everywhere but in development."""

from __future__ import annotations

import os
import sys
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from quizserver.config import CONFIG
from quizserver.safety import Unsafe, require_safe
from quizserver.server.run import server


class Command(BaseCommand):
    help = "Serve HTTP and WebSockets with uvicorn and the project's WebSocket protocol."

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            require_safe(CONFIG, os.environ)
        except Unsafe as error:
            raise CommandError(str(error)) from None
        running = server(CONFIG)
        running.run()
        if not running.started:
            # uvicorn has told why.
            sys.exit(1)

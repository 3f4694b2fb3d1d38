"""`manage.py serve`: the server, as it runs everywhere but in development."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand

from quizserver.config import CONFIG
from quizserver.server.run import server


class Command(BaseCommand):
    help = "Serve HTTP and WebSockets with uvicorn and the project's WebSocket protocol."

    def handle(self, *args: Any, **options: Any) -> None:
        server(CONFIG).run()

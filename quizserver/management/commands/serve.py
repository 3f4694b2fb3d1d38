"""`manage.py serve`: the server, as it runs everywhere but in development."""

from __future__ import annotations

import os
import sys
from typing import Any

import psycopg
from django.core.management.base import BaseCommand, CommandError
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from common.config import CONFIG
from common.database import UNREACHABLE
from quizserver.server.run import server
from quizserver.startup_checks import Unsafe, require_safe

_CONNECT_SECONDS = 3


class Command(BaseCommand):
    help = "Serve HTTP and WebSockets with uvicorn and the project's WebSocket protocol."

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            require_safe(CONFIG, os.environ)
        except Unsafe as error:
            raise CommandError(str(error)) from None
        self._check_database()
        running = server(CONFIG)
        running.run()
        if not running.started:
            # uvicorn has told why.
            sys.exit(1)

    def _check_database(self) -> None:
        try:
            if connection.vendor == "postgresql":
                # Past the pool, which would try for a while, log each attempt, and not tell why it failed.
                parameters = connection.get_connection_params() | {"connect_timeout": _CONNECT_SECONDS}
                psycopg.connect(**parameters).close()
            executor = MigrationExecutor(connection)
            missing = executor.migration_plan(executor.loader.graph.leaf_nodes())
        except (*UNREACHABLE, psycopg.OperationalError) as error:
            reason = str(error).strip().splitlines()[0]
            if not CONFIG.redis_url:
                raise CommandError(f"DATABASE_URL: the database cannot be reached: {reason}") from None
            self.stderr.write(f"The database cannot be reached; live sessions go on from Redis: {reason}")
            return
        finally:
            connection.close()
        if missing:
            raise CommandError(f"{len(missing)} migrations are not applied; run manage.py migrate first.")

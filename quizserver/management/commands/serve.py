"""`manage.py serve`: the server, as it runs everywhere but in development."""

from __future__ import annotations

import os
import socket
import sys
from argparse import SUPPRESS
from typing import Any

import psycopg
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from common.config import CONFIG
from common.database import UNREACHABLE
from quizserver.server.run import server
from quizserver.server.workers import Workers, end_with_parent, listen
from quizserver.startup_checks import Unsafe, require_safe

_CONNECT_SECONDS = 3
_WORKERS_MOST = 64


class Command(BaseCommand):
    help = "Serve HTTP and WebSockets with uvicorn and the project's WebSocket protocol."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--workers",
            type=int,
            choices=range(1, _WORKERS_MOST + 1),
            metavar="N",
            default=1,
            help=f"instances behind the port, 1 to {_WORKERS_MOST}, about one for each core; more than one need Redis",
        )
        # What a worker is started with.
        parser.add_argument("--descriptor", type=int, help=SUPPRESS)

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            require_safe(CONFIG, os.environ)
        except Unsafe as error:
            raise CommandError(str(error)) from None
        if options["workers"] > 1 and not CONFIG.redis_url:
            raise CommandError(
                "--workers: without REDIS_URL the live sessions are kept in one process, and others would not know "
                "them. Set REDIS_URL, or serve with one worker."
            )
        self._check_database()
        if options["workers"] > 1:
            self._serve_with_workers(options["workers"])
            return
        running = server(CONFIG)
        if options["descriptor"] is None:
            running.run()
        else:
            end_with_parent()
            running.run(sockets=[socket.socket(fileno=options["descriptor"])])
        if not running.started:
            # uvicorn has told why.
            sys.exit(1)

    def _serve_with_workers(self, count: int) -> None:
        try:
            listener = listen(CONFIG)
        except OSError as error:
            raise CommandError(f"BIND and PORT: {CONFIG.bind}:{CONFIG.port} cannot be listened on: {error}") from None
        host, port = listener.getsockname()[:2]
        self.stdout.write(f"{count} workers serve on http://{host}:{port}")
        self.stdout.flush()
        Workers(count, listener).run()

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

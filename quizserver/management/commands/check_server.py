"""`manage.py check_server`: what is wrong with the settings and with what the server stands on, line by line."""

from __future__ import annotations

import os
from typing import Any

import redis
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError, SystemCheckError
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from common.config import CONFIG
from common.database import UNREACHABLE
from quizserver import __version__
from quizserver.startup_checks import refusals


class Command(BaseCommand):
    help = "Says whether the settings, the data folder, the database and Redis are fit to serve. Exit 1 when not."
    # Their result is a line of its own.
    requires_system_checks = []

    def handle(self, *args: Any, **options: Any) -> None:
        lines = {
            "settings": self._settings(),
            "data folder": self._data_folder(),
            "database": self._database(),
            "Redis": self._redis(),
        }
        self.stdout.write(f"quizserver {__version__}")
        for name, (fit, text) in lines.items():
            self.stdout.write(f"  {'ok ' if fit else 'BAD'}  {name}: {text}")
        if not all(fit for fit, _ in lines.values()):
            raise CommandError("The server is not fit to serve.")

    def _settings(self) -> tuple[bool, str]:
        reasons = refusals(CONFIG, os.environ)
        try:
            call_command("check", verbosity=0)
        except SystemCheckError as error:
            reasons.append(str(error))
        return not reasons, " ".join(
            reasons
        ) or f"players come to {CONFIG.public_url or 'the address of their request'}"

    def _data_folder(self) -> tuple[bool, str]:
        folder = CONFIG.data_dir
        try:
            folder.mkdir(parents=True, exist_ok=True)
            probe = folder / f".probe-{os.getpid()}"
            probe.write_bytes(b"x")
            probe.unlink()
        except OSError as error:
            return False, f"{folder}: {error.strerror}"
        return True, str(folder)

    def _database(self) -> tuple[bool, str]:
        try:
            executor = MigrationExecutor(connection)
            missing = len(executor.migration_plan(executor.loader.graph.leaf_nodes()))
        except UNREACHABLE as error:
            return False, str(error).strip().splitlines()[0]
        finally:
            connection.close()
        if missing:
            return False, f"{missing} migrations are not applied: run prepare"
        return True, f"{connection.vendor}, up to date"

    def _redis(self) -> tuple[bool, str]:
        if not CONFIG.redis_url:
            return True, "none: live sessions are kept in the process, one instance only"
        if not CONFIG.redis_url.startswith(("redis://", "rediss://", "unix://")):
            return True, "not asked: several servers"
        try:
            client = redis.Redis.from_url(CONFIG.redis_url, socket_timeout=CONFIG.redis_timeout_seconds)
            version = client.info("server")["redis_version"]
            client.close()
        except (redis.RedisError, OSError) as error:
            return False, str(error)
        return True, f"version {version}"

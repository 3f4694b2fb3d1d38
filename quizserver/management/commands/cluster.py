"""`manage.py cluster`: several instances with PostgreSQL, Valkey and a balancer, on this machine and without Docker."""

from __future__ import annotations

import asyncio
import os
import signal
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from quizserver.cluster.cluster import Cluster


class Command(BaseCommand):
    help = (
        "Starts PostgreSQL, Valkey, nginx (or a small balancer where it is missing) and several instances on this "
        "machine, prints where to go, and ends them all with Ctrl-C. What it stored is thrown away."
    )
    requires_system_checks = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--instances", type=int, default=2, help="how many, 1 to 16")
        parser.add_argument(
            "--shards",
            type=int,
            default=1,
            help="masters of a Valkey cluster, each with a replica, 3 to 9; 1: one Valkey",
        )
        parser.add_argument("--port", type=int, default=8080, help="where the balancer listens; 0: any free port")

    def handle(self, *args: Any, **options: Any) -> None:
        if not 1 <= options["instances"] <= 16:
            raise CommandError("--instances: 1 to 16")
        if options["shards"] != 1 and not 3 <= options["shards"] <= 9:
            raise CommandError("--shards: 1, or 3 to 9: fewer than three masters cannot agree that one is dead")
        try:
            asyncio.run(self._run(options["instances"], options["port"], options["shards"]))
        except ImportError as error:
            raise CommandError(f"The servers come with the development dependencies: {error}") from None
        except RuntimeError as error:
            raise CommandError(str(error)) from None

    async def _run(self, instances: int, port: int, shards: int) -> None:
        stop = asyncio.Event()
        for number in (signal.SIGINT, signal.SIGTERM):
            asyncio.get_running_loop().add_signal_handler(number, stop.set)
        settings = {name: os.environ[name] for name in ("OPERATOR_API_KEY",) if os.environ.get(name)}
        settings["PORT"] = str(port)
        async with Cluster(instances=instances, port=port, settings=settings, shards=shards) as cluster:
            self.stdout.write(cluster.told)
            self.stdout.write(f"  {instances} instances behind {cluster.balancer.name}: {cluster.url}/")
            for instance in cluster.instances:
                self.stdout.write(f"    instance {instance.number}: {instance.url}")
            self.stdout.write(f"  API key:    {cluster.api_key}")
            self.stdout.write(f"  PostgreSQL: {cluster.postgres.url}")
            self.stdout.write(f"  Valkey:     {cluster.redis.url}")
            self.stdout.write("  Ctrl-C ends all of it.")
            self.stdout.flush()
            await stop.wait()

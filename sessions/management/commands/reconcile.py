"""`manage.py reconcile SESSION`: does every place say the same of a session?"""

from __future__ import annotations

import asyncio
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from common.clock import SystemClock
from common.config import CONFIG
from common.database import DatabaseThread
from common.redis import REDIS_DOWN
from common.redis_cluster import redis_server
from sessions.database.session_log import DatabaseSessionLog
from sessions.stores.redis.reconcile import Difference, reconcile
from sessions.stores.redis.store import RedisStore


class Command(BaseCommand):
    help = (
        "Compares a session in Redis, in the database, and with the sums of its answers; prints what differs and "
        "repairs it. Harmless while the session is played: what is on its way to the database shows as a difference, "
        "and writing it twice changes nothing. Exit status 1 when something differed."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("session", help="id of the session")
        parser.add_argument("--dry-run", action="store_true", help="print what differs and change nothing")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            found = asyncio.run(self._run(options["session"], repair=not options["dry_run"]))
        except LookupError:
            raise CommandError(f"Session {options['session']} does not exist.") from None
        except REDIS_DOWN as error:
            raise CommandError(f"REDIS_URL: Redis cannot be reached: {error}") from None
        for difference in found:
            self.stdout.write(str(difference))
        if not found:
            self.stdout.write("Redis, the database and the sums agree." if CONFIG.redis_url else "The sums agree.")
            return
        self.stdout.write("Nothing was changed." if options["dry_run"] else f"Repaired: {len(found)}.")
        raise SystemExit(1)

    async def _run(self, session_id: str, *, repair: bool) -> list[Difference]:
        thread = DatabaseThread("reconcile")
        server = None
        store = None
        if CONFIG.redis_url:
            server = redis_server(
                CONFIG.redis_url, timeout=CONFIG.redis_timeout_seconds, connections=2, shards=CONFIG.redis_shards
            )
            server.run_id = await server.current_run()
            store = RedisStore(
                server,
                server_id="reconcile",
                sessions=DatabaseSessionLog(thread, thread),
                keep=lambda entry: None,
                settle=_nothing,
                clock=SystemClock(),
                allowance_ms=CONFIG.network_allowance_ms,
            )
        try:
            return await reconcile(session_id, thread=thread, store=store, repair=repair)
        finally:
            if server is not None:
                await server.close()
            await asyncio.to_thread(thread.close)


async def _nothing() -> None:
    """This process acknowledges nothing, so that it holds nothing either."""

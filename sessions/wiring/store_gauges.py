"""Gauges of what the instances share: the database, its pool, and Redis. Each instance tells the same figures."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

import redis
from django.db import connection

from common import metrics
from common.database import UNREACHABLE, DatabaseThread
from common.redis_watch import RedisWatch, redis_watch
from sessions.models import Participant, QuizSession

_REDIS_TIMEOUT_SECONDS = 1
_DATABASE_TIMEOUT_SECONDS = 5


class StoreGauges:
    """Reads them, on a database thread and a Redis client of its own."""

    def __init__(self, redis_url: str, probe_database: Callable[[], Awaitable[None]]) -> None:
        """:param redis_url: empty without Redis.
        :param probe_database: raises unless the database takes writes.
        """
        self._probe_database = probe_database
        self._thread = DatabaseThread("metrics")
        self._redis: RedisWatch | None = redis_watch(redis_url, timeout=_REDIS_TIMEOUT_SECONDS) if redis_url else None

    async def sample(self) -> None:
        """Set the gauges.

        :raises django.db.DatabaseError: when the database cannot be read; Redis has been read by then.
        :raises TimeoutError: when the database does not answer in time.
        """
        if self._redis is not None:
            await asyncio.to_thread(self._sample_redis, self._redis)
        # Before anything that needs a connection: when the pool has none left, that is what must be seen.
        _sample_pool()
        try:
            async with asyncio.timeout(_DATABASE_TIMEOUT_SECONDS):
                await self._probe_database()
                await self._thread.run(_sample_database)
        except (*UNREACHABLE, TimeoutError):
            metrics.database_down.set(1)
            raise
        metrics.database_down.set(0)

    def close(self) -> None:
        """Close the connections."""
        self._thread.close()
        if self._redis is not None:
            self._redis.close()

    @staticmethod
    def _sample_redis(watch: RedisWatch) -> None:
        try:
            clients = watch.clients()
            watch.probe()
        except redis.RedisError:
            metrics.redis_down.set(1)
            return
        metrics.redis_down.set(0)
        metrics.redis_clients.set(clients)


def _sample_database() -> None:
    # A homework is open for weeks, with nobody there most of the time.
    metrics.active_sessions.set(QuizSession.objects.filter(homework=False, status="active").count())
    live = Participant.objects.filter(session__homework=False).exclude(session__status="completed")
    participants = live.exclude(status__in=["left", "removed"])
    metrics.total_participants.set(participants.count())
    if connection.vendor != "postgresql":
        return
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*), current_setting('max_connections')::int FROM pg_stat_activity "
            "WHERE datname = current_database()"
        )
        used, most = cursor.fetchone()
    metrics.postgresql_connections.set(used)
    metrics.postgresql_max_connections.set(most)


def _sample_pool() -> None:
    pool = getattr(connection, "pool", None)
    if pool is not None:
        figures = pool.get_stats()
        metrics.database_pool_waiting.set(figures.get("requests_waiting", 0))
        busy = figures["pool_size"] - figures["pool_available"]
        metrics.database_pool_used_ratio.set(busy / figures["pool_max"])

"""A database that came back without its last seconds learns again what the live store knows."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator
from contextlib import suppress
from typing import Protocol

from common import metrics
from scoring.ports import ServiceUnavailable
from sessions.services.ports import SessionLog, SessionRecord
from sessions.stores.failover.fallback import FallbackStore
from sessions.stores.failover.instances import Register
from sessions.stores.redis.store import RedisStore
from sessions.stores.redis.write_behind import Writer

logger = logging.getLogger(__name__)


class _Stores(Protocol):
    primary: RedisStore
    fallback: FallbackStore

    @property
    def on_redis(self) -> bool: ...


class Restorer:
    """Looks whether the database lost something, and writes it again."""

    def __init__(self, stores: _Stores, writer: Writer, log: SessionLog, register: Register) -> None:
        self._stores = stores
        self._writer = writer
        self._log = log
        self._register = register
        self._told = False

    async def round(self) -> None:
        """To be called after each exchange with the register.

        :raises ServiceUnavailable: when the database cannot be written now; the next round tries again.
        """
        if not (self._register.lost or self._register.changed):
            return
        if self._register.lost and not self._told:
            self._told = True
            metrics.store_losses.labels("database_went_back").inc()
            logger.error("store_lost_something", extra={"what": "database_went_back"})
        sessions = 0
        async for record in self._records():
            await self._log.restore(record)
            sessions += 1
        await self._writer.write_again()
        if self._stores.on_redis:
            with suppress(ServiceUnavailable):
                await self._writer.try_again()
        self._register.lost = self._register.changed = self._told = False
        logger.warning("database_restored", extra={"sessions": sessions})

    async def _records(self) -> AsyncIterator[SessionRecord]:
        if not self._stores.on_redis:
            for session_id in self._stores.fallback.held():
                yield self._stores.fallback.snapshot(session_id)
            return
        for session_id in await self._stores.primary.session_ids():
            record = await self._stores.primary.snapshot(session_id)
            if record is not None:
                yield record

"""Threads of the process's own for the database, so that the event loop never waits for it.

Django's connections belong to threads. `sync_to_async` would share one thread between every view and this; a thread of
our own keeps the answers' commits apart from whatever an admin page is doing.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from django.db import DatabaseError, InterfaceError, OperationalError, close_old_connections, connections

from quizserver import metrics, tracing

T = TypeVar("T")
UNREACHABLE: tuple[type[DatabaseError] | type[InterfaceError], ...] = (OperationalError, InterfaceError)


class DatabaseThread:
    """Runs functions that use the ORM, one after the other, on one thread with a connection of its own."""

    def __init__(self, name: str) -> None:
        self._executor = ThreadPoolExecutor(max_workers=1, thread_name_prefix=name)

    async def run(self, function: Callable[[], T]) -> T:
        """The function's result.

        :raises django.db.OperationalError: when the database cannot be reached; the connection is then made anew.
        """
        return await asyncio.wrap_future(self._executor.submit(tracing.bound(lambda: self._guarded(function))))

    def close(self) -> None:
        """Finish what is queued, close the connection and end the thread."""
        self._executor.submit(connections.close_all)
        self._executor.shutdown(wait=True)

    @staticmethod
    def _guarded(function: Callable[[], T]) -> T:
        close_old_connections()
        try:
            with tracing.span("database"):
                return function()
        except UNREACHABLE as error:
            metrics.database_errors.labels(type(error).__name__).inc()
            connections.close_all()
            raise
        except DatabaseError as error:
            metrics.database_errors.labels(type(error).__name__).inc()
            raise

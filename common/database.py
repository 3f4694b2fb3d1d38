"""Threads of the process's own for the database, so that the event loop never waits for it.

Django's connections belong to threads. `sync_to_async` would share one thread between every view and this; a thread of
our own keeps the answers' commits apart from whatever an admin page is doing.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from contextvars import ContextVar
from functools import partial
from typing import Any, Generic, TypeVar

import msgspec
from django.db import (
    DatabaseError,
    DataError,
    IntegrityError,
    InterfaceError,
    OperationalError,
    close_old_connections,
    connection,
    connections,
    transaction,
)

from common import metrics, tracing

logger = logging.getLogger(__name__)

T = TypeVar("T")
Item = TypeVar("Item")
UNREACHABLE: tuple[type[DatabaseError] | type[InterfaceError], ...] = (OperationalError, InterfaceError)

#: SQLSTATE classes of what is wrong with a record: data exceptions, and integrity constraints (PostgreSQL, appendix A).
_OF_A_RECORD = ("22", "23")
#: SQLSTATEs, by their beginning, of a server that refuses though nothing is wrong with the statement, and that drivers
#: raise as internal and programming errors: it is read-only or broke the transaction off, rights are missing, its disk
#: is full or its files are damaged, it stops or fails over.
_OF_THE_SERVER = ("08", "25", "40", "42501", "53", "55", "57", "58", "F0", "XX")


class WriteRefused(OperationalError):
    """The database answered, and takes nothing just now. It is as good as away."""


def condemns(error: BaseException) -> bool:
    """Whether an error of the database is the fault of what was to be written. Every other is a condition of the
    server, and may be gone when it is tried again."""
    code = _sqlstate(error)
    return code.startswith(_OF_A_RECORD) if code else isinstance(error, DataError | IntegrityError)


def is_unavailable(error: BaseException) -> bool:
    """Whether this is said by a server that cannot be reached, or refuses, and not by a mistake in a statement."""
    if isinstance(error, UNREACHABLE) or _sqlstate(error).startswith(_OF_THE_SERVER):
        return True
    # SQLite's word for a damaged file or a failing disk has no class of its own.
    return type(error) is DatabaseError and connection.vendor == "sqlite"


def _sqlstate(error: BaseException) -> str:
    cause = error.__cause__ if isinstance(error, DatabaseError | InterfaceError) else None
    return getattr(cause, "sqlstate", None) or ""


def server_process() -> str:
    """What tells the server that answers from the one before it: a standby that took its place, or itself restarted."""
    if connection.vendor != "postgresql":
        return ""
    with connection.cursor() as cursor:
        # To the microsecond; its address may be one of several.
        cursor.execute("SELECT pg_postmaster_start_time()::text")
        return str(cursor.fetchone()[0])


_reading_replica: ContextVar[bool] = ContextVar("reading_replica", default=False)


@contextmanager
def replica_reads() -> Iterator[None]:
    """Reads in here may be answered by the replica, which may be behind by what replication takes."""
    token = _reading_replica.set(True)
    try:
        yield
    finally:
        _reading_replica.reset(token)


class ReplicaRouter:
    """Sends reads within :func:`replica_reads` to the database "replica"; in use when there is one."""

    def db_for_read(self, model: Any, **hints: Any) -> str | None:
        """The database to read from; ``None`` leaves it to the default."""
        return "replica" if _reading_replica.get() else None

    def allow_relation(self, first: Any, second: Any, **hints: Any) -> bool:
        """The two hold the same rows."""
        return True

    def allow_migrate(self, db: str, app_label: str, **hints: Any) -> bool:
        """A replica gets its tables by replication."""
        return db != "replica"


#: Values that one statement looks for, each in a parameter, of which SQLite before 3.32 takes 999.
VALUES_AT_ONCE = 500


# -- many rows in one parameter ---------------------------------------------------------------------------------------
# A statement whose text is the same for any number of rows is prepared once, and SQLite runs it in one go without the
# interpreter: a thread that asks for each row waits for the event loop each time.


def to_json(rows: Sequence[Any]) -> str:
    """Rows, or single values, as the parameter that :func:`json_elements` has."""
    return msgspec.json.encode(rows).decode()


def json_elements() -> str:
    """SQL: what a JSON array in a parameter holds, as a table with the column ``value``."""
    if connection.vendor == "postgresql":
        return "json_array_elements(%s::json) AS elements(value)"
    return "json_each(%s)"


def json_field(index: int, kind: str) -> str:
    """SQL: this field of an element that is an array. ``kind`` is its type on PostgreSQL."""
    if connection.vendor == "postgresql":
        return f"CAST(value ->> {index} AS {kind})"
    return f"json_extract(value, '$[{index}]')"


def json_element(kind: str) -> str:
    """SQL: an element that is a single value."""
    return f"CAST(value #>> '{{}}' AS {kind})" if connection.vendor == "postgresql" else "value"


class DatabaseThread:
    """Runs functions that use the ORM, one after the other, on one thread with a connection of its own."""

    def __init__(self, name: str) -> None:
        self._executor = ThreadPoolExecutor(max_workers=1, thread_name_prefix=name)

    async def run(self, function: Callable[[], T]) -> T:
        """The function's result.

        :raises django.db.OperationalError: when the database cannot be reached, or refuses (:class:`WriteRefused`); the
            connection is then made anew, for another server may be there.
        """
        return await asyncio.wrap_future(self._executor.submit(tracing.bound(lambda: self._guarded(function))))

    def close(self) -> None:
        """Finish what is queued, close the connection and end the thread."""
        self._executor.submit(connections.close_all)
        self._executor.shutdown(wait=True)

    @staticmethod
    def _guarded(function: Callable[[], T]) -> T:
        # SQLite stays open: opening it for each commit costs several times the commit, and a file does not restart.
        if connection.vendor != "sqlite":
            close_old_connections()
        try:
            with tracing.span("database"):
                return function()
        except (DatabaseError, InterfaceError) as error:
            metrics.database_errors.labels(type(error).__name__).inc()
            if condemns(error):
                raise
            connections.close_all()
            if isinstance(error, UNREACHABLE):
                raise
            logger.warning("database_refuses", extra={"error": repr(error)})
            raise WriteRefused(str(error)) from error


class GroupCommit(Generic[Item, T]):
    """Writes many items to a transaction: what arrives while a commit is under way shares the next one.

    A commit costs the disk about the same for one row as for hundreds.
    """

    def __init__(self, thread: DatabaseThread, write: Callable[[Sequence[Item]], Sequence[T]]) -> None:
        """:param write: writes items, in the transaction it is called in; its results stand in their order."""
        self._thread = thread
        self._write = write
        self._waiting: list[tuple[Item, asyncio.Future[T]]] = []
        self._committing: asyncio.Task[None] | None = None

    async def add(self, item: Item) -> T:
        """What the item came to, once it is committed.

        :raises django.db.DatabaseError: when it was not; whether others were says nothing about it.
        """
        future: asyncio.Future[T] = asyncio.get_running_loop().create_future()
        self._waiting.append((item, future))
        if self._committing is None or self._committing.done():
            self._committing = asyncio.create_task(self._commit_all())
        return await future

    async def _commit_all(self) -> None:
        while self._waiting:
            group, self._waiting = self._waiting, []
            results: Sequence[T | Exception]
            try:
                results = await self._thread.run(partial(self._commit, [item for item, _ in group]))
            except Exception as error:
                results = [error] * len(group)
            for (_, future), result in zip(group, results, strict=True):
                if future.done():
                    continue
                if isinstance(result, Exception):
                    future.set_exception(result)
                else:
                    future.set_result(result)

    def _commit(self, items: Sequence[Item]) -> Sequence[T | DatabaseError]:
        try:
            with transaction.atomic():
                return self._write(items)
        except DatabaseError as error:
            if len(items) == 1 or not condemns(error):
                raise
            # One item that the database refuses must not take the others with it.
            return [self._commit_alone(item) for item in items]

    def _commit_alone(self, item: Item) -> T | DatabaseError:
        try:
            with transaction.atomic():
                [result] = self._write([item])
                return result
        except DatabaseError as error:
            if not condemns(error):
                raise
            return error

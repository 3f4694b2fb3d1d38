"""Threads for the database: a connection of their own, which SQLite keeps and a server is asked for anew."""

from __future__ import annotations

from collections.abc import Iterator
from unittest import mock

import psycopg
import pytest
from django.db import (
    DatabaseError,
    DataError,
    IntegrityError,
    InterfaceError,
    InternalError,
    NotSupportedError,
    OperationalError,
    ProgrammingError,
    connection,
)

from common.database import UNREACHABLE, DatabaseThread, WriteRefused, condemns, is_unavailable

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def thread() -> Iterator[DatabaseThread]:
    made = DatabaseThread("test")
    yield made
    made.close()


def used() -> object:
    """The connection below Django's, after it was used."""
    connection.ensure_connection()
    return connection.connection


async def test_sqlite_is_opened_once(thread: DatabaseThread) -> None:
    assert await thread.run(used) is await thread.run(used)


async def test_it_is_opened_anew_when_it_could_not_be_reached(thread: DatabaseThread) -> None:
    def fails() -> None:
        raise OperationalError("away")

    before = await thread.run(used)
    with pytest.raises(OperationalError):
        await thread.run(fails)
    assert await thread.run(used) is not before


async def test_a_server_is_asked_for_a_connection_that_lives(thread: DatabaseThread) -> None:
    with (
        mock.patch("common.database.close_old_connections") as close,
        mock.patch("common.database.connection", mock.Mock(vendor="postgresql")),
    ):
        await thread.run(lambda: None)
    close.assert_called_once()


def raised(error: Exception, cause: Exception | None) -> Exception:
    """An error as Django raises it from a driver's."""
    error.__cause__ = cause
    return error


@pytest.mark.parametrize(
    ("error", "condemned", "unavailable"),
    [
        (raised(DataError("x"), psycopg.errors.StringDataRightTruncation()), True, False),
        (raised(DataError("a NUL"), psycopg.DataError()), True, False),
        (raised(IntegrityError("x"), psycopg.errors.ForeignKeyViolation()), True, False),
        (IntegrityError("SQLite's"), True, False),
        (raised(InternalError("x"), psycopg.errors.ReadOnlySqlTransaction()), False, True),
        (raised(InternalError("x"), psycopg.errors.InFailedSqlTransaction()), False, True),
        (raised(InternalError("x"), psycopg.errors.DataCorrupted()), False, True),
        (raised(ProgrammingError("x"), psycopg.errors.InsufficientPrivilege()), False, True),
        (raised(ProgrammingError("no such table"), psycopg.errors.UndefinedTable()), False, False),
        (raised(NotSupportedError("x"), psycopg.errors.FeatureNotSupported()), False, False),
        (raised(OperationalError("x"), psycopg.errors.DiskFull()), False, True),
        (raised(OperationalError("x"), psycopg.errors.ProgramLimitExceeded()), False, True),
        (DatabaseError("database disk image is malformed"), False, True),
        (InterfaceError("gone"), False, True),
        (RuntimeError("not the database's"), False, False),
    ],
    ids=lambda value: type(value.__cause__ or value).__name__ if isinstance(value, Exception) else "",
)
def test_a_record_is_condemned_for_what_stands_in_it_and_for_nothing_else(
    error: Exception, condemned: bool, unavailable: bool
) -> None:
    assert (condemns(error), is_unavailable(error)) == (condemned, unavailable)


@pytest.mark.parametrize("error", [InternalError("read-only"), ProgrammingError("no rights"), DatabaseError("damaged")])
async def test_a_database_that_refuses_is_as_good_as_away(thread: DatabaseThread, error: Exception) -> None:
    def fails() -> None:
        raise error

    before = await thread.run(used)
    with pytest.raises(WriteRefused) as caught:
        await thread.run(fails)
    assert isinstance(caught.value, UNREACHABLE)
    assert await thread.run(used) is not before


async def test_what_is_wrong_with_a_record_is_told_as_it_is(thread: DatabaseThread) -> None:
    def fails() -> None:
        raise IntegrityError("twice")

    with pytest.raises(IntegrityError):
        await thread.run(fails)

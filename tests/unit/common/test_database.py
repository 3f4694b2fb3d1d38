"""Threads for the database: a connection of their own, which SQLite keeps and a server is asked for anew."""

from __future__ import annotations

from collections.abc import Iterator
from unittest import mock

import pytest
from django.db import OperationalError, connection

from common.database import DatabaseThread

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

"""A database that answers and takes nothing: what it says of itself is held against no record."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from unittest import mock

import psycopg
import pytest
from django.db import DatabaseError, InternalError, ProgrammingError

from scoring.models import AnswerSubmission
from scoring.ports import ServiceUnavailable
from tests.support.redis_store import RedisHarness
from tests.support.store_game import Game, new_game

WRITE = "sessions.stores.redis.database_sink._write"
REFUSALS: list[tuple[type[DatabaseError], type[Exception]]] = [
    (InternalError, psycopg.errors.ReadOnlySqlTransaction),
    (ProgrammingError, psycopg.errors.InsufficientPrivilege),
    (ProgrammingError, psycopg.errors.UndefinedTable),
    (InternalError, psycopg.errors.DataCorrupted),
]


@contextmanager
def refusing(kind: type[DatabaseError], cause: type[Exception]) -> Iterator[None]:
    error = kind("refused")
    error.__cause__ = cause()
    with mock.patch(WRITE, side_effect=error):
        yield


async def playing(redis: RedisHarness) -> Game:
    game = await new_game(redis)
    await game.players("ann", "bob")
    await game.start()
    await redis.settle()
    return game


async def stored(redis: RedisHarness, game: Game) -> set[str]:
    rows = AnswerSubmission.objects.filter(session_id=game.id).values_list("user_id", flat=True)
    return await redis.query(lambda: set(rows))


@pytest.mark.parametrize(("kind", "cause"), REFUSALS, ids=lambda value: value.__name__)
async def test_no_record_is_set_aside_for_what_is_wrong_with_the_database(
    redis: RedisHarness, kind: type[DatabaseError], cause: type[Exception]
) -> None:
    game = await playing(redis)
    await game.accepted("ann")
    await game.accepted("bob")
    with refusing(kind, cause):
        for _ in range(3):
            with pytest.raises(ServiceUnavailable):
                await redis.instance.writer.flush()
    assert await redis.instance.server.client.xlen("poison") == 0
    assert (redis.instance.writer.depth, await stored(redis, game)) == (2, set())
    await redis.settle()
    assert await stored(redis, game) == {"ann", "bob"}


async def test_a_record_of_a_session_that_is_missing_comes_back_with_it(redis: RedisHarness) -> None:
    """As after a restored backup, and before the sessions that it lacked were written again."""
    game = await playing(redis)
    client = redis.instance.server.client
    await client.xadd(
        redis.instance.keys("gone").stream,
        {"kind": "answers", "by": "x", "data": '[["ann", "q1", "correct|15|0|0|a"]]'},
    )
    await client.sadd(redis.instance.keys("gone").streams, "gone")
    await redis.instance.take_over(older_than_ms=-1)
    assert await client.xlen("poison") == 1
    assert await redis.instance.writer.try_again() == 0
    setup, state = game.setup, await game.state()
    gone = type(setup)(**{name: getattr(setup, name) for name in setup.__slots__} | {"id": "gone", "join_code": "GONE"})
    await redis.instance.primary._log.create(gone, state)
    assert await redis.instance.writer.try_again() == 1
    assert await client.xlen("poison") == 0
    rows = AnswerSubmission.objects.filter(session_id="gone").values_list("user_id", flat=True)
    assert await redis.query(lambda: list(rows)) == ["ann"]


async def test_more_is_set_aside_than_anybody_would_count_and_nothing_is_dropped(redis: RedisHarness) -> None:
    client = redis.instance.server.client
    async with client.pipeline(transaction=False) as pipe:
        for _ in range(10_500):
            pipe.xadd("poison", {"session": "s", "entry": "1-0", "kind": "?", "data": "{}", "reason": "a test"})
        await pipe.execute()
    await client.xadd(redis.instance.keys("s").stream, {"kind": "?", "by": "x", "data": "{}"})
    await client.sadd(redis.instance.keys("s").streams, "s")
    await redis.instance.take_over(older_than_ms=-1)
    assert await client.xlen("poison") == 10_501

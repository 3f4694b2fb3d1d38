"""Instances on a real Redis-protocol server."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator, Iterator

import pytest
import pytest_asyncio

from common.database import DatabaseThread
from tests.support.agreeing_instances import Watched
from tests.support.redis_store import Instance, RedisHarness


@pytest_asyncio.fixture
async def redis(transactional_db: None, caplog: pytest.LogCaptureFixture) -> AsyncIterator[RedisHarness]:
    """The first instance of a cluster; ``rival`` makes more of them. What fails on purpose is not printed."""
    caplog.set_level(logging.CRITICAL)
    made = RedisHarness()
    await made.start()
    yield made
    await made.close()


@pytest.fixture
def register() -> Iterator[Watched]:
    thread = DatabaseThread("database-test-register")
    yield Watched(thread)
    thread.close()


@pytest_asyncio.fixture
async def pair(redis: RedisHarness, register: Watched) -> AsyncIterator[tuple[Instance, Instance]]:
    """Two instances that hear of each other. Ann and Bob are in the game, and nothing of it is held."""
    redis.register = register
    redis._dead.append(redis._instances.pop())
    await redis.start()
    await redis.rival()
    one, other = redis._instances
    for instance in (one, other):
        # A restarted Redis is one failure; and the tests say when an instance looks for one that was away.
        instance.breaker._limit, instance.breaker._seconds = 3, 3_600
    yield one, other

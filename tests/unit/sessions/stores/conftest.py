"""The stores under test. Every test of this folder runs once for each of them."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from tests.support.redis_store import ClusterHarness, RedisHarness
from tests.support.stores import Harness, MemoryHarness

HARNESSES: dict[str, type[Harness]] = {"memory": MemoryHarness, "redis": RedisHarness, "cluster": ClusterHarness}


_SHARED = [pytest.param(name, marks=pytest.mark.servers) for name in ("redis", "cluster")]


@pytest_asyncio.fixture(params=["memory", *_SHARED])
async def harness(request: pytest.FixtureRequest, transactional_db: None) -> AsyncIterator[Harness]:
    """A store in its surroundings."""
    made = HARNESSES[request.param]()
    await made.start()
    yield made
    await made.close()

"""The stores under test. Every test of this folder runs once for each of them."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from tests.stores.harness import Harness, MemoryHarness
from tests.stores.redis_harness import RedisHarness

HARNESSES: dict[str, type[Harness]] = {"memory": MemoryHarness, "redis": RedisHarness}


@pytest_asyncio.fixture(params=list(HARNESSES))
async def harness(request: pytest.FixtureRequest, transactional_db: None) -> AsyncIterator[Harness]:
    """A store in its surroundings."""
    made = HARNESSES[request.param]()
    await made.start()
    yield made
    await made.close()

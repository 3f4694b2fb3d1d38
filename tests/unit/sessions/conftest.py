"""The services on the in-process store, with a clock that the tests move."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest_asyncio

from tests.support.stores import Harness, MemoryHarness


@pytest_asyncio.fixture
async def harness(transactional_db: None) -> AsyncIterator[Harness]:
    """The in-process store in its surroundings."""
    made = MemoryHarness()
    await made.start()
    yield made
    await made.close()

"""Instances on a real Redis-protocol server."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from tests.support.redis_store import RedisHarness


@pytest_asyncio.fixture
async def redis(transactional_db: None, caplog: pytest.LogCaptureFixture) -> AsyncIterator[RedisHarness]:
    """The first instance of a cluster; ``rival`` makes more of them. What fails on purpose is not printed."""
    caplog.set_level(logging.CRITICAL)
    made = RedisHarness()
    await made.start()
    yield made
    await made.close()

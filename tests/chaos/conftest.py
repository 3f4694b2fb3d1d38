"""One cluster for the whole folder: a fault ends with everything running again."""

from __future__ import annotations

import asyncio
import os
import threading
from collections.abc import Coroutine, Iterator
from typing import Any, TypeVar

import pytest

from quizserver.cluster.cluster import Cluster

T = TypeVar("T")
#: ``make chaos`` sets it.
LONG = os.environ.get("CHAOS") == "long"

SETTINGS = {
    # Short enough that a fallback, its end and a take-over fit into one test.
    "BREAKER_SECONDS": "2",
    "REDIS_TIMEOUT_SECONDS": "0.5",
    "DRAIN_SECONDS": "2",
    "TAKEOVER_SECONDS": "2",
    "SERVER_SILENCE_SECONDS": "6",
    "RATE_JOINS_PER_MINUTE": "0",
    "RATE_LOOKUPS_PER_MINUTE": "0",
}


class Loop:
    """An event loop on a thread of its own, which outlives the single test: the links of the cluster live on it."""

    def __init__(self) -> None:
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="chaos", daemon=True)
        self._thread.start()

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        """The result of a coroutine."""
        return asyncio.run_coroutine_threadsafe(work, self._loop).result()

    def close(self) -> None:
        """End it."""
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()


@pytest.fixture(scope="session")
def loop() -> Iterator[Loop]:
    """Where the cluster and its clients run."""
    made = Loop()
    yield made
    made.close()


@pytest.fixture(scope="session")
def cluster(loop: Loop) -> Iterator[Cluster]:
    """Two instances, or three in the long form."""
    made = Cluster(instances=3 if LONG else 2, settings=SETTINGS, links=True)
    loop.run(made.__aenter__())
    yield made
    loop.run(made.__aexit__(None, None, None))

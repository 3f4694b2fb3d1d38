"""The sampler: reads gauges from the live objects once in a while, so that nothing on the hot path keeps them."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path

import psutil
from prometheus_client import Gauge

from common import metrics

logger = logging.getLogger(__name__)

_LAG_SECONDS = 0.25
_CGROUP = Path("/sys/fs/cgroup")

#: Reads a value, or ``None`` where there is none to tell.
Reader = Callable[[], float | None]


def memory_used_ratio(cgroup: Path = _CGROUP) -> float:
    """Share of the memory in use, 0 to 1: of the container where it has a bound, else of the machine."""
    machine: float = psutil.virtual_memory().percent / 100
    try:
        bound = (cgroup / "memory.max").read_text().strip()
        if bound == "max":
            return machine
        cached = next(
            int(line.split()[1])
            for line in (cgroup / "memory.stat").read_text().splitlines()
            if line.startswith("inactive_file ")
        )
        # What the kernel would give back at once is not in use.
        return (int((cgroup / "memory.current").read_text()) - cached) / int(bound)
    except (OSError, ValueError, StopIteration):
        return machine


class Sampler:
    """Sets gauges, and measures how late the event loop is."""

    def __init__(
        self, readers: Mapping[Gauge, Reader], stores: Callable[[], Awaitable[None]], *, seconds: float
    ) -> None:
        """:param readers: what each gauge shows; cheap, called on the event loop.
        :param stores: sets the gauges that need I/O.
        :param seconds: time between two samples.
        """
        self._readers = readers
        self._stores = stores
        self._seconds = seconds
        self._process = psutil.Process()
        self._tasks: list[asyncio.Task[None]] = []

    def start(self) -> None:
        """Begin to sample on the running loop; doing it again changes nothing."""
        self._tasks = self._tasks or [
            asyncio.create_task(self._repeat(self._sample), name="sampler"),
            asyncio.create_task(self._repeat(self._stores), name="store-sampler"),
            asyncio.create_task(self._measure_lag(), name="loop-lag"),
        ]

    async def stop(self) -> None:
        """Stop sampling."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def sample(self) -> None:
        """Set every gauge that needs no I/O."""
        for gauge, read in self._readers.items():
            value = read()
            if value is not None:
                gauge.set(value)
        metrics.process_memory.set(self._process.memory_info().rss)
        metrics.memory_used.set(memory_used_ratio())

    async def _sample(self) -> None:
        self.sample()
        # A copy of all tasks: milliseconds with thousands of connections, so not on the loop.
        tasks = await asyncio.to_thread(asyncio.all_tasks, asyncio.get_running_loop())
        metrics.loop_tasks.set(len(tasks))

    async def _repeat(self, work: Callable[[], Awaitable[None]]) -> None:
        while True:
            try:
                await work()
            except Exception as error:
                logger.warning("sampling_failed", extra={"error": repr(error)})
            await asyncio.sleep(self._seconds)

    @staticmethod
    async def _measure_lag() -> None:
        while True:
            started = time.perf_counter()
            await asyncio.sleep(_LAG_SECONDS)
            metrics.loop_lag.observe(max(0.0, time.perf_counter() - started - _LAG_SECONDS))

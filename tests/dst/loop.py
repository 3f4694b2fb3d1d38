"""A seeded world of its own: an event loop on a virtual clock, and time and chance that come from nowhere else.

Waiting costs nothing: the clock jumps to whatever comes next. Everything that happens follows from one seed.
"""

from __future__ import annotations

import asyncio
import collections
import contextvars
import random
import secrets
import sys
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import ModuleType
from typing import Any

from common.breaker import Breaker
from common.clock import SystemClock

#: Whose code runs: "a1" for the first life of instance a. Tasks inherit it.
running = contextvars.ContextVar("running", default="")

#: Steps at one moment of the clock after which nothing but a loop without end explains it.
_MOST_STEPS = 100_000
#: When every history begins; seconds.
EPOCH = 1_760_000_000.0
_OURS = ("sessions.", "scoring.", "leaderboards.", "common.", "quizzes.")


class Hung(Exception):
    """Nothing will ever happen again, or the clock stands still for ever."""


class VirtualLoop(asyncio.BaseEventLoop):
    """Runs what is ready in order, then jumps to the next timer."""

    def __init__(self, chance: random.Random) -> None:
        super().__init__()
        self._now = 0.0
        self._steps = 0
        self._chance = chance
        # The base class asks its selector for events, with the time until the next timer.
        self._selector = self

    def time(self) -> float:
        return self._now

    def select(self, timeout: float | None) -> list[Any]:
        """Let time pass."""
        if timeout == 0:
            self._steps += 1
            if self._steps > _MOST_STEPS:
                raise Hung("the clock stands still")
            return []
        self._steps = 0
        scheduled: list[asyncio.TimerHandle] = self._scheduled  # type: ignore[attr-defined]  # of the base class
        if not scheduled:
            raise Hung("everybody waits and nothing is due")
        self._now = max(self._now, scheduled[0].when())
        return []

    def _process_events(self, events: list[Any]) -> None:
        pass

    def _write_to_self(self) -> None:
        pass

    def run_in_executor(  # type: ignore[override]  # the base class allows more
        self, executor: Any, func: Callable[..., Any], *args: Any
    ) -> asyncio.Future[Any]:
        """A thread, as far as anybody can tell: it takes a moment."""
        future: asyncio.Future[Any] = self.create_future()

        def work() -> None:
            if future.cancelled():
                return
            try:
                future.set_result(func(*args))
            except Exception as error:
                future.set_exception(error)

        self.call_later(self._chance.uniform(0.0001, 0.002), work)
        return future


class Clocks:
    """The wall clocks of the machines: each may be off, and be stepped. The monotonic clock is the loop's."""

    def __init__(self, loop: VirtualLoop) -> None:
        self._loop = loop
        self._offsets: collections.Counter[str] = collections.Counter()

    def step(self, machine: str, seconds: float) -> None:
        """Set a machine's clock forward, or back."""
        self._offsets[machine] += seconds  # type: ignore[assignment]  # seconds have fractions

    def wall(self, machine: str | None = None) -> float:
        """Unix time in seconds on a machine; by default on the one whose code runs."""
        return EPOCH + self._loop.time() + self._offsets[running.get()[:1] if machine is None else machine]


class _Time(ModuleType):
    """Stands for the module ``time``."""

    def __init__(self, loop: VirtualLoop, clocks: Clocks) -> None:
        super().__init__("time")
        self.monotonic = self.perf_counter = self.thread_time = self.process_time = loop.time
        self.monotonic_ns = self.perf_counter_ns = lambda: round(loop.time() * 1_000_000) * 1_000
        self.time = clocks.wall
        self.time_ns = lambda: round(clocks.wall() * 1_000) * 1_000_000

    def __getattr__(self, name: str) -> Any:
        return getattr(time, name)


class _Chance(ModuleType):
    """Stands for a module whose functions draw; what is not given is the module's own."""

    def __init__(self, module: ModuleType, **functions: Any) -> None:
        super().__init__(module.__name__)
        self._module = module
        self.__dict__.update(functions)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._module, name)


@contextmanager
def seeded(loop: VirtualLoop, clocks: Clocks, chance: random.Random) -> Iterator[None]:
    """Let the server's code take time and chance from here."""

    def token_hex(size: int = 32) -> str:
        return f"{chance.getrandbits(size * 8):0{size * 2}x}"

    stands_for: dict[ModuleType, ModuleType] = {
        time: _Time(loop, clocks),
        secrets: _Chance(secrets, token_hex=token_hex, choice=chance.choice),
        uuid: _Chance(uuid, uuid4=lambda: uuid.UUID(int=chance.getrandbits(128), version=4)),
        random: _Chance(
            random, uniform=chance.uniform, sample=chance.sample, getrandbits=chance.getrandbits, choice=chance.choice
        ),
    }
    replaced: list[tuple[ModuleType, str, ModuleType]] = []
    virtual: Any = stands_for[time]
    # Taken when they were defined, as defaults.
    breaker: Any = Breaker.__init__.__kwdefaults__
    clock: Any = SystemClock.__init__.__kwdefaults__
    before = dict(breaker), dict(clock)
    try:
        for name, module in list(sys.modules.items()):
            if name.startswith(_OURS):
                for attribute, value in list(vars(module).items()):
                    if isinstance(value, ModuleType) and value in stands_for:
                        replaced.append((module, attribute, value))
                        setattr(module, attribute, stands_for[value])
        breaker["clock"] = loop.time
        clock.update(wall=virtual.time_ns, monotonic=virtual.monotonic_ns)
        yield
    finally:
        breaker.update(before[0])
        clock.update(before[1])
        for module, attribute, value in replaced:
            setattr(module, attribute, value)

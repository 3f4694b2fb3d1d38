"""How long a coroutine holds the event loop, which is what others wait for; not how long it waits itself."""

from __future__ import annotations

import time
from collections.abc import Coroutine, Generator
from typing import Any, Generic, TypeVar

T = TypeVar("T")


class Held(Generic[T]):
    """Awaits a coroutine, step by step. ``seconds`` is the processor time its steps took so far: what other
    processes of the machine take is none of its doing."""

    def __init__(self, work: Coroutine[Any, Any, T]) -> None:
        self._work = work
        self.seconds = 0.0

    def __await__(self) -> Generator[Any, Any, T]:
        value: Any = None
        error: BaseException | None = None
        while True:
            started = time.thread_time()
            try:
                waits_for = self._work.send(value) if error is None else self._work.throw(error)
            except StopIteration as stop:
                result: T = stop.value
                return result
            finally:
                self.seconds += time.thread_time() - started
            value = error = None
            try:
                value = yield waits_for
            except GeneratorExit:
                self._work.close()
                raise
            except BaseException as raised:
                error = raised

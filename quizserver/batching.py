"""Many items at once: what arrives while a batch is on its way makes up the next one, and what is long goes in chunks.

In natural batching an idle key waits for nothing, and a busy one pays one round trip or commit for many items.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterator, Sequence
from typing import Generic, TypeVar

Item = TypeVar("Item")
Result = TypeVar("Result")


def chunks(items: Sequence[Item], size: int) -> Iterator[Sequence[Item]]:
    """The items in order, at most ``size`` at a time."""
    for start in range(0, len(items), size):
        yield items[start : start + size]


class Batcher(Generic[Item, Result]):
    """Gathers items by key; at most one batch of a key is under way, so that a key's items keep their order."""

    def __init__(self, flush: Callable[[str, Sequence[Item]], Awaitable[Sequence[Result]]], *, max_size: int) -> None:
        """:param max_size: items in a batch; what is over it goes into the next one."""
        self._flush = flush
        self._max_size = max_size
        self._waiting: dict[str, list[tuple[Item, asyncio.Future[Result]]]] = {}
        self._under_way: dict[str, list[tuple[Item, asyncio.Future[Result]]]] = {}
        self._tasks: set[asyncio.Task[None]] = set()

    @property
    def depth(self) -> int:
        """Items that wait for a batch."""
        return sum(map(len, self._waiting.values()))

    async def submit(self, key: str, item: Item) -> Result:
        """The result of this item, or the error of its batch."""
        future: asyncio.Future[Result] = asyncio.get_running_loop().create_future()
        waiting = self._waiting.get(key)
        if waiting is None:
            self._waiting[key] = [(item, future)]
            task = asyncio.create_task(self._run(key))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)
        else:
            waiting.append((item, future))
        return await future

    async def settled(self, key: str) -> None:
        """Wait until everything that was submitted under this key so far has its result."""
        futures = [future for _, future in (*self._under_way.get(key, ()), *self._waiting.get(key, ()))]
        if futures:
            await asyncio.wait(futures)

    async def _run(self, key: str) -> None:
        while self._waiting[key]:
            batch = self._waiting[key][: self._max_size]
            del self._waiting[key][: self._max_size]
            self._under_way[key] = batch
            try:
                results = await self._flush(key, [item for item, _ in batch])
            except Exception as error:
                for _, future in batch:
                    if not future.done():
                        future.set_exception(error)
                continue
            for (_, future), result in zip(batch, results, strict=True):
                # A caller that went away (its socket closed) takes no result.
                if not future.done():
                    future.set_result(result)
        del self._waiting[key], self._under_way[key]

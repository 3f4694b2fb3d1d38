"""Many items at once: what arrives while a batch is on its way makes up the next one, and what is long goes in chunks.

In natural batching an idle key waits for nothing, and a busy one pays one round trip or commit for many items.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterator, Sequence
from typing import Generic, TypeVar

Item = TypeVar("Item")
Result = TypeVar("Result")
Batch = list[tuple[Item, "asyncio.Future[Result]"]]

#: Turns of the event loop in which a batch sets out: redis-py sends from a task of its own.
_TURNS = 3


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
        self._waiting: dict[str, Batch[Item, Result]] = {}
        self._under_way: dict[str, Batch[Item, Result]] = {}
        self._tasks: set[asyncio.Task[None]] = set()

    @property
    def depth(self) -> int:
        """Items that wait for a batch."""
        return sum(map(len, self._waiting.values()))

    async def enqueue(self, key: str, item: Item) -> Result:
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
        under_way = self._under_way[key] = []
        batch = self._take(key)
        outcome = await self._outcome(key, batch)
        while batch:
            following = self._take(key)
            flushing = asyncio.create_task(self._outcome(key, following)) if following else None
            if flushing is not None:
                # Hundreds are told now. What is ready runs in order: the next batch would set out after all of them,
                # and whoever takes it would have nothing to do meanwhile.
                for _ in range(_TURNS):
                    await asyncio.sleep(0)
            _tell(batch, outcome)
            del under_way[: len(batch)]
            batch = following
            if flushing is not None:
                outcome = await flushing
        del self._waiting[key], self._under_way[key]

    def _take(self, key: str) -> Batch[Item, Result]:
        batch = self._waiting[key][: self._max_size]
        del self._waiting[key][: self._max_size]
        self._under_way[key] += batch
        return batch

    async def _outcome(self, key: str, batch: Batch[Item, Result]) -> Sequence[Result] | Exception:
        try:
            return await self._flush(key, [item for item, _ in batch])
        except Exception as error:
            return error


def _tell(batch: Batch[Item, Result], outcome: Sequence[Result] | Exception) -> None:
    # A caller that went away (its socket closed) takes no result.
    if isinstance(outcome, Exception):
        for _, future in batch:
            if not future.done():
                future.set_exception(outcome)
        return
    for (_, future), result in zip(batch, outcome, strict=True):
        if not future.done():
            future.set_result(result)

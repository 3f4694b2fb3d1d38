"""Natural batching: what arrives while a batch is on its way makes up the next one."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from common.batching import Batcher, chunks


class Gate:
    """A flush that waits to be let through, and remembers its batches."""

    def __init__(self) -> None:
        self.open = asyncio.Event()
        self.batches: list[tuple[str, list[int]]] = []

    async def flush(self, key: str, items: Sequence[int]) -> list[int]:
        self.batches.append((key, list(items)))
        await self.open.wait()
        return [item * 10 for item in items]


async def turns(number: int = 5) -> None:
    """Let what is ready run."""
    for _ in range(number):
        await asyncio.sleep(0)


async def test_it_gathers_what_arrives_while_a_batch_is_under_way() -> None:
    gate = Gate()
    batcher: Batcher[int, int] = Batcher(gate.flush, max_size=10)
    first = asyncio.ensure_future(batcher.enqueue("a", 1))
    await turns()
    later = [asyncio.ensure_future(batcher.enqueue("a", number)) for number in (2, 3)]
    other = asyncio.ensure_future(batcher.enqueue("b", 4))
    await turns()
    gate.open.set()
    assert [await first, *await asyncio.gather(*later), await other] == [10, 20, 30, 40]
    assert gate.batches == [("a", [1]), ("b", [4]), ("a", [2, 3])]
    assert batcher.depth == 0


async def test_a_batch_is_no_larger_than_its_bound() -> None:
    gate = Gate()
    gate.open.set()
    batcher: Batcher[int, int] = Batcher(gate.flush, max_size=2)
    results = await asyncio.gather(*(batcher.enqueue("a", number) for number in range(5)))
    assert results == [0, 10, 20, 30, 40]
    assert max(len(items) for _, items in gate.batches) == 2


async def test_settled_waits_for_what_is_under_way_and_what_waits_and_for_nothing_later() -> None:
    gate = Gate()
    batcher: Batcher[int, int] = Batcher(gate.flush, max_size=10)
    before = [asyncio.ensure_future(batcher.enqueue("a", 1))]
    await turns()
    before.append(asyncio.ensure_future(batcher.enqueue("a", 2)))
    await turns()
    settled = asyncio.ensure_future(batcher.settled("a"))
    await turns()
    assert not settled.done()
    gate.open.set()
    await settled
    assert all(future.done() for future in before)
    await batcher.settled("a")


@pytest.mark.parametrize("ahead", [True, False])
async def test_the_next_batch_sets_out_before_the_last_one_is_told(
    ahead: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    if not ahead:  # the control
        monkeypatch.setattr("common.batching._TURNS", 0)
    happened: list[str] = []

    async def send(items: Sequence[int]) -> None:
        happened.append(f"sent {items}")

    async def flush(key: str, items: Sequence[int]) -> list[int]:
        await asyncio.create_task(send(items))  # as redis-py does
        return list(items)

    async def call(number: int) -> None:
        await batcher.enqueue("a", number)
        happened.append(f"told {number}")

    batcher: Batcher[int, int] = Batcher(flush, max_size=1)
    await asyncio.gather(call(1), call(2))
    assert happened == (
        ["sent [1]", "sent [2]", "told 1", "told 2"] if ahead else ["sent [1]", "told 1", "sent [2]", "told 2"]
    )


@given(st.lists(st.integers(0, 3), max_size=30), st.integers(1, 5))
async def test_every_item_has_its_own_result_in_whatever_rhythm_they_come(pauses: list[int], most: int) -> None:
    flushed: list[int] = []

    async def flush(key: str, items: Sequence[int]) -> list[int]:
        await turns(2)
        flushed.extend(items)
        return [item * 10 for item in items]

    batcher: Batcher[int, int] = Batcher(flush, max_size=most)
    calls = []
    for number, pause in enumerate(pauses):
        calls.append(asyncio.ensure_future(batcher.enqueue("a", number)))
        await turns(pause)
    assert await asyncio.gather(*calls) == [number * 10 for number in range(len(pauses))]
    assert flushed == list(range(len(pauses)))
    await batcher.settled("a")
    assert batcher.depth == 0


async def test_an_error_reaches_its_own_batch_alone() -> None:
    async def flush(key: str, items: Sequence[int]) -> list[int]:
        if 1 in items:
            raise OSError("no")
        return list(items)

    batcher: Batcher[int, int] = Batcher(flush, max_size=1)
    first, second = asyncio.ensure_future(batcher.enqueue("a", 1)), asyncio.ensure_future(batcher.enqueue("a", 2))
    with pytest.raises(OSError, match="no"):
        await first
    assert await second == 2


@given(st.lists(st.integers()), st.integers(1, 10))
def test_chunks_are_full_but_for_the_last_and_make_up_the_whole(items: list[int], size: int) -> None:
    parts = list(chunks(items, size))
    assert [item for part in parts for item in part] == items
    assert all(len(part) == size for part in parts[:-1])
    assert all(1 <= len(part) <= size for part in parts)

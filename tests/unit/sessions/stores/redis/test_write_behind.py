"""The write-behind: bulk, order, retries, and what can never be written."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence

import pytest

from common import metrics
from scoring.ports import ServiceUnavailable
from sessions.stores.redis.write_behind import Condemned, StreamRecord, Writer


class Places:
    """A database and a journal that remember what they were told."""

    def __init__(self) -> None:
        self.written: list[list[str]] = []
        self.acknowledged: list[str] = []
        self.set_aside_ids: list[str] = []
        self.kept_aside: dict[str, StreamRecord] = {}
        self.away = False
        self.poison = {"poison"}
        self.concluded: list[str] = []
        self.failures = 0

    async def write(self, entries: Sequence[StreamRecord]) -> Sequence[StreamRecord]:
        if self.failures:
            self.failures -= 1
            raise ServiceUnavailable("away")
        if any(entry.data in self.poison for entry in entries):
            raise Condemned("cannot be read")
        self.written.append([entry.entry_id for entry in entries])
        return [entry for entry in entries if entry.kind == "finish"]

    async def conclude(self, entry: StreamRecord) -> None:
        if self.failures:
            self.failures -= 1
            raise ServiceUnavailable("away")
        self.concluded.append(entry.entry_id)

    async def acknowledge(self, entries: Sequence[StreamRecord]) -> None:
        self.acknowledged += [entry.entry_id for entry in entries]

    async def set_aside(self, entry: StreamRecord, reason: str) -> None:
        if self.away:
            raise ServiceUnavailable("Redis is away")
        self.set_aside_ids.append(entry.entry_id)
        self.kept_aside[f"{len(self.kept_aside) + 1}-0"] = entry

    async def aside(self, after: str) -> Sequence[tuple[str, StreamRecord]]:
        return [(name, entry) for name, entry in self.kept_aside.items() if name > after][:1]

    async def bring_back(self, names: Sequence[str]) -> None:
        for name in names:
            del self.kept_aside[name]


def entry(number: int, *, rows: int = 1, data: str = "[]") -> StreamRecord:
    return StreamRecord("s", f"{number}-0", "answers", data, rows)


@pytest.fixture
def places() -> Places:
    return Places()


async def test_it_writes_in_batches_and_acknowledges_after(places: Places) -> None:
    writer = Writer(places, places, window_ms=500, rows=10)
    for number in range(5):
        writer.keep(entry(number, rows=4))
    assert writer.depth == 20
    await writer.flush()
    assert places.written == [["0-0", "1-0", "2-0"], ["3-0", "4-0"]]
    assert places.acknowledged == ["0-0", "1-0", "2-0", "3-0", "4-0"]
    assert writer.depth == 0


async def test_it_does_not_wait_for_the_window_when_there_is_enough(places: Places) -> None:
    writer = Writer(places, places, window_ms=3_600_000, rows=3)
    running = asyncio.create_task(writer.run())
    for number in range(3):
        writer.keep(entry(number))
    async with asyncio.timeout(10):
        while not places.written:
            await asyncio.sleep(0)
    running.cancel()
    assert places.written == [["0-0", "1-0", "2-0"]]


async def test_it_keeps_what_the_database_did_not_take_and_tries_again(
    places: Places, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.CRITICAL)
    places.failures = 2
    writer = Writer(places, places, window_ms=0, rows=1)
    writer.keep(entry(1))
    running = asyncio.create_task(writer.run())
    async with asyncio.timeout(10):
        while not places.acknowledged:
            await asyncio.sleep(0.01)
    running.cancel()
    assert places.written == [["1-0"]]


async def test_it_sets_aside_what_can_never_be_written_and_nothing_else(
    places: Places, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.CRITICAL)
    before = metrics.set_aside._value.get()
    writer = Writer(places, places, window_ms=0, rows=100)
    for number in range(4):
        writer.keep(entry(number, data="poison" if number == 2 else "[]"))
    await writer.flush()
    assert places.set_aside_ids == ["2-0"]
    assert [each for batch in places.written for each in batch] == ["0-0", "1-0", "3-0"]
    assert (writer.depth, metrics.set_aside._value.get() - before) == (0, 1)


async def test_it_holds_an_entry_once(places: Places) -> None:
    writer = Writer(places, places, window_ms=0, rows=100)
    writer.keep(entry(1))
    writer.keep(entry(1))
    assert writer.depth == 1
    assert writer.holds("s", "1-0")
    assert not writer.holds("s", "2-0")


async def test_a_record_that_cannot_be_set_aside_yet_holds_nothing_up(
    places: Places, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.CRITICAL)
    places.away = True
    writer = Writer(places, places, window_ms=0, rows=100)
    writer.keep(entry(1, data="poison"))
    writer.keep(entry(2))
    await writer.flush()
    assert [each for batch in places.written for each in batch] == ["2-0"]
    assert (places.set_aside_ids, writer.holds("s", "1-0")) == ([], True)
    places.away = False
    await writer.conclude()
    assert (places.set_aside_ids, writer.holds("s", "1-0")) == (["1-0"], False)


async def test_what_was_set_aside_comes_back_by_itself_once_it_can_be_written(
    places: Places, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.CRITICAL)
    places.poison = {"poison", "for ever"}
    writer = Writer(places, places, window_ms=0, rows=100)
    for number, data in enumerate(["poison", "for ever", "poison"]):
        writer.keep(entry(number, data=data))
    await writer.flush()
    assert await writer.try_again() == 0  # the control: the reason is still there
    places.poison = {"for ever"}
    assert await writer.try_again() == 2
    assert [each.data for each in places.kept_aside.values()] == ["for ever"]
    assert [each for batch in places.written for each in batch] == ["0-0", "2-0"]

"""The sockets of a room are written to in slices, between which whatever else the process does goes on."""

from __future__ import annotations

import asyncio
import itertools

import pytest

from sessions import rooms
from sessions.rooms import Room
from sessions.sockets import Socket

#: From the arrival of an answer to its acknowledgement: read, grade, batch, commit, and the way back.
ANSWER_TURNS = 6


async def test_between_two_slices_there_are_as_many_turns_as_an_answer_takes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rooms, "_SLICE_SECONDS", -1.0)
    room = Room("session")
    room.sockets = {str(number): Socket(str(number)) for number in range(120)}
    turns = 0

    async def others() -> None:
        nonlocal turns
        while True:
            turns += 1
            await asyncio.sleep(0)

    task = asyncio.create_task(others())
    seen, sizes = [], []
    async for batch in room.batches("event", after_events=False):
        seen.append(turns)
        sizes.append(len(batch))
    task.cancel()
    assert sum(sizes) == 120
    assert [later - earlier for earlier, later in itertools.pairwise(seen)] == [ANSWER_TURNS] * 2

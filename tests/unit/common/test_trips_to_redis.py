"""Trips: what comes up at one moment travels together, and fails together."""

from __future__ import annotations

import asyncio
from collections import deque
from typing import Any

import pytest
from redis.exceptions import ConnectionError, ResponseError

from common.trips import Trips


class Wire:
    """A connection and the pool it comes from: replies to each command with its last argument, or as it is told."""

    def __init__(self) -> None:
        self.sent: list[bytes] = []
        self.replies: deque[Any] = deque()
        self.error: Exception | None = None
        self.open = asyncio.Event()
        self.open.set()
        self.disconnected = 0

    async def get_connection(self) -> Wire:
        return self

    async def release(self, connection: Wire) -> None:
        """It is back."""

    async def disconnect(self, nowait: bool = False) -> None:
        self.disconnected += 1

    async def send_packed_command(self, packed: bytes, check_health: bool) -> None:
        if self.error is not None:
            raise self.error
        self.sent.append(packed)
        self.replies += [part.split(b"\r\n")[-2] for part in packed.split(b"*")[1:]]

    async def read_response(self, timeout: float) -> Any:
        await self.open.wait()
        reply = self.replies.popleft()
        if reply == b"wrong":
            raise ResponseError("wrong")
        return reply


async def test_what_comes_up_in_one_turn_is_one_trip_and_each_gets_its_own_replies() -> None:
    wire = Wire()
    trips = Trips(wire, timeout=5)
    asked = (trips.run(("GET", "a")), trips.run(("GET", "b"), ("GET", "c")), trips.run(("GET", "d")))
    assert list(await asyncio.gather(*asked)) == [[b"a"], [b"b", b"c"], [b"d"]]
    assert len(wire.sent) == 1


async def test_what_comes_up_on_the_way_is_the_next_trip() -> None:
    wire = Wire()
    wire.open.clear()
    trips = Trips(wire, timeout=5)
    first = asyncio.ensure_future(trips.run(("GET", "a")))
    while not wire.sent:
        await asyncio.sleep(0)
    others = [asyncio.ensure_future(trips.run(("GET", name))) for name in ("b", "c")]
    await asyncio.sleep(0)
    assert len(wire.sent) == 1
    wire.open.set()
    assert list(await asyncio.gather(first, *others)) == [[b"a"], [b"b"], [b"c"]]
    assert len(wire.sent) == 2


async def test_a_wrong_command_fails_for_its_caller_alone() -> None:
    wire = Wire()
    trips = Trips(wire, timeout=5)
    values: list[Any] = ["a", "wrong", object(), "b"]
    found = await asyncio.gather(*(trips.run(("GET", value)) for value in values), return_exceptions=True)
    assert found[0::3] == [[b"a"], [b"b"]]
    assert isinstance(found[1], ResponseError)
    assert isinstance(found[2], Exception)
    assert wire.disconnected == 0


async def test_a_server_that_is_away_is_one_failure_for_all_who_are_on_the_way() -> None:
    wire = Wire()
    wire.error = ConnectionError("away")
    trips = Trips(wire, timeout=5)
    found = await asyncio.gather(*(trips.run(("GET", name)) for name in "abc"), return_exceptions=True)
    assert len(found) == 3
    assert all(error is wire.error for error in found)
    wire.error = None
    assert await trips.run(("GET", "d")) == [b"d"]


async def test_a_connection_with_replies_that_nobody_read_is_not_used_again() -> None:
    wire = Wire()
    wire.open.clear()
    trips = Trips(wire, timeout=0.01)
    with pytest.raises(TimeoutError):
        await trips.run(("GET", "a"))
    assert wire.disconnected == 1

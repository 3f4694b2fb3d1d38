"""Clients that send their request slowly make room for the others."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from uvicorn.config import Config
from uvicorn.server import ServerState

from common.config import CONFIG
from quizserver.server import http
from quizserver.server.http import TimedProtocol


class Wire(asyncio.Transport):
    """A transport that notes whether it was closed."""

    def __init__(self) -> None:
        super().__init__()
        self.closed = False

    def get_extra_info(self, name: str, default: Any = None) -> Any:
        return default

    def is_closing(self) -> bool:
        return self.closed

    def close(self) -> None:
        self.closed = True

    def write(self, data: Any) -> None:
        """Nobody reads it."""


class Clock:
    """Time that the test moves, in place of the event loop's."""

    def __init__(self) -> None:
        self.now = 100.0

    def time(self) -> float:
        return self.now

    def call_later(self, delay: float, callback: Any, *arguments: Any) -> asyncio.TimerHandle:
        return asyncio.get_running_loop().call_later(3_600, callback, *arguments)

    def create_task(self, work: Any) -> asyncio.Task[Any]:
        return asyncio.get_running_loop().create_task(work)


async def application(scope: Any, receive: Any, send: Any) -> None:
    """Says yes."""
    await send({"type": "http.response.start", "status": 204, "headers": []})
    await send({"type": "http.response.body", "body": b""})


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    monkeypatch.setattr(http, "CONFIG", CONFIG.model_copy(update={"max_slow_requests": 3}))
    monkeypatch.setattr(http, "_arriving", {})
    return Clock()


def connect(clock: Clock) -> tuple[TimedProtocol, Wire]:
    """A client that has sent nothing yet."""
    made = TimedProtocol(config=Config(app=application, log_config=None), server_state=ServerState(), app_state={})
    made.loop = clock  # type: ignore[assignment]
    wire = Wire()
    made.connection_made(wire)
    return made, wire


async def test_the_slowest_make_room_one_for_each_who_comes(clock: Clock) -> None:
    slow = [connect(clock) for _ in range(3)]
    clock.now += 1.1
    newcomers = [connect(clock) for _ in range(2)]
    assert [wire.closed for _, wire in slow] == [True, True, False]
    assert not any(wire.closed for _, wire in newcomers)
    for made, _ in (*slow, *newcomers):
        made.connection_lost(None)
    assert http._arriving == {}


async def test_a_rush_of_clients_closes_nobody(clock: Clock) -> None:
    rush = [connect(clock) for _ in range(50)]
    assert not any(wire.closed for _, wire in rush)
    for made, _ in rush:
        made.connection_lost(None)


async def test_who_has_sent_a_whole_request_is_not_slow(clock: Clock) -> None:
    made, wire = connect(clock)
    made.data_received(b"GET / HTTP/1.1\r\nHost: localhost\r\n")
    assert list(http._arriving) == [made]
    made.data_received(b"\r\n")
    assert not http._arriving
    await asyncio.gather(*made.tasks)
    clock.now += 10
    others = [connect(clock) for _ in range(4)]
    assert not wire.closed
    for other, _ in (*others, (made, wire)):
        other.connection_lost(None)

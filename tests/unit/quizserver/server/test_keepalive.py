"""Keep-alive: who answers is pinged again, who does not is over, and one clock does it for all."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, cast

import pytest

from quizserver.server.keepalive import Keepalive


class Loop:
    """A clock that is moved on by hand."""

    def __init__(self) -> None:
        self.now = 0.0
        self.timers: list[tuple[float, Callable[[], None]]] = []

    def time(self) -> float:
        return self.now

    def call_later(self, delay: float, callback: Callable[[], None]) -> object:
        self.timers.append((self.now + delay, callback))
        return object()

    def until(self, then: float) -> None:
        """Let time pass."""
        while self.timers and min(self.timers, key=lambda timer: timer[0])[0] <= then:
            at, callback = self.timers.pop(self.timers.index(min(self.timers, key=lambda timer: timer[0])))
            self.now = max(self.now, at)
            callback()
        self.now = then


class Client:
    """A connection that answers so many pings."""

    def __init__(self, loop: Loop, answers: int = 1_000) -> None:
        self.loop = loop
        self.answers = answers
        self.pinged: list[float] = []
        self.frames: list[bytes] = []
        self.over = 0.0

    def ping(self, frame: bytes, payload: bytes) -> bool:
        assert frame[:2] + payload == b"\x89\x04" + payload == frame
        if len(self.pinged) > self.answers:
            self.over = self.loop.now
            return False
        self.pinged.append(self.loop.now)
        self.frames.append(frame)
        return True


def test_who_answers_is_pinged_again_and_again() -> None:
    loop = Loop()
    clock, client = Keepalive(cast(Any, loop)), Client(loop)
    clock.add(client, 25)
    loop.until(80)
    assert client.pinged == [25, 50, 75]
    assert len(set(client.frames)) == 3


def test_who_does_not_answer_is_over_by_the_next_ping() -> None:
    loop = Loop()
    clock, client = Keepalive(cast(Any, loop)), Client(loop, answers=1)
    clock.add(client, 25)
    loop.until(500)
    assert (client.pinged, client.over) == ([25, 50], 75)


def test_who_has_gone_is_not_pinged_and_the_clock_stops() -> None:
    loop = Loop()
    clock, client = Keepalive(cast(Any, loop)), Client(loop)
    clock.add(client, 25)
    loop.until(30)
    clock.remove(client)
    clock.remove(client)
    loop.until(500)
    assert client.pinged == [25]
    assert not loop.timers
    clock.add(client, 25)
    loop.until(530)
    assert client.pinged == [25, 525]


def test_thousands_are_pinged_by_one_timer_and_none_waits_long() -> None:
    loop = Loop()
    clock = Keepalive(cast(Any, loop))
    clients = []
    for number in range(1_000):
        loop.until(number / 100)
        clients.append(Client(loop))
        clock.add(clients[-1], 25)
        assert len(loop.timers) == 1
    loop.until(100)
    for number, client in enumerate(clients):
        assert all(at - (number / 100 + 25) < 1 + turn for turn, at in enumerate(client.pinged[:1]))
        assert len(client.pinged) >= 3


def test_one_that_fails_keeps_nobody_else_from_being_pinged() -> None:
    loop = Loop()
    keepalive = Keepalive(cast(Any, loop))
    before, after = Client(loop), Client(loop)

    class Broken:
        def ping(self, frame: bytes, payload: bytes) -> bool:
            raise OSError("this connection is broken")

    for connection in (before, Broken(), after):
        keepalive.add(connection, 20)
    with pytest.raises(OSError, match="broken"):
        loop.until(50)
    loop.until(50)
    assert len(before.pinged) == len(after.pinged) == 2

"""Who is refused while it is still sending reads why: nothing is closed with bytes unread at once.

On real sockets. The client sends more than the system keeps for it before it looks for an answer, so that a connection
that is closed at once is reset in between: no time has to pass for that.
"""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Iterator
from typing import Any
from unittest import mock

import pytest
from uvicorn.config import Config
from uvicorn.server import ServerState

from quizserver.server import linger as lingering
from quizserver.server.http import TimedProtocol
from quizserver.server.protocol import FramesProtocol

#: More than two sockets keep on their way.
_MUCH = 16 * 1024 * 1024
_HANDSHAKE = (
    b"GET /ws HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
    b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
)
Case = tuple[bytes, bytes, bytes]
#: What the client sends, before and after it has read a first answer, and what it must read in the end.
_CASES: dict[str, Case] = {
    "a body that is too large": (
        b"POST /j/ABC234 HTTP/1.1\r\nHost: x\r\nContent-Length: 16777216\r\n\r\n",
        b"",
        b" 413 ",
    ),
    "a head that is too large": (b"GET / HTTP/1.1\r\nHost: x\r\nX: ", b"", b" 431 "),
    "an answer before the body is read": (
        b"POST /api/v1/images HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: 5000000\r\n\r\n",
        b"",
        b" 401 ",
    ),
    "a handshake over the capacity": (_HANDSHAKE, b"", b" 503 "),
    # A close frame of the server: 1009.
    "a message that is too large": (_HANDSHAKE, b"\x81\xff" + _MUCH.to_bytes(8, "big") + b"mask", b"\x03\xf1"),
}


async def application(scope: Any, receive: Any, send: Any) -> None:
    """Lets everybody in, and refuses every request without reading it."""
    if scope["type"] == "http":
        await send({"type": "http.response.start", "status": 401, "headers": [(b"content-length", b"2")]})
        await send({"type": "http.response.body", "body": b"no"})
        return
    while (await receive())["type"] != "websocket.disconnect":
        await send({"type": "websocket.accept"})


class _Full:
    """A server that has no place."""

    @staticmethod
    def turn_away() -> bool:
        return True


def _sent_all_and_read(port: int, first: bytes, then: bytes) -> bytes:
    """What a client is told that looks for it only when all is sent, as simple ones do."""
    told = b""
    with socket.create_connection(("127.0.0.1", port), timeout=60) as client:
        if then:
            client.sendall(first)
            assert b" 101 " in client.recv(65_536)
        client.sendall((then or first).ljust(_MUCH, b"x"))
        client.shutdown(socket.SHUT_WR)
        while piece := client.recv(65_536):
            told += piece
    return told


async def _told(case: Case) -> bytes:
    first, then, _ = case
    config = Config(application, ws=FramesProtocol, ws_ping_interval=None, ws_max_size=4_096, log_config=None)
    config.load()
    loop, state = asyncio.get_running_loop(), ServerState()
    server = await loop.create_server(lambda: TimedProtocol(config, state, {}, loop), "127.0.0.1", 0)
    try:
        return await asyncio.to_thread(_sent_all_and_read, server.sockets[0].getsockname()[1], first, then)
    finally:
        server.close()


@pytest.fixture(params=_CASES)
def case(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[Case]:
    monkeypatch.setattr(lingering, "_waiting", set())
    full = _Full if "capacity" in request.param else None
    with mock.patch("quizserver.server.http.running", return_value=full):
        yield _CASES[request.param]


def test_who_is_refused_while_it_still_sends_is_told_so(case: Case, monkeypatch: pytest.MonkeyPatch) -> None:
    # The client ends this, by closing.
    monkeypatch.setattr(lingering, "LINGER_SECONDS", 60)
    assert case[2] in asyncio.run(_told(case))
    assert not lingering._waiting, "nobody is waited for who is gone"


def test_closed_at_once_it_would_be_reset(case: Case, monkeypatch: pytest.MonkeyPatch) -> None:
    """The control, and what becomes of those who are too many to be waited for."""
    monkeypatch.setattr(lingering, "_MOST", 0)
    with pytest.raises(ConnectionError):
        asyncio.run(_told(case))

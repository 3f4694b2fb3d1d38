"""daphne, too, leaves a client that it refuses a moment to read why, and looks at nothing that comes meanwhile."""

from __future__ import annotations

from typing import Any
from unittest import mock

import pytest
from twisted.internet.task import Clock
from twisted.internet.testing import StringTransport

from common.config import CONFIG
from quizserver.server.daphne import BoundedFactory, ClosingProtocol
from quizserver.server.linger import LINGER_SECONDS


def test_a_request_that_is_too_large_is_cut_off_a_moment_after_its_answer() -> None:
    clock = Clock()
    transport: Any = StringTransport()  # type: ignore[no-untyped-call]
    factory = BoundedFactory(mock.Mock())
    factory.reactor = clock
    connection = factory.buildProtocol(None)
    connection.makeConnection(transport)
    connection.dataReceived(b"POST /j/ABC234 HTTP/1.1\r\nHost: x\r\nContent-Length: 50000\r\n\r\n")
    connection.dataReceived(b"x" * 10_000)
    assert transport.value().startswith(b"HTTP/1.1 413 ")
    assert transport.value().count(b"HTTP/1.1") == 1
    assert not transport.disconnecting
    clock.advance(LINGER_SECONDS)
    assert transport.disconnecting


def test_a_flood_of_frames_is_cut_off_a_moment_after_its_close_frame(monkeypatch: pytest.MonkeyPatch) -> None:
    slow = CONFIG.model_copy(update={"ws_frames_per_second": 1})
    monkeypatch.setattr("quizserver.server.daphne.CONFIG", slow)
    clock, sent, dropped = Clock(), [], []
    protocol: Any = ClosingProtocol()
    protocol.factory = mock.Mock(reactor=clock)
    monkeypatch.setattr(protocol, "sendCloseFrame", lambda **frame: sent.append(frame["code"]))
    monkeypatch.setattr(protocol, "dropConnection", lambda **how: dropped.append(how["abort"]))
    with mock.patch("daphne.ws_protocol.WebSocketProtocol.onFrameBegin", create=True):
        for _ in range(5):
            protocol.onFrameBegin()
    protocol.dataReceived(b"x" * 10_000)
    assert (sent, dropped, protocol.data) == ([4029], [], b"")
    clock.advance(LINGER_SECONDS)
    assert dropped == [True]

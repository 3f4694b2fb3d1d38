"""Requests without end, to real servers with no proxy in front."""

from __future__ import annotations

import socket
from collections.abc import Callable

import psutil
import pytest

from tests.support.live_server import Kind, LiveServer

SENT = 30_000_000


@pytest.fixture(scope="module", params=["uvicorn", "daphne"])
def plain(request: pytest.FixtureRequest, live_servers: Callable[[Kind], LiveServer]) -> LiveServer:
    """A server of each kind."""
    return live_servers(request.param)


def flood(server: LiveServer, head: bytes, piece: bytes) -> tuple[int, bytes]:
    """How much was sent before the server closed, and what it answered."""
    sent, answer = 0, b""
    with socket.create_connection(("127.0.0.1", server.port), timeout=20) as client:
        try:
            client.sendall(head)
            while sent < SENT:
                client.sendall(piece)
                sent += len(piece)
        except OSError:
            pass
        client.settimeout(5)
        try:
            answer = client.recv(4_096)
        except OSError:
            answer = b""
    return sent, answer


@pytest.mark.parametrize(
    ("head", "piece", "statuses"),
    [
        (b"GET / HTTP/1.1\r\nHost: x\r\nX: ", b"x" * 65_536, {b"431", b"400"}),
        (b"GET / HTTP/1.1\r\nHost: x\r\n", b"X-Name: value\r\n" * 4_000, {b"431", b"400"}),
        (b"POST /health HTTP/1.1\r\nHost: x\r\nContent-Length: 300000000\r\n\r\n", b"x" * 65_536, {b"413"}),
        (
            b"POST /j/ABC123 HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n",
            b"10000\r\n" + b"x" * 65_536 + b"\r\n",
            {b"413"},
        ),
    ],
    ids=["a long header", "many headers", "a long body", "a body in chunks"],
)
def test_a_request_without_end_is_refused_and_takes_no_memory(
    plain: LiveServer, head: bytes, piece: bytes, statuses: set[bytes]
) -> None:
    process = psutil.Process(plain.pid)
    before = process.memory_info().rss
    sent, answer = flood(plain, head, piece)
    # What the kernel and the lingering connection take is not kept.
    assert process.memory_info().rss - before < SENT / 2
    # An answer may be lost when the rest is not read; then the connection was cut off.
    assert answer[9:12] in statuses or (not answer and sent < SENT)
    assert plain.rest("GET", "/health/live").status == 200

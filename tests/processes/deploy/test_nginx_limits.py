"""The limits per address of deploy/nginx.conf, under load: a class gets through, a flood does not, others notice none.

How many pass follows from how long the flood takes: bursts, and so many a second. Times are not judged.
"""

from __future__ import annotations

import asyncio
import http.client
import math
import socket
import threading
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from quizserver.cluster.balancer import Nginx, nginx_config, nginx_path
from tests.processes.deploy.test_proxy_configurations import wait_for

pytestmark = pytest.mark.skipif(nginx_path() is None, reason="nginx is not installed")

_THREADS = 8


class _Instance(BaseHTTPRequestHandler):
    """Takes everything."""

    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers.get("Content-Length", "0")))
        self.send_response(200)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def do_GET(self) -> None:
        if self.headers.get("Upgrade") != "websocket":
            self.do_POST()
            return
        self.send_response(101)
        self.send_header("Upgrade", "websocket")
        self.send_header("Connection", "Upgrade")
        self.end_headers()
        self.wfile.flush()
        # Open for as long as the client is there.
        self.rfile.read(1)
        self.close_connection = True

    def log_message(self, format: str, *args: object) -> None:
        """Nothing to say."""


@pytest.fixture(scope="module")
def port() -> Iterator[int]:
    """Of nginx in front of an instance that takes everything."""
    instance = ThreadingHTTPServer(("127.0.0.1", 0), _Instance)
    threading.Thread(target=instance.serve_forever, daemon=True).start()
    nginx = Nginx([instance.server_address[1]], limits=True)
    asyncio.run(nginx.start())
    wait_for(nginx.port)
    yield nginx.port
    asyncio.run(nginx.stop())
    instance.shutdown()
    instance.server_close()


def flood(port: int, method: str, path: str, count: int, *, address: str) -> tuple[Counter[int], float]:
    """Statuses of so many requests from one address, and the seconds that they took."""

    def some(number: int) -> Counter[int]:
        seen: Counter[int] = Counter()
        client = http.client.HTTPConnection("127.0.0.1", port, timeout=30, source_address=(address, 0))
        for _ in range(count // _THREADS):
            client.request(method, path, body=b"" if method == "POST" else None)
            response = client.getresponse()
            response.read()
            seen[response.status] += 1
        client.close()
        return seen

    began = time.monotonic()
    with ThreadPoolExecutor(_THREADS) as pool:
        statuses = sum(pool.map(some, range(_THREADS)), Counter[int]())
    return statuses, time.monotonic() - began


@pytest.mark.parametrize(
    ("method", "path", "rate", "burst", "count", "address"),
    [
        ("POST", "/admin/login/", 1, 30, 400, "127.0.0.11"),
        ("POST", "/admin/login/code/", 1, 30, 400, "127.0.0.12"),
        ("POST", "/api/v1/images", 2, 20, 400, "127.0.0.13"),
        ("GET", "/api/v1/sessions", 100, 500, 4_000, "127.0.0.14"),
    ],
)
def test_a_flood_from_one_address_is_refused_beyond_its_burst_and_others_get_through(
    port: int, method: str, path: str, rate: int, burst: int, count: int, address: str
) -> None:
    statuses, seconds = flood(port, method, path, count, address=address)
    assert set(statuses) == {200, 429}, statuses
    # One more than the burst at once, and then as many as the rate lets through.
    assert burst + 1 <= statuses[200] <= burst + 1 + math.ceil(rate * seconds), (statuses, seconds)
    other, _ = flood(port, method, path, _THREADS, address="127.0.0.99")
    assert other == Counter({200: _THREADS})


def test_a_school_behind_one_address_opens_its_pages_at_once(port: int) -> None:
    statuses, _ = flood(port, "GET", "/j/ABC234", 1_000, address="127.0.0.15")
    assert statuses == Counter({200: 1_000})


class Sockets:
    """WebSockets of one address, held open."""

    def __init__(self, port: int, address: str) -> None:
        self._port, self._address = port, address
        self._open: list[socket.socket] = []

    def ask(self) -> int:
        """Ask for one more; with which status."""
        client = socket.create_connection(("127.0.0.1", self._port), timeout=30, source_address=(self._address, 0))
        client.sendall(
            b"GET /ws HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            b"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
        )
        status = int(client.recv(4_096).split()[1])
        if status == 101:
            self._open.append(client)
        else:
            client.close()
        return status

    def hang_up(self, count: int) -> None:
        """Close so many of them, and wait until the other side has done so too."""
        for client in self._open[:count]:
            client.shutdown(socket.SHUT_WR)
            while client.recv(4_096):
                pass
            client.close()
        del self._open[:count]


def _of_twenty_sockets(*arguments: Any, **options: Any) -> str:
    """The configuration as it is, but for the number: thousands of sockets would take minutes."""
    whole = nginx_config(*arguments, **options)
    assert whole.count("limit_conn sockets 5000;") == 1
    return whole.replace("limit_conn sockets 5000;", "limit_conn sockets 20;")


def test_an_address_has_so_many_websockets_and_others_have_theirs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("quizserver.cluster.balancer.nginx_config", _of_twenty_sockets)
    instance = ThreadingHTTPServer(("127.0.0.1", 0), _Instance)
    instance.daemon_threads = True
    threading.Thread(target=instance.serve_forever, daemon=True).start()
    nginx = Nginx([instance.server_address[1]], limits=True)
    asyncio.run(nginx.start())
    wait_for(nginx.port)
    many, other = Sockets(nginx.port, "127.0.0.21"), Sockets(nginx.port, "127.0.0.22")
    try:
        assert [many.ask() for _ in range(25)] == [101] * 20 + [429] * 5
        assert other.ask() == 101
        many.hang_up(5)
        assert [many.ask() for _ in range(7)] == [101] * 5 + [429] * 2
    finally:
        many.hang_up(20)
        other.hang_up(1)
        asyncio.run(nginx.stop())
        instance.shutdown()
        instance.server_close()

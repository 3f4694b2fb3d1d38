"""The limits per address of deploy/nginx.conf, under load: a class gets through, a flood does not, others notice none.

How many pass follows from how long the flood takes: bursts, and so many a second. Times are not judged.
"""

from __future__ import annotations

import asyncio
import http.client
import math
import threading
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from quizserver.cluster.balancer import Nginx, nginx_path
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

    do_GET = do_POST

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

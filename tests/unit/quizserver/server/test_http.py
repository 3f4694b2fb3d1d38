"""A request is measured while it arrives: heads end with 431 and bodies with 413, before they are whole."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
import pytest_asyncio
from uvicorn.config import Config
from uvicorn.server import ServerState

from common.config import CONFIG
from quizserver.server.bodies import body_bound
from quizserver.server.http import TimedProtocol


class Wire(asyncio.Transport):
    """A transport that notes what was written."""

    def __init__(self) -> None:
        super().__init__()
        self.written = b""
        self.closed = False
        self.protocol: asyncio.BaseProtocol | None = None

    def get_extra_info(self, name: str, default: Any = None) -> Any:
        return default

    def is_closing(self) -> bool:
        return self.closed

    def close(self) -> None:
        self.closed = True

    def write(self, data: Any) -> None:
        self.written += bytes(data)

    def set_protocol(self, protocol: asyncio.BaseProtocol) -> None:
        self.protocol = protocol

    def pause_reading(self) -> None: ...

    def resume_reading(self) -> None: ...

    @property
    def status(self) -> int:
        """Of the first answer; 0 without one."""
        return int(self.written.split()[1]) if self.written else 0


bodies: list[int] = []


async def application(scope: Any, receive: Any, send: Any) -> None:
    """Takes the whole body and says how long it was."""
    size, more = 0, True
    while more:
        event = await receive()
        if event["type"] == "http.disconnect":
            return
        size += len(event["body"])
        more = event["more_body"]
    bodies.append(size)
    await send({"type": "http.response.start", "status": 204, "headers": []})
    await send({"type": "http.response.body", "body": b""})


@pytest_asyncio.fixture
async def client() -> tuple[TimedProtocol, Wire]:
    bodies.clear()
    made = TimedProtocol(config=Config(app=application, log_config=None), server_state=ServerState(), app_state={})
    wire = Wire()
    made.connection_made(wire)
    return made, wire


async def send(client: tuple[TimedProtocol, Wire], data: bytes, piece: int = 100_000) -> int:
    """The status, and how many bytes had been taken by then."""
    made, wire = client
    for start in range(0, len(data), piece):
        made.data_received(data[start : start + piece])
        await asyncio.sleep(0)
        if wire.written:
            return start + piece
    await asyncio.gather(*made.tasks)
    return len(data)


REQUEST = b"GET / HTTP/1.1\r\nHost: localhost\r\n"


@pytest.mark.parametrize(
    "head",
    [
        REQUEST + b"X: " + b"x" * 1_000_000,
        REQUEST + b"X: x\r\n" * 200_000,
        REQUEST + b"x" * 1_000_000,
        b"GET /" + b"x" * 1_000_000,
        b"GET /?" + b"x" * 1_000_000 + b" HTTP/1.1\r\nHost: localhost\r\n\r\n",
        b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n" + b"X: x\r\n" * 20_000,
        b"\r\n" * 500_000,
    ],
    ids=["a long header", "many headers", "a long name", "a long path", "a long query", "trailers", "blank lines"],
)
@pytest.mark.parametrize("piece", [100, 100_000])
async def test_a_head_without_end_is_431_and_the_rest_is_not_read(
    client: tuple[TimedProtocol, Wire], head: bytes, piece: int
) -> None:
    taken = await send(client, head, piece)
    assert client[1].status in (431, 400)
    assert taken <= max(100_000, 2 * CONFIG.http_max_header_bytes)
    written = client[1].written
    client[0].data_received(head)
    assert client[1].written == written


async def test_a_head_that_browsers_send_is_let_in(client: tuple[TimedProtocol, Wire]) -> None:
    cookies = b"".join(b"X-%d: %b\r\n" % (number, b"y" * 300) for number in range(60))
    await send(client, REQUEST + cookies + b"\r\n", 1_000)
    assert client[1].status == 204


async def test_a_body_that_says_it_is_too_large_is_413_before_it_comes(client: tuple[TimedProtocol, Wire]) -> None:
    await send(client, b"POST /health HTTP/1.1\r\nHost: x\r\nContent-Length: 300000000\r\nExpect: 100-continue\r\n\r\n")
    assert client[1].status == 413
    assert not bodies


@pytest.mark.parametrize("path", ["/", "/health", "/j/ABC123", "/api/schema/", "/static/x", "/nowhere"])
@pytest.mark.parametrize("method", ["POST", "PUT", "GET", "DELETE", "PATCH", "OPTIONS"])
async def test_a_body_in_chunks_is_413_where_none_is_taken(
    client: tuple[TimedProtocol, Wire], method: str, path: str
) -> None:
    head = f"{method} {path} HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n".encode()
    taken = await send(client, head + (b"1000\r\n" + b"x" * 4_096 + b"\r\n") * 1_000)
    assert client[1].status == 413
    assert taken <= 200_000
    assert not bodies


async def test_a_body_in_very_small_chunks_is_refused(client: tuple[TimedProtocol, Wire]) -> None:
    head = b"POST /api/v1/quizzes/import HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"
    await send(client, head + b"1\r\nx\r\n" * 200_000)
    assert client[1].status == 400
    assert not bodies


@pytest.mark.parametrize("chunked", [False, True])
async def test_a_file_to_import_is_let_in(client: tuple[TimedProtocol, Wire], chunked: bool) -> None:
    size = 5_000_000
    head = b"POST /api/v1/quizzes/import HTTP/1.1\r\nHost: x\r\n"
    if chunked:
        head += b"Transfer-Encoding: chunked\r\n\r\n"
        data = b"".join(b"2710\r\n" + b"x" * 10_000 + b"\r\n" for _ in range(size // 10_000)) + b"0\r\n\r\n"
    else:
        head, data = head + b"Content-Length: %d\r\n\r\n" % size, b"x" * size
    await send(client, head + data)
    assert client[1].status == 204
    assert bodies == [size]


async def test_so_many_requests_wait_on_one_connection_and_no_more(client: tuple[TimedProtocol, Wire]) -> None:
    client[0].data_received((REQUEST + b"\r\n") * 2_000)
    assert len(client[0].pipeline) <= 16
    await asyncio.gather(*client[0].tasks)
    assert client[1].closed or client[1].protocol is not None or client[1].status == 429


async def test_the_next_request_of_a_connection_has_its_own_measure(client: tuple[TimedProtocol, Wire]) -> None:
    for _ in range(10):
        client[1].written = b""
        await send(client, REQUEST + b"X: " + b"x" * 20_000 + b"\r\n\r\n", 1_000)
        assert client[1].status == 204


@pytest.mark.parametrize(
    ("method", "path", "bound"),
    [
        ("POST", "/api/v1/quizzes/import", CONFIG.import_max_bytes + 65_536),
        ("POST", "/api/v1/wordlists/import", CONFIG.import_max_bytes + 65_536),
        ("POST", "/api/v1/images", CONFIG.image_max_bytes + 65_536),
        ("PUT", "/api/v1/quizzes/x", 5 * 1024 * 1024),
        ("POST", "/api/v1/sessions", 5 * 1024 * 1024),
        ("POST", "/admin/login/", 65_536),
        ("GET", "/api/v1/quizzes/import", 4_096),
        ("POST", "/metrics", 4_096),
        ("DELETE", "/api/v1/quizzes/x", 4_096),
    ],
)
def test_each_route_has_its_bound(method: str, path: str, bound: int) -> None:
    assert body_bound(method, path) == bound

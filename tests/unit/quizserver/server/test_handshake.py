"""The opening handshake: what is taken without the library, the library would take, and answer alike."""

from __future__ import annotations

import asyncio
import base64
import gc
import weakref
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from uvicorn.config import Config
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol
from uvicorn.server import ServerState
from websockets.datastructures import Headers
from websockets.http11 import Request
from websockets.server import ServerProtocol

from quizserver.server.handshake import accept_of
from quizserver.server.http import TimedProtocol
from quizserver.server.protocol import FramesProtocol

KEY = base64.b64encode(bytes(range(16)))
PLAIN = {
    b"host": b"localhost",
    b"upgrade": b"websocket",
    b"connection": b"Upgrade",
    b"sec-websocket-key": KEY,
    b"sec-websocket-version": b"13",
}
_NAMES = [*PLAIN, b"sec-websocket-protocol", b"sec-websocket-extensions", b"cookie"]
_VALUES = [
    *PLAIN.values(),
    *(b"WebSocket", b"keep-alive, upgrade", b"keep-alive", b"h2c, websocket", b"8", b"", b"quiz", b"upgrade;x"),
    *(b"permessage-deflate", base64.b64encode(bytes(15)), KEY + b"=", KEY[:-2], b"?" * 24, b"x" * 5_000),
]
_CHANGES = st.lists(st.tuples(st.sampled_from(_NAMES), st.sampled_from(_VALUES)), max_size=2)


def _accept(headers: list[tuple[bytes, bytes]], *, method: str = "GET", version: str = "1.1") -> bytes | None:
    return accept_of(method, version, b"/ws", headers)


@given(changed=_CHANGES, more=_CHANGES)
def test_what_is_taken_the_library_would_take_with_the_same_answer(
    changed: list[tuple[bytes, bytes]], more: list[tuple[bytes, bytes]]
) -> None:
    headers = [*(PLAIN | dict(changed)).items(), *more]
    accept = _accept(headers)
    fields = Headers([(name.decode(), value.decode()) for name, value in headers])
    response = ServerProtocol().accept(Request(path="/ws", headers=fields))
    if accept is not None:
        assert response.status_code == 101
        assert response.headers["Sec-WebSocket-Accept"] == accept.decode()
        assert "Sec-WebSocket-Protocol" not in response.headers


@pytest.mark.parametrize(
    "change",
    [
        {},
        {b"connection": b"keep-alive, Upgrade"},
        {b"upgrade": b"WebSocket"},
        {b"sec-websocket-extensions": b"permessage-deflate; client_max_window_bits"},
        {b"origin": b"http://localhost", b"cookie": b"sessionid=abc"},
    ],
)
def test_what_browsers_send_is_taken(change: dict[bytes, bytes]) -> None:
    # The key and its answer of RFC 6455, section 1.3.
    headers = PLAIN | change | {b"sec-websocket-key": b"dGhlIHNhbXBsZSBub25jZQ=="}
    assert _accept(list(headers.items())) == b"s3pPLMBiTxaQ9kYGzzhZRbK+xOo="


def test_what_is_not_plain_is_left_to_the_library() -> None:
    plain = list(PLAIN.items())
    assert _accept(plain, method="POST") is None
    assert _accept(plain, version="1.0") is None
    assert _accept([*plain, (b"sec-websocket-key", KEY)]) is None
    assert _accept([*plain, (b"sec-websocket-protocol", b"quiz")]) is None
    assert _accept([*plain, *[(b"x", b"x")] * 100]) is None
    assert accept_of("GET", "1.1", b"/ws?" + b"x" * 5_000, plain) is None
    assert accept_of("GET", "1.1", b"/ws?\xff", plain) is None


class Wire(asyncio.Transport):
    """A transport that notes what was written."""

    def __init__(self) -> None:
        super().__init__()
        self.written = b""
        self.closed = False
        self.protocol: Any = None

    def get_extra_info(self, name: str, default: Any = None) -> Any:
        return {"sockname": ("127.0.0.1", 80), "peername": ("127.0.0.2", 5)}.get(name, default)

    def is_closing(self) -> bool:
        return self.closed

    def close(self) -> None:
        self.closed = True

    def write(self, data: Any) -> None:
        self.written += bytes(data)

    def set_protocol(self, protocol: Any) -> None:
        self.protocol = protocol

    def set_write_buffer_limits(self, high: int | None = None, low: int | None = None) -> None: ...

    def get_write_buffer_size(self) -> int:
        return 0

    def pause_reading(self) -> None: ...

    def resume_reading(self) -> None: ...


class Frames(FramesProtocol):
    """Ours, without a descriptor."""

    def _attach(self) -> None: ...


async def _connect(http: type[HttpToolsProtocol], ws: type[Any], answer: list[dict[str, Any]]) -> tuple[Any, list[str]]:
    """The scope an application gets, and the lines of the answer to a handshake."""
    scopes: list[Any] = []

    async def application(scope: Any, receive: Any, send: Any) -> None:
        scopes.append({**scope, "extensions": sorted(scope["extensions"])})
        assert await receive() == {"type": "websocket.connect"}
        for message in answer:
            await send(message)
        await receive()

    config = Config(application, ws=ws, ws_per_message_deflate=False, ws_ping_interval=None, log_config=None)
    config.load()
    state = ServerState()
    state.default_headers = [(b"date", b"today")]
    made, wire = http(config, state, {}, asyncio.get_running_loop()), Wire()
    made.connection_made(wire)
    head = b"".join(b"%b: %b\r\n" % header for header in PLAIN.items())
    made.data_received(b"GET /w%73?user_id=a%20b HTTP/1.1\r\n" + head + b"\r\n")
    for _ in range(5):
        await asyncio.sleep(0)
    wire.protocol.connection_lost(None)
    await asyncio.gather(*state.tasks)
    assert not state.connections
    return scopes, sorted(wire.written.decode().lower().split("\r\n"))


@pytest.mark.parametrize(
    "answer",
    [
        [{"type": "websocket.accept"}],
        [{"type": "websocket.accept", "headers": [(b"x-more", b"1")]}],
        [{"type": "websocket.close"}],
        [
            {"type": "websocket.http.response.start", "status": 503, "headers": [(b"retry-after", b"5")]},
            {"type": "websocket.http.response.body", "body": b"full"},
        ],
    ],
    ids=["let in", "with headers", "refused", "refused with a text"],
)
def test_application_and_client_are_told_what_the_library_would_tell(
    answer: list[dict[str, Any]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("email.utils.formatdate", lambda **_: "today")
    monkeypatch.setattr("quizserver.server.http.FramesProtocol", Frames)
    ours, ours_told = asyncio.run(_connect(TimedProtocol, Frames, answer))
    theirs, theirs_told = asyncio.run(_connect(HttpToolsProtocol, WebSocketsSansIOProtocol, answer))
    assert ours_told == theirs_told
    for scope in ours:
        scope["extensions"].remove("quizserver.frames")
    assert ours == theirs


async def test_the_protocol_of_the_request_goes_with_the_handshake(monkeypatch: pytest.MonkeyPatch) -> None:
    gone: list[weakref.ref[Any]] = []

    class Watched(TimedProtocol):
        def handle_websocket_upgrade(self) -> None:
            gone.append(weakref.ref(self))
            super().handle_websocket_upgrade()

    monkeypatch.setattr("quizserver.server.http.FramesProtocol", Frames)
    gc.disable()
    try:
        await _connect(Watched, Frames, [{"type": "websocket.accept"}])
        assert [each() for each in gone] == [None]
    finally:
        gc.enable()


def test_a_connection_holds_what_the_librarys_own_would_hold() -> None:
    async def fields(kind: type[Any]) -> set[str]:
        config = Config(lambda: None, log_config=None)
        config.load()
        return set(vars(kind(config, ServerState(), {}, asyncio.get_running_loop())))

    assert asyncio.run(fields(WebSocketsSansIOProtocol)) == asyncio.run(fields(FramesProtocol)) | {"conn"}

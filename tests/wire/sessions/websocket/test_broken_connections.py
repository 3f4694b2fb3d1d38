"""Handshakes that fail and frames that break the rules of WebSockets: one line in the log, and no traceback."""

from __future__ import annotations

import asyncio
import functools
import json
import struct
from typing import Any

import pytest
from websockets.asyncio.client import ClientConnection
from websockets.exceptions import InvalidStatus

from tests.support.live_server import LiveServer
from tests.support.ws_client import PATIENCE
from tests.wire.sessions.websocket.conftest import Connect

pytestmark = pytest.mark.frames

_MASK = b"\x00\x00\x00\x00"

#: What a client may do wrong (RFC 6455, sections 5 and 7.4), and the close code it is answered with.
FRAMES: dict[str, tuple[bytes, int]] = {
    "not masked": (b"\x81\x02{}", 1002),
    "a reserved bit": (b"\xc1\x82" + _MASK + b"{}", 1002),
    "an opcode that is none": (b"\x83\x82" + _MASK + b"{}", 1002),
    "a continuation of nothing": (b"\x80\x82" + _MASK + b"{}", 1002),
    "a ping in parts": (b"\x09\x82" + _MASK + b"{}", 1002),
    "not UTF-8": (b"\x81\x82" + _MASK + b"\xff\xfe", 1007),
    "larger than anything": (b"\x81\xff" + struct.pack("!Q", 2**62) + _MASK, 1009),
    "too large in parts": (
        b"\x01\xfe\x10\x00" + _MASK + b" " * 4096 + (b"\x00\xfe\x10\x00" + _MASK + b" " * 4096) * 2,
        1009,
    ),
}


def lines_of(server: LiveServer, user_id: str) -> list[dict[str, Any]]:
    return [line for line in server.log_lines() if line.get("user_id") == user_id]


@pytest.mark.parametrize("case", FRAMES)
async def test_a_frame_that_breaks_the_rules_ends_the_connection_with_one_line(
    server: LiveServer, connect: Connect, case: str
) -> None:
    if server.kind == "daphne":
        pytest.skip("daphne drops the connection and says nothing")
    frame, code = FRAMES[case]
    user_id = f"breaks-{list(FRAMES).index(case)}"
    client = await connect(user_id)
    assert (await client.ask("PING"))["type"] == "PONG"
    assert isinstance(client.connection, ClientConnection)
    client.connection.transport.write(frame)
    assert (await client.closed())[0] == code
    other = await connect()
    assert (await other.ask("PING"))["type"] == "PONG"
    await _until(lambda: lines_of(server, user_id))
    assert [(line["message"], line["code"], line["level"]) for line in lines_of(server, user_id)] == [
        ("connection_closed", code, "info")
    ]
    assert "Traceback" not in server.log.read_text()


@pytest.mark.parametrize("frame", ["x" * 10_241, b"x" * 10_241])
async def test_a_message_that_is_too_large_has_one_line(
    server: LiveServer, connect: Connect, frame: str | bytes
) -> None:
    user_id = f"large-{type(frame).__name__}"
    client = await connect(user_id)
    await client.send_raw(frame)
    assert (await client.closed())[0] == 1009
    await _until(lambda: lines_of(server, user_id))
    (line,) = lines_of(server, user_id)
    assert (line["message"], line["code"]) == ("connection_closed", 1009)


@pytest.mark.parametrize("path", ["/", "/ws/x", "/WS", "/api/v1/sessions", "/ws%0a", "/wss"])
async def test_a_websocket_on_another_path_is_told_where_they_are(
    server: LiveServer, connect: Connect, path: str
) -> None:
    before = len(server.log_lines())
    with pytest.raises(InvalidStatus) as refused:
        await server.ws(path=path)
    response = refused.value.response
    if server.kind == "uvicorn":
        assert response.status_code == 404
        assert b"/ws" in (response.body or b"")
    else:
        assert response.status_code == 403
    await _until(lambda: len(server.log_lines()) > before)
    assert (await (await connect()).ask("PING"))["type"] == "PONG"
    assert [line["message"] for line in server.log_lines()[before:]] == ["path_refused"]


async def test_a_foreign_origin_is_told_why_and_has_one_line(server: LiveServer, connect: Connect) -> None:
    before = len(server.log_lines())
    with pytest.raises(InvalidStatus) as refused:
        await server.ws(origin="http://evil.example")
    assert refused.value.response.status_code == 403
    if server.kind == "uvicorn":
        assert b"PUBLIC_URL" in (refused.value.response.body or b"")
    assert (await (await connect()).ask("PING"))["type"] == "PONG"
    assert [line["message"] for line in server.log_lines()[before:]] == ["origin_refused"]


async def test_a_trailing_slash_is_the_same_path(server: LiveServer, connect: Connect) -> None:
    client = await connect(path="/ws/")
    assert (await client.ask("PING"))["type"] == "PONG"


@pytest.mark.parametrize("method", ["GET", "POST", "DELETE"])
@pytest.mark.parametrize("path", ["/ws", "/ws/"])
def test_plain_http_is_told_to_upgrade(server: LiveServer, method: str, path: str) -> None:
    reply = server.rest(method, path, key=None)
    assert reply.status == 426
    assert reply.headers["Upgrade"] == "websocket"
    assert reply.headers["Content-Type"] == "application/problem+json"
    assert "ws://" in reply.json["detail"]


HANDSHAKES = {
    "another version": {"Sec-WebSocket-Version": "8"},
    "a key that is none": {"Sec-WebSocket-Key": "short"},
    "an address without end": {},
}


@pytest.mark.parametrize("case", HANDSHAKES)
async def test_a_handshake_that_is_none_is_answered_and_has_one_line(server: LiveServer, case: str) -> None:
    if server.kind == "daphne":
        pytest.skip("daphne has rules of its own for handshakes")
    before = len(server.log_lines(message="handshake_refused"))
    query = "x" * 9_000 if case == "an address without end" else ""
    headers = {
        "Host": f"127.0.0.1:{server.port}",
        "Upgrade": "websocket",
        "Connection": "Upgrade",
        "Sec-WebSocket-Version": "13",
        "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
        **HANDSHAKES[case],
    }
    lines = [f"GET /ws?{query} HTTP/1.1", *(f"{name}: {value}" for name, value in headers.items()), "", ""]
    reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
    writer.write("\r\n".join(lines).encode())
    try:
        async with asyncio.timeout(PATIENCE):
            answer = await reader.read()
    finally:
        writer.close()
    assert answer.startswith(b"HTTP/1.1 4")
    assert b"Failed to open a WebSocket connection" in answer
    (line,) = server.log_lines(message="handshake_refused")[before:]
    assert line["reason"]
    assert "Traceback" not in server.log.read_text()


async def test_a_message_in_parts_with_pings_between_is_one_message(connect: Connect) -> None:
    client = await connect()
    text = json.dumps({"type": "PING", "message_id": "in parts"})

    async def parts() -> Any:
        for part in (text[:5], "", text[5:]):
            assert isinstance(client.connection, ClientConnection)
            await (await client.connection.ping())
            yield part

    assert isinstance(client.connection, ClientConnection)
    await client.connection.send(parts())
    pong = await client.get(lambda message: message.get("reply_to") == "in parts", "the answer")
    assert pong["type"] == "PONG"


async def _until(true: Any) -> None:
    """Wait for what the server writes after the client has been closed."""
    async with asyncio.timeout(PATIENCE):
        while not await asyncio.to_thread(functools.partial(true)):
            await asyncio.sleep(0.05)

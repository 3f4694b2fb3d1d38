"""A flood of frames ends the connection it comes on, and nobody else notices."""

from __future__ import annotations

import asyncio

import pytest
from websockets.client import ClientProtocol
from websockets.frames import Frame, Opcode
from websockets.uri import parse_uri

from tests.support.live_server import LiveServer
from tests.support.ws_client import PATIENCE
from tests.wire.sessions.websocket.conftest import Connect

FLOODS = {
    "pings": Frame(Opcode.PING, b""),
    "pongs": Frame(Opcode.PONG, b""),
    "texts": Frame(Opcode.TEXT, b""),
    "binaries": Frame(Opcode.BINARY, b""),
    "continuations": Frame(Opcode.CONT, b"", fin=False),
}


@pytest.mark.parametrize("kind", FLOODS)
async def test_a_megabyte_of_empty_frames_ends_the_connection(server: LiveServer, connect: Connect, kind: str) -> None:
    bystander = await connect()
    reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
    client = ClientProtocol(parse_uri(f"ws://127.0.0.1:{server.port}/ws"))
    client.send_request(client.connect())
    writer.write(b"".join(client.data_to_send()))
    client.receive_data(await reader.readuntil(b"\r\n\r\n"))
    begin = Frame(Opcode.TEXT, b"", fin=False).serialize(mask=True) if kind == "continuations" else b""
    writer.write(begin + FLOODS[kind].serialize(mask=True) * 170_000)
    answered = b""
    try:
        async with asyncio.timeout(PATIENCE):
            while piece := await reader.read(65_536):
                answered += piece
    except ConnectionError:
        pass
    finally:
        writer.close()
    # A frame that ends a connection of which the rest is not read may be lost on the way.
    client.receive_data(answered)
    assert client.close_rcvd is None or client.close_rcvd.code in (4029, 1009)
    assert (await bystander.ask("PING"))["type"] == "PONG"
    assert "Traceback" not in server.log.read_text()

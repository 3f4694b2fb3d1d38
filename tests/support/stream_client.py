"""The stream that stands in for a WebSocket (quizserver/event_stream.py), with the face of a websockets connection."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Self

from websockets.datastructures import Headers
from websockets.exceptions import ConnectionClosedError, InvalidStatus
from websockets.frames import Close
from websockets.http11 import Response


class StreamConnection:
    """One client's stream of events, and a connection for what it sends."""

    _reader: asyncio.StreamReader
    _writer: asyncio.StreamWriter
    _task: asyncio.Task[None]
    _chunked: bool

    def __init__(self, port: int, headers: dict[str, str], max_queue: int) -> None:
        self._port = port
        self._headers = headers
        self._sent = 0
        self._events: asyncio.Queue[str | Close | None] = asyncio.Queue(max_queue)
        self._end: Close | None = None
        self._over = False
        self.identifier = ""

    @classmethod
    async def open(cls, port: int, query: str, *, origin: str | None = None, max_queue: int = 0) -> Self:
        """Open a stream.

        :param max_queue: messages that may wait here before no more are read; 0 for no bound.
        :raises InvalidStatus: when the server refuses it.
        """
        self = cls(port, {} if origin is None else {"Origin": origin}, max_queue)
        self._reader, self._writer = await asyncio.open_connection("127.0.0.1", port, limit=2**24)
        await self._request(self._writer, f"/ws/stream?{query}", b"")
        status, answered = await self._head(self._reader)
        if status != 200:
            self._writer.close()
            raise InvalidStatus(Response(status, "", Headers(answered)))
        self._chunked = answered.get("transfer-encoding") == "chunked"
        self._task = asyncio.create_task(self._read())
        first = await self._events.get()
        assert isinstance(first, str)
        self.identifier = json.loads(first)["connection"]
        return self

    @property
    def transport(self) -> StreamConnection:
        """What breaks the connection."""
        return self

    def abort(self) -> None:
        """Break the connection, as a lost network does."""
        self._task.cancel()
        self._writer.transport.abort()

    async def send(self, text: str | bytes) -> None:
        """Send a message; returns when the server has it."""
        self._sent += 1
        await self.post(self._sent, text)

    async def post(self, number: int, text: str | bytes) -> int:
        """Send a message with this number; returns the status."""
        reader, writer = await asyncio.open_connection("127.0.0.1", self._port)
        data = text if isinstance(text, bytes) else text.encode()
        await self._request(writer, f"/ws/stream/{self.identifier}?n={number}", data)
        status, _ = await self._head(reader)
        writer.close()
        return status

    async def recv(self) -> str:
        """The next message.

        :raises ConnectionClosedError: at the end.
        """
        event = await self._events.get() if not self._over or not self._events.empty() else None
        if isinstance(event, str):
            return event
        self._over = True
        self._end = event or self._end
        raise ConnectionClosedError(self._end, None)

    async def close(self) -> None:
        """Close from this side."""
        self._writer.close()

    async def _request(self, writer: asyncio.StreamWriter, path: str, body: bytes) -> None:
        lines = [f"POST {path} HTTP/1.1", f"Host: 127.0.0.1:{self._port}", f"Content-Length: {len(body)}"]
        lines += [f"{name}: {value}" for name, value in self._headers.items()]
        writer.write("\r\n".join([*lines, "", ""]).encode() + body)
        await writer.drain()

    @staticmethod
    async def _head(reader: asyncio.StreamReader) -> tuple[int, dict[str, str]]:
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
        pairs = (line.partition(": ") for line in head[1:] if line)
        return int(head[0].split()[1]), {name.lower(): value for name, _, value in pairs}

    async def _read(self) -> None:
        name = ""
        try:
            async for line in self._lines():
                if line.startswith("event: "):
                    name = line[7:]
                elif line.startswith("data: "):
                    data = line[6:]
                    if name == "close":
                        end = json.loads(data)
                        await self._events.put(Close(end["code"], end["reason"]))
                    else:
                        await self._events.put(data)
        except (OSError, asyncio.IncompleteReadError):
            pass
        await self._events.put(None)

    async def _lines(self) -> AsyncIterator[str]:
        rest = b""
        while data := await self._chunk():
            *lines, rest = (rest + data).split(b"\n")
            for line in lines:
                yield line.decode()

    async def _chunk(self) -> bytes:
        if not self._chunked:
            return await self._reader.read(65_536)
        size = int(await self._reader.readline() or b"0", 16)
        data = await self._reader.readexactly(size)
        await self._reader.readline()
        return data

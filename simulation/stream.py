"""A client's connection where WebSockets are cut: a stream of events, and POST requests (docs/protocol.md).

It has the face of a connection of the ``websockets`` library, as far as clients here use one.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Self
from urllib.parse import urlsplit

from websockets.datastructures import Headers
from websockets.exceptions import ConnectionClosedError, InvalidStatus
from websockets.frames import Close
from websockets.http11 import Response

#: The server has no room just now: the same message may be sent again.
_AGAIN = frozenset({429, 503})
_RETRY_SECONDS = 0.5
_TRIES = 8


class StreamConnection:
    """One client's stream, and a connection for what it sends."""

    _reader: asyncio.StreamReader
    _writer: asyncio.StreamWriter
    _task: asyncio.Task[None]
    _chunked: bool
    _path: str

    def __init__(self, host: str, port: int, headers: dict[str, str], max_queue: int) -> None:
        self._host = host
        self._port = port
        self._headers = headers
        self._sent = 0
        self._events: asyncio.Queue[str | Close | None] = asyncio.Queue(max_queue)
        self._sender: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None
        self._turn = asyncio.Lock()
        self._end: Close | None = None
        self._over = False
        #: By which POST requests name the stream.
        self.identifier = ""

    @classmethod
    async def open(cls, url: str, *, origin: str | None = None, max_queue: int = 0) -> Self:
        """Open a stream.

        :param url: ``http://host:port/ws/stream``, with a query.
        :param max_queue: messages that may wait here before no more are read; 0 for no bound.
        :raises InvalidStatus: when the server refuses it.
        :raises OSError: when there is no server.
        """
        parts = urlsplit(url)
        self = cls(parts.hostname or "", parts.port or 80, {} if origin is None else {"Origin": origin}, max_queue)
        self._reader, self._writer = await asyncio.open_connection(self._host, self._port, limit=2**24)
        await self._request(self._writer, f"{parts.path}?{parts.query}", b"")
        status, answered = await _head(self._reader)
        if status != 200:
            self._writer.close()
            raise InvalidStatus(Response(status, "", Headers(answered)))
        self._path = parts.path
        self._chunked = answered.get("transfer-encoding") == "chunked"
        self._task = asyncio.create_task(self._read())
        first = await self._events.get()
        if not isinstance(first, str):
            raise ConnectionClosedError(first, None)
        self.identifier = json.loads(first)["connection"]
        return self

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    @property
    def close_code(self) -> int | None:
        """The code the server closed with, if it has."""
        return self._end.code if self._end is not None else None

    @property
    def transport(self) -> StreamConnection:
        """What breaks the connection."""
        return self

    def abort(self) -> None:
        """Break the connection, as a lost network does."""
        self._finish()
        self._writer.transport.abort()
        if self._sender is not None:
            self._sender[1].transport.abort()

    async def send(self, message: str | bytes) -> None:
        """Send a message; returns when the server has it.

        :raises ConnectionClosedError: when it does not take it.
        """
        async with self._turn:
            self._sent += 1
            for attempt in range(_TRIES):
                if attempt:
                    await asyncio.sleep(_RETRY_SECONDS)
                try:
                    status = await self.post(self._sent, message)
                except (OSError, asyncio.IncompleteReadError):
                    # Its reply was lost, or it never arrived: under the same number it counts once.
                    continue
                if status not in _AGAIN:
                    # Where the stream is over, it says so itself.
                    return
            raise ConnectionClosedError(self._end, None)

    async def post(self, number: int, message: str | bytes) -> int:
        """Send a message with this number once; returns the status."""
        if self._sender is None:
            self._sender = await asyncio.open_connection(self._host, self._port)
        reader, writer = self._sender
        data = message if isinstance(message, bytes) else message.encode()
        try:
            await self._request(writer, f"{self._path}/{self.identifier}?n={number}", data)
            status, answered = await _head(reader)
            await reader.readexactly(int(answered.get("content-length", "0")))
        except BaseException:
            writer.close()
            self._sender = None
            raise
        if "content-length" not in answered:
            writer.close()
            self._sender = None
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

    async def close(self, _code: int = 1000) -> None:
        """Close from this side."""
        self._finish()
        for writer in (self._writer, *([self._sender[1]] if self._sender is not None else [])):
            writer.close()

    def _finish(self) -> None:
        self._over = True
        self._task.cancel()
        # Whoever waits for a message hears of the end.
        if not self._events.full():
            self._events.put_nowait(None)

    async def _request(self, writer: asyncio.StreamWriter, path: str, body: bytes) -> None:
        lines = [f"POST {path} HTTP/1.1", f"Host: {self._host}:{self._port}", f"Content-Length: {len(body)}"]
        lines += [f"{name}: {value}" for name, value in self._headers.items()]
        writer.write("\r\n".join([*lines, "", ""]).encode() + body)
        await writer.drain()

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
        except (OSError, ValueError, asyncio.IncompleteReadError):
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


async def _head(reader: asyncio.StreamReader) -> tuple[int, dict[str, str]]:
    head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
    pairs = (line.partition(": ") for line in head[1:] if line)
    return int(head[0].split()[1]), {name.lower(): value for name, _, value in pairs}

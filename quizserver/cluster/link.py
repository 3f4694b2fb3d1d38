"""A TCP link that can be made bad: slow, silent, or cut. It stands between an instance and Redis in the chaos tests."""

from __future__ import annotations

import asyncio
import contextlib
import random

from quizserver.cluster.servers import free_port

_CHUNK = 65_536


class Link:
    """Listens on a port of its own and passes everything on to another one of loopback."""

    def __init__(self, target: int) -> None:
        self.port = free_port()
        self._target = target
        self._server: asyncio.Server | None = None
        self._writers: set[asyncio.StreamWriter] = set()
        #: Seconds by which each chunk is late, at most; and whether chunks are held back.
        self.delay = 0.0
        self._passing = asyncio.Event()
        self._passing.set()
        self._accepting = True

    async def start(self) -> None:
        """Listen."""
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", self.port)

    async def stop(self) -> None:
        """End all connections."""
        if self._server is not None:
            self._server.close()
        self.cut()

    def silence(self) -> None:
        """Nothing gets through, and nobody is told: packets are dropped."""
        self._passing.clear()

    def cut(self) -> None:
        """End the connections and refuse new ones."""
        self._accepting = False
        for writer in list(self._writers):
            writer.transport.abort()

    def mend(self) -> None:
        """All is well again."""
        self.delay, self._accepting = 0.0, True
        self._passing.set()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if not self._accepting:
            writer.transport.abort()
            return
        try:
            inner_reader, inner_writer = await asyncio.open_connection("127.0.0.1", self._target)
        except OSError:
            writer.transport.abort()
            return
        self._writers |= {writer, inner_writer}
        try:
            await asyncio.gather(self._pass(reader, inner_writer), self._pass(inner_reader, writer))
        finally:
            self._writers -= {writer, inner_writer}

    async def _pass(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(OSError):
            while data := await reader.read(_CHUNK):
                await self._passing.wait()
                if self.delay:
                    await asyncio.sleep(random.uniform(0, self.delay))  # noqa: S311 - a bad network, not a secret
                writer.write(data)
                await writer.drain()
        writer.close()

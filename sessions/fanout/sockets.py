"""One client's socket, as the hub writes to it: without waiting, bounded, closed when the client does not keep up.

Two kinds: :class:`FrameSocket` writes ready-made frames to the transport, where the server offers that as an ASGI
extension (quizserver/server/protocol.py does); :class:`QueueSocket` works on any ASGI server with a small outbox.
"""

from __future__ import annotations

import asyncio
import logging
import os
import sys
from collections.abc import Awaitable, Callable, Iterable
from functools import cached_property
from typing import Any, Protocol

from common import metrics
from sessions.protocol.outbound import CLOSE_RATE, CLOSE_REMOVED, CLOSE_SLOW, CLOSE_SUPERSEDED, CLOSE_TOO_LARGE
from sessions.rules.people import NO_NEEDS

logger = logging.getLogger(__name__)

#: The key in ``scope["extensions"]`` under which a server offers :class:`FrameWriter`.
EXTENSION = "quizserver.frames"

#: How the metrics name the reasons that lie with a client (RFC 6455, section 7.4.1, and our own).
_CLOSE_REASONS = {
    1002: "protocol",
    1007: "protocol",
    CLOSE_TOO_LARGE: "message_size",
    CLOSE_SUPERSEDED: "superseded",
    CLOSE_REMOVED: "removed",
    CLOSE_SLOW: "slow_consumer",
    CLOSE_RATE: "rate",
}

Send = Callable[[dict[str, Any]], Awaitable[None]]


class FrameWriter(Protocol):
    """What a server offers for writing frames that are already built."""

    #: The connection's transport.
    transport: asyncio.Transport
    #: Its socket, for writing past the event loop's queue; -1 where that must not be done (TLS).
    descriptor: int
    #: Close code and reason, once the client has broken the rules of WebSockets or sent too much.
    broken: tuple[int, str] | None
    #: Told when the transport begins to queue, when its queue is empty again, and before the socket is closed.
    writer: FrameSocket | None

    def close_frame(self, code: int, reason: str) -> None:
        """Begin the closing handshake."""
        ...


def header_of(size: int) -> bytes:
    """The header of a text frame from the server (RFC 6455, section 5.2: FIN, opcode 1, not masked)."""
    if size < 126:
        return b"\x81%c" % size
    if size < 65_536:
        return b"\x81\x7e" + size.to_bytes(2, "big")
    return b"\x81\x7f" + size.to_bytes(8, "big")


class Message:
    """An encoded message for many sockets; the frame and the text are each made once, when first asked for."""

    def __init__(self, payload: bytes, *, after: Message | None = None) -> None:
        """:param after: another message that goes before this one, to the same sockets in the same write."""
        self.payload = payload
        self.after = after

    @cached_property
    def frame(self) -> bytes:
        """The whole frame, with those that go before it."""
        return self.frames_before + header_of(len(self.payload)) + self.payload

    @property
    def frames_before(self) -> bytes:
        """The frames that go before this one's."""
        return self.after.frame if self.after is not None else b""

    @cached_property
    def text(self) -> str:
        """The payload as text."""
        return self.payload.decode()


class Socket:
    """What the hub knows of a connection. ``seq`` and ``board_version`` are the latest the client was sent."""

    __slots__ = (
        "board_version",
        "closed",
        "descriptor",
        "held",
        "leaderboard",
        "name",
        "needs",
        "outgrown",
        "role",
        "seq",
        "user_id",
    )

    def __init__(self, name: str) -> None:
        #: Names the socket across all instances.
        self.name = name
        self.user_id = ""
        self.role = "player"
        #: What the host arranged for the player, see sessions/rules/people.py.
        self.needs = NO_NEEDS
        self.leaderboard = "full"
        self.seq = 0
        self.board_version = -1
        #: Events that wait until the client was told that it is in; ``None`` after that.
        self.held: list[Any] | None = None
        self.closed = False
        #: Whether questions were asked again since the client's session was read.
        self.outgrown = False
        #: What a frame may be written to right now; -1 while it has to go through :meth:`send`.
        self.descriptor = -1

    def send(self, message: Message) -> None:
        """Send a message that others get too."""
        raise NotImplementedError

    def send_own(self, payload: bytes) -> None:
        """Send a message that is this client's alone."""
        raise NotImplementedError

    def send_parts(self, head: bytes, end: bytes, after: Message | None) -> None:
        """Send a message of two parts, of which others get the first too.

        :param after: a message that goes before it.
        """
        raise NotImplementedError

    def buffer(self, rest: bytes) -> None:
        """Keep what the client did not take."""
        raise NotImplementedError

    def close(self, code: int, reason: str) -> None:
        """Close the connection; what was sent before still arrives."""
        raise NotImplementedError

    def waiting_bytes(self) -> int:
        """Bytes that were sent and that the client, or the server for it, has not taken."""
        raise NotImplementedError

    @property
    def broken(self) -> tuple[int, str] | None:
        """Close code and reason, where the server below has given the connection up for what the client sent."""
        return None

    def closing(self, code: int, reason: str) -> None:
        """Note that the connection is closed from this side, and log it in one line where the client is the cause."""
        self.closed = True
        metrics.connection_errors.labels(_CLOSE_REASONS.get(code, str(code))).inc()
        if code in _CLOSE_REASONS:
            logger.info("connection_closed", extra={"code": code, "reason": reason, "user_id": self.user_id or None})


class FrameSocket(Socket):
    """Writes frames to the server's socket, and through its transport when the client is behind."""

    __slots__ = ("_bound", "_transport", "_writer")

    def __init__(self, name: str, writer: FrameWriter, *, outbox_bytes: int) -> None:
        """:param outbox_bytes: bytes that may wait for the client; 0 for no bound."""
        super().__init__(name)
        self._writer = writer
        self._transport = writer.transport
        self._bound = outbox_bytes or sys.maxsize
        writer.writer = self
        # Nobody has been told of a queue there may be by now.
        self.follow(-1 if self._transport.get_write_buffer_size() else writer.descriptor)

    def follow(self, descriptor: int) -> None:
        """Write to this from now on; -1 while the transport has a queue, or for ever once the connection is over."""
        self.descriptor = -1 if self.closed else descriptor

    @property
    def broken(self) -> tuple[int, str] | None:
        return self._writer.broken

    def send(self, message: Message) -> None:
        self.write_frame(message.frame)

    def send_own(self, payload: bytes) -> None:
        self.write_frame(header_of(len(payload)) + payload)

    def send_parts(self, head: bytes, end: bytes, after: Message | None) -> None:
        before = after.frame if after is not None else b""
        self.write_frame(b"".join((before, header_of(len(head) + len(end)), head, end)))

    def write_frame(self, frame: bytes) -> None:
        """Send a frame that is already built."""
        sent = 0
        if self.descriptor >= 0:
            try:
                sent = os.write(self.descriptor, frame)
            except OSError:
                sent = 0  # the client is behind, or gone: the transport waits for it, or finds out
            if sent == len(frame):
                return
        # Nothing may come after a close frame.
        if not self.closed and self._writer.broken is None and not self._transport.is_closing():
            self.buffer(frame[sent:])

    def buffer(self, rest: bytes) -> None:
        """Leave what the socket did not take to the transport, up to the bound."""
        self._transport.write(rest)
        if self._transport.get_write_buffer_size() > self._bound:
            self.close(CLOSE_SLOW, "slow consumer")

    def close(self, code: int, reason: str) -> None:
        if not self.closed:
            self.descriptor = -1
            self.closing(code, reason)
            self._writer.close_frame(code, reason)

    def waiting_bytes(self) -> int:
        return self._transport.get_write_buffer_size()


class QueueSocket(Socket):
    """Hands texts to the ASGI server one after the other, from an outbox of its own."""

    __slots__ = ("_bound", "_bytes", "_outbox", "_ready", "_send", "_task")

    def __init__(self, name: str, send: Send, *, outbox_bytes: int) -> None:
        """:param outbox_bytes: bytes that may wait for the server; 0 for no bound."""
        super().__init__(name)
        self._send = send
        self._bound = outbox_bytes
        self._bytes = 0
        self._outbox: list[dict[str, Any]] = []
        self._task: asyncio.Task[None] | None = None

    def send(self, message: Message) -> None:
        if message.after is not None:
            self.send(message.after)
        self._put(message.text, len(message.payload))

    def send_own(self, payload: bytes) -> None:
        self._put(payload.decode(), len(payload))

    def send_parts(self, head: bytes, end: bytes, after: Message | None) -> None:
        if after is not None:
            self.send(after)
        self.send_own(head + end)

    def _put(self, text: str, size: int) -> None:
        if self.closed:
            return
        self._bytes += size
        if self._bound and self._bytes > self._bound:
            self._outbox.clear()
            self.close(CLOSE_SLOW, "slow consumer")
            return
        self._queue({"type": "websocket.send", "text": text})

    def close(self, code: int, reason: str) -> None:
        if not self.closed:
            self.closing(code, reason)
            self._queue({"type": "websocket.close", "code": code, "reason": reason})

    def waiting_bytes(self) -> int:
        return self._bytes

    def _queue(self, event: dict[str, Any]) -> None:
        self._outbox.append(event)
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(self._drain())

    async def _drain(self) -> None:
        try:
            while self._outbox:
                events, self._outbox = self._outbox, []
                for event in events:
                    await self._send(event)
                self._bytes = 0
        except Exception as error:
            # Servers differ in what they raise when the client has gone; the receive loop hears of it anyway.
            self.closed = True
            logger.debug("send_failed", extra={"error": repr(error)})


def send_to_all(sockets: Iterable[Socket], message: Message) -> None:
    """Send a message to many sockets.

    It is written out here, not left to :meth:`Socket.send`, because calls cost as much as the system call they lead to:
    per socket one `write`, and nothing else while the client keeps up.
    """
    frame, size, write = message.frame, len(message.frame), os.write
    for socket in sockets:
        descriptor = socket.descriptor
        if descriptor < 0:
            socket.send(message)
            continue
        try:
            sent = write(descriptor, frame)
        except OSError:
            sent = 0  # the client is behind, or gone: the transport waits for it, or finds out
        if sent != size:
            socket.buffer(frame[sent:])


def send_to_each(
    sockets: Iterable[Socket], head: bytes, end_of: Callable[[Socket], bytes], *, after: Message | None = None
) -> None:
    """Send a message to many sockets, to each with an end of its own. Written out for the same reason.

    :param after: a message that goes to all of them before it, in the same write.
    """
    starts: dict[int, bytes] = {}
    write, before = os.write, after.frame if after is not None else b""
    for socket in sockets:
        end, descriptor = end_of(socket), socket.descriptor
        if descriptor < 0:
            socket.send_parts(head, end, after)
            continue
        # The ends of thousands have a handful of lengths.
        start = starts.get(len(end))
        if start is None:
            start = starts[len(end)] = before + header_of(len(head) + len(end)) + head
        frame = start + end
        try:
            sent = write(descriptor, frame)
        except OSError:
            sent = 0
        if sent != len(frame):
            socket.buffer(frame[sent:])

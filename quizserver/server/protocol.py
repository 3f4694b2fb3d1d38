"""uvicorn's WebSocket protocol with additions.

Out: the application may write frames that are
already built. A broadcast to thousands then costs one `write` system call per socket: no ASGI message, no framing, no
task, and no place in the event loop's write queue unless the client is behind. This is offered as the ASGI extension
``quizserver.frames`` (sessions/fanout/sockets.py). In: a whole text frame, which is what clients send, goes
to the application at once, as do the handshakes that browsers make; everything else is left to the library, whose part
of a connection is made when there is anything for it. Every frame is counted before anything looks into
it: a megabyte of empty frames is 170,000 of them, and the server's loop would do nothing else for seconds.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
from asyncio.transports import BaseTransport
from collections.abc import Iterable
from functools import cached_property
from http import HTTPStatus
from typing import Any
from urllib.parse import unquote

from uvicorn.config import Config
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol
from uvicorn.protocols.utils import ClientDisconnected, is_ssl
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol
from uvicorn.server import ServerState
from websockets.frames import Frame
from websockets.http11 import Request
from websockets.protocol import CONNECTING, OPEN
from websockets.server import ServerProtocol

from common import metrics
from common.config import CONFIG
from quizserver.server.frames import CONTROL, MASKED, OPCODE, PONG, TEXT, header_of, unmasked
from quizserver.server.handshake import answer_to
from quizserver.server.inbox import Inbox
from quizserver.server.keepalive import keepalive_of
from quizserver.server.linger import linger
from sessions.fanout.sockets import EXTENSION, FrameSocket
from sessions.protocol.outbound import CLOSE_RATE, CLOSE_TOO_LARGE

logger = logging.getLogger(__name__)
_library_logger = logging.getLogger("uvicorn.error")

#: Frames of one connection that are read in one turn of the loop; the others' turn comes before the rest.
_FRAMES_PER_TURN = 32
#: Frames of one message. Clients send whole ones; proxies may cut them, never into this many.
_MOST_FRAGMENTS = 64
#: Seconds in which a client that is closed for a flood may take the close frame.
_FLOOD_SECONDS = 1.0
#: Shared by all connections that may be written to: an event each would be 700 bytes.
_WRITABLE = asyncio.Event()
_WRITABLE.set()


class FramesProtocol(WebSocketsSansIOProtocol):
    """One WebSocket connection."""

    #: The socket's descriptor, or -1 where the bytes have to go through the transport (TLS).
    descriptor = -1
    #: Close code and reason, once the client has broken the rules of WebSockets or sent too much.
    broken: tuple[int, str] | None = None
    #: What writes to the descriptor, once the application has made it.
    writer: FrameSocket | None = None
    #: Bytes of a frame that the library has begun to read, and the beginning of one too short to tell its length.
    _owed = 0
    _beginning = b""
    #: Whether a whole request came, good or bad.
    _asked = False
    #: Bytes that wait for a later turn of the loop, or for the client to be let in, and where in them to read on.
    _held = b""
    _held_from = 0
    #: Frames since then, for :attr:`Config.ws_frames_per_second`.
    _counted = 0
    _counted_since = 0.0
    #: Frames of the message that is under way.
    _fragments = 0
    #: Whether it was closed for what it sent, or went on sending far too much after it was closed: then nothing more is
    #: read.
    _ended = False
    #: What answers a plain handshake; empty once it has, and where the library answers.
    _accept = b""
    #: The request and its answer, of a handshake that the library judges.
    request: Any = None
    response: Any = None

    def __init__(
        self,
        config: Config,
        server_state: ServerState,
        app_state: dict[str, Any],
        _loop: asyncio.AbstractEventLoop | None = None,
    ) -> None:
        # In the place of uvicorn's, for less of everything: what is here is held for each of thousands of players. A
        # test compares.
        self.config, self.app, self.app_state = config, config.loaded_app, app_state
        self.loop = _loop or asyncio.get_event_loop()
        self.logger = _library_logger
        self.root_path, self.asgi_version = config.root_path, config.asgi_version
        self.connections, self.tasks = server_state.connections, server_state.tasks
        self.default_headers = server_state.default_headers
        self.transport: Any = None
        self.server = self.client = self.scheme = None  # type: ignore[assignment]
        self.queue: Inbox = Inbox()  # type: ignore[assignment]
        self.writable = _WRITABLE
        self.handshake_initiated = self.handshake_complete = False
        self.close_sent = self.disconnected = self.read_paused = False
        self.close_timer = self.initial_response = None
        self.close_timeout = 10.0
        self.ping_interval, self.ping_timeout = config.ws_ping_interval, config.ws_ping_timeout
        self.ping_timer = self.pong_timer = self.pending_ping_payload = None
        self.ping_sent_at = self.last_ping_rtt = 0.0
        self.frames: list[bytes] = []
        self.curr_msg_data_type = "bytes"

    @cached_property
    def conn(self) -> ServerProtocol:  # type: ignore[override]
        """The library's part of the connection."""
        state = OPEN if self.handshake_complete else CONNECTING
        return ServerProtocol(state=state, max_size=self.config.ws_max_size, logger=_library_logger)

    @property
    def _open(self) -> bool:
        """Whether no closing handshake has begun."""
        return "conn" not in self.__dict__ or self.conn.state is OPEN

    def open(self, http: HttpToolsProtocol, accept: bytes) -> None:
        """Take a connection over, whose request is a plain handshake.

        :param accept: see :func:`quizserver.server.handshake.accept_of`.
        """
        self.connections.add(self)
        self.transport, self.server, self.client = http.transport, http.server, http.client
        self.scheme = "wss" if http.scheme == "https" else "ws"
        self._attach()
        self._asked = self.handshake_initiated = True
        self._accept = accept
        path, _, query = http.url.partition(b"?")
        self.scope = {
            "type": "websocket",
            "asgi": {"version": self.asgi_version, "spec_version": "2.4"},
            "http_version": "1.1",
            "scheme": self.scheme,
            "server": self.server,
            "client": self.client,
            "root_path": self.root_path,
            "path": self.root_path + unquote(path.decode("ascii")),
            "raw_path": self.root_path.encode("ascii") + path,
            "query_string": query,
            "headers": http.headers,
            "subprotocols": [],
            "state": self.app_state.copy(),
            "extensions": {"websocket.http.response": {}},
        }
        self.queue.put_nowait({"type": "websocket.connect"})
        self.transport.set_protocol(self)
        task = self.loop.create_task(self.run_asgi())
        task.add_done_callback(self.on_task_complete)
        self.tasks.add(task)

    def connection_made(self, transport: BaseTransport) -> None:
        super().connection_made(transport)
        self._attach()

    def _attach(self) -> None:
        if not is_ssl(self.transport):
            self.descriptor = self.transport.get_extra_info("socket").fileno()
        # To be told as soon as anything waits for the client, and when nothing does any more.
        self.transport.set_write_buffer_limits(high=0)

    def connection_lost(self, exc: Exception | None) -> None:
        # The descriptor is closed after this, and may then be somebody else's.
        self._follow(-1)
        super().connection_lost(exc)

    def pause_writing(self) -> None:
        self._follow(-1)
        self.writable = asyncio.Event()

    def resume_writing(self) -> None:
        self._follow(-1 if self._ended or self.transport.is_closing() else self.descriptor)
        self.writable.set()
        self.writable = _WRITABLE

    def _follow(self, descriptor: int) -> None:
        if self.writer is not None:
            self.writer.follow(descriptor)

    def handle_connect(self, event: Request) -> None:
        self._asked = True
        super().handle_connect(event)
        if self.response.status_code != HTTPStatus.SWITCHING_PROTOCOLS:
            self._handshake_refused(str(self.conn.handshake_exc))

    def _handshake_refused(self, reason: str) -> None:
        metrics.connection_errors.labels("handshake").inc()
        logger.info("handshake_refused", extra={"reason": reason})

    def handle_close(self, event: Frame) -> None:
        super().handle_close(event)
        # Nothing may come after a close frame (RFC 6455, section 5.5.1), and ours has just gone out. The transport is
        # over in the next turn of the loop; a broadcast of this one must not go past it.
        self._follow(-1)

    def handle_parser_exception(self) -> None:
        """The connection is over. The consumer hears of it, and tells the log who it was."""
        close = self.conn.close_sent
        assert close is not None
        self.broken = (close.code, close.reason)
        self.queue.put_nowait({"type": "websocket.disconnect", "code": close.code, "reason": close.reason})
        self.transport.write(b"".join(self.conn.data_to_send()))
        self.close_sent = self._ended = True
        self._held = b""
        self._follow(-1)
        # It may be in the middle of a message that is too large.
        if self.close_timer is not None:
            self.close_timer.cancel()
        self.close_timer = linger(self.transport, self)

    # -- whether the client is still there ------------------------------------------------------------------------

    def start_keepalive(self) -> None:
        if self.ping_interval:
            keepalive_of(self.loop).add(self, self.ping_interval)

    def stop_keepalive(self) -> None:
        if self.ping_interval:
            keepalive_of(self.loop).remove(self)
        self.pending_ping_payload = None

    def ping(self, frame: bytes, payload: bytes) -> bool:
        """See :class:`quizserver.server.keepalive.Pinged`."""
        if self.close_sent or self.transport.is_closing():
            return False
        if self.pending_ping_payload is not None and self.ping_timeout:
            self.keepalive_timeout()
            return False
        self.pending_ping_payload = payload
        if self.writer is not None:
            self.writer.write_frame(frame)
        else:
            self.transport.write(frame)
        return True

    def keepalive_timeout(self) -> None:
        metrics.connection_errors.labels("silent").inc()
        super().keepalive_timeout()
        self._follow(-1)

    async def run_asgi(self) -> None:
        extensions: dict[str, Any] = self.scope["extensions"]
        extensions[EXTENSION] = self
        await super().run_asgi()

    # -- what clients send ----------------------------------------------------------------------------------------

    def data_received(self, data: bytes) -> None:
        if self.handshake_initiated:
            if self._held or not self.handshake_complete:
                self._hold(self._held[self._held_from :] + data, 0)
            else:
                self._read(data, 0)
            return
        super().data_received(data)
        if not self._asked and self.conn.handshake_exc is not None and not self.transport.is_closing():
            # What is not even a request has been answered by the library, and uvicorn waits for one for ever.
            self._handshake_refused(str(self.conn.handshake_exc))
            self.transport.write(b"".join(self.conn.data_to_send()))
            linger(self.transport, self)

    def _hold(self, data: bytes, start: int) -> None:
        """Read no further in this turn of the loop. Nothing more comes in until what is held is read."""
        self._held, self._held_from = data, start
        self.transport.pause_reading()
        # Who waits for messages reads on when it has taken those that came before; see receive().
        if self.handshake_complete and self.queue.empty():
            self.loop.call_soon(self._read_on)

    @property
    def _waits(self) -> bool:
        """Whether bytes are held."""
        return bool(self._held)

    def _read_on(self) -> None:
        data, start = self._held, self._held_from
        self._held = b""
        if not data or self.transport.is_closing():
            return
        self._read(data, start)
        if not self._waits and not self.read_paused and not self._ended and not self.transport.is_closing():
            self.transport.resume_reading()

    async def receive(self) -> Any:
        message = await self.queue.get()
        if self.queue.empty():
            self.read_paused = False
            if self._ended:
                return message
            if not self._held:
                self.transport.resume_reading()
            elif self.handshake_complete:
                self.loop.call_soon(self._read_on)
        return message

    def _read(self, data: bytes, start: int) -> None:
        """Tell frames apart: plain ones go to the application, the others to the library."""
        if self._beginning:
            data, self._beginning, start = self._beginning + data[start:], b"", 0
        size, frames = len(data), 0
        while start < size:
            if not self._owed:
                header = header_of(data, start)
                if header is None:
                    self._beginning = data[start:]
                    return
                frames += 1
                if frames > _FRAMES_PER_TURN:
                    self._hold(data, start)
                    return
                if self._floods(data[start]):
                    return
                begin, length = header
                if begin + length <= size and self._take(data, start, begin, length):
                    start = begin + length
                    continue
                self._owed = begin - start + length
            end = min(size, start + self._owed)
            self._owed -= end - start
            super().data_received(data[start:end])
            if self._ended or self.transport.is_closing():
                return
            start = end

    def _floods(self, first: int) -> bool:
        """Count a frame, of which this is the first byte; whether it was one too many, and the connection is over."""
        now, most = self.loop.time(), CONFIG.ws_frames_per_second
        if now - self._counted_since >= 1:
            self._counted, self._counted_since = 0, now
        self._counted += 1
        if self._counted > most > 0:
            self._end_flood(CLOSE_RATE, "too many frames")
            return True
        if first & CONTROL:
            # A client that takes no answers to its pings lets them pile up here.
            if self.transport.get_write_buffer_size() > CONFIG.ws_outbox_bytes > 0:
                self._end_flood(CLOSE_RATE, "too many pings")
                return True
            return False
        self._fragments = self._fragments + 1 if not first & OPCODE else 0
        if self._fragments > _MOST_FRAGMENTS:
            self._end_flood(CLOSE_TOO_LARGE, "too many fragments")
            return True
        return False

    def _end_flood(self, code: int, reason: str) -> None:
        """Close, and drop all that the connection has waiting: on its way in and to the application."""
        metrics.limits_hit.labels("frames").inc()
        self._held = b""
        self.queue.clear()
        if self._ended:
            self.transport.abort()
            return
        self._ended = True
        if not self.close_sent:
            self.broken = (code, reason)
            self.close_frame(code, reason)
        self._follow(-1)
        # What still comes is not even read; the client gets a moment to take the close frame, of whomever it is. Cut
        # at once, a client that is still sending would lose it.
        self.transport.pause_reading()
        if self.close_timer is not None:
            self.close_timer.cancel()
        self.close_timer = self.loop.call_later(_FLOOD_SECONDS, self._give_up)

    def _take(self, data: bytes, start: int, begin: int, length: int) -> bool:
        """Hand the text of a whole frame to the application, or note a pong, if that is all there is to it."""
        if not data[start + 1] & MASKED or not self._open:
            return False
        if data[start] == PONG:
            return self._answers_ping(data, begin, length)
        if (
            data[start] != TEXT
            or length > self.config.ws_max_size
            or self.frames  # a message in several parts is under way
        ):
            return False
        try:
            text = unmasked(data, begin, length).decode()
        except UnicodeDecodeError:
            return False
        if self.close_sent:
            return True
        # Who waits for a message takes it in this turn of the loop: nothing comes together, and reading may go on.
        awaited = self.queue.awaited
        self.queue.put_nowait({"type": "websocket.receive", "text": text})
        if not awaited and not self.read_paused:
            self.read_paused = True
            self.transport.pause_reading()
        return True

    def _answers_ping(self, data: bytes, begin: int, length: int) -> bool:
        """Whether this is the pong to our last ping, which then is answered."""
        pending = self.pending_ping_payload
        if pending is None or length != len(pending):
            return False
        if unmasked(data, begin, length) != pending:
            return False
        self.pending_ping_payload = None
        return True

    # -- what the application sends -------------------------------------------------------------------------------

    async def send(self, message: Any) -> None:
        waited = self._held and not self.handshake_complete
        if self._accept and message["type"] == "websocket.accept":
            self._let_in(message.get("headers", ()))
        else:
            await super().send(message)
        if waited and self.handshake_complete:
            # What the client sent before it was let in.
            self.loop.call_soon(self._read_on)
        if self.handshake_complete and self.request is not None:
            # Nobody asks for them again, and their headers are 2 KB.
            self.request = self.response = None
        if self.initial_response is not None and self.close_sent:
            # A handshake that was answered with an HTTP error is over; uvicorn would call it a mistake of ours.
            self.handshake_complete = True

    def _let_in(self, headers: Iterable[tuple[bytes, bytes]]) -> None:
        if self.disconnected:
            raise ClientDisconnected
        if self.transport.is_closing():
            return
        answer = answer_to(self._accept, [*self.default_headers, *headers])
        self._accept = b""
        sent = 0
        if self.descriptor >= 0 and not self.transport.get_write_buffer_size():
            # The transport would queue it, and say so, until the turn is over.
            with contextlib.suppress(OSError):
                sent = os.write(self.descriptor, answer)
        if sent < len(answer):
            self.transport.write(answer[sent:])
        self.handshake_complete = True
        self.start_keepalive()

    def close_frame(self, code: int, reason: str) -> None:
        """See :class:`sessions.fanout.sockets.FrameWriter`."""
        if self.close_sent or self.transport.is_closing():
            return
        self.queue.put_nowait({"type": "websocket.disconnect", "code": code, "reason": reason})
        self.conn.send_close(code, reason)
        self.transport.write(b"".join(self.conn.data_to_send()))
        self.close_sent = True
        if self.read_paused:
            self.read_paused = False
            self.transport.resume_reading()
        self.close_timer = self.loop.call_later(self.close_timeout, self._give_up)

    def _give_up(self) -> None:
        # A client that does not read would keep the transport, and what is buffered for it, for ever.
        self.transport.abort()

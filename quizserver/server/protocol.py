"""uvicorn's protocols with two additions.

HTTP: a client has a time limit for sending its request. WebSocket: the application may write frames that are already
built. A broadcast to thousands then costs one `write` system call per socket: no ASGI message, no framing, no task, and
no place in the event loop's write queue unless the client is behind. The addition is offered as the ASGI extension
``quizserver.frames`` (sessions/sockets.py).
"""

from __future__ import annotations

import asyncio
import logging
from asyncio.transports import BaseTransport
from http import HTTPStatus
from typing import Any

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol
from uvicorn.protocols.utils import is_ssl
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol
from websockets.http11 import Request

from quizserver import metrics
from quizserver.config import CONFIG
from quizserver.runtime import running
from sessions.sockets import EXTENSION

logger = logging.getLogger(__name__)


_AT_CAPACITY = (
    b"HTTP/1.1 503 Service Unavailable\r\nContent-Type: text/plain\r\nContent-Length: 27\r\nRetry-After: 5\r\n"
    b"Connection: close\r\n\r\nThe server is at capacity.\n"
)


class FramesProtocol(WebSocketsSansIOProtocol):
    """One WebSocket connection."""

    #: The socket's descriptor, or -1 where the bytes have to go through the transport (TLS).
    descriptor = -1
    #: Close code and reason, once the client has broken the rules of WebSockets or sent too much.
    broken: tuple[int, str] | None = None

    def connection_made(self, transport: BaseTransport) -> None:
        super().connection_made(transport)
        if not is_ssl(self.transport):
            self.descriptor = self.transport.get_extra_info("socket").fileno()

    def data_received(self, data: bytes) -> None:
        super().data_received(data)
        if not self.handshake_initiated and self.conn.handshake_exc is not None and not self.transport.is_closing():
            # What is not even a request has been answered by the library, and uvicorn waits for one for ever.
            self._handshake_refused(str(self.conn.handshake_exc))
            self.transport.write(b"".join(self.conn.data_to_send()))
            self.transport.close()

    def handle_connect(self, event: Request) -> None:
        super().handle_connect(event)
        if self.response.status_code != HTTPStatus.SWITCHING_PROTOCOLS:
            self._handshake_refused(str(self.conn.handshake_exc))

    def _handshake_refused(self, reason: str) -> None:
        metrics.connection_errors.labels("handshake").inc()
        logger.info("handshake_refused", extra={"reason": reason})

    def handle_parser_exception(self) -> None:
        """The connection is over. The consumer hears of it, and tells the log who it was."""
        close = self.conn.close_sent
        self.broken = (close.code, close.reason) if close is not None else None
        super().handle_parser_exception()

    def keepalive_timeout(self) -> None:
        if not self.close_sent and not self.transport.is_closing():
            metrics.connection_errors.labels("silent").inc()
        super().keepalive_timeout()

    async def run_asgi(self) -> None:
        extensions: dict[str, Any] = self.scope["extensions"]
        extensions[EXTENSION] = self
        await super().run_asgi()

    async def send(self, message: Any) -> None:
        await super().send(message)
        if self.initial_response is not None and self.close_sent:
            # A handshake that was answered with an HTTP error is over; uvicorn would call it a mistake of ours.
            self.handshake_complete = True

    def close_frame(self, code: int, reason: str) -> None:
        """See :class:`sessions.sockets.FrameWriter`."""
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


class TimedProtocol(HttpToolsProtocol):
    """One HTTP connection, closed when a request or handshake does not arrive whole in time (slow loris)."""

    _limit: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self._expect()

    def on_message_begin(self) -> None:
        super().on_message_begin()
        self._expect()

    def on_message_complete(self) -> None:
        super().on_message_complete()
        self._arrived()

    def handle_websocket_upgrade(self) -> None:
        self._arrived()
        runtime = running()
        if runtime is not None and runtime.turn_away():
            # Here it costs a tenth of what a handshake and a consumer would: players must not notice a crowd outside.
            self.transport.write(_AT_CAPACITY)
            self.transport.close()
            return
        super().handle_websocket_upgrade()

    def connection_lost(self, exc: Exception | None) -> None:
        self._arrived()
        super().connection_lost(exc)

    def _expect(self) -> None:
        if CONFIG.request_timeout_seconds and self._limit is None:
            self._limit = self.loop.call_later(CONFIG.request_timeout_seconds, self._too_slow)

    def _arrived(self) -> None:
        if self._limit is not None:
            self._limit.cancel()
            self._limit = None

    def _too_slow(self) -> None:
        self._limit = None
        metrics.limits_hit.labels("request_time").inc()
        logger.info("request_too_slow")
        self.transport.close()

"""uvicorn's HTTP protocol with bounds on what a request may be: how long it takes, how much it holds.

Nothing here waits for a proxy to do it: 100 MB of headers, or one header that is sent in a thousand pieces, would take
the process's memory and its time before any view could refuse.
"""

from __future__ import annotations

import asyncio
import json
import logging
from http import HTTPStatus

import httptools
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol, RequestResponseCycle

from common import metrics
from common.config import CONFIG
from quizserver.server.bodies import body_bound
from quizserver.server.handshake import accept_of
from quizserver.server.linger import linger
from quizserver.server.protocol import FramesProtocol
from sessions.wiring.runtime import running

logger = logging.getLogger(__name__)

_AT_CAPACITY = (
    b"HTTP/1.1 503 Service Unavailable\r\nContent-Type: text/plain\r\nContent-Length: 27\r\nRetry-After: 5\r\n"
    b"Connection: close\r\n\r\nThe server is at capacity.\n"
)

#: Bytes that the parser is given at a time: between two pieces the head is measured.
_PIECE = 16_384
#: Requests of one connection that may wait for the answer to an earlier one.
_MOST_PIPELINED = 16
#: Bytes around the pieces of a chunked body, and trailers, beyond a quarter of the body itself.
_OVERHEAD = 16_384
#: Seconds a request has before it may have to make room for others.
_SLOW_SECONDS = 1.0
#: Connections whose request is on its way, the longest first, and since when.
_arriving: dict[TimedProtocol, float] = {}


_DETAILS = {
    HTTPStatus.BAD_REQUEST: "This is no HTTP request.",
    HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE: "The head of the request is too large.",
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE: "The body is larger than this path takes.",
    HTTPStatus.TOO_MANY_REQUESTS: "Too many requests wait on this connection.",
}


class _Refused(Exception):
    """Raised in the parser's callbacks: it ends there and then."""

    def __init__(self, status: HTTPStatus) -> None:
        super().__init__(status)
        self.status = status


class _Ending:
    """The transport of a request after which the connection is closed: by then its body may not have been read."""

    def __init__(self, protocol: TimedProtocol) -> None:
        self._protocol = protocol
        self.write = protocol.transport.write
        self.is_closing = protocol.transport.is_closing

    def close(self) -> None:
        """Called by uvicorn when the answer is written."""
        if self._protocol.between_requests:
            self._protocol.transport.close()
        else:
            linger(self._protocol.transport, self._protocol)


class TimedProtocol(HttpToolsProtocol):
    """One HTTP connection, closed when a request or handshake does not arrive whole in time (slow loris).

    A head over its bound is answered with 431, a body over its route's with 413, before either is whole.
    """

    _limit: asyncio.TimerHandle | None = None
    #: What the connection is refused with, once it is; then nothing it sends is parsed.
    _refusal: HTTPStatus | None = None
    _upgraded = False
    _in_head = True
    #: Bytes and fields of the head that is arriving, and of a body with what stands around its chunks.
    _head = _fields = _body = _raw = _bound = 0

    def data_received(self, data: bytes) -> None:
        if self._over:
            return
        self._unset_keepalive_if_required()
        for start in range(0, len(data), _PIECE):
            if not self._feed(data[start : start + _PIECE] if len(data) > _PIECE else data):
                return

    @property
    def between_requests(self) -> bool:
        """Whether the last request has come whole, and no other one has begun."""
        return self not in _arriving

    @property
    def _over(self) -> bool:
        """Whether nothing that comes is parsed any more."""
        return self._refusal is not None or self._upgraded or self.transport.is_closing()

    def _feed(self, piece: bytes) -> bool:
        """Parse a piece; whether to go on."""
        self._parse(piece)
        return not self._over

    def _parse(self, piece: bytes) -> None:
        in_head = self._in_head
        try:
            self.parser.feed_data(piece)
        except httptools.HttpParserUpgrade:
            self._upgraded = True
            if self._should_upgrade():
                self.handle_websocket_upgrade()
            return
        except httptools.HttpParserError as error:
            # What a callback below raised stands behind the parser's own error.
            refused = error.__context__ if isinstance(error.__context__, _Refused) else None
            self._refuse(refused.status if refused else HTTPStatus.BAD_REQUEST)
            return
        if self._in_head:
            self._head += len(piece)
            if self._head > CONFIG.http_max_header_bytes:
                self._refuse(HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE)
        elif not in_head:
            self._raw += len(piece)
            if self._raw - self._body > _OVERHEAD + self._body // 4:
                self._refuse(HTTPStatus.BAD_REQUEST)

    def on_header(self, name: bytes, value: bytes) -> None:
        # Trailers come here too.
        self._fields += 1
        if self._fields > CONFIG.http_max_headers:
            raise _Refused(HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE)
        super().on_header(name, value)

    def on_headers_complete(self) -> None:
        self._in_head = False
        method = self.parser.get_method().decode("ascii")
        self._bound = body_bound(method, self.url.partition(b"?")[0].decode("latin-1"))
        for name, value in self.headers:
            # The parser has checked that it is a number.
            if name == b"content-length" and 0 <= self._bound < int(value):
                raise _Refused(HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
        if len(self.pipeline) >= _MOST_PIPELINED:
            raise _Refused(HTTPStatus.TOO_MANY_REQUESTS)
        super().on_headers_complete()
        cycle: RequestResponseCycle | None = self.pipeline[0][0] if self.pipeline else self.cycle
        if cycle is not None and not cycle.keep_alive:
            cycle.transport = _Ending(self)  # type: ignore[assignment]

    def on_body(self, body: bytes) -> None:
        self._body += len(body)
        if 0 <= self._bound < self._body:
            raise _Refused(HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
        super().on_body(body)

    def _refuse(self, status: HTTPStatus) -> None:
        """Answer, if nothing else is being answered, and close."""
        self._refusal = status
        self._arrived()
        if status != HTTPStatus.BAD_REQUEST:
            metrics.limits_hit.labels("request_size").inc()
        metrics.errors.labels(f"HTTP_{status.value}").inc()
        logger.debug("request_refused", extra={"status": status.value})
        answering = bool(self.pipeline)
        self.pipeline.clear()
        cycle: RequestResponseCycle | None = self.cycle
        if cycle is not None:
            answering |= cycle.response_started and not cycle.response_complete
            # The application hears that nobody is there any more.
            cycle.disconnected = True
            cycle.message_event.set()
        if self.transport.is_closing():
            return
        if answering:
            linger(self.transport, self)
            return
        problem = {"type": "about:blank", "title": status.phrase, "status": status.value, "detail": _DETAILS[status]}
        body = json.dumps(problem).encode()
        self.transport.write(
            b"HTTP/1.1 %d %b\r\nContent-Type: application/problem+json\r\nContent-Length: %d\r\n"
            b"Connection: close\r\n\r\n%b" % (status.value, status.phrase.encode(), len(body), body)
        )
        linger(self.transport, self)

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self._expect()

    def on_message_begin(self) -> None:
        super().on_message_begin()
        self._in_head = True
        self._head = self._fields = self._body = self._raw = 0
        self._expect()

    def on_message_complete(self) -> None:
        super().on_message_complete()
        self._in_head = True
        self._head = 0
        self._arrived()

    def handle_websocket_upgrade(self) -> None:
        self._arrived()
        runtime = running()
        if runtime is not None and runtime.turn_away():
            # Here it costs a tenth of what a handshake and a consumer would: players must not notice a crowd outside.
            self.transport.write(_AT_CAPACITY)
            linger(self.transport, self)
            return
        accept = accept_of(self.scope["method"], self.scope["http_version"], self.url, self.headers)
        if accept is None:
            super().handle_websocket_upgrade()
            return
        self.connections.discard(self)
        FramesProtocol(self.config, self.server_state, self.app_state, self.loop).open(self, accept)
        # It holds this object, which nobody needs any more: the garbage collector would have to find that out.
        del self.parser

    def connection_lost(self, exc: Exception | None) -> None:
        self._arrived()
        super().connection_lost(exc)

    def _expect(self) -> None:
        if CONFIG.request_timeout_seconds and self._limit is None:
            self._limit = self.loop.call_later(CONFIG.request_timeout_seconds, self._too_slow)
        _arriving.setdefault(self, self.loop.time())
        if 0 < CONFIG.max_slow_requests < len(_arriving):
            # A rush of handshakes arrives within this second; what is still here was sent to stay.
            first, since = next(iter(_arriving.items()))
            if since < self.loop.time() - _SLOW_SECONDS:
                first._too_slow()

    def _arrived(self) -> None:
        _arriving.pop(self, None)
        if self._limit is not None:
            self._limit.cancel()
            self._limit = None

    def _too_slow(self) -> None:
        self._arrived()
        metrics.limits_hit.labels("request_time").inc()
        logger.info("request_too_slow")
        self.transport.close()

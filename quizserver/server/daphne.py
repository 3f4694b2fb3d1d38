"""daphne's protocols with the close codes and reasons of the contract, and with bounds on what clients send.

autobahn, below daphne, lets an application close with 1000 and 3000 to 4999 only, so that 1009, 1012 and 1013 would
come out as an exception; daphne drops the reason.
"""

from __future__ import annotations

import time
from typing import Any

from daphne.http_protocol import HTTPFactory, WebRequest
from daphne.ws_protocol import WebSocketFactory, WebSocketProtocol

from common import metrics
from common.config import CONFIG
from quizserver.server.bodies import body_bound
from quizserver.server.linger import LINGER_SECONDS
from sessions.protocol.outbound import CLOSE_RATE

#: daphne reads all that has come before the application answers any of it: a burst that is told RATE_LIMITED first
#: has to fit in.
_BURST = 4
#: Bytes of a reason that fit into a close frame (RFC 6455, section 5.5).
_REASON_BYTES = 123


class ClosingProtocol(WebSocketProtocol):
    """One WebSocket connection."""

    _counted = 0
    _counted_since = 0.0
    _flooded = False

    def onFrameBegin(self) -> None:  # noqa: N802 - autobahn's hook for the header of any frame
        now, most = time.monotonic(), CONFIG.ws_frames_per_second * _BURST
        if now - self._counted_since >= 1:
            self._counted, self._counted_since = 0, now
        self._counted += 1
        if self._counted > most > 0:
            metrics.limits_hit.labels("frames").inc()
            self.sendCloseFrame(code=CLOSE_RATE, reasonUtf8=b"too many frames")
            # What else it sends is not looked at, and it gets a moment to take the close frame.
            self.data, self._flooded = b"", True
            self.factory.reactor.callLater(LINGER_SECONDS, self.dropConnection, abort=True)
        super().onFrameBegin()

    def dataReceived(self, data: bytes) -> None:  # noqa: N802 - twisted's hook
        if not self._flooded:
            super().dataReceived(data)

    def handle_reply(self, message: dict[str, Any]) -> None:
        if message["type"] != "websocket.close" or self.state == self.STATE_CONNECTING:
            super().handle_reply(message)
            return
        reason = (message.get("reason") or "").encode()[:_REASON_BYTES]
        self.sendCloseFrame(code=message.get("code") or 1000, reasonUtf8=reason)


class BoundedRequest(WebRequest):
    """One request, refused with 413 before a body over its route's bound is read. twisted bounds the head itself."""

    _bound = -1
    _taken = 0
    _refused = False

    def gotLength(self, length: int | None) -> None:  # noqa: N802 - twisted's hook after the head; None when chunked
        method, uri, _version = self.channel._command, self.channel._path, self.channel._version
        self._bound = body_bound(method.decode("latin-1"), uri.partition(b"?")[0].decode("latin-1"))
        super().gotLength(length)
        if length is not None:
            self._check(length)

    def handleContentChunk(self, data: bytes) -> None:  # noqa: N802 - twisted's hook
        self._taken += len(data)
        if not self._refused:
            self._check(self._taken)
            super().handleContentChunk(data)

    def _check(self, length: int) -> None:
        if 0 <= self._bound < length:
            metrics.limits_hit.labels("request_size").inc()
            transport = self.channel.transport
            transport.write(b"HTTP/1.1 413 Content Too Large\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
            # Closed with bytes unread, the answer would be lost to a client that is still sending.
            self._refused = True
            self.channel.factory.reactor.callLater(LINGER_SECONDS, transport.loseConnection)


class BoundedFactory(HTTPFactory):
    """Makes :class:`BoundedRequest`."""

    def buildProtocol(self, addr: Any) -> Any:  # noqa: N802 - twisted's
        protocol = super().buildProtocol(addr)
        protocol.requestFactory = BoundedRequest
        return protocol


def install() -> None:
    """Have daphne's servers of this process use the protocols."""
    import daphne.server

    WebSocketFactory.protocol = ClosingProtocol
    daphne.server.HTTPFactory = BoundedFactory

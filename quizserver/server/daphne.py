"""daphne's WebSocket protocol with the close codes and reasons of the contract.

autobahn, below daphne, lets an application close with 1000 and 3000 to 4999 only, so that 1009, 1012 and 1013 would
come out as an exception; daphne drops the reason.
"""

from __future__ import annotations

from typing import Any

from daphne.ws_protocol import WebSocketFactory, WebSocketProtocol

#: Bytes of a reason that fit into a close frame (RFC 6455, section 5.5).
_REASON_BYTES = 123


class ClosingProtocol(WebSocketProtocol):
    """One WebSocket connection."""

    def handle_reply(self, message: dict[str, Any]) -> None:
        if message["type"] != "websocket.close" or self.state == self.STATE_CONNECTING:
            super().handle_reply(message)
            return
        reason = (message.get("reason") or "").encode()[:_REASON_BYTES]
        self.sendCloseFrame(code=message.get("code") or 1000, reasonUtf8=reason)


def install() -> None:
    """Have daphne's servers of this process use the protocol."""
    WebSocketFactory.protocol = ClosingProtocol

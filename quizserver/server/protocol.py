"""uvicorn's WebSocket protocol with one addition: the application may write frames that are already built.

A broadcast to thousands then costs one ``transport.write`` per socket: no ASGI message, no framing, no task. The
addition is offered as the ASGI extension ``quizserver.frames`` (sessions/sockets.py).
"""

from __future__ import annotations

from typing import Any

from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol

from sessions.sockets import EXTENSION


class FramesProtocol(WebSocketsSansIOProtocol):
    """One WebSocket connection."""

    async def run_asgi(self) -> None:
        extensions: dict[str, Any] = self.scope["extensions"]
        extensions[EXTENSION] = self
        await super().run_asgi()

    def write_frame(self, frame: bytes) -> None:
        """See :class:`sessions.sockets.FrameWriter`."""
        if not self.close_sent and not self.transport.is_closing():
            self.transport.write(frame)

    def buffered_bytes(self) -> int:
        """See :class:`sessions.sockets.FrameWriter`."""
        return self.transport.get_write_buffer_size()

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

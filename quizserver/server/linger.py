"""Closing a connection on which the client may still be sending.

A socket that is closed with bytes unread is reset, and what was written last, an answer or a close frame with its
reason, is lost to a client that has not read it yet. So what still comes is read and dropped for a moment, or until the
client closes.
"""

from __future__ import annotations

import asyncio

#: Seconds for which a client may go on sending before it is cut off.
LINGER_SECONDS = 1.0
#: Connections that may wait like this. In a rush of refused ones the rest is cut at once: they must not use up the
#: descriptors of those who play.
_MOST = 1_000


class _Dropping(asyncio.Protocol):
    """Takes the place of a connection's protocol, and drops what comes in."""

    def __init__(self, transport: asyncio.Transport, before: asyncio.Protocol) -> None:
        self._transport = transport
        self._before = before

    def data_received(self, data: bytes) -> None:
        """Nobody reads it."""

    def pause_writing(self) -> None:
        self._before.pause_writing()

    def resume_writing(self) -> None:
        self._before.resume_writing()

    def connection_lost(self, exc: Exception | None) -> None:
        _waiting.discard(self._transport)
        self._before.connection_lost(exc)


_waiting: set[asyncio.Transport] = set()


def linger(transport: asyncio.Transport, protocol: asyncio.Protocol) -> asyncio.TimerHandle | None:
    """Close once the client has had the time to read what was written to it.

    :param protocol: the connection's own, which hears of nothing but its end.
    :returns: the timer that closes it then; ``None`` when it is being closed already.
    """
    if transport.is_closing() or transport in _waiting:
        return None
    if len(_waiting) >= _MOST:
        transport.close()
        return None
    _waiting.add(transport)
    transport.set_protocol(_Dropping(transport, protocol))
    transport.resume_reading()
    return asyncio.get_running_loop().call_later(LINGER_SECONDS, _close, transport)


def _close(transport: asyncio.Transport) -> None:
    _waiting.discard(transport)
    transport.close()

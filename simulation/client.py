"""A WebSocket client that behaves as docs/protocol.md asks of clients.

It connects again with full jitter where it should, resumes by its token, asks for the events it missed, and gives each
reply to whoever waits for it.
"""

from __future__ import annotations

import asyncio
import time
from contextlib import suppress
from dataclasses import dataclass
from random import Random
from typing import Any, Literal

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, ConnectionClosedError, WebSocketException

from simulation import wire
from simulation.stream import StreamConnection
from simulation.table import Table

#: Seconds a heartbeat may be ahead of the events before the client asks for what it missed.
_GAP_PATIENCE = 1.0


@dataclass(frozen=True, slots=True)
class Reply:
    """What the server answered to a message."""

    message: wire.Incoming
    payload: wire.Payload


class Client:
    """One player's way to the server, over as many connections as it takes. Subclasses implement the hooks."""

    def __init__(
        self, table: Table, rng: Random, *, user_id: str, username: str, leaderboard: Literal["full", "delta", "none"]
    ) -> None:
        self.table = table
        self.rng = rng
        self.token: str | None = None
        #: Set by whoever decides that there is nothing more to do here.
        self.over = False
        #: Whether the server has let the client in on the connection in use.
        self.present = False
        #: When the connection in use was begun, on the performance counter.
        self.connecting_at = 0.0
        self.socket: ClientConnection | StreamConnection
        #: Who this is to the server, once that has said so; a name for troubles before.
        self.user_id = user_id
        self._username = username
        self._leaderboard = leaderboard
        #: By which the server knows the client again when the reply to its first join was lost.
        self._join_key = wire.new_id()
        self._seq: int | None = None
        #: Events up to this one were history when the client joined.
        self._joined_seq = 0
        self._failures = 0
        self._hint_seconds: float | None = None
        self._hung_up = False
        #: By which the place comes along from a browser that was lost, until it has.
        self._place_code: str | None = None
        self._replies: dict[str, asyncio.Future[Reply]] = {}

    # -- hooks ----------------------------------------------------------------------------------------------------

    async def act(self) -> None:
        """What the player does on a connection; cancelled when it is lost."""
        raise NotImplementedError

    def joined(self, payload: wire.Payload) -> None:
        """SESSION_JOINED came in."""
        raise NotImplementedError

    def event(self, message: wire.Incoming, payload: wire.Payload, *, live: bool) -> None:
        """A session event came in. ``live`` is false for one that is told again."""
        raise NotImplementedError

    def noticed(self, message: wire.Incoming, payload: wire.Payload) -> None:
        """Something came in that is neither an event nor a reply that is waited for."""
        raise NotImplementedError

    def trouble(self, text: str) -> None:
        """Something happened that should not happen to a player."""
        raise NotImplementedError

    # -- the connection -------------------------------------------------------------------------------------------

    async def stay(self) -> None:
        """Be connected until it is over."""
        while not self.over:
            code = await self._connect()
            if code is not None and code not in wire.RECONNECT_CODES and not self.over:
                self.trouble(f"the connection was closed with {code}")
                self.over = True
            if not self.over:
                await asyncio.sleep(self._backoff())

    def _backoff(self) -> float:
        if self._hint_seconds is not None:
            seconds, self._hint_seconds = self._hint_seconds, None
            return seconds
        self._failures += 1
        longest = min(wire.BACKOFF_MAX, 2.0**self._failures / 2 + wire.BACKOFF_MIN)
        return self.rng.uniform(wire.BACKOFF_MIN, longest)

    async def _connect(self) -> int | None:
        """One connection from its opening to its end; the server's close code, ``None`` when there was none."""
        self.connecting_at = time.perf_counter()
        try:
            async with await self._opened() as self.socket:
                self._hung_up = False
                await self._talk()
                # Who closes knows why; some servers echo another code than the one they were sent.
                return None if self._hung_up else self.socket.close_code
        except (OSError, TimeoutError, asyncio.IncompleteReadError, WebSocketException):
            return None

    async def _opened(self) -> ClientConnection | StreamConnection:
        if self.table.streams:
            return await StreamConnection.open(f"{self.table.ws_url.replace('ws', 'http', 1)}/stream")
        return await connect(
            self.table.ws_url, compression=None, proxy=None, max_queue=None, close_timeout=2, open_timeout=30
        )

    async def _talk(self) -> None:
        acting = asyncio.create_task(self.act())
        try:
            with suppress(ConnectionClosed):
                await self._join()
                while not self.over:
                    self._read(*wire.read(await self._received()))
        finally:
            self.present = False
            acting.cancel()
            with suppress(asyncio.CancelledError, ConnectionClosed):
                await acting
            self._replies.clear()

    async def _received(self) -> bytes:
        if isinstance(self.socket, StreamConnection):
            return (await self.socket.recv()).encode()
        return await self.socket.recv(decode=False)

    async def hang_up(self) -> None:
        """Close the connection to come back on another one, as a page that is loaded again."""
        self._hung_up = True
        await self.socket.close(1001)

    @property
    def moving(self) -> bool:
        """Whether the place is still to come along."""
        return self._place_code is not None

    def come_by_code(self, code: str) -> None:
        """Know nothing any more but a code of the host's when the next connection is made."""
        self.token = self._seq = None
        self._join_key = wire.new_id()
        self._place_code = code

    async def lose_network(self) -> None:
        """Cut the connection without a word, as a phone that loses its network.

        :raises ConnectionClosed: always.
        """
        self.socket.transport.abort()
        if isinstance(self.socket, StreamConnection):
            raise ConnectionClosedError(None, None)
        await self.socket.wait_closed()
        raise self.socket.protocol.close_exc

    async def request(self, kind: str, **payload: Any) -> asyncio.Future[Reply]:
        """Send a message of the session; the future is its reply, which never comes when the connection is lost.

        :raises ConnectionClosed: when it is lost already.
        """
        message_id = wire.new_id()
        reply = self._replies[message_id] = asyncio.get_running_loop().create_future()
        await self.socket.send(wire.write(kind, message_id, session_id=self.table.session_id, **payload))
        return reply

    async def _join(self) -> None:
        await self.socket.send(
            wire.write(
                "JOIN_SESSION",
                wire.new_id(),
                # A join code is free again when the session is over; the id stays.
                session_id=self.table.session_id if self.token or self._place_code else self.table.join_code,
                username=None if self._place_code else self._username,
                join_key=None if self._place_code else self._join_key,
                place_code=self._place_code,
                leaderboard=self._leaderboard,
                session_token=self.token,
                last_seq=self._seq,
            )
        )

    async def _join_again(self, seconds: float) -> None:
        await asyncio.sleep(seconds)
        with suppress(ConnectionClosed):
            await self._join()

    # -- what comes in --------------------------------------------------------------------------------------------

    def _read(self, message: wire.Incoming, payload: wire.Payload) -> None:
        waiting = self._replies.pop(message.reply_to, None) if message.reply_to else None
        if waiting is not None:
            if not waiting.done():
                waiting.set_result(Reply(message, payload))
            return
        if message.seq is not None:
            self._seq = max(self._seq or 0, message.seq)
            self.event(message, payload, live=message.seq > self._joined_seq)
            return
        match message.type:
            case "SESSION_JOINED":
                self._joined_seq = payload.seq or 0
                self._seq = max(self._seq or 0, self._joined_seq)
                self._failures = 0
                self.present = True
                if self._place_code is not None and (payload.user_id != self.user_id or not payload.resumed):
                    self.trouble("came back by a code to another place")
                self._place_code = None
                self.user_id = payload.user_id
                self.joined(payload)
                self.token = payload.session_token
            case "HEARTBEAT" if payload.latest_seq > (self._seq or 0):
                asyncio.get_running_loop().call_later(_GAP_PATIENCE, self._fill_gap, payload.latest_seq, self.socket)
            case "RECONNECT":
                self._hint_seconds = payload.after_ms / 1_000
                self.table.background(self.hang_up())
            case "ERROR":
                self._refused(payload)
            case _:
                self.noticed(message, payload)

    def _fill_gap(self, seq: int, socket: ClientConnection | StreamConnection) -> None:
        if (self._seq or 0) < seq and socket is self.socket and not self.over:
            self.table.counts["gaps filled"] += 1
            self.table.background(self._join_again(0))

    def _refused(self, payload: wire.Payload) -> None:
        """The server does not let the client in, or says something that answers no message."""
        if payload.code == "SESSION_COMPLETED" or (payload.code == "INVALID_SESSION" and self.token is None):
            self.table.counts["came after the end"] += 1
            self.over = True
        elif payload.code in wire.TRY_AGAIN:
            self.table.counts[f"asked to wait ({payload.code})"] += 1
            self.table.background(self._join_again(payload.wait_seconds))
        elif payload.reason == "place_code" and self._place_code is not None:
            # It holds once, and the reply to it was lost.
            self.table.background(self._come_by_another_code())
        else:
            self.trouble(f"{payload.code}: {payload.message}")
            self.over = True

    async def _come_by_another_code(self) -> None:
        self._place_code = await self.table.place_code(self.user_id)
        await self._join_again(0)

"""A client of the quiz protocol that keeps all it was sent."""

from __future__ import annotations

import asyncio
import itertools
import json
from collections.abc import Callable
from typing import Any

from websockets.asyncio.client import ClientConnection
from websockets.exceptions import ConnectionClosed

from simulation.stream import StreamConnection

Message = dict[str, Any]

#: Seconds to wait for a message that must come: far more than it takes, so that a busy machine fails no test.
PATIENCE = 20.0

_numbers = itertools.count(1)


class Client:
    """One connection. Messages that a test does not ask for are kept until it does."""

    def __init__(self, connection: ClientConnection | StreamConnection) -> None:
        self.connection = connection
        #: Every frame in the order of arrival.
        self.frames: list[str] = []
        self._unread: list[Message] = []
        self.token = ""
        self.user_id = ""

    # -- sending --------------------------------------------------------------------------------------------------

    async def send(self, kind: str, **payload: Any) -> str:
        """Send a message; returns its id."""
        message_id = f"m{next(_numbers)}"
        await self.send_raw(json.dumps({"type": kind, "payload": payload, "message_id": message_id}))
        return message_id

    async def send_raw(self, frame: str | bytes) -> None:
        """Send a frame as it is."""
        await self.connection.send(frame)

    async def ask(self, kind: str, **payload: Any) -> Message:
        """Send a message and wait for its direct answer."""
        message_id = await self.send(kind, **payload)
        return await self.get(lambda message: message.get("reply_to") == message_id, f"the answer to {kind}")

    async def refused(self, kind: str, **payload: Any) -> dict[str, Any]:
        """Send a message that is answered with an ERROR; returns its payload."""
        answer = await self.ask(kind, **payload)
        assert answer["type"] == "ERROR", answer
        assert answer["payload"]["reply_to"] == answer["reply_to"]
        return dict(answer["payload"])

    async def join(self, session_id: str, username: str | None = "", **payload: Any) -> dict[str, Any]:
        """JOIN_SESSION that must succeed; returns the payload of SESSION_JOINED."""
        if username is not None:
            payload["username"] = username or f"Player {next(_numbers)}"
        answer = await self.ask("JOIN_SESSION", session_id=session_id, **payload)
        assert answer["type"] == "SESSION_JOINED", answer
        joined = dict(answer["payload"])
        self.token, self.user_id = joined["session_token"] or "", joined["user_id"]
        return joined

    # -- receiving ------------------------------------------------------------------------------------------------

    async def next(self, kind: str, **payload: Any) -> Message:
        """The first unread message of this type with these fields in its payload."""
        return await self.get(
            lambda message: message["type"] == kind and payload.items() <= message["payload"].items(), kind
        )

    async def get(self, wanted: Callable[[Message], bool], what: str) -> Message:
        """The first unread message that is wanted; the others stay unread."""
        for message in self._unread:
            if wanted(message):
                self._unread.remove(message)
                return message
        try:
            async with asyncio.timeout(PATIENCE):
                while True:
                    message = await self._receive()
                    if wanted(message):
                        return message
                    self._unread.append(message)
        except TimeoutError:
            kinds = [message["type"] for message in self._unread]
            raise AssertionError(f"{what} did not come; unread: {kinds}") from None

    async def _receive(self) -> Message:
        frame = await self.connection.recv()
        assert isinstance(frame, str)
        self.frames.append(frame)
        message: Message = json.loads(frame)
        return message

    async def sync(self) -> list[Message]:
        """All unread messages that the server sent before it answered now."""
        await self.ask("PING")
        unread, self._unread = self._unread, []
        return unread

    async def closed(self) -> tuple[int, str]:
        """Wait for the server to close; returns the close code and reason."""
        try:
            async with asyncio.timeout(PATIENCE):
                while True:
                    self._unread.append(await self._receive())
        except ConnectionClosed as end:
            assert end.rcvd is not None, "the connection broke without a close frame"
            return end.rcvd.code, end.rcvd.reason

    async def close(self) -> None:
        """Close from this side."""
        await self.connection.close()

    def drop(self) -> None:
        """Break the connection, as a lost network does."""
        self.connection.transport.abort()

"""Publishing to a session over the channel layer: one group per session, one member per process (its hub)."""

from __future__ import annotations

import asyncio
from typing import Any

from common import tracing
from sessions.rules.people import Needs, pack_needs
from sessions.services.ports import Audience

#: Changes of a leaderboard are announced to the instances at most this often, in seconds: a tenth of the window in
#: which they are then gathered.
_ANNOUNCE_SECONDS = 0.01


def group_of(session_id: str) -> str:
    """The channel-layer group of a session."""
    return f"quiz.{session_id}"


class ChannelLayerBroadcaster:
    """See :class:`sessions.services.ports.Broadcaster`; the hub of each instance takes these messages."""

    def __init__(self, layer: Any, *, server_id: str = "") -> None:
        """:param layer: a Channels layer.
        :param server_id: this process, as the names of its connections have it.
        """
        self._layer = layer
        self._server_id = server_id
        self._boards: set[str] = set()
        self._announcing: asyncio.Task[None] | None = None

    async def event(self, session_id: str, seq: int, kind: str, question_id: str, body: bytes) -> None:
        await self._send(session_id, type="event", seq=seq, kind=kind, question_id=question_id, body=body)

    async def volatile(self, session_id: str, body: bytes, audience: Audience) -> None:
        await self._send(session_id, type="volatile", body=body, audience=audience)

    async def board_changed(self, session_id: str) -> None:
        # Called for every answer, so it must cost nothing: one announcement speaks for all until it is sent.
        self._boards.add(session_id)
        if self._announcing is None or self._announcing.done():
            self._announcing = asyncio.create_task(self._announce(), name="announce-boards")

    async def _announce(self) -> None:
        while self._boards:
            await asyncio.sleep(_ANNOUNCE_SECONDS)
            changed, self._boards = self._boards, set()
            await asyncio.gather(*(self._send(session_id, type="board") for session_id in changed))

    async def supersede(self, session_id: str, user_id: str, connection: str) -> None:
        # A class that lost its network comes back to the process it was on: nobody else needs to be told.
        own = connection.partition("/")[0] == self._server_id
        await self._send(session_id, type="supersede", user_id=user_id, connection=connection, own=own)

    async def needs_changed(self, session_id: str, user_id: str, needs: Needs) -> None:
        await self._send(session_id, type="needs", user_id=user_id, needs=pack_needs(needs))

    async def removed(self, session_id: str, user_id: str) -> None:
        await self._send(session_id, type="removed", user_id=user_id)

    async def _send(self, session_id: str, **message: Any) -> None:
        with tracing.span("broadcast", type=message["type"]):
            trace = tracing.carrier()
            if trace is not None:
                message["trace"] = trace
            await self._layer.group_send(group_of(session_id), {"session_id": session_id, **message})

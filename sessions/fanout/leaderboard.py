"""Leaderboards to the sockets of a room: the whole board, or what changed to those who asked for that."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from common import metrics
from leaderboards.ranking import Board, Standings, board_delta
from sessions.fanout.events import Suffix, own_place, own_score, write
from sessions.fanout.rooms import Room
from sessions.fanout.sockets import Message, Socket
from sessions.protocol import encoding, outbound
from sessions.rules.boards import ROLES, BoardView
from sessions.services.event_messages import board_lines
from sessions.services.ports import Clock, Store
from sessions.services.shared_standing import goal_reached, team_entries

logger = logging.getLogger(__name__)


class BoardFeed:
    """Reads a session's ranking once and tells all of its sockets in this process."""

    def __init__(self, store: Store, clock: Clock, *, size: int) -> None:
        """:param size: entries of the board that is broadcast."""
        self._store = store
        self._clock = clock
        self._size = size

    async def send(self, rooms: Sequence[Room]) -> None:
        """Send the newest board of each room to everybody in it who has an older one; the boards are read together."""
        wanted = []
        for room in rooms:
            if all(socket.leaderboard == "none" for socket in room.sockets.values()):
                # Reading the order of thousands takes milliseconds. Who asks for boards later has a new one made.
                room.board = room.standings = None
                room.board_messages = {}
                room.changed_at = 0
            elif not room.waiting:
                # In a lobby nobody has points, and a rush of newcomers would have the order made again and again.
                wanted.append(room)
        read = self._store.standings
        found = await asyncio.gather(*(read(room.session_id) for room in wanted), return_exceptions=True)
        for room, standings in zip(wanted, found, strict=True):
            if isinstance(standings, BaseException):
                logger.warning("board_not_read", extra={"session_id": room.session_id, "error": repr(standings)})
            elif room.board is None or standings.version > room.board.version:
                await self._send(room, standings)
                # Between classes of thirty each there is no other moment in which somebody may answer.
                await asyncio.sleep(0)

    async def _send(self, room: Room, standings: Standings) -> None:
        old, board = room.board, standings.board(self._size)
        # What waits for the same sockets goes in the same writes: with classes these are what a board costs.
        told = room.take_volatile()
        room.shared = await self._shared(room, standings)
        room.board, room.standings, room.board_messages = board, standings, {}
        views: dict[str, BoardView] = {role: room.view(role) for role in ROLES}
        fulls: dict[BoardView, Message] = {}
        deltas: dict[BoardView, Message] = {}
        # No socket is at a version below its first board's: -1 is nobody's base.
        base = old.version if old is not None else None
        suffixes = {view: _own(standings, view) for view in views.values()}
        changed_at, room.changed_at = room.changed_at or time.perf_counter(), 0
        async for batch in room.batches("leaderboard", after_events=True):
            whole: dict[BoardView, list[Socket]] = {}
            changes: dict[BoardView, list[Socket]] = {}
            others: list[Socket] = []
            for socket in batch:
                version, view = socket.board_version, views[socket.role]
                if socket.held is not None:
                    continue
                if socket.leaderboard != "none" and version < board.version and not view.empty:
                    fits = socket.leaderboard == "delta" and version == base
                    (changes if fits else whole).setdefault(view, []).append(socket)
                    socket.board_version = board.version
                else:
                    others.append(socket)
            for view, sockets in whole.items():
                if view not in fulls:
                    fulls[view] = Message(self._whole(room, board, view).payload, after=told)
                write(sockets, fulls[view], suffixes[view])
            for view, sockets in changes.items():
                if view not in deltas:
                    assert old is not None
                    deltas[view] = Message(self._encode_delta(room, old, board, view), after=told)
                write(sockets, deltas[view], suffixes[view])
            if told is not None:
                write(others, told, None)
        metrics.leaderboard_latency.observe(time.perf_counter() - changed_at)

    def deliver(self, room: Room, socket: Socket) -> None:
        """Send the board the room has to a socket that came in, unless the next one is the first with the player in."""
        view = room.view(socket.role)
        if room.board is None or room.standings is None or view.empty:
            return
        if socket.role != "player" or room.standings.own(socket.user_id) is not None:
            write([socket], self._whole(room, room.board, view), _own(room.standings, view))
            socket.board_version = room.board.version

    async def page(self, room: Room, socket: Socket, *, offset: int, limit: int, reply_to: str | None) -> None:
        """Answer a client with a page of the ranking; the first whole page is also the base of its next delta."""
        standings, view = await self._store.standings(room.session_id), room.view(socket.role)
        message = outbound.LeaderboardUpdated(
            room.session_id,
            standings.version,
            board_lines(standings.page(offset, view.page(offset, limit)), names=view.names),
            len(standings.order),
            offset=offset or None,
            **({} if view.empty else await self._shared(room, standings)),
        )
        body = encoding.encode(message, at=self._clock.now(), reply_to=reply_to)
        write([socket], Message(body), _own(standings, view))
        if offset == 0 and limit >= self._size and not view.empty:
            socket.board_version = standings.version

    def _whole(self, room: Room, board: Board, view: BoardView) -> Message:
        """The board as far as it may be told, encoded once."""
        if view not in room.board_messages:
            lines = board_lines(board.entries[: view.lines], names=view.names)
            message = outbound.LeaderboardUpdated(room.session_id, board.version, lines, board.total, **room.shared)
            room.board_messages[view] = Message(encoding.encode(message, at=self._clock.now()))
        return room.board_messages[view]

    def _encode_delta(self, room: Room, old: Board, board: Board, view: BoardView) -> bytes:
        told = (replace(one, entries=one.entries[: view.lines]) for one in (old, board))
        change = board_delta(*told)
        message = outbound.LeaderboardUpdated(
            room.session_id,
            change.version,
            board_lines(change.changed, names=view.names),
            change.total,
            delta=True,
            base_version=change.base_version,
            removed=list(change.removed),
            **room.shared,
        )
        return encoding.encode(message, at=self._clock.now())

    async def _shared(self, room: Room, standings: Standings) -> dict[str, Any]:
        """What stands beside a ranking, or in place of one."""
        if room.options.teams == "none" and room.options.goal == "none":
            return {}
        setup = await self._store.setup(room.session_id)
        if setup is None:
            return {}
        return {"teams": team_entries(setup, standings), "goal": await goal_reached(self._store, setup, standings)}


def _own(standings: Standings, view: BoardView) -> Suffix:
    return own_place(standings) if view.own else own_score(standings)

"""The hub: this process's one member of each session's channel-layer group, which fans out to its own sockets.

A broadcast arrives once per process, already encoded, and is written to each socket of the session's room; what differs
per player is spliced in. Fan-out never waits for a client and gives the event loop a turn every few milliseconds, so
that answers are served in between. The layer may lose messages: the sequence shows a gap, and the hub then reads what
is missing from the store.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from common import tracing
from leaderboards.windows import Windows
from sessions.fanout.broadcaster import group_of
from sessions.fanout.events import Event, EventReader
from sessions.fanout.leaderboard import BoardFeed
from sessions.fanout.rooms import Room
from sessions.fanout.sockets import Message, Socket
from sessions.protocol import encoding, outbound
from sessions.rules.people import unpack_needs
from sessions.services.ports import Clock, Store

logger = logging.getLogger(__name__)

#: Seconds for which what may be lost waits for a leaderboard to go with.
_ALONG_SECONDS = 0.25


class Hub:
    """Rooms of this process."""

    def __init__(
        self,
        *,
        layer: Any,
        store: Store,
        clock: Clock,
        board_size: int,
        board_window_ms: int,
        board_share: float,
        volatile_share: float,
        heartbeat_seconds: float,
    ) -> None:
        """:param layer: a Channels layer.
        :param board_window_ms: window in which leaderboard changes are gathered.
        :param board_share: share of the process's time that leaderboards may take.
        :param volatile_share: the same for presence, progress and heartbeats.
        :param heartbeat_seconds: time between heartbeats; 0 for none.
        """
        self._layer = layer
        self._store = store
        self._clock = clock
        self._reader = EventReader(store)
        self._boards = BoardFeed(store, clock, size=board_size)
        self._windows = Windows(self._send_boards, window_ms=board_window_ms, share=board_share)
        self._volatile_windows = Windows(self._send_volatile, window_ms=0, share=volatile_share)
        self._heartbeat_seconds = heartbeat_seconds
        self._rooms: dict[str, Room] = {}
        self._channel = ""
        self._tasks: list[asyncio.Task[None]] = []

    @property
    def rooms(self) -> Mapping[str, Room]:
        """Rooms by session id."""
        return self._rooms

    @property
    def playing(self) -> bool:
        """Whether players of this process may be answering."""
        return any(room.playing for room in self._rooms.values())

    def sockets(self) -> Iterable[Socket]:
        """All sockets that are in a session."""
        for room in self._rooms.values():
            yield from room.sockets.values()

    async def start(self) -> None:
        """Take a channel of our own and begin to listen."""
        self._channel = await self._layer.new_channel("hub")
        self._tasks = [asyncio.create_task(self._listen(), name="hub")]
        if self._heartbeat_seconds:
            self._tasks.append(asyncio.create_task(self._beat(), name="hub-heartbeat"))

    async def close(self) -> None:
        """Stop listening and sending."""
        for task in self._tasks:
            task.cancel()
        tasks = [*self._tasks, *filter(None, [room.close() for room in self._rooms.values()])]
        await asyncio.gather(*tasks, return_exceptions=True)
        await self._windows.close()
        await self._volatile_windows.close()
        for session_id in self._rooms:
            await self._layer.group_discard(group_of(session_id), self._channel)
        self._rooms.clear()

    # -- sockets --------------------------------------------------------------------------------------------------

    async def enter(self, session_id: str, socket: Socket) -> None:
        """Put a socket into its room, where events are held for it until :meth:`activate`.

        Subscribed first, told the snapshot second: nothing that happens in between is missed.
        """
        socket.held = []
        socket.seq, socket.board_version = 0, -1
        room = self._rooms.get(session_id)
        if room is not None:
            room.sockets[socket.name] = socket
            await asyncio.shield(room.opened)
            return
        room = self._rooms[session_id] = Room(session_id, self._reader)
        room.sockets[socket.name] = socket
        try:
            await self._layer.group_add(group_of(session_id), self._channel)
            setup = await self._store.setup(session_id)
            room.begin(await self._store.state(session_id), setup.options if setup else None)
        except BaseException as error:
            room.fail(error)
            self._rooms.pop(session_id, None)
            raise

    async def activate(self, session_id: str, socket: Socket, seq: int) -> None:
        """The client was told the snapshot at ``seq``: send what was held since, and the leaderboard."""
        room = self._rooms.get(session_id)
        socket.seq = seq
        if room is None:
            socket.held = None
            return
        # Held until the last one is sent: an event that came meanwhile must not overtake those before it.
        while socket.held:
            event = socket.held.pop(0)
            if event.seq > socket.seq:
                suffix, changes = await room.own_parts(event)
                socket.seq = event.seq
                room.write([socket], Message(event.body), suffix, changes)
        socket.held = None
        if socket.leaderboard != "none":
            if room.board is None:
                self._windows.touch(session_id)
            else:
                self._boards.deliver(room, socket)

    async def leave(self, session_id: str, socket: Socket) -> None:
        """Take a socket out; the last one closes the room."""
        room = self._rooms.get(session_id)
        if room is None or room.sockets.get(socket.name) is not socket:
            return
        del room.sockets[socket.name]
        if not room.sockets:
            del self._rooms[session_id]
            room.close()
            await self._layer.group_discard(group_of(session_id), self._channel)

    async def missed(self, session_id: str, socket: Socket, *, after: int, upto: int) -> None:
        """Send the events ``after < seq <= upto`` again, as they were."""
        room = self._rooms.get(session_id)
        if room is None:
            return
        for event in await self._reader.since(session_id, after):
            if event.seq <= upto:
                suffix, changes = await room.own_parts(event)
                room.write([socket], Message(event.body), suffix, changes)

    # -- what the layer brings ------------------------------------------------------------------------------------

    async def _listen(self) -> None:
        while True:
            try:
                message = await self._layer.receive(self._channel)
                with tracing.continued(message.get("trace"), "hub"):
                    self._dispatch(message)
            except asyncio.CancelledError:
                raise
            except Exception:
                logger.exception("hub_receive_failed")
                await asyncio.sleep(1)

    def _dispatch(self, message: Mapping[str, Any]) -> None:
        room = self._rooms.get(message["session_id"])
        if room is None:
            return
        match message["type"]:
            case "event":
                room.take_event(Event(message["seq"], message["kind"], message["question_id"], message["body"]))
            case "volatile":
                self._queue_volatile(room, message["body"], message["audience"])
            case "board":
                room.changed_at = room.changed_at or time.perf_counter()
                self._windows.touch(room.session_id)
            case "supersede":
                socket = room.sockets.get(message["connection"])
                if socket is not None and socket.user_id == message["user_id"]:
                    socket.close(outbound.CLOSE_SUPERSEDED, "connected elsewhere")
            case "needs":
                needs = unpack_needs(message["needs"])
                told = encoding.encode(
                    outbound.NeedsChanged(room.session_id, outbound.YourNeeds.of(needs)), at=self._clock.now()
                )
                for socket in room.sockets.values():
                    if socket.role == "player" and socket.user_id == message["user_id"]:
                        socket.needs = needs
                        socket.send_own(told)
            case "removed":
                for socket in room.sockets.values():
                    if socket.role == "player" and socket.user_id == message["user_id"]:
                        socket.close(outbound.CLOSE_REMOVED, "removed by the host")

    def _queue_volatile(self, room: Room, body: bytes, audience: str) -> None:
        room.queue_volatile(body, audience)
        # A leaderboard that is about to be written to the same sockets takes it along.
        if not self._windows.due_within(room.session_id, _ALONG_SECONDS):
            self._volatile_windows.touch(room.session_id)

    async def _send_volatile(self, session_ids: Sequence[str]) -> None:
        for room in self._smallest_first(session_ids):
            await room.send_volatile()
            # Between classes of thirty each there is no other moment in which somebody may answer.
            await asyncio.sleep(0)

    def _smallest_first(self, session_ids: Sequence[str]) -> list[Room]:
        """Their rooms, so that no class waits for a hall."""
        rooms = [room for session_id in session_ids if (room := self._rooms.get(session_id)) is not None]
        return sorted(rooms, key=lambda room: len(room.sockets))

    async def _beat(self) -> None:
        while True:
            await asyncio.sleep(self._heartbeat_seconds)
            try:
                await self._beat_rooms(list(self._rooms.values()))
            except Exception:
                logger.exception("heartbeat_failed")

    async def _beat_rooms(self, rooms: Sequence[Room]) -> None:
        states = await asyncio.gather(*(self._store.state(room.session_id) for room in rooms), return_exceptions=True)
        now = self._clock.now()
        for room, state in zip(rooms, states, strict=True):
            if isinstance(state, BaseException):
                logger.warning("heartbeat_failed", extra={"session_id": room.session_id, "error": repr(state)})
            elif state is not None:
                room.catch_up_to(state.seq)
                beat = outbound.Heartbeat(room.session_id, state.seq, encoding.iso(now))
                self._queue_volatile(room, encoding.encode(beat, at=now), "everyone")

    async def refresh(self, session_id: str) -> None:
        """Tell our sockets what happened in the session without us having been told."""
        room = self._rooms.get(session_id)
        state = await self._store.state(session_id) if room is not None else None
        if room is not None and state is not None:
            room.catch_up_to(state.seq)
            await room.quiet()
            self._windows.touch(session_id)

    def players(self) -> dict[str, dict[str, str]]:
        """By session: the players connected here, with the names of their connections."""
        return {
            session_id: {
                socket.user_id: socket.name
                for socket in room.sockets.values()
                if socket.role == "player" and not socket.closed
            }
            for session_id, room in self._rooms.items()
        }

    # -- leaderboards ---------------------------------------------------------------------------------------------

    async def _send_boards(self, session_ids: Sequence[str]) -> None:
        rooms = self._smallest_first(session_ids)
        with tracing.span("leaderboard"):
            await self._boards.send(rooms)
        for room in rooms:
            # What no leaderboard took along: it had not changed, or it is for the hosts alone.
            if room.volatile:
                self._volatile_windows.touch(room.session_id)

    async def snapshot(self, session_id: str, socket: Socket, *, offset: int, limit: int, reply_to: str | None) -> None:
        """Answer a client with a page of the ranking."""
        room = self._rooms.get(session_id)
        if room is not None:
            await self._boards.page(room, socket, offset=offset, limit=limit, reply_to=reply_to)

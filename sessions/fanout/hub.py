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
from collections.abc import Iterable, Mapping
from typing import Any

from common import tracing
from leaderboards.windows import Windows
from scoring.ports import ServiceUnavailable
from sessions.fanout.broadcaster import group_of
from sessions.fanout.leaderboard import BoardFeed
from sessions.fanout.rooms import Event, Room, Suffix, own_place, write
from sessions.fanout.sockets import Message, Socket
from sessions.protocol import encoding, outbound
from sessions.rules.state import is_revealed
from sessions.services.event_messages import render_event
from sessions.services.ports import Clock, Store

logger = logging.getLogger(__name__)


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
        :param board_share: share of the process's time that a session's leaderboards may take.
        :param volatile_share: the same for its presence, progress and heartbeats.
        :param heartbeat_seconds: time between heartbeats; 0 for none.
        """
        self._layer = layer
        self._store = store
        self._clock = clock
        self._boards = BoardFeed(store, clock, size=board_size)
        self._windows = Windows(self._send_board, window_ms=board_window_ms, share=board_share)
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
        tasks = [*self._tasks, *(room.pump for room in self._rooms.values() if room.pump)]
        for task in tasks:
            task.cancel()
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
        if room is None:
            room = self._rooms[session_id] = Room(session_id)
            room.opened = asyncio.get_running_loop().create_future()
            room.sockets[socket.name] = socket
            try:
                await self._layer.group_add(group_of(session_id), self._channel)
                state = await self._store.state(session_id)
                room.seq = max(room.seq, state.seq if state else 0)
                room.playing = state is not None and state.phase in {"open", "playing"}
                room.opened.set_result(None)
            except BaseException as error:
                room.opened.set_exception(error)
                room.opened.exception()
                self._rooms.pop(session_id, None)
                raise
            return
        room.sockets[socket.name] = socket
        if room.opened is not None and not room.opened.done():
            await asyncio.shield(room.opened)

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
                suffix = await self._suffix(room, event)
                socket.seq = event.seq
                write([socket], Message(event.body), suffix)
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
            if room.pump is not None:
                room.pump.cancel()
            await self._layer.group_discard(group_of(session_id), self._channel)

    async def missed(self, session_id: str, socket: Socket, *, after: int, upto: int) -> None:
        """Send the events ``after < seq <= upto`` again, as they were."""
        room = self._rooms.get(session_id)
        if room is None:
            return
        for event in await self._read_events(session_id, after):
            if event.seq <= upto:
                suffix = await self._suffix(room, event)
                write([socket], Message(event.body), suffix)

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
                room.events.append(Event(message["seq"], message["kind"], message["question_id"], message["body"]))
                self._run(room)
            case "volatile":
                room.put_volatile(message["body"], message["audience"])
                self._volatile_windows.touch(room.session_id)
            case "board":
                room.changed_at = room.changed_at or time.perf_counter()
                self._windows.touch(room.session_id)
            case "supersede":
                socket = room.sockets.get(message["connection"])
                if socket is not None and socket.user_id == message["user_id"]:
                    socket.close(outbound.CLOSE_SUPERSEDED, "connected elsewhere")
            case "removed":
                for socket in room.sockets.values():
                    if socket.role == "player" and socket.user_id == message["user_id"]:
                        socket.close(outbound.CLOSE_REMOVED, "removed by the host")

    def _run(self, room: Room) -> None:
        if not room.busy:
            room.pump = asyncio.create_task(self._pump(room), name="hub-pump")

    async def _pump(self, room: Room) -> None:
        while room.events or room.known > room.seq:
            try:
                if room.events:
                    await self._send_event(room, room.events.popleft())
                else:
                    known, room.known = room.known, -1
                    await self._fill_gap(room, known + 1)
            except ServiceUnavailable:
                # What is lost here shows as a gap to the next event or heartbeat.
                logger.warning("fan_out_failed", extra={"session_id": room.session_id})

    async def _send_volatile(self, session_id: str) -> None:
        room = self._rooms.get(session_id)
        while room is not None and room.volatile:
            body, audience = room.volatile.pop(next(iter(room.volatile)))
            await self.fan_out(room, body, only_hosts=audience == "hosts")

    async def _send_event(self, room: Room, event: Event) -> None:
        if event.seq <= room.seq:
            return
        if event.seq > room.seq + 1:
            await self._fill_gap(room, event.seq)
        if event.seq > room.seq:
            room.seq = event.seq
            room.heard(event.kind)
            await self._fan_out_event(room, event)

    async def _catch_up(self, room: Room, seq: int) -> None:
        """Send what the store has up to ``seq``. By the pump, or an event from the layer would overtake it."""
        if seq <= room.seq:
            return
        room.known = max(room.known, seq)
        self._run(room)
        if room.pump is not None:
            await asyncio.wait([room.pump])

    async def _fill_gap(self, room: Room, before: int) -> None:
        logger.info("hub_gap", extra={"session_id": room.session_id, "after": room.seq, "before": before})
        for missed in await self._read_events(room.session_id, room.seq):
            if room.seq < missed.seq < before:
                room.seq = missed.seq
                room.heard(missed.kind)
                await self._fan_out_event(room, missed)

    async def _read_events(self, session_id: str, after: int) -> list[Event]:
        setup = await self._store.setup(session_id)
        if setup is None:
            return []
        return [
            Event(event.seq, event.kind, event.question_id, await render_event(self._store, setup, event))
            for event in await self._store.events_since(session_id, after)
        ]

    async def _beat(self) -> None:
        while True:
            await asyncio.sleep(self._heartbeat_seconds)
            for room in list(self._rooms.values()):
                try:
                    await self._beat_room(room)
                except Exception:
                    logger.exception("heartbeat_failed", extra={"session_id": room.session_id})

    async def refresh(self, session_id: str) -> None:
        """Tell our sockets what happened in the session without us having been told."""
        room = self._rooms.get(session_id)
        state = await self._store.state(session_id) if room is not None else None
        if room is not None and state is not None:
            await self._catch_up(room, state.seq)
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

    async def _beat_room(self, room: Room) -> None:
        state = await self._store.state(room.session_id)
        if state is None:
            return
        await self._catch_up(room, state.seq)
        now = self._clock.now()
        beat = outbound.Heartbeat(room.session_id, state.seq, encoding.iso(now))
        room.put_volatile(encoding.encode(beat, at=now), "everyone")
        self._volatile_windows.touch(room.session_id)

    # -- fan-out --------------------------------------------------------------------------------------------------

    async def _fan_out_event(self, room: Room, event: Event) -> None:
        with tracing.span("fan_out", kind=event.kind):
            await self._write_event(room, event)

    async def _write_event(self, room: Room, event: Event) -> None:
        suffix = await self._suffix(room, event)
        message = Message(event.body)
        async for batch in room.batches("event", after_events=False):
            ready = []
            for socket in batch:
                if socket.held is not None:
                    socket.held.append(event)
                elif socket.seq < event.seq:
                    socket.seq = event.seq
                    ready.append(socket)
            write(ready, message, suffix)

    async def fan_out(self, room: Room, body: bytes, *, only_hosts: bool = False) -> None:
        """Write an encoded message to all sockets of a room, or to its hosts."""
        message = Message(body)
        async for batch in room.batches("volatile", after_events=True):
            write([s for s in batch if s.held is None and (not only_hosts or s.role == "host")], message, None)

    async def _suffix(self, room: Room, event: Event) -> Suffix | None:
        """What an event has for each player; one read of the store for all of them."""
        if event.kind == "question_closed":
            setup = await self._store.setup(room.session_id)
            answers = await self._store.answers_to(room.session_id, event.question_id)
            standings = await self._store.standings(room.session_id)
            question = setup.quiz.question(event.question_id) if setup else None
            if question is None:
                return None
            kind = question.kind

            def closed(socket: Socket) -> bytes:
                stored = answers.get(socket.user_id)
                own = standings.own(socket.user_id)
                return encoding.splice(
                    outbound.ClosedForYou(
                        your_answer=encoding.answer_on_wire(kind, stored.answer) if stored else None,
                        is_correct=stored is not None and stored.verdict == "correct",
                        points_earned=stored.points if stored else 0,
                        reason=stored.verdict if stored else None,
                        your_score=own[1] if own else 0,
                    )
                )

            return closed
        if event.kind == "answers_regraded":
            return await self._regraded(room.session_id, event.question_id)
        if event.kind == "ended":
            return own_place(await self._store.standings(room.session_id))
        return None

    async def _regraded(self, session_id: str, question_id: str) -> Suffix | None:
        setup, state = await self._store.setup(session_id), await self._store.state(session_id)
        if setup is None or state is None:
            return None
        revealed = is_revealed(setup, state, question_id)
        answers = await self._store.answers_to(session_id, question_id) if revealed else {}
        standings = await self._store.standings(session_id)

        def regraded(socket: Socket) -> bytes:
            stored = answers.get(socket.user_id)
            own = standings.own(socket.user_id)
            if stored is None:
                return encoding.splice(outbound.RegradedForYou())
            return encoding.splice(
                outbound.RegradedForYou(
                    your_answer=stored.answer,
                    is_correct=stored.verdict == "correct",
                    points_earned=stored.points,
                    reason=stored.verdict,
                    new_score=own[1] if own else 0,
                )
            )

        return regraded

    async def _send_board(self, session_id: str) -> None:
        with tracing.span("leaderboard"):
            await self._write_board(session_id)

    async def _write_board(self, session_id: str) -> None:
        room = self._rooms.get(session_id)
        if room is not None:
            await self._boards.send(room)

    async def snapshot(self, session_id: str, socket: Socket, *, offset: int, limit: int, reply_to: str | None) -> None:
        """Answer a client with a page of the ranking."""
        await self._boards.page(session_id, socket, offset=offset, limit=limit, reply_to=reply_to)

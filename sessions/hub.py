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
from collections import deque
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from leaderboards.boards import Windows
from leaderboards.ranking import Board, Standings, board_delta
from quizserver import metrics
from scoring.ports import ServiceUnavailable
from sessions import outbound
from sessions.broadcast import group_of
from sessions.events import board_lines, render_event
from sessions.ports import Clock, Store
from sessions.sockets import Message, Socket

logger = logging.getLogger(__name__)

#: Seconds of fan-out after which the event loop gets a turn, and sockets between two looks at the clock.
_SLICE_SECONDS = 0.004
_SOCKETS_PER_LOOK = 50
#: Volatile messages that may wait in a room; the newest are kept.
_VOLATILE_WAITING = 20

#: The end of a message for one socket, or ``None`` to send it as it is.
Suffix = Callable[[Socket], bytes | None]


@dataclass(frozen=True, slots=True)
class Event:
    """A session event on its way to the sockets of a room."""

    seq: int
    kind: str
    question_id: str
    body: bytes


@dataclass(slots=True)
class Room:
    """The sockets of one session in this process."""

    session_id: str
    sockets: dict[str, Socket] = field(default_factory=dict)
    #: The latest event that was fanned out; -1 until the room has read the session.
    seq: int = -1
    events: deque[Event] = field(default_factory=deque)
    #: What may be lost, by what a newer one takes the place of.
    volatile: dict[object, tuple[bytes, str]] = field(default_factory=dict)
    pump: asyncio.Task[None] | None = None
    board: Board | None = None
    board_head: bytes = b""
    standings: Standings | None = None
    opened: asyncio.Future[None] | None = None
    #: When the leaderboard first changed since it was sent (``perf_counter``); 0 when it did not.
    changed_at: float = 0

    @property
    def busy(self) -> bool:
        """Whether events are being sent; everything else waits for them."""
        return self.pump is not None and not self.pump.done()

    def put_volatile(self, body: bytes, audience: str) -> None:
        """Let a volatile message wait; of a type that tells a state, only the newest does."""
        kind = outbound.type_of(body)
        self.volatile.pop(kind, None)
        self.volatile[kind if kind in outbound.NEWEST_WINS else body] = (body, audience)
        while len(self.volatile) > _VOLATILE_WAITING:
            del self.volatile[next(iter(self.volatile))]


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
        self._board_size = board_size
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
                self._deliver(socket, event, Message(event.body), await self._suffix(room, event))
        socket.held = None
        if socket.leaderboard != "none":
            if room.board is None:
                self._windows.touch(session_id)
            else:
                self._deliver_board(room, socket)

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
                self._write(socket, Message(event.body), suffix)

    # -- what the layer brings ------------------------------------------------------------------------------------

    async def _listen(self) -> None:
        while True:
            try:
                message = await self._layer.receive(self._channel)
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
        while room.events:
            try:
                await self._send_event(room, room.events.popleft())
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
            await self._fan_out_event(room, event)

    async def _fill_gap(self, room: Room, before: int) -> None:
        logger.info("hub_gap", extra={"session_id": room.session_id, "after": room.seq, "before": before})
        for missed in await self._read_events(room.session_id, room.seq):
            if room.seq < missed.seq < before:
                room.seq = missed.seq
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

    async def _beat_room(self, room: Room) -> None:
        state = await self._store.state(room.session_id)
        if state is None:
            return
        if state.seq > room.seq and not room.busy:
            await self._fill_gap(room, state.seq + 1)
        now = self._clock.now()
        beat = outbound.Heartbeat(room.session_id, state.seq, outbound.iso(now))
        room.put_volatile(outbound.encode(beat, at=now), "everyone")
        self._volatile_windows.touch(room.session_id)

    # -- fan-out --------------------------------------------------------------------------------------------------

    async def _fan_out_event(self, room: Room, event: Event) -> None:
        suffix = await self._suffix(room, event)
        message = Message(event.body)
        begun = started = time.perf_counter()
        for number, socket in enumerate(list(room.sockets.values())):
            if socket.held is not None:
                socket.held.append(event)
            else:
                self._deliver(socket, event, message, suffix)
            if number % _SOCKETS_PER_LOOK == 0 and time.perf_counter() - started > _SLICE_SECONDS:
                await asyncio.sleep(0)
                started = time.perf_counter()
        _count_fan_out("event", begun)

    async def fan_out(self, room: Room, body: bytes, *, only_hosts: bool = False) -> None:
        """Write an encoded message to all sockets of a room, or to its hosts."""
        message = Message(body)
        begun = started = time.perf_counter()
        for number, socket in enumerate(list(room.sockets.values())):
            if socket.held is None and (not only_hosts or socket.role == "host"):
                socket.send(message)
            if number % _SOCKETS_PER_LOOK == 0 and time.perf_counter() - started > _SLICE_SECONDS:
                await asyncio.sleep(0)
                if room.pump is not None and room.busy:
                    await asyncio.wait([room.pump])
                started = time.perf_counter()
        _count_fan_out("volatile", begun)

    def _deliver(self, socket: Socket, event: Event, message: Message, suffix: Suffix | None) -> None:
        if event.seq > socket.seq:
            socket.seq = event.seq
            self._write(socket, message, suffix)

    @staticmethod
    def _write(socket: Socket, message: Message, suffix: Suffix | None) -> None:
        end = suffix(socket) if suffix is not None and socket.role == "player" else None
        if end is None:
            socket.send(message)
        else:
            socket.send_own(outbound.head_of(message.payload) + end)

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
                return outbound.splice(
                    outbound.ClosedForYou(
                        your_answer=outbound.answer_on_wire(kind, stored.answer) if stored else None,
                        is_correct=stored is not None and stored.verdict == "correct",
                        points_earned=stored.points if stored else 0,
                        reason=stored.verdict if stored else None,
                        your_score=own[1] if own else 0,
                    )
                )

            return closed
        if event.kind == "ended":
            return _own_place(await self._store.standings(room.session_id))
        return None

    # -- leaderboards ---------------------------------------------------------------------------------------------

    async def _send_board(self, session_id: str) -> None:
        room = self._rooms.get(session_id)
        state = await self._store.state(session_id)
        if room is None or state is None or state.status == "waiting":
            return
        standings = await self._store.standings(session_id)
        if room.board is not None and standings.version <= room.board.version:
            return
        old, board = room.board, standings.board(self._board_size)
        now = self._clock.now()
        full = outbound.encode(
            outbound.LeaderboardUpdated(session_id, board.version, board_lines(board.entries), board.total), at=now
        )
        room.board, room.standings, room.board_head = board, standings, full
        full_message, delta_message = Message(full), None
        if old is not None:
            change = board_delta(old, board)
            delta_message = Message(
                outbound.encode(
                    outbound.LeaderboardUpdated(
                        session_id,
                        change.version,
                        board_lines(change.changed),
                        change.total,
                        delta=True,
                        base_version=change.base_version,
                        removed=list(change.removed),
                    ),
                    at=now,
                )
            )
        suffix = _own_place(standings)
        base = old.version if old is not None else -1
        changed_at, room.changed_at = room.changed_at, 0
        begun = started = time.perf_counter()
        for number, socket in enumerate(list(room.sockets.values())):
            if socket.held is None and socket.leaderboard != "none" and socket.board_version < board.version:
                fits = delta_message is not None and socket.leaderboard == "delta" and socket.board_version == base
                self._write(socket, delta_message if fits and delta_message else full_message, suffix)
                socket.board_version = board.version
            if number % _SOCKETS_PER_LOOK == 0 and time.perf_counter() - started > _SLICE_SECONDS:
                await asyncio.sleep(0)
                if room.pump is not None and room.busy:
                    await asyncio.wait([room.pump])
                started = time.perf_counter()
        _count_fan_out("leaderboard", begun)
        metrics.leaderboard_latency.observe(time.perf_counter() - (changed_at or begun))

    async def snapshot(self, session_id: str, socket: Socket, *, offset: int, limit: int, reply_to: str | None) -> None:
        """Answer a client with a page of the ranking; the first whole page is also the base of its next delta."""
        standings = await self._store.standings(session_id)
        message = outbound.LeaderboardUpdated(
            session_id,
            standings.version,
            board_lines(standings.page(offset, limit)),
            len(standings.order),
            offset=offset or None,
        )
        body = outbound.encode(message, at=self._clock.now(), reply_to=reply_to)
        self._write(socket, Message(body), _own_place(standings))
        if offset == 0 and limit >= self._board_size:
            socket.board_version = standings.version

    def _deliver_board(self, room: Room, socket: Socket) -> None:
        if room.board is not None and room.standings is not None:
            self._write(socket, Message(room.board_head), _own_place(room.standings))
            socket.board_version = room.board.version


def _count_fan_out(kind: str, begun: float) -> None:
    """Once per broadcast, not per socket."""
    metrics.broadcasts.labels(kind).inc()
    metrics.fan_out_seconds.labels(kind).observe(time.perf_counter() - begun)


def _own_place(standings: Standings) -> Suffix:
    def place(socket: Socket) -> bytes:
        own = standings.own(socket.user_id)
        return outbound.own_suffix(*own) if own else outbound.splice(outbound.Own(None, None))

    return place

"""The sockets of one session in this process, and how they are written to: in slices, so that nothing waits long.

Session events go out in sequence, by a task of the room's own that runs while there are any; everything else gives
way to it.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections import deque
from collections.abc import AsyncIterator, Sequence
from typing import Any

from common import metrics, tracing
from leaderboards.ranking import Board, Standings
from scoring.ports import ServiceUnavailable
from sessions.fanout.events import Changes, Event, EventReader, Suffix, write
from sessions.fanout.sockets import Message, Socket
from sessions.protocol import encoding, outbound
from sessions.rules.boards import BoardView, board_view
from sessions.rules.options import SessionOptions
from sessions.rules.people import NO_NEEDS
from sessions.rules.state import SessionState, Status

logger = logging.getLogger(__name__)

#: Seconds of fan-out after which the event loop gets a turn, and sockets between two looks at the clock.
_SLICE_SECONDS = 0.004
#: Turns it gets then: an answer needs about this many from its arrival to its acknowledgement, and with one at a time
#: it would wait for as many slices.
_TURNS = 6
_SOCKETS_PER_LOOK = 50
#: Volatile messages that may wait in a room; the newest are kept.
_VOLATILE_WAITING = 20

#: What is counted, by what is sent: a class has a broadcast for every two answers.
_TOLD = {
    kind: (metrics.broadcasts.labels(kind), metrics.fan_out_seconds.labels(kind))
    for kind in ("event", "volatile", "leaderboard")
}

#: After which events players may answer, and after which not; the others change nothing in that.
_PLAYING = {"started": True, "question_asked": False, "question_opened": True, "question_closed": False, "ended": False}


class Room:
    """The sockets of one session in this process."""

    def __init__(self, session_id: str, reader: EventReader) -> None:
        """:param reader: reads the events that the layer lost."""
        self.session_id = session_id
        self.sockets: dict[str, Socket] = {}
        #: What may be lost, by what a newer one takes the place of.
        self.volatile: dict[object, tuple[bytes, str]] = {}
        self.board: Board | None = None
        #: The whole board, by who may be told how much of it.
        self.board_messages: dict[BoardView, Message] = {}
        self.standings: Standings | None = None
        #: The fields of a board that tell of teams and of a common goal.
        self.shared: dict[str, Any] = {}
        #: When the leaderboard first changed since it was sent (``perf_counter``); 0 when it did not.
        self.changed_at: float = 0
        #: Whether players may be answering; how the session stands, and what is arranged for it.
        self.playing = False
        self.status: Status = "waiting"
        self.options = SessionOptions()
        #: Done once the room is subscribed and has read the session.
        self.opened: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._reader = reader
        #: The latest event that was fanned out; -1 until the room has read the session.
        self._seq = -1
        self._events: deque[Event] = deque()
        #: The latest event the store is known to have, while it has not been read; -1 when there is nothing to read.
        self._known = -1
        self._pump: asyncio.Task[None] | None = None

    def begin(self, state: SessionState | None, options: SessionOptions | None = None) -> None:
        """The room is subscribed, and this is where the session stands, with what is arranged for it."""
        self.options = options or self.options
        self._seq = max(self._seq, state.seq if state else 0)
        self.playing = state is not None and state.phase in {"open", "playing"}
        self.status = state.status if state else "waiting"
        self.opened.set_result(None)

    def fail(self, error: BaseException) -> None:
        """The room could not be opened."""
        self.opened.set_exception(error)
        # Nobody else may be waiting for it.
        self.opened.exception()

    def close(self) -> asyncio.Task[None] | None:
        """Stop sending events; the task that is then about to end."""
        if self._pump is not None:
            self._pump.cancel()
        return self._pump

    # -- session events -------------------------------------------------------------------------------------------

    @property
    def busy(self) -> bool:
        """Whether events are being sent; everything else waits for them."""
        return self._pump is not None and not self._pump.done()

    def take_event(self, event: Event) -> None:
        """The layer brought an event."""
        self._events.append(event)
        self._run()

    def catch_up_to(self, seq: int) -> None:
        """Send what the store has up to ``seq``. By the pump, or an event from the layer would overtake it."""
        if seq > self._seq:
            self._known = max(self._known, seq)
            self._run()

    async def quiet(self) -> None:
        """Until the events that came so far are sent."""
        if self._pump is not None:
            await asyncio.wait([self._pump])

    @property
    def waiting(self) -> bool:
        """Whether the session waits for its start."""
        return self.status == "waiting"

    def view(self, role: str) -> BoardView:
        """What of the ranking is told to a client in this role."""
        return board_view(self.options, role, self.status)

    def note_phase(self, kind: str) -> None:
        """Note what an event means for whether players may be answering, and for whether there is a leaderboard."""
        if kind in _PLAYING:
            self.status = "completed" if kind == "ended" else "active"
        self.playing = _PLAYING.get(kind, self.playing)

    def _run(self) -> None:
        if not self.busy:
            self._pump = asyncio.create_task(self._send_events(), name="room-pump")

    async def _send_events(self) -> None:
        while self._events or self._known > self._seq:
            try:
                if self._events:
                    await self._send_event(self._events.popleft())
                else:
                    known, self._known = self._known, -1
                    await self._fill_gap(known + 1)
            except ServiceUnavailable:
                # What is lost here shows as a gap to the next event or heartbeat.
                logger.warning("fan_out_failed", extra={"session_id": self.session_id})

    async def _send_event(self, event: Event) -> None:
        if event.seq <= self._seq:
            return
        if event.seq > self._seq + 1:
            await self._fill_gap(event.seq)
        if event.seq > self._seq:
            await self._fan_out(event)

    async def _fill_gap(self, before: int) -> None:
        logger.info("hub_gap", extra={"session_id": self.session_id, "after": self._seq, "before": before})
        for missed in await self._reader.since(self.session_id, self._seq):
            if self._seq < missed.seq < before:
                await self._fan_out(missed)

    async def _fan_out(self, event: Event) -> None:
        with tracing.span("fan_out", kind=event.kind):
            # Where this fails the event was not sent, and has to show as a gap.
            suffix, changes = await self.own_parts(event)
            self._seq = event.seq
            self.note_phase(event.kind)
            message = Message(event.body)
            if event.kind == "questions_added":
                for socket in self.sockets.values():
                    socket.outgrown = True
            async for batch in self.batches("event", after_events=False):
                ready = []
                for socket in batch:
                    if socket.held is not None:
                        socket.held.append(event)
                    elif socket.seq < event.seq:
                        socket.seq = event.seq
                        ready.append(socket)
                self.write(ready, message, suffix, changes)

    async def own_parts(self, event: Event) -> tuple[Suffix | None, Changes | None]:
        """What an event has for each player, and for those who need something."""
        suffix = await self._reader.suffix(self.session_id, event)
        needed = any(socket.needs != NO_NEEDS for socket in self.sockets.values())
        return suffix, await self._reader.changes(self.session_id, event) if needed else None

    def write(
        self, sockets: Sequence[Socket], message: Message, suffix: Suffix | None, changes: Changes | None = None
    ) -> None:
        """Send a message for everybody, to each as much of it as may be told."""
        if changes is not None:
            for socket in sockets:
                if socket.needs != NO_NEEDS:
                    own = encoding.with_changes(message.payload, changes(socket.needs))
                    self.write([socket], Message(own), suffix)
            sockets = [socket for socket in sockets if socket.needs == NO_NEEDS]
        if not self.options.names_on_screen and encoding.type_of(message.payload) in outbound.NAMING:
            nameless = Message(encoding.without_names(message.payload))
            write([s for s in sockets if s.role == "screen"], nameless, suffix)
            sockets = [s for s in sockets if s.role != "screen"]
        write(sockets, message, suffix)

    # -- what may be lost -----------------------------------------------------------------------------------------

    def queue_volatile(self, body: bytes, audience: str) -> None:
        """Let a volatile message wait; of a type that tells a state, only the newest does, and changes add up."""
        kind = encoding.type_of(body)
        waiting = self.volatile.pop(kind, None)
        if waiting is not None and kind == outbound.ParticipantsChanged.type:
            body = encoding.changes_together(waiting[0], body)
        self.volatile[kind if kind in outbound.ONE_WAITS else body] = (body, audience)
        while len(self.volatile) > _VOLATILE_WAITING:
            del self.volatile[next(iter(self.volatile))]

    def take_volatile(self) -> Message | None:
        """What waits for everybody, the last message with those before it, for a write that goes to them anyway."""
        taken = None
        if not self.options.names_on_screen:
            # Not the same to everybody.
            return None
        for key, (body, audience) in list(self.volatile.items()):
            if audience == "everyone":
                del self.volatile[key]
                taken = Message(body, after=taken)
        return taken

    async def send_volatile(self) -> None:
        """Send what waits."""
        while self.volatile:
            body, audience = self.volatile.pop(next(iter(self.volatile)))
            await self.fan_out(body, only_hosts=audience == "hosts")

    async def fan_out(self, body: bytes, *, only_hosts: bool = False) -> None:
        """Write an encoded message to all sockets, or to the hosts."""
        message = Message(body)
        async for batch in self.batches("volatile", after_events=True):
            self.write([s for s in batch if s.held is None and (not only_hosts or s.role == "host")], message, None)

    # -- all sockets ----------------------------------------------------------------------------------------------

    async def batches(self, kind: str, *, after_events: bool) -> AsyncIterator[Sequence[Socket]]:
        """All sockets, a few at a time, with a turn for the event loop every few milliseconds.

        :param kind: what is being sent, for the metrics.
        :param after_events: whether session events that come meanwhile go first.
        """
        sockets = list(self.sockets.values())
        begun = started = time.perf_counter()
        for first in range(0, len(sockets), _SOCKETS_PER_LOOK):
            yield sockets[first : first + _SOCKETS_PER_LOOK]
            if time.perf_counter() - started > _SLICE_SECONDS:
                for _ in range(_TURNS):
                    await asyncio.sleep(0)
                if after_events and self.busy:
                    await self.quiet()
                started = time.perf_counter()
        # Once per broadcast, not per socket.
        count, seconds = _TOLD[kind]
        count.inc()
        seconds.observe(time.perf_counter() - begun)

"""The sockets of one session in this process, and how they are written to: in slices, so that nothing waits long."""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass, field

from common import metrics
from leaderboards.ranking import Board, Standings
from sessions.fanout.sockets import Message, Socket, send_to_all, send_to_each
from sessions.protocol import encoding, outbound

#: Seconds of fan-out after which the event loop gets a turn, and sockets between two looks at the clock.
_SLICE_SECONDS = 0.004
#: Turns it gets then: an answer needs about this many from its arrival to its acknowledgement, and with one at a time
#: it would wait for as many slices.
_TURNS = 6
_SOCKETS_PER_LOOK = 50
#: Volatile messages that may wait in a room; the newest are kept.
_VOLATILE_WAITING = 20

#: After which events players may answer, and after which not; the others change nothing in that.
_PLAYING = {"started": True, "question_opened": True, "question_closed": False, "ended": False}

#: The end of a message for one player.
Suffix = Callable[[Socket], bytes]


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
    #: The latest event the store is known to have, while it has not been read; -1 when there is nothing to read.
    known: int = -1
    #: What may be lost, by what a newer one takes the place of.
    volatile: dict[object, tuple[bytes, str]] = field(default_factory=dict)
    pump: asyncio.Task[None] | None = None
    board: Board | None = None
    board_message: Message | None = None
    standings: Standings | None = None
    opened: asyncio.Future[None] | None = None
    #: When the leaderboard first changed since it was sent (``perf_counter``); 0 when it did not.
    changed_at: float = 0
    #: Whether players may be answering.
    playing: bool = False

    def heard(self, kind: str) -> None:
        """Note what an event means for whether players may be answering."""
        self.playing = _PLAYING.get(kind, self.playing)

    @property
    def busy(self) -> bool:
        """Whether events are being sent; everything else waits for them."""
        return self.pump is not None and not self.pump.done()

    def put_volatile(self, body: bytes, audience: str) -> None:
        """Let a volatile message wait; of a type that tells a state, only the newest does, and changes add up."""
        kind = encoding.type_of(body)
        waiting = self.volatile.pop(kind, None)
        if waiting is not None and kind == outbound.ParticipantsChanged.type:
            body = encoding.changes_together(waiting[0], body)
        self.volatile[kind if kind in outbound.ONE_WAITS else body] = (body, audience)
        while len(self.volatile) > _VOLATILE_WAITING:
            del self.volatile[next(iter(self.volatile))]

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
                if after_events and self.pump is not None and self.busy:
                    await asyncio.wait([self.pump])
                started = time.perf_counter()
        # Once per broadcast, not per socket.
        metrics.broadcasts.labels(kind).inc()
        metrics.fan_out_seconds.labels(kind).observe(time.perf_counter() - begun)


def write(sockets: Sequence[Socket], message: Message, suffix: Suffix | None) -> None:
    """Send a message to sockets that are ready for it, to players with what is theirs at its end."""
    if suffix is None:
        send_to_all(sockets, message)
        return
    send_to_each([s for s in sockets if s.role == "player"], encoding.head_of(message.payload), suffix)
    send_to_all([s for s in sockets if s.role != "player"], message)


def own_place(standings: Standings) -> Suffix:
    """The end of a message that tells each player their rank and score."""

    ranks, order = standings.ranks(), standings.order
    nowhere = encoding.splice(outbound.Own(None, None))

    def place(socket: Socket) -> bytes:
        rank = ranks.get(socket.user_id)
        return nowhere if rank is None else encoding.own_suffix(rank, order[rank - 1].score)

    return place

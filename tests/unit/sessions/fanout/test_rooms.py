"""What waits in a room while its sockets are busy."""

from __future__ import annotations

import asyncio
import json
from typing import cast

from scoring.ports import ServiceUnavailable
from sessions.fanout.events import Event, EventReader
from sessions.fanout.rooms import Room
from sessions.fanout.sockets import QueueSocket
from sessions.protocol.encoding import encode
from sessions.protocol.outbound import AnswersProgress, ParticipantsChanged


def new_room() -> Room:
    """A room that reads nothing."""
    return Room("s", cast(EventReader, None))


def waiting(room: Room) -> list[dict[str, object]]:
    return [json.loads(body)["payload"] for body, _ in room.volatile.values()]


async def test_of_those_who_come_and_go_while_a_room_waits_everybody_is_counted() -> None:
    room = new_room()
    # As two instances tell of a hall that lost its network.
    for joined, left, count in ((2, 150, 152), (0, 152, 0)):
        room.queue_volatile(encode(ParticipantsChanged("s", joined, left, count), at=1), "everyone")
    assert waiting(room) == [{"session_id": "s", "joined": 2, "left": 302, "participant_count": 0}]


async def test_of_what_tells_a_state_the_newest_waits() -> None:
    room = new_room()
    for answered in (3, 5):
        room.queue_volatile(encode(AnswersProgress("s", "q1", answered, 9), at=1), "everyone")
    assert waiting(room) == [{"session_id": "s", "question_id": "q1", "answered_count": 5, "participant_count": 9}]


class Reader:
    """Reads events; what they have for each player cannot be read at first."""

    def __init__(self) -> None:
        self.away = True
        self.events = [Event(seq, "paused", "", b'{"seq":%d}' % seq) for seq in (1, 2)]

    async def since(self, session_id: str, after: int) -> list[Event]:
        return [event for event in self.events if event.seq > after]

    async def suffix(self, session_id: str, event: Event) -> None:
        if self.away:
            raise ServiceUnavailable("The store is away.")


async def test_an_event_that_could_not_be_sent_comes_before_the_next_one() -> None:
    reader, sent = Reader(), []
    room = Room("s", cast(EventReader, reader))
    room.begin(None)

    async def take(event: dict[str, object]) -> None:
        sent.append(event["text"])

    room.sockets["a"] = QueueSocket("a", take, outbox_bytes=0)
    room.take_event(reader.events[0])
    await room.quiet()
    assert sent == []
    reader.away = False
    room.take_event(reader.events[1])
    await room.quiet()
    await asyncio.sleep(0)
    assert sent == ['{"seq":1}', '{"seq":2}']

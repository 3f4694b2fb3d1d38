"""What waits in a room while its sockets are busy."""

from __future__ import annotations

import json
from typing import cast

from sessions.fanout.events import EventReader
from sessions.fanout.rooms import Room
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

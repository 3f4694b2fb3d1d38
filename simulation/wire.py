"""The protocol as a client sees it: what it reads of a message, and how it writes one. Apart from the server's own
structs on purpose: a client that shares them would not notice a field that was renamed.
"""

from __future__ import annotations

import uuid
from typing import Any

import msgspec

#: Close codes after which a client connects again (docs/protocol.md).
RECONNECT_CODES = {1001, 1006, 1011, 1012, 1013, 4008}
#: Errors after which the same message may be sent again.
TRY_AGAIN = {"RATE_LIMITED", "SERVICE_UNAVAILABLE", "INTERNAL_ERROR"}
#: Seconds of the shortest and the longest wait before it does.
BACKOFF_MIN, BACKOFF_MAX = 0.5, 10.0


class Question(msgspec.Struct):
    """What a client needs of QUESTION_OPENED."""

    question_id: str
    deadline: str | None = None
    opened_at: str | None = None
    options: list[str] | None = None
    shapes: list[int] | None = None
    time_limit_ms: int = 0


class Result(msgspec.Struct):
    """``result`` of ALREADY_ANSWERED."""

    question_id: str
    is_correct: bool | None = None
    points_earned: int | None = None
    new_score: int | None = None


class Line(msgspec.Struct):
    """A line of a leaderboard."""

    rank: int
    user_id: str
    score: int


class Team(msgspec.Struct):
    """A team on a board."""

    team: int
    place: int
    average: float
    members: int
    score: int


class Goal(msgspec.Struct):
    """How near all are to their goal."""

    kind: str
    amount: int
    reached: int


class Payload(msgspec.Struct):
    """The fields of all payloads that a simulated player looks at."""

    #: ``null`` in a pause or its end while no question is open.
    of_question: str | None = msgspec.field(name="question_id", default="")
    deadline: str | None = None
    opened_at: str | None = None
    options: Any = None
    shapes: list[int] | None = None
    options_at: str | None = None
    time_limit_ms: int = 0
    session_token: str | None = None
    status: str = ""
    pace: str = ""
    user_id: str = ""
    seq: int | None = None
    latest_seq: int = 0
    question: Question | None = None
    answered: list[str] = []
    resumed: bool = False
    new_score: int | None = None
    your_score: int | None = None
    your_rank: int | None = None
    your_team: int | None = None
    teams: list[Team] | None = None
    goal: Goal | None = None
    #: What the host arranged for the player.
    your_needs: dict[str, Any] | None = None
    needs: dict[str, Any] | None = None
    #: Homework: which one is under way.
    attempt: int = 1
    reason: str | None = None
    points_earned: int = 0
    is_correct: bool = False
    your_answer: Any = None
    after_ms: int = 0
    total: int = 0
    #: Of a question, which is empty where it is to be heard only, and where it is heard.
    text: str | None = ""
    sound: str | None = None
    code: str = ""
    message: str = ""
    retry_after_ms: int = 0
    result: Result | None = None

    @property
    def question_id(self) -> str:
        """The question the message is about, or an empty string."""
        return self.of_question or ""

    @property
    def wait_seconds(self) -> float:
        """How long an error asks to wait."""
        return max(self.retry_after_ms / 1_000, 0.2)


class Incoming(msgspec.Struct):
    """A message from the server."""

    type: str
    payload: msgspec.Raw
    seq: int | None = None
    reply_to: str | None = None


class Ended(msgspec.Struct):
    """The ranking in SESSION_ENDED and LEADERBOARD_UPDATED."""

    leaderboard: list[Line]


_incoming = msgspec.json.Decoder(Incoming)
_payload = msgspec.json.Decoder(Payload)
_ended = msgspec.json.Decoder(Ended)
_encoder = msgspec.json.Encoder()


def read(frame: bytes) -> tuple[Incoming, Payload]:
    """A message and its payload.

    :raises msgspec.DecodeError: when it is not a message.
    """
    message = _incoming.decode(frame)
    return message, _payload.decode(message.payload)


def ranking(message: Incoming) -> list[Line]:
    """The ranking in a SESSION_ENDED or a LEADERBOARD_UPDATED."""
    return _ended.decode(message.payload).leaderboard


def write(kind: str, message_id: str, **payload: Any) -> str:
    """A message to the server."""
    return _encoder.encode({"type": kind, "message_id": message_id, "payload": payload}).decode()


def new_id() -> str:
    """A message id."""
    return str(uuid.uuid4())

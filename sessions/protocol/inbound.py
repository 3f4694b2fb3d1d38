"""Every message a client may send, and how it is parsed. The names are the contract's (docs/protocol.md)."""

from __future__ import annotations

import re
from typing import Annotated, Literal

import msgspec

#: Longer than any id we make, so that a wrong one is answered as unknown rather than as malformed.
Id = Annotated[str, msgspec.Meta(max_length=200)]
#: Not above what every client and store can hold (2**53 - 1).
Count = Annotated[int, msgspec.Meta(ge=0, le=9_007_199_254_740_991)]


class JoinSession(msgspec.Struct, frozen=True):
    """JOIN_SESSION: be in a session as a player, or watch it as a screen or host."""

    session_id: Id
    #: A player's name; screens and hosts need none, and neither does a player who resumes by token.
    username: str | None = None
    #: Whether the name is one that the page suggested: some sessions want names of the players' own.
    name_suggested: bool = False
    session_token: Annotated[str, msgspec.Meta(max_length=200)] | None = None
    #: A random text of the client's own, by which it is known again when the answer with the token never arrived.
    join_key: Annotated[str, msgspec.Meta(min_length=16, max_length=200)] | None = None
    #: In the session of a class, one of: the id of the pupil whose name was picked; the secret of the pupil's card.
    pupil: Annotated[str, msgspec.Meta(max_length=200)] | None = None
    card: Annotated[str, msgspec.Meta(max_length=200)] | None = None
    #: What the host showed: it brings a player's place to this client. Whoever has the place needs no name.
    place_code: Annotated[str, msgspec.Meta(max_length=64)] | None = None
    last_seq: Count | None = None
    role: Literal["player", "screen", "host"] = "player"
    leaderboard: Literal["full", "delta", "none"] = "full"


class SubmitAnswer(msgspec.Struct, frozen=True):
    """SUBMIT_ANSWER: answer a question, once. ``time_taken_ms`` is the client's own measure."""

    session_id: Id
    question_id: Id
    answer: str | list[str]
    time_taken_ms: Annotated[int, msgspec.Meta(ge=0, le=86_400_000)] | None = None
    #: Homework: which attempt it is of; left out, of the one under way.
    attempt: Annotated[int, msgspec.Meta(ge=1, le=1_000)] | None = None


class NextQuestion(msgspec.Struct, frozen=True):
    """NEXT_QUESTION: self pace; show me my next question."""

    session_id: Id


class StartAttempt(msgspec.Struct, frozen=True):
    """START_ATTEMPT: homework; begin this attempt, the next one. Sent again, it changes nothing."""

    session_id: Id
    attempt: Annotated[int, msgspec.Meta(ge=2, le=1_000)]


class LeaveSession(msgspec.Struct, frozen=True):
    """LEAVE_SESSION: go; score and answers stay."""

    session_id: Id


class GetLeaderboard(msgspec.Struct, frozen=True):
    """GET_LEADERBOARD: a page of the ranking, or a snapshot after a gap."""

    session_id: Id
    limit: Annotated[int, msgspec.Meta(ge=1, le=100)] = 100
    offset: Count = 0


class GetSummary(msgspec.Struct, frozen=True):
    """GET_SUMMARY: my answers to the questions that are over, with the right ones."""

    session_id: Id


class ChooseTeam(msgspec.Struct, frozen=True):
    """CHOOSE_TEAM: be in this team, from 1 on; until the session starts, where players choose."""

    session_id: Id
    team: Annotated[int, msgspec.Meta(ge=0, le=1_000)]


class Ping(msgspec.Struct, frozen=True):
    """PING: is anybody there, and what time is it?"""


Inbound = (
    JoinSession
    | SubmitAnswer
    | NextQuestion
    | StartAttempt
    | LeaveSession
    | GetLeaderboard
    | GetSummary
    | ChooseTeam
    | Ping
)

TYPES: dict[str, type[Inbound]] = {
    "JOIN_SESSION": JoinSession,
    "SUBMIT_ANSWER": SubmitAnswer,
    "NEXT_QUESTION": NextQuestion,
    "START_ATTEMPT": StartAttempt,
    "LEAVE_SESSION": LeaveSession,
    "GET_LEADERBOARD": GetLeaderboard,
    "GET_SUMMARY": GetSummary,
    "CHOOSE_TEAM": ChooseTeam,
    "PING": Ping,
}


class _Envelope(msgspec.Struct, frozen=True):
    type: str
    payload: msgspec.Raw = msgspec.Raw(b"{}")
    message_id: Annotated[str, msgspec.Meta(max_length=100)] | None = None


class _Salvage(msgspec.Struct, frozen=True):
    message_id: Annotated[str, msgspec.Meta(max_length=100)] | None = None


class BadMessage(Exception):
    """The message cannot be used. ``code`` is the ERROR code, ``reply_to`` the message's id where it has one."""

    def __init__(self, code: Literal["INVALID_MESSAGE", "UNKNOWN_TYPE"], message: str, reply_to: str | None) -> None:
        super().__init__(message)
        self.code = code
        self.reply_to = reply_to


_UNREADABLE = (msgspec.DecodeError, UnicodeError, RecursionError)
#: An id that can be read without reading the rest: no escapes, which may hide what is no text.
_MESSAGE_ID = re.compile(r'"message_id"\s*:\s*"([ !#-\[\]-~]{1,100})"')

_HALF_PAIR = re.compile(r"\\u[dD][89abAB][0-9a-fA-F]{2}(?!\\u[dD][c-fC-F])")

_envelope_decoder = msgspec.json.Decoder(_Envelope)
_salvage_decoder = msgspec.json.Decoder(_Salvage)
_payload_decoders = {name: msgspec.json.Decoder(struct) for name, struct in TYPES.items()}


def parse(frame: str | bytes) -> tuple[Inbound, str | None]:
    """Parse a text frame into its message and its ``message_id``.

    :raises BadMessage: when it is not JSON, not an envelope, of an unknown type, or has a payload of another shape.
    """
    try:
        envelope = _envelope_decoder.decode(frame)
    except _UNREADABLE as error:
        raise BadMessage("INVALID_MESSAGE", f"Not a message: {_why(error, frame)}", message_id_of(frame)) from None
    decoder = _payload_decoders.get(envelope.type)
    if decoder is None:
        raise BadMessage("UNKNOWN_TYPE", f"Unknown message type {envelope.type[:50]!r}", envelope.message_id)
    try:
        return decoder.decode(envelope.payload), envelope.message_id
    except _UNREADABLE as error:
        text = f"{envelope.type}: {_why(error, envelope.payload)}"
        raise BadMessage("INVALID_MESSAGE", text, envelope.message_id) from None


def message_id_of(frame: str | bytes) -> str | None:
    """The ``message_id`` of a frame that is not parsed further, where it can be made out."""
    try:
        return _salvage_decoder.decode(frame).message_id
    except _UNREADABLE:
        pass
    # It is no JSON. Whoever wrote it still waits for the answer to this very message.
    text = frame if isinstance(frame, str) else frame.decode(errors="replace")
    found = _MESSAGE_ID.search(text)
    return found[1] if found else None


def _why(error: Exception, frame: str | bytes | msgspec.Raw) -> str:
    if isinstance(error, RecursionError):
        return "nested too deeply"
    text = frame if isinstance(frame, str) else bytes(frame).decode(errors="replace")
    # msgspec takes half a pair near the end for a frame that was cut off.
    return "half of a surrogate pair is no text" if _HALF_PAIR.search(text) else str(error)

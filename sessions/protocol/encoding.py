"""How messages and values look on the wire, to WebSocket and REST clients alike.

A broadcast is encoded once. What differs per player is spliced in before the closing braces (:func:`splice`), which is
why the payload stands last in the envelope.
"""

from __future__ import annotations

import random
from datetime import UTC, datetime
from functools import lru_cache

import msgspec

from sessions.protocol.outbound import Outbound

_encoder = msgspec.json.Encoder()


@lru_cache(256)
def iso(ms: int) -> str:
    """Unix milliseconds as the wire has them: ``2026-11-16T10:30:00.123Z``."""
    return f"{_second(ms // 1_000)}.{ms % 1_000:03d}Z"


@lru_cache(256)
def _second(seconds: int) -> str:
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%S")


def encode(
    message: Outbound, *, at: int, seq: int | None = None, reply_to: str | None = None, message_id: str | None = None
) -> bytes:
    """The message in its envelope, as the bytes of a text frame.

    :param at: the envelope's timestamp; Unix milliseconds.
    :param message_id: made when it is left out; an event bears the same one each time it is sent.
    """
    return b"".join(
        (
            b'{"type":"',
            message.type.encode(),
            b'","timestamp":"',
            iso(at).encode(),
            b'","message_id":"',
            (message_id or _message_id()).encode(),
            b'"',
            b"" if seq is None else b',"seq":%d' % seq,
            b"" if reply_to is None else b',"reply_to":' + _encoder.encode(reply_to),
            b',"payload":',
            _encoder.encode(message),
            b"}",
        )
    )


def splice(own: msgspec.Struct) -> bytes:
    """The end of a message with a player's own fields: put it in place of the message's last two bytes."""
    return b"," + _encoder.encode(own)[1:] + b"}"


def own_suffix(rank: int, score: int, place: int) -> bytes:
    """:func:`splice` of :class:`sessions.protocol.outbound.Own`, by hand: it is made once per player and window."""
    return b',"your_rank":%d,"your_score":%d,"your_place":%d}}' % (rank, score, place)


def head_of(body: bytes) -> bytes:
    """The message without its two closing braces, to put a suffix behind."""
    return body[:-2]


def type_of(body: bytes) -> str:
    """The type of an encoded message, which stands first in it."""
    start = len(b'{"type":"')
    return body[start : body.index(b'"', start)].decode()


def changes_together(earlier: bytes, later: bytes) -> bytes:
    """Two PARTICIPANTS_CHANGED as one: who came and went adds up, and the later one knows how many are there."""
    before, message = msgspec.json.decode(earlier), msgspec.json.decode(later)
    for change in ("joined", "left"):
        message["payload"][change] += before["payload"][change]
    return msgspec.json.encode(message)


@lru_cache(8)
def without_options(body: bytes) -> bytes:
    """QUESTION_OPENED without options, those of gaps too, to put a player's own in."""
    message = msgspec.json.decode(body)
    del message["payload"]["options"]
    message["payload"].pop("gaps", None)
    return msgspec.json.encode(message)


def with_changes(body: bytes, changes: dict[str, object]) -> bytes:
    """A message with other values in its payload."""
    message = msgspec.json.decode(body)
    message["payload"] |= changes
    return msgspec.json.encode(message)


def opened_and_deadline(body: bytes) -> tuple[int, int] | None:
    """From when to when a QUESTION_OPENED has its question open; Unix milliseconds, ``None`` without an end."""
    payload = msgspec.json.decode(body)["payload"]
    opened, deadline = payload["opened_at"], payload["deadline"]
    return (_ms(opened), _ms(deadline)) if deadline else None


def _ms(moment: str) -> int:
    return round(datetime.fromisoformat(moment).timestamp() * 1_000)


def without_names(body: bytes) -> bytes:
    """A message that names players, for those who may not be told names."""
    message = msgspec.json.decode(body)
    payload = message["payload"]
    for named in (payload, *payload.get("leaderboard", ())):
        if "username" in named:
            named["username"] = ""
    return msgspec.json.encode(message)


def _message_id() -> str:
    # It need not be hard to guess, and a system call for each message costs more than all the rest of this.
    text = f"{random.getrandbits(128):032x}"
    return f"{text[:8]}-{text[8:12]}-4{text[13:16]}-a{text[17:20]}-{text[20:]}"

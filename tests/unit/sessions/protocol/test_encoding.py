"""Every message is valid JSON in the contract's envelope, spliced or whole."""

from __future__ import annotations

import json
import re
import uuid
from datetime import UTC, datetime
from typing import Any, get_args

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sessions.fanout.sockets import Message
from sessions.protocol import encoding, outbound
from sessions.protocol.errors import RECOVERABLE

texts = st.text(max_size=40)
moments = st.integers(0, 4_000_000_000_000)
ERRORS = st.builds(
    outbound.Error,
    code=st.sampled_from(get_args(outbound.ErrorCode)),
    message=texts,
    recoverable=st.booleans(),
    reply_to=st.none() | texts,
    retry_after_ms=st.none() | st.integers(0, 10**6),
)
BOARDS = st.builds(
    outbound.LeaderboardUpdated,
    session_id=texts,
    version=st.integers(0, 2**53),
    leaderboard=st.lists(st.builds(outbound.BoardEntry, st.integers(1, 100), texts, texts, st.integers(0, 10**6))),
    total_participants=st.integers(0, 10_000),
)
CLOSED = st.builds(
    outbound.QuestionClosed,
    session_id=texts,
    question_id=texts,
    correct_answers=st.lists(texts, max_size=3),
    explanation=texts,
    distribution=st.dictionaries(texts, st.integers(0, 1_000), max_size=5),
    answered_count=st.integers(0, 1_000),
)
ENDED = st.builds(outbound.SessionEnded, session_id=texts, leaderboard=st.just([]), total_participants=st.just(0))
CLOSED_FOR_YOU = st.builds(
    outbound.ClosedForYou,
    your_answer=st.none() | texts | st.lists(texts, max_size=3),
    is_correct=st.booleans(),
    points_earned=st.integers(0, 1_000),
    reason=st.none() | texts,
    your_score=st.integers(0, 10**6),
)


@given(st.one_of(ERRORS, BOARDS, CLOSED, ENDED), moments, st.none() | st.integers(1, 10**9), st.none() | texts)
def test_a_message_is_json_in_the_envelope(
    message: outbound.Outbound, at: int, seq: int | None, reply_to: str | None
) -> None:
    decoded = json.loads(encoding.encode(message, at=at, seq=seq, reply_to=reply_to))
    assert decoded["type"] == message.type
    assert decoded["payload"] == msgspec.to_builtins(message)
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", decoded["timestamp"])
    assert uuid.UUID(decoded["message_id"]).version == 4
    assert decoded.get("seq") == seq
    assert decoded.get("reply_to") == reply_to
    assert set(decoded) <= {"type", "timestamp", "message_id", "seq", "reply_to", "payload"}


def whole(body: bytes, own: msgspec.Struct) -> Any:
    """What encoding the message with the player's fields in it would give."""
    decoded = json.loads(body)
    decoded["payload"] |= msgspec.to_builtins(own)
    return decoded


@given(CLOSED, CLOSED_FOR_YOU, moments)
def test_splicing_gives_what_encoding_the_whole_would(
    message: outbound.QuestionClosed, own: outbound.ClosedForYou, at: int
) -> None:
    body = encoding.encode(message, at=at, seq=7)
    assert json.loads(encoding.head_of(body) + encoding.splice(own)) == whole(body, own)


@given(st.one_of(BOARDS, ENDED), st.integers(1, 10_000), st.integers(0, 10**6), st.integers(1, 10_000), moments)
def test_the_place_formatted_by_hand_is_the_place_spliced(
    message: outbound.Outbound, rank: int, score: int, place: int, at: int
) -> None:
    body = encoding.encode(message, at=at)
    own = outbound.Own(rank, score, place)
    assert encoding.own_suffix(rank, score, place) == encoding.splice(own)
    assert json.loads(encoding.head_of(body) + encoding.own_suffix(rank, score, place)) == whole(body, own)


@given(st.one_of(BOARDS, ENDED))
def test_who_has_no_place_is_told_null(message: outbound.Outbound) -> None:
    body = encoding.encode(message, at=0)
    spliced = json.loads(encoding.head_of(body) + encoding.splice(outbound.Own(None, None, None)))
    assert [spliced["payload"][f"your_{name}"] for name in ("rank", "score", "place")] == [None, None, None]


@given(moments)
def test_times_are_written_to_the_millisecond(ms: int) -> None:
    read = datetime.strptime(encoding.iso(ms), "%Y-%m-%dT%H:%M:%S.%f%z")
    assert round((read - datetime.fromtimestamp(0, UTC)).total_seconds() * 1_000) == ms


@given(st.binary(max_size=70_000) | st.sampled_from([125, 126, 65_535, 65_536]).map(bytes))
def test_a_frame_has_the_length_of_its_payload(payload: bytes) -> None:
    frame = Message(payload).frame
    assert frame[0] == 0x81
    if frame[1] < 126:
        length, start = frame[1], 2
    else:
        start = 4 if frame[1] == 126 else 10
        length = int.from_bytes(frame[2:start], "big")
    assert length == len(payload)
    assert frame[start:] == payload


def test_a_message_for_many_is_framed_and_decoded_once() -> None:
    message = Message('{"é":1}'.encode())
    assert message.frame is message.frame
    assert message.text is message.text
    assert message.text == '{"é":1}'


@pytest.mark.parametrize("code", get_args(outbound.ErrorCode))
def test_every_error_code_says_whether_it_is_recoverable(code: outbound.ErrorCode) -> None:
    assert code in RECOVERABLE


def test_every_message_has_a_type_and_a_delivery_of_its_own() -> None:
    types = outbound.Outbound.__subclasses__()
    assert len({each.type for each in types}) == len(types)
    assert {each.delivery for each in types} <= set(get_args(outbound.Delivery))

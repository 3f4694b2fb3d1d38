"""Whatever a client sends is a message of the contract or a named refusal, never another error."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from sessions.protocol import inbound
from sessions.protocol.inbound import BadMessage

VALID: dict[str, dict[str, Any]] = {
    "JOIN_SESSION": {"session_id": "s", "username": "Ann", "session_token": "t", "last_seq": 3, "role": "player"},
    "SUBMIT_ANSWER": {"session_id": "s", "question_id": "q", "answer": "a", "time_taken_ms": 1200},
    "NEXT_QUESTION": {"session_id": "s"},
    "LEAVE_SESSION": {"session_id": "s"},
    "GET_LEADERBOARD": {"session_id": "s", "limit": 10, "offset": 20},
    "PING": {},
}
HOSTILE = [
    "",
    "{",
    "null",
    "[]",
    "1e999",
    "NaN",
    '{"type": NaN}',
    "\x00",
    '{"type":"PING","payload":{"a":NaN}}',
    '{"type":"PING","message_id":"\\ud800"}',
    '{"type":"\\ud800"}',
    '{"type":"PING\ud800"}',
    '{"type":"PING","payload":' + "[" * 5_000 + "]" * 5_000 + "}",
    '{"payload":' * 5_000,
    '{"type":"PING","payload":null}',
    '{"type":"PING","payload":"text"}',
    '{"type":7}',
    '{"type":"JOIN_SESSION","payload":{"session_id":"s","last_seq":' + "9" * 5_000 + "}}",
    '{"type":"JOIN_SESSION","payload":{"session_id":"s","last_seq":-1}}',
    '{"type":"JOIN_SESSION","payload":{"session_id":"s","last_seq":1.5}}',
    '{"type":"JOIN_SESSION","payload":{"session_id":"s","last_seq":true}}',
    '{"type":"GET_LEADERBOARD","payload":{"session_id":"s","limit":0}}',
    '{"type":"GET_LEADERBOARD","payload":{"session_id":"s","limit":101}}',
    '{"type":"GET_LEADERBOARD","payload":{"session_id":"s","offset":1e300}}',
    '{"type":"SUBMIT_ANSWER","payload":{"session_id":"s","question_id":"q"}}',
    '{"type":"SUBMIT_ANSWER","payload":{"session_id":"s","question_id":"q","answer":{"a":1}}}',
    '{"type":"SUBMIT_ANSWER","payload":{"session_id":"s","question_id":"q","answer":[1]}}',
    '{"type":"SUBMIT_ANSWER","payload":{"session_id":"s","question_id":"q","answer":"a","time_taken_ms":-1}}',
    '{"type":"LEAVE_SESSION","payload":{"session_id":"' + "s" * 201 + '"}}',
    '{"type":"PING","message_id":"' + "m" * 101 + '"}',
    '\ufeff{"type":"PING"}',
]


def frame(kind: Any, payload: Any, **extra: Any) -> str:
    return json.dumps({"type": kind, "payload": payload, **extra})


def parsed(text: str | bytes) -> inbound.Inbound | None:
    """The message, or ``None`` when it was refused by name."""
    try:
        return inbound.parse(text)[0]
    except BadMessage as refusal:
        assert refusal.code in {"INVALID_MESSAGE", "UNKNOWN_TYPE"}
        assert str(refusal)
        return None


@pytest.mark.parametrize("kind", VALID)
def test_it_parses_every_message_of_the_contract(kind: str) -> None:
    message, reply_to = inbound.parse(frame(kind, VALID[kind], message_id="m1", timestamp="2026-01-01T00:00:00Z"))
    assert type(message) is inbound.TYPES[kind]
    assert reply_to == "m1"


def test_timestamp_message_id_and_payload_may_be_left_out() -> None:
    assert inbound.parse('{"type":"PING"}') == (inbound.Ping(), None)


@pytest.mark.parametrize("text", HOSTILE, ids=lambda text: text[:40].encode("unicode_escape").decode())
def test_it_refuses_hostile_frames_by_name(text: str) -> None:
    assert parsed(text) is None


@pytest.mark.parametrize("kind", ["", "ping", "JOIN", "QUESTION_CLOSED", "x" * 5_000])
def test_it_refuses_unknown_types(kind: str) -> None:
    with pytest.raises(BadMessage) as refusal:
        inbound.parse(frame(kind, {}, message_id="m1"))
    assert (refusal.value.code, refusal.value.reply_to) == ("UNKNOWN_TYPE", "m1")
    assert len(str(refusal.value)) < 200


@pytest.mark.parametrize(
    "text",
    [
        frame("JOIN_SESSION", {}, message_id="m1"),
        '{"type":1,"message_id":"m1"}',
        '{"type":"PING","message_id" : "m1","payload":{"x":NaN}}',
        '{"type":"PING","message_id":"m1","payload":{"x":"\\ud800"}}',
        '{"type":"PING","message_id":"m1","payload":' + "[" * 5_000 + "]" * 5_000 + "}",
        '{"type":"PING","message_id":"m1","payl',
    ],
)
def test_a_refusal_bears_the_message_id_where_there_is_one(text: str) -> None:
    with pytest.raises(BadMessage) as refusal:
        inbound.parse(text)
    assert (refusal.value.code, refusal.value.reply_to) == ("INVALID_MESSAGE", "m1")


@pytest.mark.parametrize("message_id", ["7", '"' + "m" * 101 + '"', '"\\ud800"', '"é"', '""', '"m1'])
def test_what_is_no_message_id_is_not_answered_with(message_id: str) -> None:
    with pytest.raises(BadMessage) as refusal:
        inbound.parse('{"type":"PING","payload":NaN,"message_id":' + message_id + "}")
    assert refusal.value.reply_to is None


@pytest.mark.parametrize("half", ["\\ud800", "\\uDBFFx", "\\ud83d\\ud83d"])
def test_half_of_a_surrogate_pair_is_called_so(half: str) -> None:
    with pytest.raises(BadMessage, match="surrogate"):
        inbound.parse('{"type":"JOIN_SESSION","payload":{"session_id":"s","username":"' + half + '"}}')
    whole = inbound.parse('{"type":"JOIN_SESSION","payload":{"session_id":"s","username":"\\ud83d\\ude00"}}')[0]
    assert isinstance(whole, inbound.JoinSession)
    assert whole.username == "😀"


def test_a_frame_that_nests_too_deeply_is_told_so() -> None:
    with pytest.raises(BadMessage, match="nested too deeply"):
        inbound.parse('{"type":"PING","payload":' + "[" * 5_000 + "]" * 5_000 + "}")


@given(st.text(st.characters(codec=None), max_size=300) | st.binary(max_size=300))
@example("[" * 100_000)
@example('{"a":' * 100_000)
def test_any_text_or_bytes_is_parsed_or_refused(text: str | bytes) -> None:
    parsed(text)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(st.characters(codec=None), max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=10), inner, max_size=4),
    max_leaves=12,
)


@given(JSON, st.sampled_from(list(VALID)) | JSON, JSON)
def test_any_json_in_the_envelope_is_parsed_or_refused(payload: Any, kind: Any, message_id: Any) -> None:
    parsed(json.dumps({"type": kind, "payload": payload, "message_id": message_id}))


@given(st.sampled_from(list(VALID)), st.data())
def test_a_message_with_one_field_changed_is_parsed_or_refused(kind: str, data: st.DataObject) -> None:
    payload = dict(VALID[kind])
    if payload:
        field = data.draw(st.sampled_from(list(payload)))
        payload[field] = data.draw(JSON)
    text = json.dumps({"type": kind, "payload": payload, "message_id": "m1"})
    message = parsed(text)
    if message is not None:
        assert type(message) is inbound.TYPES[kind]
    cut = data.draw(st.integers(0, len(text) - 1))
    assert parsed(text[:cut]) is None

"""Bad input: each gets its named error and one line in the log, the socket stays usable, and nothing else changes."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.support.live_server import LiveServer
from tests.wire.sessions.websocket.conftest import Connect, NewGame

SESSION = "{session}"


def join(**payload: Any) -> str:
    return json.dumps({"type": "JOIN_SESSION", "payload": {"session_id": SESSION, **payload}})


def answer(question: str, given: Any) -> str:
    payload = {"session_id": SESSION, "question_id": question, "answer": given}
    return json.dumps({"type": "SUBMIT_ANSWER", "payload": payload})


CASES: dict[str, tuple[str | bytes, str]] = {
    "not JSON": ("hello", "INVALID_MESSAGE"),
    "cut off": ('{"type":"PING"', "INVALID_MESSAGE"),
    "empty": ("", "INVALID_MESSAGE"),
    "a number": ("1e999", "INVALID_MESSAGE"),
    "a list": ("[]", "INVALID_MESSAGE"),
    "too deep": ("[" * 5_000, "INVALID_MESSAGE"),
    "NaN": ('{"type":"PING","payload":NaN}', "INVALID_MESSAGE"),
    "a lone surrogate": ('{"type":"PING","message_id":"\\ud800"}', "INVALID_MESSAGE"),
    "no type": ('{"payload":{}}', "INVALID_MESSAGE"),
    "a type that is no text": ('{"type":7}', "INVALID_MESSAGE"),
    "an unknown type": ('{"type":"DANCE"}', "UNKNOWN_TYPE"),
    "a type of the server": ('{"type":"SESSION_ENDED"}', "UNKNOWN_TYPE"),
    "a payload that is no object": ('{"type":"PING","payload":"x"}', "INVALID_MESSAGE"),
    "missing fields": ('{"type":"SUBMIT_ANSWER","payload":{"session_id":"{session}"}}', "INVALID_MESSAGE"),
    "fields of other types": (join(session_id=7, username=[]), "INVALID_MESSAGE"),
    "an unknown role": (join(username="A", role="god"), "INVALID_MESSAGE"),
    "binary": (b"\x00\xff", "INVALID_MESSAGE"),
    "an unknown session": (join(session_id="no", username="A"), "INVALID_SESSION"),
    "an unknown question": (answer("q9", "a"), "INVALID_QUESTION"),
    "a question of NUL": (answer("\0", "a"), "INVALID_QUESTION"),
    "an unknown answer": (answer("q1", "Oslo"), "INVALID_ANSWER"),
    "a list where one answer is asked for": (answer("q1", ["Paris"]), "INVALID_ANSWER"),
    "a typed answer of control characters": (answer("q2", "a\0b"), "INVALID_ANSWER"),
    "a typed answer of 5,000 characters": (answer("q2", "a" * 5_000), "INVALID_ANSWER"),
    "an empty name": (join(username=""), "INVALID_USERNAME"),
    "a name of 200 characters": (join(username="x" * 200), "INVALID_USERNAME"),
    "a name that reorders text": (join(username="a\u202eb"), "INVALID_USERNAME"),
    "a forged token": (join(username="A", session_token="x.y"), "INVALID_TOKEN"),
    "a token of NUL": (join(username="A", session_token="\0.\0"), "INVALID_TOKEN"),
}


@pytest.mark.parametrize("case", CASES)
async def test_it_is_named_and_logged_once_and_harms_nothing(
    server: LiveServer, connect: Connect, new_game: NewGame, case: str
) -> None:
    frame, code = CASES[case]
    game = new_game(pace="self", auto_start=True)
    client = await connect()
    await client.join(game.id, "Ann")
    before = game.call("GET").json
    await client.send_raw(frame.replace(SESSION, game.id) if isinstance(frame, str) else frame)
    error = await client.next("ERROR")
    assert error["payload"]["code"] == code
    assert error["payload"]["message"]
    assert (await client.ask("PING"))["type"] == "PONG"
    assert game.call("GET").json == before
    assert game.results()["answers"] == []
    lines = [line for line in server.log_lines() if line.get("user_id") == client.user_id]
    assert [(line["message"], line["code"]) for line in lines if line["message"] != "http_request"] == [
        ("refused", code)
    ]
    assert "Traceback" not in json.dumps(lines)


@pytest.mark.frames
async def test_json_in_a_binary_frame_is_refused_as_binary(connect: Connect) -> None:
    client = await connect()
    await client.send_raw(b'{"type":"PING"}')
    assert (await client.next("ERROR"))["payload"]["code"] == "INVALID_MESSAGE"
    assert (await client.ask("PING"))["type"] == "PONG"

"""A server whose machine's clock is set by an hour, in the middle of a question, goes on as if nothing had happened."""

from __future__ import annotations

import json
import time
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from websockets.sync.client import ClientConnection

from tests.support.serving import Server, ask, start_server, stop_server
from tests.support.stepped_clock import SteppedClock

#: Far more than it takes.
_PATIENCE = 30
_HOUR = 3_600
_LIMIT_MS = 20_000


def _noticed(server: Server, times: int) -> None:
    """Wait until the server has said that the clock was stepped."""
    ends = time.monotonic() + _PATIENCE
    while server.log.read_text().count("clock_stepped") < times:
        assert time.monotonic() < ends, "the clock of the process was not stepped"
        time.sleep(0.05)


def _moment(text: str) -> datetime:
    return datetime.fromisoformat(text)


def _opened(server: Server, path: str, player: ClientConnection) -> dict[str, Any]:
    assert server.request("POST", f"{path}/next")[0] == 200
    payload: dict[str, Any] = ask(player, "PING", until="QUESTION_OPENED")["payload"]
    return payload


def _answer(player: ClientConnection, session_id: str, question: dict[str, Any]) -> dict[str, Any]:
    given = {"session_id": session_id, "question_id": question["question_id"], "answer": question["options"][0]}
    answered: dict[str, Any] = ask(player, "SUBMIT_ANSWER", given)
    return answered


def test_questions_stay_open_answers_count_and_deadlines_hold(tmp_path: Path) -> None:
    clock = SteppedClock(tmp_path / "clock")
    server = start_server(tmp_path / "data", **clock.environment)
    try:
        session = server.session(pace="host", time_limit_ms=_LIMIT_MS)
        path = f"/api/v1/sessions/{session['session_id']}"
        with server.client("ann") as ann:
            ask(ann, "JOIN_SESSION", {"session_id": session["session_id"], "username": "Ann"})
            for times, ahead in enumerate((_HOUR, 0, -_HOUR, 30, 0), start=1):
                question = _opened(server, path, ann)
                clock.set(ahead)
                _noticed(server, times)
                # Neither closed by a jump forward, nor held open by one back.
                status, view = server.request("GET", path)
                assert (status, view["phase"]) == (200, "open")
                # A deadline is as far away as the limit says, whichever clock it was made by.
                left = _moment(question["deadline"]) - _moment(ask(ann, "PING")["payload"]["server_time"])
                assert timedelta() < left <= timedelta(milliseconds=_LIMIT_MS)
                assert _answer(ann, session["session_id"], question)["type"] == "ANSWER_ACCEPTED"
            # Nobody was swept out.
            assert server.request("GET", f"{path}/participants")[1]["participants"][0]["status"] == "connected"
        assert "Traceback" not in server.log.read_text()
    finally:
        stop_server(server)


def test_a_server_that_went_by_that_clock_would_close_the_question(tmp_path: Path) -> None:
    clock = SteppedClock(tmp_path / "clock", all_of_it=True)
    server = start_server(tmp_path / "data", **clock.environment)
    try:
        session = server.session(pace="host", time_limit_ms=_LIMIT_MS)
        path = f"/api/v1/sessions/{session['session_id']}"
        with server.client("ann") as ann:
            ask(ann, "JOIN_SESSION", {"session_id": session["session_id"], "username": "Ann"})
            question = _opened(server, path, ann)
            clock.set(_HOUR)
            refused = _answer(ann, session["session_id"], question)
            assert refused["payload"].get("code") in {"QUESTION_NOT_OPEN", "SESSION_COMPLETED"}, json.dumps(refused)
    finally:
        stop_server(server)

"""An embedded server whose disk is full says so, keeps what it has, and goes on when there is room again."""

from __future__ import annotations

import resource
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.support.serving import Server, ask, start_server, stop_server

#: Far more than it takes.
_PATIENCE = 30


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    made = start_server(tmp_path, RATE_ANSWERS_PER_SECOND="0", RATE_MESSAGES_PER_SECOND="0")
    yield made
    stop_server(made)


@contextmanager
def full_disk(server: Server, folder: Path) -> Iterator[None]:
    """No file may grow beyond what the database's log is now; lines in the server's own log still may."""
    # So long that whatever is written next goes behind its end, and that the server's log fits.
    size = max(path.stat().st_size for path in folder.rglob("quiz.sqlite3-wal"))
    assert size > 4 * server.log.stat().st_size
    pid = server.process.pid
    before = resource.prlimit(pid, resource.RLIMIT_FSIZE)
    resource.prlimit(pid, resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.prlimit(pid, resource.RLIMIT_FSIZE, before)


def until(holds: Callable[[], bool]) -> None:
    ends = time.monotonic() + _PATIENCE
    while not holds():
        assert time.monotonic() < ends
        time.sleep(0.05)


def test_it_says_so_and_play_goes_on_when_there_is_room_again(server: Server, tmp_path: Path) -> None:
    session = server.session(pace="host")
    path = f"/api/v1/sessions/{session['session_id']}"
    with server.client("ann") as ann:
        joined = ask(ann, "JOIN_SESSION", {"session_id": session["session_id"], "username": "Ann"})
        assert joined["type"] == "SESSION_JOINED"
        assert server.request("POST", f"{path}/next")[0] == 200
        opened = ask(ann, "PING", until="QUESTION_OPENED")["payload"]
        assert server.request("GET", "/health/ready")[0] == 200  # the control
        with full_disk(server, tmp_path):
            answer = {"session_id": session["session_id"], "question_id": opened["question_id"]}
            answer["answer"] = opened["options"][0]
            until(lambda: server.request("GET", "/health/ready")[0] == 503)
            for _ in range(20):
                refused = ask(ann, "SUBMIT_ANSWER", answer)
                assert refused["payload"]["code"] == "SERVICE_UNAVAILABLE", refused
            for method, where in (("POST", f"{path}/pause"), ("DELETE", path)):
                status, problem = server.request(method, where)
                assert status == 503, problem
            assert server.request("GET", path)[0] == 200
        until(lambda: server.request("GET", "/health/ready")[0] == 200)
        for step in ("pause", "resume"):
            assert server.request("POST", f"{path}/{step}")[0] == 200
        assert ask(ann, "SUBMIT_ANSWER", answer)["type"] in {"ANSWER_ACCEPTED", "SCORE_UPDATED"}
    assert server.request("DELETE", path)[0] == 204
    log = server.log.read_text()
    assert log.count("Traceback") <= 2, log[-3_000:]

"""Homework outlives the process: killed in the middle, it comes back from the database with all that was answered."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import redis

from tests.support.servers import redis_url
from tests.support.serving import Server, ask, start_server, stop_server

#: A program answers faster than a pupil may.
UNBOUND = {"RATE_ANSWERS_PER_SECOND": "0", "RATE_MESSAGES_PER_SECOND": "0"}


def at(seconds: float) -> str:
    return (datetime.now(UTC) + timedelta(seconds=seconds)).isoformat()


def opened(server: Server, *, closes: float, opens: float = 0) -> dict[str, Any]:
    homework = {"closes_at": at(closes), "attempts": 3, **({"opens_at": at(opens)} if opens else {})}
    status, made = server.request("POST", "/api/v1/sessions", {"quiz_id": "vocab-101", "homework": homework})
    assert status == 201, made
    return dict(made)


def reached(server: Server, session_id: str, status: str) -> dict[str, Any]:
    """The session, once it has this status."""
    deadline = time.monotonic() + 60
    while True:
        _, told = server.request("GET", f"/api/v1/sessions/{session_id}")
        if told["status"] == status:
            return dict(told)
        assert time.monotonic() < deadline, told


def finish(server: Server, client: Any, session_id: str, attempt: int) -> dict[str, int]:
    """Answer every question of an attempt; what each answer earned."""
    earned = {}
    while (opened := ask(client, "NEXT_QUESTION", {"session_id": session_id}))["type"] == "QUESTION_OPENED":
        question = opened["payload"]
        answer = question["options"][0] if question["options"] else "house"
        if question["kind"] == "order":
            answer = question["options"]
        elif question["kind"] == "multi":
            answer = [answer]
        elif question["kind"] == "number":
            answer = "1"
        body = {"session_id": session_id, "question_id": question["question_id"], "answer": answer, "attempt": attempt}
        reply = ask(client, "SUBMIT_ANSWER", body)
        assert reply["type"] == "SCORE_UPDATED", reply
        earned[question["question_id"]] = reply["payload"]["points_earned"]
    return earned


@pytest.mark.parametrize("shared", [False, True], ids=["embedded", "redis"])
def test_killed_in_the_middle_it_goes_on_where_it_was(tmp_path: Path, shared: bool) -> None:
    environment = {**UNBOUND, **({"REDIS_URL": redis_url()} if shared else {})}
    if shared:
        redis.Redis.from_url(redis_url()).flushall()
    server = start_server(tmp_path, **environment)
    try:
        made = opened(server, closes=3_600)
        waits = opened(server, closes=3_600, opens=4)
        closes = opened(server, closes=4)
        session_id = made["session_id"]
        with server.client("ann") as client:
            joined = ask(client, "JOIN_SESSION", {"session_id": session_id, "username": "Ann"})["payload"]
            first = finish(server, client, session_id, 1)
            begun = ask(client, "START_ATTEMPT", {"session_id": session_id, "attempt": 2})
            assert begun["type"] == "ATTEMPT_STARTED", begun
            question = ask(client, "NEXT_QUESTION", {"session_id": session_id})["payload"]
            answer = question["options"][0] if question["options"] else "house"
            body = {"session_id": session_id, "question_id": question["question_id"], "answer": answer}
            second = ask(client, "SUBMIT_ANSWER", body)
            assert second["type"] == "SCORE_UPDATED"
            # Nothing is said: the process is gone in the middle of a word.
            server.process.kill()
            server.process.wait()
        server = start_server(tmp_path, **environment)
        assert reached(server, waits["session_id"], "active")["closes_at"] == waits["closes_at"]
        assert reached(server, closes["session_id"], "completed")["end_time"] is not None
        with server.client("ann") as client:
            back = {"session_id": session_id, "session_token": joined["session_token"]}
            again = ask(client, "JOIN_SESSION", back)["payload"]
            assert (again["attempt"], again["answered"]) == (2, [question["question_id"]])
            assert again["your_score"] == second["payload"]["new_score"]
            assert again["closes_at"] == made["closes_at"]
            repeated = ask(client, "SUBMIT_ANSWER", {**body, "attempt": 2})
            assert repeated["payload"]["code"] == "ALREADY_ANSWERED"
            rest = finish(server, client, session_id, 2)
        _, results = server.request("GET", f"/api/v1/sessions/{session_id}/results?wait=true")
        sums = [sum(first.values()), second["payload"]["points_earned"] + sum(rest.values())]
        [player] = results["participants"]
        assert (player["score"], player["attempts"]) == (max(sums), 2)
        assert len(results["answers"]) == 2 * len(first)
    finally:
        stop_server(server)


def test_a_redis_that_lost_everything_has_it_again_from_the_database(tmp_path: Path) -> None:
    client_of_redis = redis.Redis.from_url(redis_url())
    client_of_redis.flushall()
    server = start_server(tmp_path, REDIS_URL=redis_url(), **UNBOUND)
    try:
        made = opened(server, closes=3_600)
        session_id = made["session_id"]
        with server.client("ann") as client:
            joined = ask(client, "JOIN_SESSION", {"session_id": session_id, "username": "Ann"})["payload"]
            earned = finish(server, client, session_id, 1)
        server.request("GET", f"/api/v1/sessions/{session_id}/results?wait=true")
        # As after an hour in which nobody came.
        keys = [key for key in client_of_redis.scan_iter("*") if session_id.encode() in key]
        assert keys
        client_of_redis.delete(*keys)
        with server.client("ann") as client:
            back = {"session_id": made["join_code"], "session_token": joined["session_token"]}
            again = ask(client, "JOIN_SESSION", {**back, "session_id": session_id})["payload"]
            assert set(again["answered"]) == set(earned)
            assert again["your_score"] == sum(earned.values())
    finally:
        stop_server(server)

"""After a class was deleted its names are nowhere: not in the database's files, not in Redis, not in a log."""

from __future__ import annotations

import asyncio
import sqlite3
import uuid
from collections.abc import Callable
from contextlib import closing
from typing import Any

import pytest
import redis

from tests.support.game import QUIZ
from tests.support.live_server import LiveServer
from tests.support.servers import postgres_url, redis_url
from tests.support.traces import in_files, in_postgresql, in_redis

#: A name that occurs nowhere else.
NAME = "Wilfriedchen Zz"


def practise(server: LiveServer, session_id: str, session_token: str) -> None:
    """At home the pupil types the own name."""
    proof = {"session_id": session_id, "session_token": session_token}
    deck = server.rest("POST", "/practice/api/decks", proof, key=None).json
    review = {"id": str(uuid.uuid4()), "card": "q2", "answer": f"I am {NAME}"}
    reply = server.rest("POST", "/practice/api/reviews", {"reviews": [review]}, practice=deck["token"])
    assert [each["status"] for each in reply.json["results"]] == ["stored"]


async def play(server: LiveServer, card: str, class_id: str) -> list[str]:
    """Two sessions of the class, one of which ends; their ids."""
    sessions = []
    for ends in (True, False):
        body = {"quiz_id": QUIZ["id"], "auto_start": True, "options": {"class_id": class_id}}
        made = server.rest("POST", "/api/v1/sessions", body).json
        client = await server.ws()
        await client.join(made["session_id"], None, card=card)
        answered = {"session_id": made["session_id"], "question_id": "q1", "answer": "Paris"}
        assert (await client.ask("SUBMIT_ANSWER", **answered))["type"] == "SCORE_UPDATED"
        if ends:
            assert server.rest("POST", f"/api/v1/sessions/{made['session_id']}/end").status == 200
            practise(server, made["session_id"], client.token)
        server.rest("GET", f"/api/v1/sessions/{made['session_id']}/results?wait=true")
        sessions.append(made["session_id"])
        client.drop()
    return sessions


def practice_rows(server: LiveServer) -> list[int]:
    """How many rows the tables of practice have."""
    with closing(sqlite3.connect(server.folder / "quiz.sqlite3")) as database:
        tables = ("practice_decks", "practice_cards", "practice_reviews")
        return [database.execute(f"SELECT COUNT(*) FROM {table}").fetchone()[0] for table in tables]


def test_a_deleted_name_is_in_no_table_of_postgresql(new_server: Callable[..., LiveServer]) -> None:
    url = postgres_url()
    server = new_server("uvicorn", DATABASE_URL=url)
    made = server.rest("POST", "/api/v1/classes", {"name": "7a", "pupils": [NAME]}).json
    [card] = server.rest("GET", f"/api/v1/classes/{made['id']}/cards").json["cards"]
    asyncio.run(play(server, card["card"], made["id"]))
    assert NAME in in_postgresql(url)
    assert server.rest("DELETE", f"/api/v1/classes/{made['id']}").status == 204
    assert NAME not in in_postgresql(url)
    assert in_files(server.folder, NAME) == []


@pytest.mark.parametrize("store", ["memory", "redis"])
def test_a_deleted_name_is_nowhere(new_server: Callable[..., LiveServer], store: str) -> None:
    url = redis_url() if store == "redis" else ""
    server = new_server("uvicorn", REDIS_URL=url)
    made = server.rest("POST", "/api/v1/classes", {"name": "7a", "pupils": [NAME]}).json
    [card] = server.rest("GET", f"/api/v1/classes/{made['id']}/cards").json["cards"]
    sessions = asyncio.run(play(server, card["card"], made["id"]))
    # It is there before, where it is looked for after: the search finds.
    assert in_files(server.folder, NAME)
    assert practice_rows(server) == [1, 1, 1]
    client: Any = redis.Redis.from_url(url, decode_responses=True) if url else None
    if client is not None:
        assert NAME in in_redis(client)
    assert server.rest("DELETE", f"/api/v1/classes/{made['id']}").status == 204
    assert in_files(server.folder, NAME) == []
    assert practice_rows(server) == [0, 0, 0]
    if client is not None:
        assert NAME not in in_redis(client)
        client.close()
    for session_id in sessions:
        results = server.rest("GET", f"/api/v1/sessions/{session_id}/results?wait=true").json
        assert [each["username"] for each in results["participants"]] == ["Player 1"]
        assert len(results["answers"]) == 1
    server.stop()
    assert in_files(server.folder, NAME) == []

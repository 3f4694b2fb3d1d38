"""After one person's data was deleted it is nowhere: not in the database's files, not in Redis, not in a log."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import redis

from tests.support.game import QUIZ, RIGHT
from tests.support.live_server import LiveServer
from tests.support.servers import redis_url
from tests.support.traces import in_files, in_redis

#: A name, and an id of a client's own, that occur nowhere else.
NAME, USER = "Kunigundchen Zz", "kunigunde.zz-1907"


def practise(server: LiveServer, session_id: str, session_token: str) -> None:
    """At home the player types the own name."""
    proof = {"session_id": session_id, "session_token": session_token}
    deck = server.rest("POST", "/practice/api/decks", proof, key=None).json
    review = {"id": str(uuid.uuid4()), "card": "q2", "answer": f"I am {NAME}"}
    reply = server.rest("POST", "/practice/api/reviews", {"reviews": [review]}, practice=deck["token"])
    assert [each["status"] for each in reply.json["results"]] == ["stored"]


async def play(server: LiveServer) -> list[str]:
    """A session that ended, and a homework that is open, done twice; their ids."""
    closes_at = (datetime.now(UTC) + timedelta(days=3)).isoformat()
    sessions = []
    for body in ({"auto_start": True}, {"homework": {"closes_at": closes_at, "attempts": 2}}):
        made = server.rest("POST", "/api/v1/sessions", {"quiz_id": QUIZ["id"], **body}).json
        session_id = made["session_id"]
        client, other = await server.ws(USER), await server.ws()
        await client.join(session_id, NAME)
        await other.join(session_id, "Bob")
        await other.ask("SUBMIT_ANSWER", session_id=session_id, question_id="q1", answer="Paris")
        for question, answer in RIGHT.items():
            reply = await client.ask("SUBMIT_ANSWER", session_id=session_id, question_id=question, answer=answer)
            assert reply["type"] == "SCORE_UPDATED"
        if "homework" in body:
            assert (await client.ask("START_ATTEMPT", session_id=session_id, attempt=2))["type"] == "ATTEMPT_STARTED"
            longer = {"closes_at": (datetime.now(UTC) + timedelta(days=4)).isoformat(), "user_id": USER}
            assert server.rest("POST", f"/api/v1/sessions/{session_id}/closing", longer).status == 200
        else:
            server.rest("POST", f"/api/v1/sessions/{session_id}/end")
            practise(server, session_id, client.token)
        server.rest("GET", f"/api/v1/sessions/{session_id}/results?wait=true")
        sessions.append(session_id)
        client.drop()
        other.drop()
    return sessions


@pytest.mark.parametrize("store", ["memory", "redis"])
def test_a_deleted_person_is_nowhere_and_the_others_are_as_before(
    new_server: Callable[..., LiveServer], store: str
) -> None:
    url = redis_url() if store == "redis" else ""
    server = new_server("uvicorn", REDIS_URL=url)
    sessions = asyncio.run(play(server))
    # It is there before, where it is looked for after: the search finds.
    assert in_files(server.folder, NAME)
    assert in_files(server.folder, USER)
    client: Any = redis.Redis.from_url(url, decode_responses=True) if url else None
    if client is not None:
        assert NAME in in_redis(client)
    [first, second] = server.rest("GET", f"/api/v1/people?name={NAME.replace(' ', '%20')}").json["players"]
    assert {first["user_id"], second["user_id"]} == {USER}
    told = server.rest("GET", f"/api/v1/people/{USER}").json["sessions"]
    assert [len(each["answers"]) for each in told] == [3, 3]
    assert [[review["answer"] for deck in each["practice"] for review in deck["reviews"]] for each in told] == [
        [f"I am {NAME}"],
        [],
    ]
    assert server.rest("DELETE", f"/api/v1/people/{USER}").status == 204
    for trace in (NAME, USER):
        assert in_files(server.folder, trace) == []
        if client is not None:
            assert trace not in in_redis(client)
    for session_id in sessions:
        results = server.rest("GET", f"/api/v1/sessions/{session_id}/results?wait=true").json
        assert [(each["username"], each["score"]) for each in results["participants"]] == [("Bob", 10)]
    server.stop()
    assert in_files(server.folder, NAME) == in_files(server.folder, USER) == []
    if client is not None:
        client.close()

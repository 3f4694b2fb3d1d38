"""Practice against a real server: a device that sends everything several times at once, and a server that dies."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from tests.support.game import QUIZ, RIGHT, WRONG
from tests.support.live_server import LiveServer
from tests.support.servers import postgres_url, redis_url

pytestmark = pytest.mark.servers


async def play(server: LiveServer) -> tuple[str, str]:
    """A session that one player answers wholly, and that ends; its id and the player's token."""
    made = server.rest("POST", "/api/v1/sessions", {"quiz_id": QUIZ["id"], "auto_start": True}).json
    client = await server.ws()
    await client.join(made["session_id"], "Ann")
    for question_id, answer in (RIGHT | {"q2": WRONG["q2"]}).items():
        await client.ask("SUBMIT_ANSWER", session_id=made["session_id"], question_id=question_id, answer=answer)
    assert server.rest("POST", f"/api/v1/sessions/{made['session_id']}/end").status == 200
    client.drop()
    return made["session_id"], client.token


@pytest.mark.parametrize("alone", [True, False], ids=["alone", "redis-and-postgresql"])
def test_what_a_device_sends_again_is_stored_once_through_a_death_of_the_server(
    new_server: Callable[..., LiveServer], alone: bool
) -> None:
    server = new_server("uvicorn", **({} if alone else {"REDIS_URL": redis_url(), "DATABASE_URL": postgres_url()}))
    session_id, session_token = asyncio.run(play(server))
    proof = {"session_id": session_id, "session_token": session_token}
    with ThreadPoolExecutor(8) as threads:
        made = list(threads.map(lambda _: server.rest("POST", "/practice/api/decks", proof, key=None), range(8)))
        assert {reply.status for reply in made} == {201}
        [token] = {reply.json["token"] for reply in made}
        before = server.rest("GET", "/practice/api/deck", practice=token).json
        # What was answered last is in: only the wrong one was missed.
        assert [card["id"] for card in before["cards"] if card["missed"]] == ["q2"]
        reviews = [
            {"id": str(uuid.uuid4()), "card": card, "at": before["server_time"], "answer": answer}
            for card, answer in RIGHT.items()
        ]

        def send(_: Any) -> list[str]:
            reply = server.rest("POST", "/practice/api/reviews", {"reviews": reviews}, practice=token)
            assert reply.status == 200, reply.data
            return [each["status"] for each in reply.json["results"]]

        statuses = sorted(threads.map(send, range(8)), reverse=True)
        assert statuses == [["stored"] * 3, *[["known"] * 3] * 7]
    after = server.rest("GET", "/practice/api/deck", practice=token).json
    server.restart()
    assert send(None) == ["known"] * 3
    again = server.rest("GET", "/practice/api/deck", practice=token).json
    assert [(card["reviews"], card["due"]) for card in again["cards"]] == [
        (card["reviews"], card["due"]) for card in after["cards"]
    ]
    assert {card["reviews"] for card in again["cards"]} == {1}
    # Its own log has no token of it, nor what was answered.
    assert token not in server.log.read_text()

"""Questions that are heard: what is to be heard only is nowhere on the wire before the close."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.support.game import Game
from tests.support.live_server import LiveServer
from tests.support.ws_client import Client
from tests.wire.sessions.websocket.conftest import Connect

SECRET = "ornitorrinco"
QUIZ: dict[str, Any] = {
    "id": "heard",
    "title": "Heard",
    "language": "es",
    "questions": [
        {"id": "d1", "kind": "typed", "text": SECRET, "correct_answers": [SECRET], "listen": "instead"},
        {
            "id": "m1",
            "kind": "choice",
            "text": "el murciélago",
            "options": ["the bat", "the owl"],
            "correct_answers": ["the bat"],
            "listen": "beside",
            "listen_language": "es-MX",
        },
        {"id": "r1", "kind": "typed", "text": "Dos y dos", "correct_answers": ["cuatro"]},
    ],
}


def game(server: LiveServer, **options: Any) -> Game:
    server.rest("POST", "/api/v1/quizzes", QUIZ)
    return Game(server, quiz_id="heard", **options)


def seen(*clients: Client) -> str:
    """Everything that these clients were sent."""
    return "".join(frame for client in clients for frame in client.frames)


async def test_what_is_heard_only_is_told_at_the_close(server: LiveServer, connect: Connect) -> None:
    heard = game(server, pace="host")
    ann, screen = await connect("ann"), await connect("hall")
    await ann.join(heard.id, "Ann")
    await screen.ask("JOIN_SESSION", session_id=heard.id, username="", role="screen")
    heard.do("start", "next")
    opened = (await ann.next("QUESTION_OPENED"))["payload"]
    await screen.next("QUESTION_OPENED")
    assert (opened["text"], opened["listen"], opened["listen_language"]) == ("", "instead", "es")
    sound = server.rest("GET", opened["sound"], key=None)
    assert (sound.status, sound.headers["Content-Type"]) == (200, "audio/mpeg")
    late = await connect("late")
    joined = await late.join(heard.id, "Late")
    assert joined["question"]["sound"] == opened["sound"]
    await ann.ask("SUBMIT_ANSWER", session_id=heard.id, question_id="d1", answer="no idea")
    assert SECRET not in seen(ann, screen, late)
    heard.do("close-question")
    for client in (ann, screen, late):
        closed = (await client.next("QUESTION_CLOSED"))["payload"]
        assert (closed["text"], closed["correct_answers"]) == (SECRET, [SECRET])


async def test_what_is_heard_beside_is_read_too_and_what_is_read_has_no_sound(
    server: LiveServer, connect: Connect
) -> None:
    heard = game(server, pace="host")
    ann = await connect("ann")
    await ann.join(heard.id, "Ann")
    heard.do("start", "next", "next")
    opened = (await ann.next("QUESTION_OPENED", question_id="m1"))["payload"]
    assert (opened["text"], opened["listen"], opened["listen_language"]) == ("el murciélago", "beside", "es-MX")
    assert opened["sound"].startswith("/sounds/")
    heard.do("next")
    opened = (await ann.next("QUESTION_OPENED", question_id="r1"))["payload"]
    assert not {"listen", "sound", "listen_language"} & set(opened)
    assert (await ann.next("QUESTION_CLOSED", question_id="m1"))["payload"]["text"] is None


async def test_self_paced_it_is_told_with_the_solution(server: LiveServer, connect: Connect) -> None:
    heard = game(server, pace="self", auto_start=True)
    ann = await connect("ann")
    await ann.join(heard.id, "Ann")
    opened = (await ann.ask("NEXT_QUESTION", session_id=heard.id))["payload"]
    assert (opened["question_id"], opened["text"]) == ("d1", "")
    assert SECRET not in seen(ann)
    scored = (await ann.ask("SUBMIT_ANSWER", session_id=heard.id, question_id="d1", answer="x"))["payload"]
    assert scored["text"] == SECRET


@pytest.mark.parametrize(("pace", "status"), [("self", 400), ("host", 201)])
def test_what_nobody_could_hear_is_no_game_without_a_host(server: LiveServer, pace: str, status: int) -> None:
    question = {**QUIZ["questions"][0], "listen_language": "tlh-x-none"}
    server.rest("POST", "/api/v1/quizzes", {**QUIZ, "id": "unheard", "questions": [question]})
    before = server.rest("GET", "/api/v1/sessions").json["count"]
    made = server.rest("POST", "/api/v1/sessions", {"quiz_id": "unheard", "pace": pace})
    assert made.status == status, made.data
    after = server.rest("GET", "/api/v1/sessions").json["count"]
    assert after - before == (status == 201)
    if status == 400:
        assert (made.json["questions"], made.json["languages"]) == (["d1"], ["tlh-x-none"])
        assert SECRET not in json.dumps(made.json)


def test_how_often_and_how_fast_players_listen_is_an_option(server: LiveServer) -> None:
    made = game(server, options={"listen_plays": 2, "listen_speed": 75}).made
    assert (made["options"]["listen_plays"], made["options"]["listen_speed"]) == (2, 75)
    for wrong in ({"listen_plays": 11}, {"listen_speed": 10}, {"listen_speed": 400}):
        assert server.rest("POST", "/api/v1/sessions", {"quiz_id": "heard", "options": wrong}).status == 400

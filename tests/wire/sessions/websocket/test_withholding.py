"""Before a question closes, nothing that reaches a player differs between a right and a wrong answer."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest

from tests.support.game import RIGHT, WRONG
from tests.support.ws_client import Client
from tests.wire.sessions.websocket.conftest import Connect, NewGame

#: What differs between two runs whatever the answer was.
_VARYING = re.compile(
    r"\d{4}-\d\d-\d\dT[\d:.]+Z|[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"
    r'|"session_token":"[^"]*"|"join_code":"[^"]*"|"version":\d+|"message_id":"[^"]*"|"reply_to":"[^"]*"'
)


def content(client: Client) -> set[str]:
    """The frames without what always varies. A set: what comes in windows may come more than once."""
    return {_VARYING.sub("*", frame) for frame in client.frames if '"HEARTBEAT"' not in frame}


async def told(connect: Connect, new_game: NewGame, answers: dict[str, Any], **options: Any) -> list[set[str]]:
    """All that an answering player and a bystander were sent before the first close."""
    game = new_game(reveal="on_close", **options)
    player, other = await connect("player"), await connect("other")
    await player.join(game.id, "Player")
    await player.next("USER_JOINED", user_id="player")
    await other.join(game.id, "Other")
    await player.next("USER_JOINED", user_id="other")
    game.do("start")
    for client in (player, other):
        await client.next("LEADERBOARD_UPDATED", total_participants=2)
    if game.made["pace"] == "host":
        game.do("next")
    questions = ["q1"] if game.made["pace"] == "host" else list(RIGHT)
    for question in questions:
        for _ in range(2):
            await player.ask(
                "SUBMIT_ANSWER", session_id=game.id, question_id=question, answer=answers[question], time_taken_ms=1
            )
        if game.made["pace"] == "host":
            await player.next("ANSWERS_PROGRESS", answered_count=1)
            await other.next("ANSWERS_PROGRESS", answered_count=1)
    for client in (player, other):
        await client.ask("GET_LEADERBOARD", session_id=game.id)
    await player.join(game.id, "Player", last_seq=0)
    if game.made["pace"] == "self":
        await player.ask("NEXT_QUESTION", session_id=game.id)
    # Whatever an answer set in motion comes before the leaderboard with the next player in it.
    await (await connect("third")).join(game.id, "Third")
    for client in (player, other):
        await client.next("LEADERBOARD_UPDATED", total_participants=3)
        await client.next("USER_JOINED", user_id="third")
    before = [content(player), content(other)]
    for client in (player, other):
        text = "".join(client.frames)
        assert '"is_correct"' not in text
        assert '"points_earned"' not in text
        assert '"correct_answers"' not in text
        assert all(json.loads(frame)["payload"].get("your_score") in {0, None} for frame in client.frames)
    game.do("end")
    ended = await player.next("SESSION_ENDED")
    assert bool(ended["payload"]["your_score"]) is (answers is RIGHT)
    return before


@pytest.mark.parametrize("pace", ["host", "self"])
async def test_a_right_and_a_wrong_answer_look_the_same(connect: Connect, new_game: NewGame, pace: str) -> None:
    right = await told(connect, new_game, RIGHT, pace=pace)
    wrong = await told(connect, new_game, WRONG, pace=pace)
    # What the player sent comes back in what it is told of its first answer; nothing else may differ.
    for answers, frames in ((RIGHT, right), (WRONG, wrong)):
        for question, given in answers.items():
            sent = json.dumps(given if isinstance(given, str) else sorted(given), separators=(",", ":"))
            frames[0] = {frame.replace(f'"answer":{sent}', f'"answer":"given to {question}"') for frame in frames[0]}
    assert right[0] == wrong[0]
    assert right[1] == wrong[1]


async def test_the_control_without_withholding_the_answers_look_different(connect: Connect, new_game: NewGame) -> None:
    kinds = []
    for answers in (RIGHT, WRONG):
        game = new_game(reveal="immediately")
        player = await connect()
        await player.join(game.id)
        game.do("start", "next")
        told = await player.ask("SUBMIT_ANSWER", session_id=game.id, question_id="q1", answer=answers["q1"])
        kinds.append(told["payload"]["is_correct"])
    assert kinds == [True, False]

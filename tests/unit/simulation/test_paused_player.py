"""A player at their own pace who asks or answers during a pause plays on after it."""

from __future__ import annotations

import asyncio
from random import Random
from typing import Any

import msgspec

from simulation import wire
from simulation.client import Reply
from simulation.habits import draw_habits
from simulation.ledger import SentAnswer
from simulation.players import Player
from simulation.quiz import Question, Quiz
from simulation.table import Table

QUIZ = Quiz("q", (Question("q1", "choice", options=("a", "b"), correct_answers=("a",)),))


def reply(kind: str, **payload: Any) -> Reply:
    raw = msgspec.json.encode({"type": kind, "payload": payload, "reply_to": "1"})
    return Reply(*wire.read(raw))


class PausedServer(Player):
    """A player whose server is paused until the test says otherwise."""

    paused = True

    async def request(self, kind: str, **payload: Any) -> asyncio.Future[Reply]:
        answer: asyncio.Future[Reply] = asyncio.get_running_loop().create_future()
        if self.paused:
            answer.set_result(reply("ERROR", code="QUESTION_NOT_OPEN", message="It is paused."))
        elif kind == "SUBMIT_ANSWER":
            answer.set_result(reply("ANSWER_ACCEPTED", question_id="q1"))
        else:
            over = "q1" in self.acknowledged
            answer.set_result(reply("FINISHED") if over else reply("QUESTION_OPENED", question_id="q1"))
        return answer


def player() -> PausedServer:
    async def no_code(user_id: str) -> str:
        raise NotImplementedError

    table = Table(
        place_code=no_code,
        ws_url="",
        session_id="s",
        join_code="c",
        pace="self",
        questions=1,
        seconds=0.001,
        lobby_seconds=0,
    )
    return PausedServer(table, draw_habits(0, Random(1), questions=1, seconds=0.001), QUIZ)


async def _goes_on(one: PausedServer) -> None:
    acting = asyncio.create_task(one.act())
    await asyncio.sleep(0)
    one._turns.put_nowait("")
    while not one._turns.empty():
        await asyncio.sleep(0)
    for _ in range(20):
        await asyncio.sleep(0)
    assert one.acknowledged == set()
    one.paused = False
    one.event(*wire.read(b'{"type": "SESSION_RESUMED", "payload": {}, "seq": 3}'), live=True)
    async with asyncio.timeout(20):
        while not one.finished:
            await asyncio.sleep(0.001)
    acting.cancel()
    assert one.acknowledged == {"q1"}


async def test_who_asked_during_a_pause_asks_again_after_it() -> None:
    await _goes_on(player())


async def test_an_answer_that_was_refused_in_a_pause_is_given_after_it_and_is_no_refused_one() -> None:
    one = player()
    one.passed.add("q1")
    one._ledger.sent.append(SentAnswer(one.user_id, "q1", "a", right=True))
    one._ledger.refused.append((one.user_id, "q1"))
    await _goes_on(one)
    assert one._ledger.refused == []
    # It is the same answer: the first one may have arrived after all.
    assert {sent.answer for sent in one._ledger.sent} == {"a"}

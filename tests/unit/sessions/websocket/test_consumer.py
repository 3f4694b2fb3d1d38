"""The consumer when something breaks below it: the client is told, the log has the cause, the socket goes on."""

from __future__ import annotations

import asyncio
import json
import logging
from types import SimpleNamespace
from typing import Any

import pytest

from common.clock import SystemClock
from common.config import Config
from common.limits import Buckets
from common.shared_limits import LocalLimit
from scoring.ports import ServiceUnavailable
from sessions.services.playing import Superseded
from sessions.websocket import connection
from sessions.websocket.consumer import QuizConsumer
from sessions.wiring.lookups import Lookups


class BrokenPlayers:
    """A service with a mistake in it."""

    def __init__(self, error: Exception) -> None:
        self.error = error

    async def find(self, id_or_code: str) -> None:
        raise self.error


async def answers(monkeypatch: pytest.MonkeyPatch, error: Exception, *, until: int = 3) -> list[dict[str, Any]]:
    """What a client is told that asks for the next question, and then pings."""
    players: Any = BrokenPlayers(error)
    runtime = SimpleNamespace(
        config=Config(),
        clock=SystemClock(),
        server_id="here",
        draining=False,
        players=players,
        lookups=Lookups(LocalLimit(Buckets(0, 60_000)), players, SystemClock()),
        turn_away=lambda: False,
        opened=lambda socket: None,
        closed=lambda socket: None,
    )

    async def current() -> Any:
        return runtime

    monkeypatch.setattr(connection, "current_runtime", current)
    received: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
    sent: list[dict[str, Any]] = []

    async def send(event: dict[str, Any]) -> None:
        sent.append(event)

    asking = {"type": "NEXT_QUESTION", "payload": {"session_id": "s"}, "message_id": "m1"}
    for event in (
        {"type": "websocket.connect"},
        {"type": "websocket.receive", "text": json.dumps(asking)},
        {"type": "websocket.receive", "text": '{"type":"PING"}'},
        {"type": "websocket.disconnect", "code": 1000},
    ):
        received.put_nowait(event)
    scope = {"type": "websocket", "path": "/ws", "query_string": b"", "headers": [], "client": ("127.0.0.1", 1)}
    await QuizConsumer()(scope, received.get, send)
    async with asyncio.timeout(10):
        while len(sent) < until:
            await asyncio.sleep(0)
    return [json.loads(event["text"]) if event["type"] == "websocket.send" else event for event in sent[1:]]


async def test_a_mistake_below_is_told_as_an_internal_error_and_logged_with_its_cause(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    error, pong = await answers(monkeypatch, KeyError("secret detail"))
    assert (error["type"], error["reply_to"]) == ("ERROR", "m1")
    assert (error["payload"]["code"], error["payload"]["recoverable"]) == ("INTERNAL_ERROR", True)
    assert "secret detail" not in json.dumps(error)
    assert pong["type"] == "PONG"
    [line] = [record for record in caplog.records if record.levelno >= logging.ERROR]
    assert line.exc_info is not None
    assert "secret detail" in str(line.exc_info[1])


async def test_an_outage_below_is_told_as_such_and_is_no_mistake(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    error, pong = await answers(monkeypatch, ServiceUnavailable("away"))
    assert (error["payload"]["code"], error["payload"]["recoverable"]) == ("SERVICE_UNAVAILABLE", True)
    assert pong["type"] == "PONG"
    assert not [record for record in caplog.records if record.levelno >= logging.ERROR]


async def test_a_join_that_comes_too_late_closes_its_own_connection(monkeypatch: pytest.MonkeyPatch) -> None:
    close, *_ = await answers(monkeypatch, Superseded(), until=2)
    assert (close["type"], close["code"]) == ("websocket.close", 4001)

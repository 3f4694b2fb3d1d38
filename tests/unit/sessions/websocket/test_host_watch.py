"""A host's connection ends when the host may no longer be one, and not because nobody could look."""

from __future__ import annotations

import asyncio
from types import SimpleNamespace
from typing import Any

import pytest

from sessions.websocket import consumer
from sessions.websocket.consumer import QuizConsumer


async def watched(monkeypatch: pytest.MonkeyPatch, told: list[bool | Exception]) -> tuple[list[Any], int]:
    """What the socket was closed with, and how often it was looked."""
    looks = iter(told)
    count = 0

    async def may_host(_scope: Any, _setup: Any) -> bool:
        nonlocal count
        count += 1
        answer = next(looks)
        if isinstance(answer, Exception):
            raise answer
        return answer

    closed: list[Any] = []
    monkeypatch.setattr(consumer, "may_host", may_host)
    host: Any = QuizConsumer()
    host.scope = {}
    host.setup = SimpleNamespace(id="s")
    host.runtime = SimpleNamespace(config=SimpleNamespace(host_check_seconds=0))
    host.socket = SimpleNamespace(role="host", close=lambda *given: closed.append(given))
    async with asyncio.timeout(10):
        await host._watch_host()
    return closed, count


async def test_a_host_who_signs_out_is_closed_with_4003(monkeypatch: pytest.MonkeyPatch) -> None:
    assert await watched(monkeypatch, [True, True, False]) == ([(4003, "signed out")], 3)


async def test_a_database_that_is_away_puts_nobody_out(monkeypatch: pytest.MonkeyPatch) -> None:
    assert await watched(monkeypatch, [OSError("away"), True, False]) == ([(4003, "signed out")], 3)

"""Who comes and goes: by name while few do, as one summary in a rush."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, cast

import pytest

from scoring.ports import ServiceUnavailable
from scoring.rules.answers import StoredAnswer
from sessions.services.ports import Broadcaster, ParticipantState
from sessions.services.presence import Presence
from tests.support.store_game import Game, new_game
from tests.support.stores import Harness


class Told:
    """Keeps what is published; the only part of a broadcaster that presence uses."""

    def __init__(self, *, hosts_too: bool = False) -> None:
        self.messages: list[dict[str, Any]] = []
        self._hosts_too = hosts_too

    async def volatile(self, session_id: str, body: bytes, audience: str) -> None:
        assert audience == "everyone" or self._hosts_too
        self.messages.append(json.loads(body))


def presence_of(harness: Harness, told: Told, close: Callable[[str], Awaitable[None]] | None = None) -> Presence:
    """Presence that publishes in the next turn of the event loop."""

    async def leave_open(session_id: str) -> None:
        raise AssertionError("no session here wants that")

    return Presence(
        harness.store,
        cast(Broadcaster, told),
        harness.clock,
        window_ms=0,
        progress_ms=0,
        progress_share=0,
        grace_ms=0,
        close_if_all_answered=close or leave_open,
    )


async def published(harness: Harness, game: Game, told: Told, *, joined: int, left: int) -> list[dict[str, Any]]:
    """What is told of a window in which so many came, and so many of those before them went."""
    presence = presence_of(harness, told)
    for player in (await harness.store.participants(game.id))[:left]:
        presence.left(game.id, player)
    for player in (await harness.store.participants(game.id))[left : left + joined]:
        presence.joined(game.id, player)
    async with asyncio.timeout(10):
        while not told.messages:
            await asyncio.sleep(0)
    await presence.close()
    return told.messages


@pytest.mark.parametrize(("joined", "left"), [(1, 0), (0, 1), (7, 3)])
async def test_a_few_are_told_by_name(harness: Harness, joined: int, left: int) -> None:
    game = await new_game(harness)
    await game.players(*(f"p{number:02}" for number in range(joined + left)))
    messages = await published(harness, game, Told(), joined=joined, left=left)
    assert [message["type"] for message in messages] == ["USER_LEFT"] * left + ["USER_JOINED"] * joined
    assert [message["payload"]["user_id"] for message in messages] == [f"p{n:02}" for n in range(joined + left)]
    assert all(message["payload"]["participant_count"] == joined + left for message in messages)


@pytest.mark.parametrize(("joined", "left"), [(11, 0), (0, 11), (25, 15)])
async def test_a_rush_is_told_as_one_summary(harness: Harness, joined: int, left: int) -> None:
    game = await new_game(harness)
    await game.players(*(f"p{number:02}" for number in range(joined + left)))
    (message,) = await published(harness, game, Told(), joined=joined, left=left)
    assert message["type"] == "PARTICIPANTS_CHANGED"
    assert message["payload"] == {
        "session_id": game.id,
        "joined": joined,
        "left": left,
        "participant_count": joined + left,
    }


async def test_who_comes_and_goes_in_one_window_is_told_as_gone(harness: Harness) -> None:
    game = await new_game(harness)
    await game.players("ann")
    told = Told()
    presence = presence_of(harness, told)
    [ann] = await harness.store.participants(game.id)
    presence.joined(game.id, ann)
    presence.left(game.id, ann)
    async with asyncio.timeout(10):
        while not told.messages:
            await asyncio.sleep(0)
    await presence.close()
    assert [message["type"] for message in told.messages] == ["USER_LEFT"]


async def test_a_hall_that_loses_its_network_is_detached_in_a_few_calls(
    harness: Harness, monkeypatch: pytest.MonkeyPatch
) -> None:
    game = await new_game(harness)
    lost = {f"p{number:03}": f"here/{number}" for number in range(40)}
    for user, connection in lost.items():
        await game.join(user, connection=connection)
    detach, calls = harness.store.detach, 0

    async def counted(session_id: str, connections: Mapping[str, str]) -> list[ParticipantState]:
        nonlocal calls
        calls += 1
        if calls == 1:
            raise ServiceUnavailable
        return await detach(session_id, connections)

    monkeypatch.setattr(harness.store, "detach", counted)
    monkeypatch.setattr("sessions.services.presence._AGAIN_SECONDS", 0)
    told = Told()
    presence = presence_of(harness, told)
    for user, connection in lost.items():
        presence.disconnected(game.id, user, connection)
    async with asyncio.timeout(10):
        while not told.messages:
            await asyncio.sleep(0)
    await presence.close()
    assert told.messages[0]["payload"] == {"session_id": game.id, "joined": 0, "left": 40, "participant_count": 0}
    assert calls == 2


async def test_players_and_hosts_are_told_of_one_count(harness: Harness, monkeypatch: pytest.MonkeyPatch) -> None:
    game = await new_game(harness)
    await game.players("ann", "bob")
    await game.start()
    await game.accepted("ann")
    counts: list[str] = []
    read = harness.store.answers_to

    async def counted(session_id: str, question_id: str) -> Mapping[str, StoredAnswer]:
        counts.append(question_id)
        return await read(session_id, question_id)

    monkeypatch.setattr(harness.store, "answers_to", counted)
    told = Told(hosts_too=True)
    presence = presence_of(harness, told)
    presence.answered(game.id)
    async with asyncio.timeout(10):
        while len(told.messages) < 2:
            await asyncio.sleep(0)
    await presence.close()
    assert [(message["type"], message["payload"]["answered_count"]) for message in told.messages] == [
        ("ANSWERS_PROGRESS", 1),
        ("HOST_PROGRESS", 1),
    ]
    assert counts == ["q1"]


async def test_what_the_progress_of_many_classes_needs_is_asked_for_together(
    harness: Harness, monkeypatch: pytest.MonkeyPatch
) -> None:
    games = [await new_game(harness, pace="host") for _ in range(5)]
    for game in games:
        await game.players("ann")
        await game.start()
    asked: list[str] = []
    all_asked = asyncio.Event()
    state_of = harness.store.state

    async def state(session_id: str) -> Any:
        asked.append(session_id)
        if len(asked) == len(games):
            all_asked.set()
        # One after the other, the first would wait for ever.
        await all_asked.wait()
        return await state_of(session_id)

    monkeypatch.setattr(harness.store, "state", state)
    presence = presence_of(harness, Told())
    async with asyncio.timeout(10):
        for game in games:
            presence.answered(game.id)
        await all_asked.wait()
    await presence.close()
    assert sorted(asked) == sorted(game.id for game in games)

"""A question closes once all have answered who are connected, on one instance or several, and not while held."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any, cast

import pytest
import pytest_asyncio

from scoring.intake import AnswerIntake
from scoring.ports import ServiceUnavailable
from sessions.rules.commands import CloseQuestion, Command, Hold, Pause, Resume
from sessions.rules.options import SessionOptions
from sessions.services.hosting import SessionService
from sessions.services.ports import Broadcaster
from sessions.services.presence import Presence
from tests.support.store_game import Game, new_game
from tests.support.stores import Harness, NoVoice, NoWords


class Events:
    """Notes the events that are published; all else is lost."""

    def __init__(self) -> None:
        self.kinds: list[str] = []

    async def event(self, session_id: str, seq: int, kind: str, question_id: str, body: bytes) -> None:
        self.kinds.append(kind)

    async def volatile(self, session_id: str, body: bytes, audience: str) -> None:
        pass

    async def board_changed(self, session_id: str) -> None:
        pass

    async def removed(self, session_id: str, user_id: str) -> None:
        pass


class Instance:
    """One process's services on the store."""

    def __init__(self, harness: Harness) -> None:
        self.events = Events()
        told = cast(Broadcaster, self.events)
        store, clock = harness.store, harness.clock
        intake = AnswerIntake(store, batch_size=500)
        self.service = SessionService(
            store, intake, told, clock, max_duration_ms=0, lobby_ms=0, words=NoWords(), voice=NoVoice()
        )
        self.presence = Presence(
            *(store, told, clock),
            window_ms=0,
            progress_ms=0,
            progress_share=0,
            grace_ms=0,
            close_if_all_answered=self.service.close_if_all_answered,
        )

    async def do(self, game: Game, command: Command) -> Any:
        return await self.service.command(game.id, command, actor="test")


@pytest_asyncio.fixture
async def here(harness: Harness) -> AsyncIterator[Instance]:
    instance = Instance(harness)
    yield instance
    await instance.presence.close()


async def opened(harness: Harness, *players: str, wanted: bool = True) -> Game:
    """A game at its first question."""
    game = await new_game(harness, options=SessionOptions(close_when_all_answered=wanted), reveal="on_close")
    await game.players(*players)
    await game.start()
    return game


async def closed(game: Game) -> bool:
    """Whether the question is closed, or closes while the windows get their turns."""
    for _ in range(400):
        if (await game.state()).phase == "closed":
            return True
        await asyncio.sleep(0.001)
    return False


async def test_it_closes_with_the_last_answer_and_not_before(harness: Harness, here: Instance) -> None:
    game = await opened(harness, "ann", "bob")
    await game.accepted("ann")
    here.presence.answered(game.id)
    await here.service.close_if_all_answered(game.id)
    assert (await game.state()).phase == "open"
    await game.accepted("bob", right=False)
    here.presence.answered(game.id)
    assert await closed(game)
    assert here.events.kinds == ["question_closed"]


async def test_a_session_that_does_not_want_it_stays_open(harness: Harness, here: Instance) -> None:
    game = await opened(harness, "ann", wanted=False)
    await game.accepted("ann")
    here.presence.answered(game.id)
    await here.service.close_if_all_answered(game.id)
    assert not await closed(game)


async def test_who_left_is_not_waited_for(harness: Harness, here: Instance) -> None:
    game = await opened(harness, "ann", "bob")
    await game.accepted("ann")
    bob = await harness.store.participant(game.id, "bob")
    assert bob is not None
    await harness.store.leave(game.id, "bob")
    here.presence.left(game.id, bob)
    assert await closed(game)


async def test_who_was_removed_is_not_waited_for(harness: Harness, here: Instance) -> None:
    game = await opened(harness, "ann", "bob")
    await game.accepted("ann")
    await here.service.remove(game.id, "bob", actor="test")
    assert (await game.state()).phase == "closed"


async def test_who_came_late_is_waited_for(harness: Harness, here: Instance) -> None:
    game = await opened(harness, "ann")
    await game.players("bob")
    await game.accepted("ann")
    await here.service.close_if_all_answered(game.id)
    assert (await game.state()).phase == "open"


async def test_who_answered_and_left_does_not_stand_for_who_has_yet_to_answer(harness: Harness, here: Instance) -> None:
    game = await opened(harness, "ann", "bob")
    await game.accepted("ann")
    await harness.store.leave(game.id, "ann")
    # As many answers as players who are there, and yet not all have answered.
    assert await harness.store.participant_count(game.id) == 1
    await here.service.close_if_all_answered(game.id)
    assert (await game.state()).phase == "open"


async def test_a_question_of_nobody_waits_for_its_deadline(harness: Harness, here: Instance) -> None:
    game = await opened(harness, "ann")
    await harness.store.leave(game.id, "ann")
    await here.service.close_if_all_answered(game.id)
    assert (await game.state()).phase == "open"


async def test_a_held_question_stays_open(harness: Harness, here: Instance) -> None:
    game = await opened(harness, "ann")
    await here.do(game, Hold())
    await game.accepted("ann")
    await here.service.close_if_all_answered(game.id)
    assert (await game.state()).phase == "open"
    assert (await here.do(game, CloseQuestion())).state.phase == "closed"


async def test_what_was_answered_before_a_pause_counts_after_it(harness: Harness, here: Instance) -> None:
    game = await opened(harness, "ann")
    await here.do(game, Pause())
    with_answer = await game.submit("ann")
    assert with_answer.__class__.__name__ == "Refused"
    await here.do(game, Resume())
    await game.accepted("ann")
    await here.do(game, Pause())
    await here.service.close_if_all_answered(game.id)
    assert (await game.state()).phase == "open"
    assert (await here.do(game, Resume())).state.phase == "closed"


async def test_of_two_instances_that_both_find_out_one_closes(harness: Harness, here: Instance) -> None:
    other = Instance(harness)
    game = await opened(harness, "ann", "bob")
    await game.accepted("ann")
    await game.accepted("bob")
    await asyncio.gather(*(one.service.close_if_all_answered(game.id) for one in (here, other) * 3))
    assert (await game.state()).phase == "closed"
    assert here.events.kinds + other.events.kinds == ["question_closed"]


async def test_it_closes_when_the_store_is_back(
    harness: Harness, here: Instance, monkeypatch: pytest.MonkeyPatch
) -> None:
    game = await opened(harness, "ann")
    await game.accepted("ann")
    commit, refused = harness.store.commit, 0

    async def refusing(*args: Any) -> bool:
        nonlocal refused
        refused += 1
        if refused == 1:
            raise ServiceUnavailable
        return await commit(*args)

    monkeypatch.setattr(harness.store, "commit", refusing)
    here.presence.answered(game.id)
    assert await closed(game)
    assert refused == 2

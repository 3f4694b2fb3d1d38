"""Session events as messages."""

from __future__ import annotations

import json
from dataclasses import replace

from sessions.rules.commands import CloseQuestion
from sessions.services.event_messages import DISTRIBUTION_LINES, render_event
from tests.support.store_game import Game, new_game
from tests.support.stores import Harness


async def closed(game: Game) -> dict[str, object]:
    """The payload of QUESTION_CLOSED."""
    await game.do(CloseQuestion())
    [event] = [event for event in await game.store.events_since(game.id, 0) if event.kind == "question_closed"]
    payload: dict[str, object] = json.loads(await render_event(game.store, game.setup, event))["payload"]
    return payload


async def test_it_tells_the_most_frequent_of_very_many_different_answers(harness: Harness) -> None:
    game = await new_game(harness, pace="host")
    await game.start()
    users = [f"u{number}" for number in range(DISTRIBUTION_LINES + 20)]
    await game.players(*users)
    answers = [game.answer(user, text="often" if number < 3 else user) for number, user in enumerate(users)]
    await game.store.record(game.id, answers)
    payload = await closed(game)
    distribution = payload["distribution"]
    assert isinstance(distribution, dict)
    assert len(distribution) == DISTRIBUTION_LINES
    assert distribution["often"] == 3
    assert (payload["answered_count"], payload["correct_count"]) == (len(users), len(users))


async def test_an_event_is_the_same_message_each_time_it_is_sent(harness: Harness) -> None:
    game = await new_game(harness, pace="host")
    await game.start()
    for event in await game.store.events_since(game.id, 0):
        assert await render_event(game.store, game.setup, event) == await render_event(
            game.store, game.setup, replace(event)
        )

"""Self pace in a store: each player's time runs from the first showing of a question, on a clock that pauses stop."""

from __future__ import annotations

import pytest

from sessions.rules.commands import Pause, Resume
from tests.support.store_game import Game, new_game
from tests.support.stores import Harness


async def self_paced(harness: Harness) -> Game:
    game = await new_game(harness, pace="self")
    await game.players("ann", "bob")
    await game.start()
    return game


async def test_the_time_runs_from_the_first_showing(harness: Harness) -> None:
    game = await self_paced(harness)
    await game.store.show(game.id, "ann", "q1")
    game.wait(3_000)
    await game.store.show(game.id, "ann", "q1")
    game.wait(2_000)
    assert (await game.accepted("ann")).stored.elapsed_ms == 5_000


async def test_the_question_on_show_stands_last(harness: Harness) -> None:
    game = await self_paced(harness)
    for question in ("q1", "q2", "q1"):
        await game.store.show(game.id, "ann", question)
        game.wait(1_000)
    shown = await game.store.shown(game.id, "ann")
    assert list(shown) == ["q2", "q1"]
    assert shown["q2"] - shown["q1"] == 1_000
    assert not await game.store.shown(game.id, "bob")


async def test_a_pause_stops_the_time(harness: Harness) -> None:
    game = await self_paced(harness)
    game.wait(1_000)
    await game.do(Pause())
    game.wait(30_000)
    await game.do(Resume())
    await game.store.show(game.id, "ann", "q1")
    game.wait(2_000)
    await game.do(Pause())
    game.wait(60_000)
    await game.store.show(game.id, "ann", "q2")
    game.wait(60_000)
    await game.do(Resume())
    game.wait(1_000)
    assert (await game.accepted("ann", "q1")).stored.elapsed_ms == 3_000
    assert (await game.accepted("ann", "q2")).stored.elapsed_ms == 1_000


async def test_the_question_on_show_and_its_time_outlive_a_restart(harness: Harness) -> None:
    game = await self_paced(harness)
    await game.store.show(game.id, "ann", "q1")
    await game.store.show(game.id, "ann", "q2")
    before = await game.store.shown(game.id, "ann")
    await harness.settle()
    store = await harness.restart()
    shown = await store.shown(game.id, "ann")
    assert list(shown)[-1] == "q2"
    assert shown["q2"] == before["q2"]
    game.wait(4_000)
    assert (await game.accepted("ann", "q2")).stored.elapsed_ms == 4_000


@pytest.mark.parametrize(
    ("claimed_ms", "elapsed_ms"), [(None, 20_000), (3_000, 10_000), (-1, 10_000), (90_000, 20_000), (0, 10_000)]
)
async def test_a_question_that_was_never_shown_earns_no_speed_points_whatever_the_client_says(
    harness: Harness, claimed_ms: int | None, elapsed_ms: int
) -> None:
    game = await self_paced(harness)
    stored = (await game.accepted("ann", claimed_ms=claimed_ms)).stored
    assert stored.elapsed_ms == elapsed_ms
    assert stored.points == 10
    await game.store.show(game.id, "bob", "q1")
    assert (await game.accepted("bob", claimed_ms=claimed_ms)).stored.points == 15

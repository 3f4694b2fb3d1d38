"""A closed question gives way by itself: the timer is the store's, wherever it runs out, and outlives a restart."""

from __future__ import annotations

from sessions.rules.lifecycle import Hold, Pause, Resume, Timeout
from sessions.rules.options import SessionOptions
from tests.support.store_game import Game, new_game
from tests.support.stores import Harness


async def closed(harness: Harness) -> Game:
    """A game whose first question is closed and gives way in five seconds."""
    game = await new_game(harness, options=SessionOptions(advance_after_ms=5_000))
    await game.start()
    await game.close()
    return game


async def test_it_is_due_when_it_has_stood_for_long_enough(harness: Harness) -> None:
    game = await closed(harness)
    game.wait(4_999)
    assert await harness.store.claim_due(game.now) == []
    game.wait(1)
    assert await harness.store.next_due() == game.now
    assert await harness.store.claim_due(game.now) == [game.id]
    # Two instances may have claimed it: one of them opens the next question.
    both = [await game.transition(Timeout()) for _ in range(2)]
    assert [await game.commit(one) for one in both] == [True, False]
    assert ((await game.state()).phase, (await game.state()).question_index) == ("open", 1)


async def test_it_is_due_after_a_restart(harness: Harness) -> None:
    game = await closed(harness)
    await harness.settle()
    await harness.restart()
    game.wait(5_000)
    assert await harness.store.state(game.id) is not None
    assert await harness.store.claim_due(game.now) == [game.id]


async def test_it_is_not_due_while_it_is_held_or_paused(harness: Harness) -> None:
    game = await closed(harness)
    game.wait(2_000)
    await game.do(Pause())
    game.wait(60_000)
    assert await harness.store.claim_due(game.now) == []
    await game.do(Resume())
    game.wait(2_999)
    assert await harness.store.claim_due(game.now) == []
    await game.do(Hold())
    game.wait(60_000)
    assert await harness.store.claim_due(game.now) == []

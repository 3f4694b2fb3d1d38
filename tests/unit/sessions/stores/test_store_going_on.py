"""Options come, and a closed question gives way, by themselves: the timers are the store's, and outlive a restart."""

from __future__ import annotations

from scoring.rules.answers import Refused
from sessions.rules.commands import Hold, Pause, Resume, Timeout
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


async def test_options_come_when_they_are_due_and_time_runs_from_them_on(harness: Harness) -> None:
    game = await new_game(harness, options=SessionOptions(options_after_ms=5_000), reveal="on_close")
    await game.players("ann")
    await game.start()
    assert (await game.state()).phase == "asked"
    refused = await game.submit("ann")
    assert isinstance(refused, Refused)
    assert refused.code == "QUESTION_NOT_OPEN"
    await harness.settle()
    await harness.restart()
    await game.join("ann", proven=True)
    await game.join("bob")
    game.wait(5_000)
    assert await harness.store.claim_due(game.now) == [game.id]
    await game.do(Timeout())
    state = await game.state()
    assert (state.phase, state.opened_at, state.deadline) == ("open", game.now, game.now + 20_000)
    game.wait(2_500)
    for user in ("ann", "bob"):
        assert (await game.accepted(user)).stored.elapsed_ms == 2_500

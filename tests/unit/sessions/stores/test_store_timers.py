"""Due times in a store: given out when they are due, to one instance at a time."""

from __future__ import annotations

from sessions.rules.commands import Extend, Next, Pause, Resume, Start
from tests.support.store_game import new_game
from tests.support.stores import Harness


async def test_it_gives_out_a_session_when_its_question_is_due(harness: Harness) -> None:
    game = await new_game(harness)
    assert await game.store.next_due() is None
    await game.start()
    deadline = (await game.state()).deadline
    assert await game.store.next_due() == deadline
    assert await game.store.claim_due(deadline - 1) == []
    assert await game.store.claim_due(deadline) == [game.id]


async def test_a_claimed_session_is_not_given_out_again_for_a_second(harness: Harness) -> None:
    game = await new_game(harness)
    await game.start()
    deadline = (await game.state()).deadline
    assert await game.store.claim_due(deadline) == [game.id]
    assert await game.store.claim_due(deadline + 999) == []
    assert await game.store.claim_due(deadline + 1_000) == [game.id]


async def test_a_closed_question_is_not_due(harness: Harness) -> None:
    game = await new_game(harness)
    await game.start()
    await game.close()
    assert await game.store.next_due() is None
    await game.do(Next())
    assert await game.store.next_due() == (await game.state()).deadline


async def test_a_paused_question_is_due_when_it_has_had_its_time(harness: Harness) -> None:
    game = await new_game(harness)
    await game.start()
    deadline = (await game.state()).deadline
    await game.do(Pause())
    assert await game.store.next_due() is None
    game.wait(5_000)
    await game.do(Resume(), Extend(2_000))
    assert await game.store.next_due() == deadline + 7_000


async def test_a_session_is_due_when_its_time_is_over(harness: Harness) -> None:
    game = await new_game(harness, pace="self", max_duration_ms=60_000)
    await game.do(Start())
    assert await game.store.next_due() == game.now + 60_000
    await game.end()
    assert await game.store.next_due() is None


async def test_the_timers_outlive_a_restart(harness: Harness) -> None:
    game = await new_game(harness)
    over = await new_game(harness)
    await game.start()
    await over.start()
    await over.end()
    deadline = (await game.state()).deadline
    store = await harness.restart()
    assert await store.next_due() == deadline
    assert await store.claim_due(deadline) == [game.id]

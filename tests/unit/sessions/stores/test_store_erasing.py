"""A session that was deleted from the database leaves nothing in the store."""

from __future__ import annotations

import pytest

from sessions.models import QuizSession
from sessions.services.ports import JoinRefused
from tests.support.redis_store import RedisHarness
from tests.support.store_game import Game, new_game
from tests.support.stores import Harness


async def delete_row(game: Game) -> None:
    """The session's row, with all that hangs on it."""
    await game.harness.settle()
    await game.harness.query(lambda: QuizSession.objects.filter(id=game.id).delete())


async def test_nobody_reaches_an_erased_session(harness: Harness) -> None:
    game = await new_game(harness)
    await game.start()
    await game.players("ann")
    await game.accepted("ann")
    await delete_row(game)
    assert await game.store.resolve(game.id) == game.id, "the store holds it until it is told"
    await game.store.erase(game.id)
    assert await game.store.resolve(game.id) is None
    assert await game.store.resolve(game.setup.join_code) is None
    assert await game.store.state(game.id) is None
    assert await game.store.participants(game.id) == []
    assert await game.store.answers_of(game.id, "ann") == []
    assert await game.scores() == {}
    assert await game.store.next_due() is None


async def test_erasing_one_session_leaves_the_others_and_may_be_done_again(harness: Harness) -> None:
    game, other = await new_game(harness), await new_game(harness)
    for each in (game, other):
        await each.start()
        await each.players("ann")
    await delete_row(game)
    for _ in range(2):
        await game.store.erase(game.id)
    assert await other.scores() == {"ann": 0}
    assert await other.store.resolve(other.setup.join_code) == other.id


async def test_an_instance_that_knew_the_session_lets_nobody_in(harness: Harness) -> None:
    if not isinstance(harness, RedisHarness):
        pytest.skip("one process has no other instances")
    game = await new_game(harness)
    rival = await harness.rival()
    assert await rival.setup(game.id) is not None
    await delete_row(game)
    await game.store.erase(game.id)
    assert await rival.state(game.id) is None
    [refused] = await rival.join(game.id, [game.wish("ann")])
    assert isinstance(refused, JoinRefused)


async def test_no_key_of_an_erased_session_is_left_in_redis(harness: Harness) -> None:
    if not isinstance(harness, RedisHarness):
        pytest.skip("it has no Redis")
    kept = await harness.all_keys()
    game = await new_game(harness, pace="self", reveal="on_close")
    await game.start()
    await game.players("ann", "bob")
    await game.store.show(game.id, "ann", "q1")
    await game.accepted("ann")
    await game.end()
    await delete_row(game)
    assert any(game.id in key for key in await harness.all_keys())
    await game.store.erase(game.id)
    left = await harness.all_keys() - kept
    assert not {key for key in left if game.id in key or game.setup.join_code in key}

"""A player whose data is deleted leaves nothing in the store, and the others play on."""

from __future__ import annotations

from functools import partial

import pytest

from scoring.rules.answers import Refused
from sessions.database.people import delete_person_in, ids_of
from sessions.models import Participant
from sessions.rules.options import SessionOptions
from sessions.services.ports import Joined
from tests.support.redis_store import RedisHarness
from tests.support.store_game import Game, new_game
from tests.support.stores import Harness


async def forget(game: Game, user: str) -> None:
    """As sessions/wiring/forgetting.py does it."""
    await game.harness.settle()
    users = await game.harness.query(partial(ids_of, game.id, user))
    await game.store.forget_players(game.id, users)
    await game.harness.query(partial(delete_person_in, game.id, users))
    await game.store.forget_players(game.id, users)
    await game.harness.settle()


@pytest.mark.parametrize("reveal", ["immediately", "on_close"])
async def test_nothing_is_left_of_the_player_and_the_others_play_on(harness: Harness, reveal: str) -> None:
    game = await new_game(harness, reveal=reveal, max_participants=2)
    await game.players("ann", "bob")
    await game.start()
    await game.accepted("ann")
    await game.accepted("bob", right=False)
    await game.store.remove(game.id, "ann", actor="test")
    await forget(game, "ann")
    assert [player.user_id for player in await game.store.participants(game.id)] == ["bob"]
    assert await game.store.answers_of(game.id, "ann") == []
    assert list(await game.store.answers_to(game.id, "q1")) == ["bob"]
    assert await game.scores() == {"bob": 0}
    if isinstance(harness, RedisHarness):
        client = harness.instance.server.client
        for key in await harness.all_keys():
            if await client.type(key) == "hash":
                assert not [field for field in await client.hgetall(key) if "ann" in field]
    assert isinstance(await game.submit("ann"), Refused)
    assert isinstance(await game.submit("bob"), Refused)
    assert isinstance(await game.join("eve"), Joined), "the place is free"
    await game.close()
    assert await game.scores() == {"bob": 0, "eve": 0}
    await harness.restart()
    assert await game.scores() == {"bob": 0, "eve": 0}
    rows = await harness.query(lambda: list(Participant.objects.values_list("user_id", flat=True)))
    assert rows == ["bob", "eve"]


async def test_further_attempts_go_too_and_doing_it_again_does_no_harm(harness: Harness) -> None:
    options = SessionOptions(closes_at=harness.clock.now() + 3_600_000, attempts=3)
    game = await new_game(harness, pace="self", options=options)
    await game.start()
    await game.players("ann", "ann-2")
    await game.accepted("ann")
    await game.store.begin_attempt(game.id, "ann", 2)
    await game.accepted("ann~2", "q2")
    await game.end()
    for _ in range(2):
        await forget(game, "ann")
        assert await game.scores() == {"ann-2": 0}
        assert await game.store.attempts_begun(game.id, "ann") == 1

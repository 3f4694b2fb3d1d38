"""A Redis that comes back is played from as soon as it has what is played; the rest is taken up behind that."""

from __future__ import annotations

import asyncio

import pytest

from scoring.rules.answers import Accepted
from sessions.stores.failover import merging
from tests.support.redis_store import RedisHarness
from tests.support.store_game import Game, new_game


async def emptied(redis: RedisHarness, monkeypatch: pytest.MonkeyPatch) -> tuple[Game, Game, asyncio.Event]:
    """A class that plays and a lobby, of which a new Redis knows nothing; the lobby waits for the event."""
    played, lobby = await new_game(redis), await new_game(redis)
    await played.players("ann")
    await played.start()
    await redis.settle()
    instance = redis.instance
    instance.connections = {played.id: {"ann": "server/1"}}
    await instance.server.client.flushdb()
    instance.forget_run()
    go_on = asyncio.Event()
    bring_in_rest = merging.Merger._bring_in_rest

    async def held_up(merger: merging.Merger, run: str, session_ids: list[str]) -> None:
        await go_on.wait()
        await bring_in_rest(merger, run, session_ids)

    monkeypatch.setattr(merging.Merger, "_bring_in_rest", held_up)
    return played, lobby, go_on


async def test_those_who_play_do_not_wait_for_the_lobbies(redis: RedisHarness, monkeypatch: pytest.MonkeyPatch) -> None:
    played, lobby, go_on = await emptied(redis, monkeypatch)
    assert isinstance(await played.submit("ann"), Accepted)
    client, keys = redis.instance.server.client, redis.instance.primary.keys(lobby.id)
    assert not await client.exists(keys.session)
    go_on.set()
    assert redis.instance.store._merger._rest is not None
    await redis.instance.store._merger._rest
    # For its timer, though nobody has touched it.
    assert await client.exists(keys.session)


async def test_a_lobby_is_taken_up_when_it_is_touched(redis: RedisHarness, monkeypatch: pytest.MonkeyPatch) -> None:
    played, lobby, _ = await emptied(redis, monkeypatch)
    assert isinstance(await played.submit("ann"), Accepted)
    await lobby.players("bob")
    assert [player.user_id for player in await redis.store.participants(lobby.id)] == ["bob"]

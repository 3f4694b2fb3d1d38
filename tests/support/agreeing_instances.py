"""Instances that hear of each other in the database, as in production, and what tests say about them."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from common.database import DatabaseThread
from common.redis import REDIS_DOWN
from scoring.rules.answers import Accepted, Outdated, Refused
from sessions.rules.state import Pace
from sessions.stores.failover.instances import InstanceRegister, InstanceStatus
from tests.support.redis_store import Instance, RedisHarness
from tests.support.store_game import Game, new_game
from tests.support.stores import FakeClock


class Watched(InstanceRegister):
    """The register, which tells a test what is said."""

    def __init__(self, thread: DatabaseThread) -> None:
        super().__init__(thread)
        self._awaited: list[tuple[Callable[[InstanceStatus], bool], asyncio.Event]] = []

    async def exchange(self, status: InstanceStatus) -> list[InstanceStatus]:
        others = await super().exchange(status)
        for wanted, event in self._awaited:
            if wanted(status):
                event.set()
        return others

    def says(self, instance: Instance, plays_on: str) -> asyncio.Event:
        """Set as soon as an instance says next that it plays from there."""
        event = asyncio.Event()
        self._awaited.append(
            (lambda status: (status.server_id, status.plays_on) == (instance.server_id, plays_on), event)
        )
        return event


async def playing(redis: RedisHarness, *, pace: Pace = "self") -> Game:
    game = await new_game(redis, pace=pace, scoring="flat")
    await game.players("ann", "bob")
    await game.start()
    await redis.settle()
    return game


async def lose_redis(*instances: Instance) -> None:
    """Nobody reaches it any more."""
    for instance in instances:
        instance.cut(redis=True, database=False)


async def leave(*instances: Instance) -> None:
    """They notice, one after the other, and play from the database."""
    for instance in instances:
        instance.store._give_up(ConnectionError("Redis is away"))
    for instance in instances:
        assert instance.store._leaving is not None
        await instance.store._leaving
        await instance.store.probe()
        assert (instance.store.on_redis, instance.store.cut_off) == (False, False)


async def answer(
    game: Game, instance: Instance, question: str = "q1", text: str = "a"
) -> Accepted | Refused | Outdated:
    """Ann's answer."""
    [result] = await instance.store.record(game.id, [game.answer("ann", question, text=text)])
    return result


@asynccontextmanager
async def living(clock: FakeClock, *instances: Instance) -> AsyncIterator[None]:
    """The instances do what each does every second, and oftener."""

    ended = asyncio.Event()

    async def live(instance: Instance) -> None:
        while not ended.is_set():
            await asyncio.sleep(0.02)
            clock.advance(20)
            try:
                await instance.store.exchange_heartbeat()
                await instance.store.probe()
                if instance.store.on_redis:
                    await instance.store.beat()
            except REDIS_DOWN as error:
                instance.store.note_failure(error)

    tasks = [asyncio.create_task(live(instance)) for instance in instances]
    try:
        yield
    finally:
        ended.set()
        await asyncio.gather(*tasks)

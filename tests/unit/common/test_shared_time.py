"""The instances' time does not step with the clock of Redis, and whoever slept comes after the others."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest

from common.clock import SharedClock
from common.redis import RedisServer
from common.shared_time import SharedTime
from tests.support.servers import redis_url
from tests.unit.common.test_clock import HOUR, Machine

STEPS = [30_000, -30_000, HOUR, -HOUR]


class World:
    """A machine with Redis, whose clock can be set, and instances on others."""

    def __init__(self, server: RedisServer) -> None:
        self.server = server
        self.redis = Machine()
        self.beats: dict[str, int] = {}
        self.clocks: dict[str, SharedClock] = {}
        self.machines: dict[str, Machine] = {}
        self.times: dict[str, SharedTime] = {}
        self.server.client = Asked(self.server.client, self.redis)

    def start(self, name: str) -> None:
        machine = self.machines[name] = Machine()
        clock = self.clocks[name] = machine.shared()

        async def beats() -> list[int]:
            return [at for other, at in self.beats.items() if other != name]

        self.times[name] = SharedTime(self.server, clock, beats)

    async def round(self) -> None:
        """A second goes by; everybody says that they live, and agrees."""
        for machine in (self.redis, *self.machines.values()):
            machine.run(1_000)
        for name, clock in self.clocks.items():
            if clock.agreed:
                self.beats[name] = clock.now()
        for time in self.times.values():
            await time.agree()

    def now(self) -> set[int]:
        return {clock.now() for clock in self.clocks.values()}


class Asked:
    """A client of Redis that is told another time."""

    def __init__(self, client: Any, machine: Machine) -> None:
        self._client = client
        self._machine = machine

    async def time(self) -> tuple[int, int]:
        return self._machine.wall // 1_000, self._machine.wall % 1_000 * 1_000

    def __getattr__(self, name: str) -> Any:
        return getattr(self._client, name)


@pytest.fixture
async def world() -> AsyncIterator[World]:
    server = RedisServer(redis_url(), timeout=5, connections=2)
    await server.client.delete("quizserver:ahead")
    made = World(server)
    for name in ("one", "other"):
        made.start(name)
    for _ in range(2):
        await made.round()
    yield made
    await server.client.delete("quizserver:ahead")
    await server.close()


@pytest.mark.parametrize("step", STEPS)
async def test_a_step_of_redis_s_clock_is_ridden_out_by_all(world: World, step: int) -> None:
    [began] = world.now()
    world.redis.wall += step
    for _ in range(3):
        await world.round()
    assert world.now() == {began + 3_000}
    assert world.server.ahead_ms == -step


@pytest.mark.parametrize("step", STEPS)
async def test_who_starts_after_a_step_tells_the_others_time(world: World, step: int) -> None:
    world.redis.wall += step
    await world.round()
    world.start("late")
    world.machines["late"].wall += 77_777
    await world.round()
    assert len(world.now()) == 1


@pytest.mark.parametrize("step", STEPS)
async def test_a_step_where_one_instance_runs_moves_nothing(world: World, step: int) -> None:
    [began] = world.now()
    world.machines["one"].wall += step
    await world.round()
    assert world.now() == {began + 1_000}


async def test_who_slept_comes_after_the_others(world: World) -> None:
    [began] = world.now()
    world.machines["one"].running -= 60_000
    for _ in range(3):
        await world.round()
    assert world.now() == {began + 3_000}
    assert world.server.ahead_ms == 0


async def test_a_redis_that_forgot_what_was_agreed_on_is_told(world: World) -> None:
    world.redis.wall += HOUR
    await world.round()
    [began] = world.now()
    await world.server.client.delete("quizserver:ahead")
    await world.round()
    assert world.now() == {began + 1_000}
    assert await world.server.client.get("quizserver:ahead") == str(-HOUR)

"""What goes wrong, one coroutine a fault; each ends with everything well again."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

from tests.dst.plan import Fault
from tests.dst.redis_server import FULL, READONLY

if TYPE_CHECKING:
    from tests.dst.world import World


async def strike(world: World, fault: Fault) -> None:
    """Let a fault happen at its time."""
    await asyncio.sleep(fault.at)
    world.note("fault", fault.kind, lasts=fault.lasts, target=fault.target)
    await globals()[f"_{fault.kind}"](world, fault)
    world.note("fault", f"{fault.kind} over")


def _name(world: World, fault: Fault) -> str:
    names = sorted(world.links)
    return names[fault.target % len(names)]


async def _instance_killed(world: World, fault: Fault) -> None:
    name = _name(world, fault)
    if world.instances[name].dead:
        return
    world.kill(name)
    await asyncio.sleep(fault.lasts)
    if world.instances[name].dead:
        await world.start(name)


async def _instance_deployed(world: World, fault: Fault) -> None:
    name = _name(world, fault)
    life = world.instances[name]
    if not life.serves:
        return
    await world.deploy(name)
    await asyncio.sleep(fault.lasts)
    if world.instances[name] is life:
        await world.start(name)


async def _instance_frozen(world: World, fault: Fault) -> None:
    life = world.instances[_name(world, fault)]
    life.frozen = True
    life.moved.clear()
    await asyncio.sleep(fault.lasts)
    life.frozen = False
    life.moved.set()


async def _redis_killed(world: World, fault: Fault) -> None:
    """Its file lacks up to the last second."""
    lacks = fault.target / 99
    file = world.redis.snapshot()
    await asyncio.sleep(lacks)
    await _restarted(world, fault, file)


async def _redis_emptied(world: World, fault: Fault) -> None:
    await _restarted(world, fault, None)


async def _restarted(world: World, fault: Fault, file: Any) -> None:
    world.redis.up = False
    await asyncio.sleep(fault.lasts)
    world.redis.restart(world.new_run(), file)


async def _redis_hangs(world: World, fault: Fault) -> None:
    world.redis.paused = True
    await asyncio.sleep(fault.lasts)
    world.redis.paused = False


async def _redis_cut_off_one(world: World, fault: Fault) -> None:
    link = world.links[_name(world, fault)]
    link.cut = True
    await asyncio.sleep(fault.lasts)
    link.cut = False


async def _redis_cut_off_all(world: World, fault: Fault) -> None:
    for link in world.links.values():
        link.cut = True
    await asyncio.sleep(fault.lasts)
    for link in world.links.values():
        link.cut = False


async def _redis_lossy(world: World, fault: Fault) -> None:
    for link in world.links.values():
        link.loss = 0.2
    await asyncio.sleep(fault.lasts)
    for link in world.links.values():
        link.loss = 0.0


async def _redis_slow(world: World, fault: Fault) -> None:
    for link in world.links.values():
        link.slow = 0.3
    await asyncio.sleep(fault.lasts)
    for link in world.links.values():
        link.slow = 0.0


async def _database_down(world: World, fault: Fault) -> None:
    world.database.up = False
    await asyncio.sleep(fault.lasts)
    world.database.up = True


async def _database_lossy(world: World, fault: Fault) -> None:
    world.database.loss = 0.3
    await asyncio.sleep(fault.lasts)
    world.database.loss = 0.0


async def _database_slow(world: World, fault: Fault) -> None:
    world.database.slow = 1.0
    await asyncio.sleep(fault.lasts)
    world.database.slow = 0.0


async def _redis_full(world: World, fault: Fault) -> None:
    await _refusing(world, fault, FULL)


async def _redis_read_only(world: World, fault: Fault) -> None:
    await _refusing(world, fault, READONLY)


async def _refusing(world: World, fault: Fault, error: type[Exception]) -> None:
    world.redis.refuses = error
    await asyncio.sleep(fault.lasts)
    world.redis.refuses = None


async def _database_read_only(world: World, fault: Fault) -> None:
    world.database.read_only = True
    await asyncio.sleep(fault.lasts)
    world.database.read_only = False


async def _redis_flushed(world: World, fault: Fault) -> None:
    """FLUSHALL."""
    world.redis.flush()


async def _redis_lost_keys(world: World, fault: Fault) -> None:
    """Some keys of the session are gone, as after an eviction."""
    kinds = ("session", "participants", "leaderboard", "answers", "events", "stream")
    world.redis.lose(f"{kinds[fault.target % len(kinds)]}:*")


async def _redis_promoted(world: World, fault: Fault) -> None:
    """A replica that lacks up to the last second takes the place of a master that lives on: the address leads to it."""
    replica = world.redis.snapshot()
    await asyncio.sleep(fault.target / 99)
    old, world.redis = world.redis, world.new_redis("R")
    world.redis.restart(world.new_run(), replica)
    for name in sorted(world.links):
        world.links[name].server = world.redis
        await asyncio.sleep(fault.lasts / len(world.links))
    old.up = False


async def _database_rolled_back(world: World, fault: Fault) -> None:
    """A replica that lacks up to the last second takes its place."""
    replica = world.database.snapshot()
    await asyncio.sleep(fault.target / 99)
    world.database.up = False
    await asyncio.sleep(fault.lasts)
    world.database.restore(replica)
    world.database.up = True


async def _clock_stepped(world: World, fault: Fault) -> None:
    """The clock of an instance, or of the machine of Redis, is stepped, and back later."""
    machines = [*sorted(world.links), "R"]
    machine, step = machines[fault.target % len(machines)], (-3_600, -30, 30, 3_600)[fault.target % 4]
    world.clocks.step(machine, step)
    await asyncio.sleep(fault.lasts)
    world.clocks.step(machine, -step)


async def _layer_lossy(world: World, fault: Fault) -> None:
    world.layer_loss = 0.3
    await asyncio.sleep(fault.lasts)
    world.layer_loss = 0.0


async def _clients_cut(world: World, fault: Fault) -> None:
    for life in world.instances.values():
        for number, connection in enumerate(life.connections):
            if (number + fault.target) % 2 and not connection.closed:
                connection.cut()

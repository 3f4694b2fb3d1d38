"""What goes wrong in a cluster while a session is played on it. Each fault ends with everything running again."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

from quizserver.cluster.cluster import Cluster

Fault = Callable[[Cluster], Awaitable[None]]


async def an_instance_is_killed(cluster: Cluster) -> None:
    """kill -9, and another process takes its place."""
    cluster.instances[0].kill()
    await asyncio.sleep(1)
    await cluster.instances[0].start()


async def redis_is_killed(cluster: Cluster) -> None:
    """kill -9, and Redis starts again on its append-only file (everysec)."""
    cluster.valkey.kill()
    await asyncio.sleep(1)
    await asyncio.to_thread(cluster.valkey.start)


async def redis_loses_its_data(cluster: Cluster) -> None:
    """kill -9, and an empty Redis takes its place."""
    cluster.valkey.kill()
    cluster.valkey.lose_data()
    await asyncio.sleep(1)
    await asyncio.to_thread(cluster.valkey.start)


async def redis_is_replaced_at_once(cluster: Cluster) -> None:
    """An empty Redis takes its place before anybody opens the breaker."""
    cluster.valkey.kill()
    cluster.valkey.lose_data()
    await asyncio.to_thread(cluster.valkey.start)


async def redis_hangs(cluster: Cluster) -> None:
    """SIGSTOP for 5 s."""
    cluster.valkey.pause()
    await asyncio.sleep(5)
    cluster.valkey.go_on()


async def postgresql_stops(cluster: Cluster) -> None:
    """Gone for 10 s."""
    await asyncio.to_thread(cluster.postgres.kill)
    await asyncio.sleep(10)
    await asyncio.to_thread(cluster.postgres.start)


async def both_stop(cluster: Cluster) -> None:
    """Redis and PostgreSQL are gone for 5 s."""
    cluster.valkey.kill()
    await asyncio.to_thread(cluster.postgres.kill)
    await asyncio.sleep(5)
    await asyncio.to_thread(cluster.postgres.start)
    await asyncio.to_thread(cluster.valkey.start)


async def the_network_is_slow(cluster: Cluster) -> None:
    """Up to 200 ms between each instance and Redis, for 5 s."""
    for link in cluster.links:
        link.delay = 0.2
    await asyncio.sleep(5)
    for link in cluster.links:
        link.mend()


async def one_instance_is_cut_off(cluster: Cluster) -> None:
    """Packets between one instance and Redis are dropped for 5 s; the others see Redis."""
    cluster.links[0].silence()
    await asyncio.sleep(5)
    cluster.links[0].mend()


async def an_instance_is_deployed(cluster: Cluster) -> None:
    """SIGTERM in the middle of a question, and a new process."""
    await cluster.instances[0].terminate()
    await cluster.instances[0].start()


async def all_instances_are_deployed(cluster: Cluster) -> None:
    """A rolling restart: each in turn."""
    for instance in cluster.instances:
        await instance.terminate()
        await instance.start()


SHORT: list[Fault] = [
    an_instance_is_killed,
    redis_is_killed,
    redis_is_replaced_at_once,
    one_instance_is_cut_off,
    an_instance_is_deployed,
]
LONG: list[Fault] = [
    *SHORT,
    redis_loses_its_data,
    redis_hangs,
    postgresql_stops,
    both_stop,
    the_network_is_slow,
    all_instances_are_deployed,
]

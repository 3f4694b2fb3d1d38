"""What goes wrong in a cluster while a session is played on it. Each fault ends with everything running again."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable

import psycopg
import pytest
import redis

from quizserver.cluster.cluster import Cluster
from simulation.rest import RestClient, Unreachable

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


def _configured(cluster: Cluster, **settings: str) -> None:
    with redis.Redis.from_url(cluster.valkey.url) as client:
        for name, value in settings.items():
            client.config_set(name.replace("_", "-"), value)


async def redis_is_full(cluster: Cluster) -> None:
    """Every write is refused (OOM) for 6 s, while whoever only reads is answered."""
    _configured(cluster, maxmemory="1")
    await asyncio.sleep(6)
    _configured(cluster, maxmemory="0")


async def redis_misses_its_replicas(cluster: Cluster) -> None:
    """Every write is refused (NOREPLICAS) for 6 s."""
    _configured(cluster, min_replicas_to_write="1")
    await asyncio.sleep(6)
    _configured(cluster, min_replicas_to_write="0")


async def redis_is_demoted(cluster: Cluster) -> None:
    """Every write is refused (READONLY) for 6 s, as on a master that was made a replica."""
    with redis.Redis.from_url(cluster.valkey.url) as client:
        client.replicaof("127.0.0.1", "1")
        await asyncio.sleep(6)
        client.replicaof("NO", "ONE")


async def redis_is_held_up_by_a_script(cluster: Cluster) -> None:
    """Everything is refused (BUSY) for 6 s."""
    _configured(cluster, busy_reply_threshold="50")
    with redis.Redis.from_url(cluster.valkey.url, socket_timeout=30) as busy:

        def loop() -> None:
            with contextlib.suppress(redis.RedisError):
                busy.eval("while true do end", 0)

        looping = asyncio.create_task(asyncio.to_thread(loop))
        await asyncio.sleep(6)
        with redis.Redis.from_url(cluster.valkey.url) as client:
            client.script_kill()
        await looping
    _configured(cluster, busy_reply_threshold="5000")


async def redis_is_flushed(cluster: Cluster) -> None:
    """FLUSHALL: the same run of the same process, and empty."""
    with redis.Redis.from_url(cluster.valkey.url) as client:
        client.flushall()


def _read_only(cluster: Cluster, *, on: bool) -> None:
    with psycopg.connect(cluster.postgres.url, autocommit=True) as connection:
        connection.execute("SET default_transaction_read_only = off")
        connection.execute(f"ALTER SYSTEM SET default_transaction_read_only = {'on' if on else 'off'}")
        connection.execute("SELECT pg_reload_conf()")


async def postgresql_is_read_only(cluster: Cluster) -> None:
    """Every write is refused for 6 s, as on a standby that a failover has led to."""
    _read_only(cluster, on=True)
    await asyncio.sleep(6)
    _read_only(cluster, on=False)


async def both_refuse(cluster: Cluster) -> None:
    """Redis is full and PostgreSQL read-only for 5 s, as with one disk for both; a host who pauses is told so."""
    host = RestClient(cluster.url, cluster.api_key, patience=0)
    [live] = (await host.get("sessions?status=active"))["results"][:1]
    _configured(cluster, maxmemory="1")
    _read_only(cluster, on=True)
    await asyncio.sleep(4)
    with pytest.raises(Unreachable, match="cannot"):
        # Nothing but 503 is Unreachable with these words; a 500 would be CallRefused.
        await host.post(f"sessions/{live['session_id']}/pause")
    await asyncio.sleep(1)
    _read_only(cluster, on=False)
    _configured(cluster, maxmemory="0")


SHORT: list[Fault] = [
    an_instance_is_killed,
    redis_is_killed,
    redis_is_replaced_at_once,
    one_instance_is_cut_off,
    an_instance_is_deployed,
    redis_is_full,
    redis_is_flushed,
    both_refuse,
    postgresql_is_read_only,
]
LONG: list[Fault] = [
    *SHORT,
    redis_loses_its_data,
    redis_hangs,
    postgresql_stops,
    both_stop,
    the_network_is_slow,
    all_instances_are_deployed,
    redis_misses_its_replicas,
    redis_is_demoted,
    redis_is_held_up_by_a_script,
]

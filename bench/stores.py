"""The servers below the one under test: Valkey and PostgreSQL from their wheels, and the processor time they take."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

import psutil
import redis

from quizserver.cluster.servers import Postgres, Valkey
from quizserver.cluster.shards import ValkeyCluster


class Stores:
    """What the server under test keeps its sessions in."""

    def __init__(self, valkey: Valkey | ValkeyCluster, postgres: Postgres) -> None:
        self._valkey = valkey
        self._postgres = postgres

    @property
    def env(self) -> dict[str, str]:
        """They as settings."""
        return {"REDIS_URL": self._valkey.url, "DATABASE_URL": self._postgres.url}

    def restart_redis(self) -> None:
        """End Redis as a crash does, and start it on the data it left."""
        assert isinstance(self._valkey, Valkey)
        self._valkey.kill()
        self._valkey.start()

    def cpu_seconds(self) -> dict[str, float]:
        """Processor time so far of Redis (replicas too) and PostgreSQL, by name."""
        return {
            "redis": sum(_cpu(psutil.Process(server.pid)) for server in self._servers()),
            "postgres": _cpu(psutil.Process(self._postgres.pid)),
        }

    def redis_bytes(self) -> int:
        """Memory that Redis uses, replicas left out."""
        total = 0
        for server in self._servers():
            with redis.Redis(port=server.port) as client:
                if client.info("replication")["role"] == "master":
                    total += int(client.info("memory")["used_memory"])
        return total

    def _servers(self) -> list[Valkey]:
        if isinstance(self._valkey, Valkey):
            return [self._valkey]
        return [server for server in self._valkey.servers if server.running]


def _cpu(process: psutil.Process) -> float:
    """Of a process, of its children, and of those that have ended."""
    total = 0.0
    for each in (process, *process.children(recursive=True)):
        with contextlib.suppress(psutil.NoSuchProcess):
            times = each.cpu_times()
            total += times.user + times.system
            if each is process:
                total += times.children_user + times.children_system
    return total


@contextlib.contextmanager
def real_stores(shards: int = 1) -> Iterator[Stores]:
    """Redis and a PostgreSQL, until the end of the block.

    :param shards: 1 for one Valkey; more for a cluster of as many masters, each with a replica.
    """
    valkey, postgres = ValkeyCluster(shards) if shards > 1 else Valkey(), Postgres()
    try:
        valkey.start()
        postgres.start()
        yield Stores(valkey, postgres)
    finally:
        valkey.stop()
        postgres.stop()

"""The servers below the one under test: Valkey and PostgreSQL from their wheels, and the processor time they take."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

import psutil

from quizserver.cluster.servers import Postgres, Valkey


class Stores:
    """What the server under test keeps its sessions in."""

    def __init__(self, valkey: Valkey, postgres: Postgres) -> None:
        self._valkey = valkey
        self._postgres = postgres

    @property
    def env(self) -> dict[str, str]:
        """They as settings."""
        return {"REDIS_URL": self._valkey.url, "DATABASE_URL": self._postgres.url}

    def restart_redis(self) -> None:
        """End Redis as a crash does, and start it on the data it left."""
        self._valkey.kill()
        self._valkey.start()

    def cpu_seconds(self) -> dict[str, float]:
        """Processor time so far of Redis and PostgreSQL, by name."""
        return {"redis": _cpu(psutil.Process(self._valkey.pid)), "postgres": _cpu(psutil.Process(self._postgres.pid))}


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
def real_stores() -> Iterator[Stores]:
    """A Valkey and a PostgreSQL, until the end of the block."""
    valkey, postgres = Valkey(), Postgres()
    try:
        valkey.start()
        postgres.start()
        yield Stores(valkey, postgres)
    finally:
        valkey.stop()
        postgres.stop()

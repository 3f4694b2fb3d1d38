"""A whole cluster on one machine: PostgreSQL, Valkey, a balancer and instances, each a process of its own.

Adding an instance is one more process with the same environment: nothing else knows how many there are.
"""

from __future__ import annotations

import asyncio
import os
import secrets
import shutil
import signal
import subprocess
import sys
import tempfile
import urllib.request
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Self

from common.config import BASE_DIR
from quizserver.cluster.balancer import Balancer, balancer
from quizserver.cluster.link import Link
from quizserver.cluster.servers import Postgres, Valkey, free_port
from quizserver.cluster.shards import ValkeyCluster

_READY_SECONDS = 60
_STOP_SECONDS = 30


class Instance:
    """One `manage.py serve`."""

    def __init__(self, number: int, environment: Mapping[str, str], log: Path) -> None:
        self.number = number
        self.port = free_port()
        self._environment = {**environment, "BIND": "127.0.0.1", "PORT": str(self.port)}
        self._log = log
        #: The code it runs: another release may stand elsewhere.
        self.folder = BASE_DIR
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        """Where it answers, past the balancer."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def said(self) -> str:
        """What it logged."""
        return self._log.read_text() if self._log.exists() else ""

    async def start(self) -> None:
        """:raises RuntimeError: when it does not get ready in time."""
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(
                [sys.executable, "manage.py", "serve"], cwd=self.folder, env=self._environment, stdout=log, stderr=log
            )
        async with asyncio.timeout(_READY_SECONDS):
            while not await asyncio.to_thread(self._ready):
                if self._process.poll() is not None:
                    raise RuntimeError(f"Instance {self.number} ended: {self.said[-2_000:]}")
                await asyncio.sleep(0.1)

    def _ready(self) -> bool:
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        try:
            with opener.open(f"{self.url}/health/ready", timeout=5):
                return True
        except OSError:
            return False

    def kill(self) -> None:
        """As a power cut would."""
        assert self._process is not None
        self._process.send_signal(signal.SIGKILL)
        self._process.wait()

    async def terminate(self) -> None:
        """As a deployment would: SIGTERM, and wait for the drain."""
        if self._process is not None and self._process.poll() is None:
            self._process.terminate()
            try:
                await asyncio.to_thread(self._process.wait, _STOP_SECONDS)
            except subprocess.TimeoutExpired:
                self.kill()


class Cluster:
    """Start it with ``async with``."""

    def __init__(
        self,
        *,
        instances: int,
        port: int = 0,
        settings: Mapping[str, str] | None = None,
        links: bool = False,
        shards: int = 1,
    ) -> None:
        """:param port: where the balancer listens; 0 for any free port.
        :param settings: environment of every instance besides what makes it a cluster.
        :param links: put a :class:`Link` between each instance and Redis, where that is one server.
        :param shards: masters of a Redis Cluster, 3 or more, each with a replica; 1 for one Redis.
        """
        self.api_key = (settings or {}).get("OPERATOR_API_KEY") or secrets.token_urlsafe(24)
        self.postgres = Postgres()
        self.valkey = Valkey()
        self.shards = ValkeyCluster(shards) if shards > 1 else None
        self.folder = Path(tempfile.mkdtemp(prefix="quiz-cluster-"))
        self.links: list[Link] = []
        self.instances: list[Instance] = []
        self.balancer: Balancer
        self._count = instances
        self._port = port
        self._with_links = links
        self._settings = dict(settings or {})

    @property
    def url(self) -> str:
        """Where clients go."""
        return f"http://127.0.0.1:{self.balancer.port}"

    @property
    def redis(self) -> Valkey | ValkeyCluster:
        """What the instances keep their sessions in."""
        return self.shards or self.valkey

    async def __aenter__(self) -> Self:
        try:
            await self._start()
        except BaseException:
            await self._stop()
            raise
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._stop()

    async def _start(self) -> None:
        await asyncio.gather(asyncio.to_thread(self.postgres.start), asyncio.to_thread(self.redis.start))
        await asyncio.to_thread(self._prepare)
        for number in range(self._count):
            environment = self.environment()
            if self._with_links and self.shards is None:
                link = Link(self.valkey.port)
                await link.start()
                self.links.append(link)
                environment["REDIS_URL"] = f"redis://127.0.0.1:{link.port}/0"
            self.instances.append(Instance(number, environment, self.folder / f"instance-{number}.log"))
        await asyncio.gather(*(instance.start() for instance in self.instances))
        self.balancer = balancer([instance.port for instance in self.instances], self._port)
        await self.balancer.start()

    def environment(self) -> dict[str, str]:
        """What every process of the cluster has in its environment."""
        return {
            **os.environ,
            "DATABASE_URL": self.postgres.url,
            "REDIS_URL": self.redis.url,
            "DATA_DIR": str(self.folder),
            "OPERATOR_API_KEY": self.api_key,
            "ALLOWED_HOSTS": "127.0.0.1,localhost",
            "DATABASE_REPLICA_URL": "",
            "PUBLIC_URL": "",
            **self._settings,
        }

    def _prepare(self) -> None:
        done = subprocess.run(
            [sys.executable, "manage.py", "prepare"],
            cwd=BASE_DIR,
            env=self.environment(),
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            raise RuntimeError(f"manage.py prepare failed: {done.stderr.strip()[-2_000:]}")
        self.told = done.stdout

    async def _stop(self) -> None:
        await asyncio.gather(*(instance.terminate() for instance in self.instances))
        if hasattr(self, "balancer"):
            await self.balancer.stop()
        for link in self.links:
            await link.stop()
        if self.shards is not None:
            await asyncio.to_thread(self.shards.stop)
        await asyncio.to_thread(self.valkey.stop)
        await asyncio.to_thread(self.postgres.stop)
        shutil.rmtree(self.folder, ignore_errors=True)

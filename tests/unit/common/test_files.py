"""Connections are bounded by the files a process may open, so that none is missing for the database or Redis.

And one's own small files are there whole, or as they were.
"""

from __future__ import annotations

import errno
import os
import resource
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from common.files import connections_allowed, write_whole


@pytest.mark.parametrize(
    ("files", "wanted", "allowed"),
    [(1_024, 10_000, 524), (20_000, 10_000, 10_000), (20_000, 0, 19_500), (100, 10_000, 1), (-1, 10_000, 10_000)],
)
def test_connections_leave_files_for_the_rest(
    files: int, wanted: int, allowed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(resource, "getrlimit", lambda _: (files, files))
    assert connections_allowed(wanted) == allowed


def test_a_process_takes_as_many_files_as_it_may() -> None:
    code = (
        "import resource; from common.files import raise_limit\n"
        "resource.setrlimit(resource.RLIMIT_NOFILE, (300, 900)); raise_limit()\n"
        "print(resource.getrlimit(resource.RLIMIT_NOFILE))"
    )
    ended = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert ended.stdout == "(900, 900)\n"


def test_a_file_reaches_the_disk_before_its_name_does(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    steps: list[str] = []
    sync, replace = os.fsync, Path.replace

    def syncing(number: int) -> None:
        steps.append("sync folder" if os.path.isdir(f"/proc/self/fd/{number}") else "sync file")
        sync(number)

    def replacing(self: Path, target: Path) -> Path:
        steps.append("rename")
        return replace(self, target)

    monkeypatch.setattr(os, "fsync", syncing)
    monkeypatch.setattr(Path, "replace", replacing)
    assert write_whole(tmp_path / "key", b"secret")
    assert steps == ["sync file", "rename", "sync folder"]
    assert (tmp_path / "key").read_bytes() == b"secret"
    assert (tmp_path / "key").stat().st_mode & 0o777 == 0o600


def test_what_was_there_stays_when_the_disk_is_full(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "key"
    path.write_text("before")

    def full(*_: Any) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space"):
        write_whole(path, b"after")
    assert path.read_text() == "before"
    assert list(tmp_path.iterdir()) == [path]


def test_of_two_who_make_a_file_the_first_one_counts(tmp_path: Path) -> None:
    path = tmp_path / "key"
    assert write_whole(path, b"first", replace=False)
    assert not write_whole(path, b"second", replace=False)
    assert (path.read_bytes(), list(tmp_path.iterdir())) == (b"first", [path])

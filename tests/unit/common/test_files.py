"""Connections are bounded by the files a process may open, so that none is missing for the database or Redis."""

from __future__ import annotations

import resource
import subprocess
import sys

import pytest

from common.files import connections_allowed


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

"""Files: how many may be open, and how one's own small ones are written so that a crash never leaves half of one.

Every connection is an open file, and the database, Redis and requests need some too.
"""

from __future__ import annotations

import contextlib
import os
import resource
import secrets
import sys
from pathlib import Path

#: Files an instance needs beside its WebSocket connections.
_OTHERS = 500


def raise_limit() -> None:
    """Let this process open as many files as the system allows it; many systems begin with 1,024."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    with contextlib.suppress(ValueError, OSError):
        resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))


def connections_allowed(wanted: int) -> int:
    """How many WebSocket connections this process may have: so many, or fewer where files would run out.

    :param wanted: 0 for as many as there are files for.
    """
    soft, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    possible = sys.maxsize if soft == resource.RLIM_INFINITY else max(1, soft - _OTHERS)
    return min(wanted or possible, possible)


def write_whole(path: Path, data: bytes, *, mode: int = 0o600, replace: bool = True) -> bool:
    """Put a file in place whole, or not at all, whatever happens meanwhile.

    It is written beside its place, brought to the disk, and renamed: a file that is written in place is empty after a
    crash, for its name reaches the disk before its contents do.

    :param replace: whether a file that is there already is replaced.
    :returns: whether it was put in place.
    :raises OSError: when it cannot be written; what was there before is as it was.
    """
    beside = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    try:
        with os.fdopen(os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode), "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        if replace:
            beside.replace(path)
        else:
            try:
                path.hardlink_to(beside)
            except FileExistsError:
                return False
        _sync_folder(path.parent)
        return True
    finally:
        beside.unlink(missing_ok=True)


def _sync_folder(folder: Path) -> None:
    """Bring the names in a folder to the disk, where the system can."""
    with contextlib.suppress(OSError):
        number = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(number)
        finally:
            os.close(number)

"""Open files: every connection is one, and the database, Redis and requests need some too."""

from __future__ import annotations

import contextlib
import resource
import sys

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

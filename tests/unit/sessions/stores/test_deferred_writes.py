"""Changes that may be written later."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping

import pytest

from scoring.ports import ServiceUnavailable
from sessions.stores.deferred_writes import DeferredWrites


class Log:
    """Writes when it is let to, and fails when told."""

    def __init__(self) -> None:
        self.open = asyncio.Event()
        self.fails = False
        self.written: list[tuple[str, dict[str, str]]] = []

    async def write(self, changes: Mapping[str, Mapping[str, str]]) -> None:
        await self.open.wait()
        if self.fails:
            raise ServiceUnavailable("no")
        self.written += [(session_id, dict(of_session)) for session_id, of_session in changes.items()]


async def test_two_flushes_at_once_write_each_change_once_and_both_wait_for_it() -> None:
    log = Log()
    later: DeferredWrites[str] = DeferredWrites(log.write)
    for session in ("s1", "s2"):
        later.note(session, "ann", "connected")
    flushes = [asyncio.ensure_future(later.flush()) for _ in range(2)]
    for _ in range(5):
        await asyncio.sleep(0)
    assert not any(flush.done() for flush in flushes)
    log.open.set()
    await asyncio.gather(*flushes)
    assert log.written == [("s1", {"ann": "connected"}), ("s2", {"ann": "connected"})]


async def test_what_could_not_be_written_stays_under_what_came_since() -> None:
    log = Log()
    log.fails = True
    later: DeferredWrites[str] = DeferredWrites(log.write)
    later.note("s1", "ann", "connected")
    later.note("s1", "bob", "connected")
    flush = asyncio.ensure_future(later.flush())
    await asyncio.sleep(0)
    later.note("s1", "ann", "left")
    log.open.set()
    with pytest.raises(ServiceUnavailable):
        await flush
    log.fails = False
    await later.flush()
    assert log.written == [("s1", {"ann": "left", "bob": "connected"})]

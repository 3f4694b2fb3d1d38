"""Write-behind: what this process acknowledged from Redis goes to the database in bulk.

An entry is in the session's stream in Redis and here, until it is in the database; losing it takes this process and
Redis in the same half second. What is wrong with a record itself has the record set aside and reported, and holds up
nothing else; whatever else the database says is its own condition, and is waited out. What was set aside is tried again
once in a while: the reason may be gone (a migration that was missing, a session that was restored).
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import time
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from common import metrics
from scoring.ports import ServiceUnavailable

logger = logging.getLogger(__name__)

_BACKOFF_FIRST = 0.1
_BACKOFF_MOST = 2.0
#: Seconds for which an entry is remembered after it was written: a Redis that is restarted on a file written every
#: second lacks the last one or two, and the database may be away just then.
_REMEMBER_SECONDS = 3.0


@dataclass(frozen=True, slots=True)
class StreamRecord:
    """One record of a session's stream. ``data`` is JSON in the form of its ``kind``."""

    session_id: str
    entry_id: str
    kind: str
    data: str
    #: Rows of the database it will make; what the size of a batch is counted in.
    rows: int = 1


class Condemned(Exception):
    """What stands in a record keeps it from ever being written."""


class Sink(Protocol):
    """The database."""

    async def write(self, entries: Sequence[StreamRecord]) -> Sequence[StreamRecord]:
        """Write entries in one transaction. Writing one again changes nothing.

        :returns: those that are not done with that, and are to be concluded.
        :raises Condemned: for what stands in one of them; none of them is written then.
        :raises ServiceUnavailable: when it cannot be done now, for whatever other reason.
        """
        ...

    async def conclude(self, entry: StreamRecord) -> None:
        """What follows from an entry once it and those before it are written. It may ask for a flush.

        :raises Condemned: for what stands in it.
        :raises ServiceUnavailable: when it cannot be done now, for whatever other reason.
        """
        ...


class Journal(Protocol):
    """The streams."""

    async def acknowledge(self, entries: Sequence[StreamRecord]) -> None:
        """Take entries that are in the database out of their streams."""
        ...

    async def set_aside(self, entry: StreamRecord, reason: str) -> None:
        """Keep an entry where an operator finds it, and take it out of its stream.

        :raises ServiceUnavailable: when it cannot be done now.
        """
        ...

    async def aside(self, after: str) -> Sequence[tuple[str, StreamRecord]]:
        """Some of what was set aside, of all instances, each under the name it is kept by, in the order of the names.

        :param after: the name after which to begin; empty for the first one.
        """
        ...

    async def bring_back(self, names: Sequence[str]) -> None:
        """Forget what was set aside and is in the database now."""
        ...


class Writer:
    """Gathers entries and writes them after ``window_ms``, or when they make ``rows`` rows."""

    def __init__(self, sink: Sink, journal: Journal, *, window_ms: int, rows: int) -> None:
        self._sink = sink
        self._journal = journal
        self._window = window_ms / 1_000
        self._rows = rows
        self._pending: dict[tuple[str, str], StreamRecord] = {}
        self._pending_rows = 0
        #: Since when each is held; seconds.
        self._kept_at: dict[tuple[str, str], float] = {}
        self._full = asyncio.Event()
        self._kept = asyncio.Event()
        self._writing = asyncio.Lock()
        self._backoff = _BACKOFF_FIRST
        #: Entries that are written and not concluded.
        self._open_ends: dict[tuple[str, str], StreamRecord] = {}
        self._written: deque[tuple[float, StreamRecord]] = deque()
        #: Entries that are to be set aside, with the reason, until the journal has them.
        self._aside: dict[tuple[str, str], tuple[StreamRecord, str]] = {}

    @property
    def depth(self) -> int:
        """Rows that wait for the database."""
        return self._pending_rows

    def keep(self, entry: StreamRecord) -> None:
        """Hold an entry until it is written."""
        key = (entry.session_id, entry.entry_id)
        if key not in self._pending:
            self._pending[key] = entry
            self._kept_at[key] = time.monotonic()
            self._pending_rows += entry.rows
        self._kept.set()
        if self._pending_rows >= self._rows:
            self._full.set()

    def pending(self) -> list[StreamRecord]:
        """What is held, in the order it was acknowledged."""
        return list(self._pending.values())

    def remembered(self) -> list[StreamRecord]:
        """What is held, and what was written a moment ago: all that a restarted Redis may lack."""
        return [*(entry for _, entry in self._written), *self._pending.values()]

    def oldest_seconds(self) -> float:
        """How long the oldest entry has been held."""
        first = next(iter(self._kept_at.values()), None)
        return 0.0 if first is None else time.monotonic() - first

    def holds(self, session_id: str, entry_id: str) -> bool:
        """Whether this entry is held here."""
        key = (session_id, entry_id)
        return key in self._pending or key in self._open_ends or key in self._aside

    async def run(self) -> None:
        """Until cancelled."""
        while True:
            await self._kept.wait()
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._full.wait(), self._window)
            try:
                await self.flush()
                await self.conclude()
            except ServiceUnavailable as error:
                logger.warning("write_behind_waits", extra={"rows": self._pending_rows, "error": str(error)})
                await asyncio.sleep(self._backoff)
                self._backoff = min(self._backoff * 2, _BACKOFF_MOST)
            except Exception:
                logger.exception("write_behind_failed")
                await asyncio.sleep(self._backoff)
            else:
                self._backoff = _BACKOFF_FIRST

    async def flush(self) -> None:
        """Write all that is held now.

        :raises ServiceUnavailable: when the database cannot be reached; the rest is still held.
        """
        async with self._writing:
            self._full.clear()
            entries = list(self._pending.values())
            for batch in _batches(entries, self._rows):
                await self.write(batch)
                now = time.monotonic()
                while self._written and self._written[0][0] < now - _REMEMBER_SECONDS:
                    self._written.popleft()
                for entry in batch:
                    key = (entry.session_id, entry.entry_id)
                    self._kept_at.pop(key, None)
                    if self._pending.pop(key, None) is not None:
                        self._pending_rows -= entry.rows
                        self._written.append((now, entry))
            if not self._pending and not self._open_ends and not self._aside:
                self._kept.clear()

    async def conclude(self) -> None:
        """Do what follows from entries that are written. Not a part of :meth:`flush`, which it may ask for.

        :raises ServiceUnavailable: when it cannot be done now.
        """
        for key, entry in list(self._open_ends.items()):
            try:
                await self._sink.conclude(entry)
            except Condemned as error:
                self._condemn(entry, error)
            else:
                await self._journal.acknowledge([entry])
            self._open_ends.pop(key, None)
        await self._set_aside()

    async def write(self, entries: Sequence[StreamRecord]) -> None:
        """Write entries, those of a dead instance too, and take them out of their streams.

        :raises ServiceUnavailable: when the database cannot be reached.
        """
        try:
            open_ends = await self._sink.write(entries)
        except Condemned as error:
            if len(entries) > 1:
                # Halves: one bad record among thousands takes a dozen transactions more, not thousands.
                middle = len(entries) // 2
                await self.write(entries[:middle])
                await self.write(entries[middle:])
                return
            self._condemn(entries[0], error)
            await self._set_aside()
            return
        for entry in open_ends:
            self._open_ends[entry.session_id, entry.entry_id] = entry
            self._kept.set()
        await self._journal.acknowledge([entry for entry in entries if entry not in open_ends])

    async def write_again(self) -> None:
        """Write what was written a moment ago: a database that came back may lack it.

        :raises ServiceUnavailable: when it cannot be done now.
        """
        for batch in _batches([entry for _, entry in self._written], self._rows):
            await self.write(batch)
        await self.flush()

    async def try_again(self) -> int:
        """Write what was set aside, by whichever instance, and can be written now. How many that were.

        :raises ServiceUnavailable: when it cannot be done now.
        """
        brought_back, name = 0, ""
        while found := await self._journal.aside(name):
            names = []
            for name, entry in found:
                with contextlib.suppress(Condemned):
                    for open_end in await self._sink.write([entry]):
                        await self._sink.conclude(open_end)
                    names.append(name)
            if names:
                await self._journal.bring_back(names)
                metrics.brought_back.inc(len(names))
                brought_back += len(names)
        if brought_back:
            logger.warning("records_brought_back", extra={"records": brought_back})
        return brought_back

    def _condemn(self, entry: StreamRecord, error: Condemned) -> None:
        metrics.set_aside.inc()
        cause = error.__cause__ or error
        logger.error("record_set_aside", exc_info=cause, extra={"session_id": entry.session_id, "kind": entry.kind})
        self._aside[entry.session_id, entry.entry_id] = entry, repr(cause)
        self._kept.set()

    async def _set_aside(self) -> None:
        for key, (entry, reason) in list(self._aside.items()):
            try:
                await self._journal.set_aside(entry, reason)
            except ServiceUnavailable as error:
                # Held here until it can be: nothing else waits for it.
                logger.warning("records_not_set_aside", extra={"records": len(self._aside), "error": str(error)})
                return
            self._aside.pop(key, None)


def _batches(entries: Sequence[StreamRecord], rows: int) -> list[list[StreamRecord]]:
    batches: list[list[StreamRecord]] = []
    size = rows
    for entry in entries:
        if size >= rows:
            batches.append([])
            size = 0
        batches[-1].append(entry)
        size += entry.rows
    return batches

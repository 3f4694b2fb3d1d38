"""Write-behind: what this process acknowledged from Redis goes to the database in bulk.

An entry is in the session's stream in Redis and here, until it is in the database; losing it takes this process and
Redis in the same half second. What the database refuses is set aside and reported, and holds up nothing else.
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


class Sink(Protocol):
    """The database."""

    async def write(self, entries: Sequence[StreamRecord]) -> Sequence[StreamRecord]:
        """Write entries in one transaction. Writing one again changes nothing.

        :returns: those that are not done with that, and are to be concluded.
        :raises ServiceUnavailable: when the database cannot be reached; any other error condemns the entries.
        """
        ...

    async def conclude(self, entry: StreamRecord) -> None:
        """What follows from an entry once it and those before it are written. It may ask for a flush.

        :raises ServiceUnavailable: when it cannot be done now; any other error condemns the entry.
        """
        ...


class Journal(Protocol):
    """The streams."""

    async def acknowledge(self, entries: Sequence[StreamRecord]) -> None:
        """Take entries that are in the database out of their streams."""
        ...

    async def set_aside(self, entry: StreamRecord, reason: str) -> None:
        """Keep an entry that can never be written where an operator finds it, and take it out of its stream."""
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
        self._full = asyncio.Event()
        self._kept = asyncio.Event()
        self._writing = asyncio.Lock()
        self._backoff = _BACKOFF_FIRST
        #: Entries that are written and not concluded.
        self._open_ends: dict[tuple[str, str], StreamRecord] = {}
        self._written: deque[tuple[float, StreamRecord]] = deque()
        #: Entries that were set aside since the start.

    @property
    def depth(self) -> int:
        """Rows that wait for the database."""
        return self._pending_rows

    def keep(self, entry: StreamRecord) -> None:
        """Hold an entry until it is written."""
        key = (entry.session_id, entry.entry_id)
        if key not in self._pending:
            self._pending[key] = entry
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

    def holds(self, session_id: str, entry_id: str) -> bool:
        """Whether this entry is held here."""
        return (session_id, entry_id) in self._pending or (session_id, entry_id) in self._open_ends

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
                    if self._pending.pop((entry.session_id, entry.entry_id), None) is not None:
                        self._pending_rows -= entry.rows
                        self._written.append((now, entry))
            if not self._pending and not self._open_ends:
                self._kept.clear()

    async def conclude(self) -> None:
        """Do what follows from entries that are written. Not a part of :meth:`flush`, which it may ask for.

        :raises ServiceUnavailable: when it cannot be done now.
        """
        for key, entry in list(self._open_ends.items()):
            try:
                await self._sink.conclude(entry)
            except ServiceUnavailable:
                raise
            except Exception as error:
                await self._set_aside(entry, error)
            else:
                await self._journal.acknowledge([entry])
            self._open_ends.pop(key, None)

    async def write(self, entries: Sequence[StreamRecord]) -> None:
        """Write entries, those of a dead instance too, and take them out of their streams.

        :raises ServiceUnavailable: when the database cannot be reached.
        """
        try:
            open_ends = await self._sink.write(entries)
        except ServiceUnavailable:
            raise
        except Exception as error:
            if len(entries) > 1:
                # One entry that the database refuses must not take the others with it.
                for entry in entries:
                    await self.write([entry])
                return
            await self._set_aside(entries[0], error)
            return
        for entry in open_ends:
            self._open_ends[entry.session_id, entry.entry_id] = entry
            self._kept.set()
        await self._journal.acknowledge([entry for entry in entries if entry not in open_ends])

    async def _set_aside(self, entry: StreamRecord, error: Exception) -> None:
        metrics.set_aside.inc()
        logger.error("record_set_aside", exc_info=error, extra={"session_id": entry.session_id, "kind": entry.kind})
        await self._journal.set_aside(entry, repr(error))


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

"""Changes that may be written later: the newest per player, and one flush at a time."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from typing import Generic, TypeVar

from scoring.ports import ServiceUnavailable

Value = TypeVar("Value")


class DeferredWrites(Generic[Value]):
    """Keeps what is noted until it is flushed; what could not be written stays, under what was noted since."""

    def __init__(self, write: Callable[[Mapping[str, Mapping[str, Value]]], Awaitable[None]]) -> None:
        """:param write: writes changes, by session and player; all of them or none."""
        self._write = write
        self._changes: dict[str, dict[str, Value]] = {}
        self._flushing = asyncio.Lock()

    def note(self, session_id: str, user_id: str, value: Value) -> None:
        """Take a change; it replaces an older one of the same player."""
        self._changes.setdefault(session_id, {})[user_id] = value

    async def flush(self) -> None:
        """Write everything that was noted before, also what another flush has under way.

        :raises scoring.ports.ServiceUnavailable: when it cannot be written now.
        """
        async with self._flushing:
            changes, self._changes = self._changes, {}
            if not changes:
                return
            try:
                await self._write(changes)
            except ServiceUnavailable:
                for session_id, noted in changes.items():
                    self._changes[session_id] = noted | self._changes.get(session_id, {})
                raise

"""What the contract suite needs of a store beside the port: a clock to move, a restart, a rival, and an outage.

A new adapter takes part by a :class:`Harness` of its own and its name in ``HARNESSES`` (conftest.py).
"""

from __future__ import annotations

import asyncio
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from typing import TypeVar

from django.db import OperationalError

from common.database import DatabaseThread
from quizzes.rules.content import QuizContent
from quizzes.rules.words import WordListContent
from scoring.answer_log import DatabaseAnswerLog
from sessions.database.rows import add_answers
from sessions.database.session_log import DatabaseSessionLog
from sessions.services.ports import Store
from sessions.stores.memory.store import MemoryStore

T = TypeVar("T")

#: What every store under test takes for the network of an answer, in milliseconds.
ALLOWANCE_MS = 1_000


class FakeClock:
    """A clock that stands until it is moved."""

    def __init__(self, now: int = 1_800_000_000_000) -> None:
        self._now = now

    def now(self) -> int:
        return self._now

    def advance(self, ms: int) -> None:
        self._now += ms


class NoWords:
    """No quiz was made from a word list."""

    async def behind(self, quiz_id: str, texts: Mapping[str, str]) -> Mapping[str, tuple[WordListContent, int]]:
        return {}


class NoVoice:
    """No question has a recording but its own."""

    async def give(self, quiz: QuizContent) -> QuizContent:
        return quiz


class Harness(ABC):
    """A store under test in its surroundings."""

    #: Whether the store holds the sessions itself, so that it can tell of them when no other place is reached.
    reads_through_outages = False

    def __init__(self) -> None:
        self.clock = FakeClock()

    @property
    @abstractmethod
    def store(self) -> Store:
        """The store of this process."""

    @abstractmethod
    async def start(self) -> None:
        """Bring the store up."""

    @abstractmethod
    async def restart(self) -> Store:
        """Lose everything that only the process held, and begin anew on the same durable places."""

    @abstractmethod
    async def rival(self) -> Store:
        """The store of another instance on the same durable places."""

    @abstractmethod
    async def settle(self) -> None:
        """Wait until what may wait is in the database."""

    @abstractmethod
    async def query(self, function: Callable[[], T]) -> T:
        """Run a function that uses the ORM."""

    @abstractmethod
    def outage(self) -> AbstractContextManager[None]:
        """A time in which no durable place can be reached."""

    @abstractmethod
    def database_outage(self) -> AbstractContextManager[None]:
        """A time in which the database cannot be reached."""

    @abstractmethod
    async def close(self) -> None:
        """Give everything back."""


class BreakableThread(DatabaseThread):
    """A database thread whose database can go away."""

    broken = False

    async def run(self, function: Callable[[], T]) -> T:
        if self.broken:
            raise OperationalError("the database is away")
        return await super().run(function)


class MemoryHarness(Harness):
    """The in-process store over the database."""

    reads_through_outages = True

    def __init__(self) -> None:
        super().__init__()
        self._threads: list[BreakableThread] = []
        self._stores: list[MemoryStore] = []
        self._store: MemoryStore

    @property
    def store(self) -> Store:
        return self._store

    def _thread(self) -> BreakableThread:
        thread = BreakableThread("database-test")
        self._threads.append(thread)
        return thread

    async def _make(self) -> MemoryStore:
        writer = self._thread()
        store = MemoryStore(
            sessions=DatabaseSessionLog(writer, self._thread()),
            answers=DatabaseAnswerLog(writer, add_answers),
            clock=self.clock,
            allowance_ms=ALLOWANCE_MS,
        )
        await store.start()
        self._stores.append(store)
        return store

    async def start(self) -> None:
        self._store = await self._make()

    async def restart(self) -> Store:
        self._stores.remove(self._store)
        self._store = await self._make()
        return self._store

    async def rival(self) -> Store:
        return await self._make()

    async def settle(self) -> None:
        for store in self._stores:
            await store.flush()

    async def query(self, function: Callable[[], T]) -> T:
        return await self._threads[-1].run(function)

    def outage(self) -> AbstractContextManager[None]:
        return self.database_outage()

    @contextmanager
    def database_outage(self) -> Iterator[None]:
        for thread in self._threads:
            thread.broken = True
        try:
            yield
        finally:
            for thread in self._threads:
                thread.broken = False

    async def close(self) -> None:
        await asyncio.gather(*(asyncio.to_thread(thread.close) for thread in self._threads))

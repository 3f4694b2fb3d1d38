"""What the players of one simulated session share: where it is, how it is paced, and what is counted."""

from __future__ import annotations

import asyncio
import time
from collections import Counter, defaultdict
from collections.abc import Awaitable, Callable, Coroutine
from random import Random
from typing import Any, Literal

from simulation.arrangement import Arrangement
from simulation.ledger import Ledger


class Table:
    """One session, as its players and its host see it."""

    def __init__(
        self,
        *,
        ws_url: str,
        session_id: str,
        join_code: str,
        pace: Literal["self", "host"],
        questions: int,
        seconds: float,
        lobby_seconds: float,
        place_code: Callable[[str], Awaitable[str]],
        streams: bool = False,
        arrangement: Arrangement | None = None,
        limit_ms: int = 0,
    ) -> None:
        """:param place_code: has the host tell the code that moves the place of a player.
        :param limit_ms: how long the server lets each question be answered for; 0 where nobody looks.
        :param streams: whether clients go without WebSockets, as where a network cuts them.
        :param arrangement: how the session is played; as ever without one.
        :param questions: how many are played.
        :param seconds: how long a host-paced question is open; in self pace the longest a player thinks.
        :param lobby_seconds: time over which the punctual players come.
        """
        self.ws_url = ws_url
        self.place_code = place_code
        self.limit_ms = limit_ms
        self.streams = streams
        self.arrangement = arrangement or Arrangement()
        self.session_id = session_id
        self.join_code = join_code
        self.pace = pace
        #: More once questions are asked again.
        self.questions = questions
        self.seconds = seconds
        self.lobby_seconds = lobby_seconds
        self.ledger = Ledger()
        self.started = asyncio.Event()
        self.counts: Counter[str] = Counter()
        #: Seconds by what was waited for.
        self.latencies: defaultdict[str, list[float]] = defaultdict(list)
        self._opening_at = 0.0
        self._opened_at: dict[str, float] = {}
        self._last_arrival: dict[str, float] = {}
        self._tasks: set[asyncio.Task[Any]] = set()

    def thinking_seconds(self, rng: Random, *, dawdles: bool) -> float:
        """How long a player thinks; one who dawdles misses the close."""
        if dawdles:
            return self.seconds + rng.uniform(0.05, 0.3)
        return self.seconds * rng.triangular(0.05, 0.9, 0.3)

    def latency(self, kind: str, seconds: float) -> None:
        """Note how long something took."""
        self.latencies[kind].append(seconds)

    def opening(self, at: float) -> None:
        """The host is about to open the next question."""
        self._opening_at = at

    def question_arrived(self, question_id: str) -> None:
        """A player got a question that the host has just opened."""
        self._last_arrival[question_id] = time.perf_counter()
        self._opened_at.setdefault(question_id, self._opening_at)

    def finish(self) -> None:
        """Work out the fan-outs: from the host's click to the last player's screen."""
        for question_id, opened_at in self._opened_at.items():
            self.latency("question to the last player", self._last_arrival[question_id] - opened_at)

    def background(self, work: Coroutine[Any, Any, None]) -> None:
        """Run something beside the reading of messages."""
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

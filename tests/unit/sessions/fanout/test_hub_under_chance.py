"""The hub under chance: whatever is lost, repeated or comes at once, clients end up with what the server has.

Each seed plays one game with clients that come, go and ask for pages while the layer loses and repeats messages. The
clients do with what they are sent what the contract says, and no more.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio

from leaderboards.ranking import Board, BoardDelta, BoardLine
from scoring.rules.answers import Accepted
from sessions.fanout import rooms
from sessions.rules.commands import Pause, Resume, SetLock, Start
from sessions.services.event_messages import render_event
from tests.support.boards import apply_delta
from tests.support.store_game import new_game
from tests.support.stores import Harness
from tests.unit.sessions.fanout.test_hub import HubFixture, RecordingSocket

PLAYERS = [f"p{number}" for number in range(12)]
#: Entries of the board: fewer than there are players, so that some fall off it.
SIZE = 5


class Watcher(RecordingSocket):
    """A client that keeps a leaderboard as the contract says, and complains when it cannot."""

    def __init__(self, name: str, user_id: str, leaderboard: str) -> None:
        super().__init__(name)
        self.user_id, self.leaderboard = user_id, leaderboard
        self.joined_at = 0
        self.board: Board | None = None

    def take(self) -> None:
        """Read what came, from the first message on."""
        self.board = None
        for message in self.heard:
            if message["type"] == "LEADERBOARD_UPDATED":
                self._board(message["payload"])

    def _board(self, payload: dict[str, Any]) -> None:
        entries = tuple(BoardLine(**line) for line in payload["leaderboard"])
        version, total = payload["version"], payload["total_participants"]
        if payload.get("delta"):
            assert self.leaderboard == "delta"
            assert self.board is not None
            delta = BoardDelta(payload["base_version"], version, entries, tuple(payload["removed"]), total)
            self.board = apply_delta(self.board, delta)  # refuses one that is for another version
        else:
            self.board = Board(version, entries, total)
        assert [entry.rank for entry in self.board.entries] == list(range(1, len(self.board.entries) + 1))


class Chance:
    """One game, played by a seed."""

    def __init__(self, hall: HubFixture, seed: int) -> None:
        self.hall, self.game, self.hub = hall, hall.game, hall.hub
        self.random = random.Random(seed)
        self.watchers: list[Watcher] = []
        self.entered = 0
        self.open = [(player, question) for player in PLAYERS for question in ("q1", "q2", "q3")]
        self.random.shuffle(self.open)

    async def enter(self) -> None:
        self.entered += 1
        watcher = Watcher(
            f"here/{self.entered}", self.random.choice(PLAYERS), self.random.choice(["full", "delta", "delta"])
        )
        self.watchers.append(watcher)
        await self.hub.enter(self.game.id, watcher)
        await self.turn()
        watcher.joined_at = (await self.game.state()).seq
        await self.turn()
        await self.hub.activate(self.game.id, watcher, watcher.joined_at)

    async def answer(self) -> None:
        if self.open:
            result = await self.game.submit(*self.open.pop(), right=self.random.random() < 0.8)
            if isinstance(result, Accepted) and self.random.random() < 0.8:
                await self.hall.broadcaster.board_changed(self.game.id)

    async def transition(self) -> None:
        state = await self.game.state()
        pause: Pause | Resume = Resume() if state.paused_at else Pause()
        await self.game.do(self.random.choice([pause, SetLock(not state.locked)]))
        for event in await self.game.store.events_since(self.game.id, state.seq):
            body = await render_event(self.game.store, self.game.setup, event)
            for _ in range(self.random.choice([0, 0, 1, 1, 1, 2])):
                await self.hall.broadcaster.event(self.game.id, event.seq, event.kind, event.question_id, body)

    async def refresh(self) -> None:
        await self.hub.refresh(self.game.id)

    async def page(self) -> None:
        if self.watchers:
            watcher = self.random.choice(self.watchers)
            if watcher.held is None:
                await self.hub.snapshot(self.game.id, watcher, offset=0, limit=SIZE, reply_to=None)

    async def leave(self) -> None:
        if len(self.watchers) > 3:
            await self.hub.leave(self.game.id, self.watchers.pop(self.random.randrange(len(self.watchers))))

    async def turn(self) -> None:
        for _ in range(self.random.choice([0, 0, 1, 5])):
            await asyncio.sleep(0)

    async def play(self) -> None:
        await self.enter()
        moves = [self.answer] * 6 + [self.transition] * 4 + [self.refresh] * 3 + [self.page, self.leave]
        moves += [self.enter] * 2
        running: set[asyncio.Task[None]] = set()
        for _ in range(80):
            move = self.random.choice(moves)
            if move in (self.refresh, self.page):
                # Not waited for: it meets what comes next.
                running.add(asyncio.create_task(move()))
            else:
                await move()
            await self.turn()
        await asyncio.gather(*running)


@pytest_asyncio.fixture
async def hall(harness: Harness, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[HubFixture]:
    # One socket, then a turn for everything else: what takes thousands of sockets in real life happens all the time.
    monkeypatch.setattr(rooms, "_SOCKETS_PER_LOOK", 1)
    monkeypatch.setattr(rooms, "_SLICE_SECONDS", 0)
    game = await new_game(harness, pace="self")
    await game.players(*PLAYERS)
    await game.do(Start())
    made = HubFixture(harness, game, board_size=SIZE)
    await made.hub.start()
    yield made
    await made.hub.close()


@pytest.mark.parametrize("seed", range(12))
async def test_clients_end_up_with_what_the_server_has(hall: HubFixture, seed: int) -> None:
    chance = Chance(hall, seed)
    await chance.play()
    seq = (await hall.game.state()).seq
    fresh = (await hall.game.store.standings(hall.game.id)).board(SIZE)
    async with asyncio.timeout(10):
        while not all(w.seq == seq and w.board_version == fresh.version for w in chance.watchers):
            await hall.hub.refresh(hall.game.id)  # as each heartbeat does
            await asyncio.sleep(0)
    for watcher in chance.watchers:
        assert watcher.seqs == list(range(watcher.joined_at + 1, seq + 1)), watcher.name
        watcher.take()
        assert watcher.board == fresh, watcher.name
        own = [m["payload"] for m in watcher.heard if m["type"] == "LEADERBOARD_UPDATED"][-1]
        place = (await hall.game.store.standings(hall.game.id)).own(watcher.user_id)
        assert (own["your_rank"], own["your_score"]) == place

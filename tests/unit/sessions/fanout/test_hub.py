"""The hub: every socket gets every event once and in sequence, whatever is lost or comes at the same time."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Mapping
from typing import Any

import pytest
import pytest_asyncio
from channels.layers import InMemoryChannelLayer

from leaderboards.ranking import Standings
from scoring.rules.answers import StoredAnswer
from sessions.fanout.broadcaster import ChannelLayerBroadcaster, group_of
from sessions.fanout.hub import Hub
from sessions.fanout.sockets import Message, Socket
from sessions.rules.commands import CloseQuestion, Next, Pause, SetLock, Start
from sessions.services.event_messages import render_event
from tests.support.store_game import Game, new_game
from tests.support.stores import Harness


class RecordingSocket(Socket):
    """A socket that keeps what it is sent."""

    def __init__(self, name: str = "here/1") -> None:
        super().__init__(name)
        self.leaderboard = "none"
        self.heard: list[dict[str, Any]] = []
        #: What came with each write.
        self.writes: list[list[str]] = []

    def send(self, message: Message) -> None:
        self._hear(message.payload, message.after)

    def send_own(self, payload: bytes) -> None:
        self._hear(payload, None)

    def send_parts(self, head: bytes, end: bytes, after: Message | None) -> None:
        self._hear(head + end, after)

    def _hear(self, payload: bytes, after: Message | None) -> None:
        payloads = [payload]
        while after is not None:
            payloads.insert(0, after.payload)
            after = after.after
        messages = [json.loads(one) for one in payloads]
        self.heard += messages
        self.writes.append([message["type"] for message in messages])

    def close(self, code: int, reason: str) -> None:
        self.closed = True

    @property
    def seqs(self) -> list[int]:
        return [message["seq"] for message in self.heard if "seq" in message]


class HubFixture:
    """A hub with its layer, and the session it serves."""

    def __init__(self, harness: Harness, game: Game, *, board_size: int = 100, board_window_ms: int = 0) -> None:
        self.game = game
        self.layer = InMemoryChannelLayer()
        self.broadcaster = ChannelLayerBroadcaster(self.layer)
        self.hub = Hub(
            layer=self.layer,
            store=harness.store,
            clock=harness.clock,
            board_size=board_size,
            board_window_ms=board_window_ms,
            board_share=0,
            volatile_share=0,
            heartbeat_seconds=0,
        )

    async def commit(self, *commands: Any, lost: bool = False) -> None:
        """Apply commands and publish what they changed, unless the layer loses it."""
        for command in commands:
            before = (await self.game.state()).seq
            await self.game.do(command)
            if lost:
                continue
            for event in await self.game.store.events_since(self.game.id, before):
                body = await render_event(self.game.store, self.game.setup, event)
                await self.broadcaster.event(self.game.id, event.seq, event.kind, event.question_id, body)

    async def until(self, done: Callable[[], bool]) -> None:
        """Let the hub work until this holds."""
        async with asyncio.timeout(10):
            while not done():
                await asyncio.sleep(0)


@pytest_asyncio.fixture
async def hall(harness: Harness) -> AsyncIterator[HubFixture]:
    """A hub on a session with a player."""
    game = await new_game(harness)
    await game.players("ann")
    made = HubFixture(harness, game)
    await made.hub.start()
    yield made
    await made.hub.close()


async def entered(hall: HubFixture, ear: RecordingSocket | None = None) -> RecordingSocket:
    ear = ear or RecordingSocket()
    ear.user_id = "ann"
    await hall.hub.enter(hall.game.id, ear)
    await hall.hub.activate(hall.game.id, ear, (await hall.game.state()).seq)
    return ear


async def test_it_brings_events_in_sequence(hall: HubFixture) -> None:
    ear = await entered(hall)
    await hall.commit(Start(), Next(), CloseQuestion())
    await hall.until(lambda: len(ear.seqs) == 3)
    assert ear.seqs == [1, 2, 3]


async def test_it_fills_what_the_layer_lost(hall: HubFixture) -> None:
    ear = await entered(hall)
    await hall.commit(Start())
    await hall.commit(Next(), CloseQuestion(), lost=True)
    await hall.commit(Next())
    await hall.until(lambda: len(ear.seqs) == 4)
    assert ear.seqs == [1, 2, 3, 4]


async def test_it_sends_an_event_that_comes_twice_once(hall: HubFixture) -> None:
    ear = await entered(hall)
    await hall.commit(Start())
    [event] = await hall.game.store.events_since(hall.game.id, 0)
    body = await render_event(hall.game.store, hall.game.setup, event)
    for _ in range(3):
        await hall.broadcaster.event(hall.game.id, event.seq, event.kind, "", body)
    await hall.commit(SetLock(True))
    await hall.until(lambda: 2 in ear.seqs)
    assert ear.seqs == [1, 2]


async def test_what_happens_while_a_client_comes_in_is_told_after_the_snapshot(hall: HubFixture) -> None:
    other = await entered(hall, RecordingSocket("here/2"))
    await hall.commit(Start())
    await hall.until(lambda: other.seqs == [1])
    ear = RecordingSocket()
    await hall.hub.enter(hall.game.id, ear)
    await hall.commit(Next(), Pause())
    await hall.until(lambda: other.seqs == [1, 2, 3])
    assert ear.heard == []
    await hall.hub.activate(hall.game.id, ear, 1)
    assert ear.seqs == [2, 3]


async def test_an_event_that_comes_in_the_middle_of_catching_up_does_not_overtake(
    hall: HubFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = await entered(hall, RecordingSocket("here/2"))
    ear = RecordingSocket()
    ear.user_id = "ann"
    await hall.hub.enter(hall.game.id, ear)
    await hall.commit(Start(), Next(), CloseQuestion())
    await hall.until(lambda: other.seqs == [1, 2, 3])
    store = hall.game.store
    read = store.answers_to

    async def slow(session_id: str, question_id: str) -> Mapping[str, StoredAnswer]:
        # While the close is being completed for this client, the next event goes out to everybody.
        monkeypatch.setattr(store, "answers_to", read)
        await hall.commit(SetLock(True))
        await hall.until(lambda: 4 in other.seqs)
        return await read(session_id, question_id)

    monkeypatch.setattr(store, "answers_to", slow)
    await hall.hub.activate(hall.game.id, ear, 0)
    await hall.until(lambda: 4 in ear.seqs)
    assert ear.seqs == [1, 2, 3, 4]


async def test_an_event_of_the_layer_does_not_overtake_what_a_heartbeat_found_in_the_store(
    hall: HubFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    ear = await entered(hall)
    await hall.commit(Start(), Next())
    await hall.until(lambda: len(ear.seqs) == 2)
    await hall.commit(CloseQuestion(), Next(), lost=True)
    reached, release = asyncio.Event(), asyncio.Event()
    answers_to = hall.game.store.answers_to

    async def slow(session_id: str, question_id: str) -> Mapping[str, StoredAnswer]:
        reached.set()
        await release.wait()
        return await answers_to(session_id, question_id)

    monkeypatch.setattr(hall.game.store, "answers_to", slow)
    refreshing = asyncio.create_task(hall.hub.refresh(hall.game.id))
    await reached.wait()
    # The layer has not lost them: it was only slower than the look into the store.
    for event in await hall.game.store.events_since(hall.game.id, 2):
        body = await render_event(hall.game.store, hall.game.setup, event) if event.kind != "question_closed" else b"{}"
        await hall.broadcaster.event(hall.game.id, event.seq, event.kind, event.question_id, body)
    for _ in range(100):
        await asyncio.sleep(0)
    release.set()
    await refreshing
    await hall.until(lambda: ear.seq == 4)
    assert ear.seqs == [1, 2, 3, 4]


async def test_a_client_is_told_again_what_it_missed(hall: HubFixture) -> None:
    await hall.commit(Start(), Next(), CloseQuestion())
    ear = RecordingSocket()
    ear.user_id = "ann"
    await hall.hub.enter(hall.game.id, ear)
    await hall.hub.missed(hall.game.id, ear, after=1, upto=3)
    await hall.hub.activate(hall.game.id, ear, 3)
    assert ear.seqs == [2, 3]
    assert ear.heard[-1]["payload"]["your_answer"] is None


async def test_the_last_one_out_closes_the_room(hall: HubFixture) -> None:
    ear = await entered(hall)
    await hall.hub.leave(hall.game.id, ear)
    await hall.hub.leave(hall.game.id, ear)
    assert not hall.hub.rooms
    assert not hall.layer.groups.get(group_of(hall.game.id))
    await hall.commit(Start())
    again = await entered(hall)
    await hall.commit(Next())
    await hall.until(lambda: bool(again.seqs))
    assert (ear.heard, again.seqs) == ([], [2])


async def test_it_closes_the_named_connection_of_the_named_player_only(hall: HubFixture) -> None:
    ear = await entered(hall)
    await hall.broadcaster.supersede(hall.game.id, "bob", ear.name)
    await hall.broadcaster.supersede(hall.game.id, "ann", "here/9")
    await hall.commit(Start())
    await hall.until(lambda: ear.seqs == [1])
    assert not ear.closed
    await hall.broadcaster.supersede(hall.game.id, "ann", ear.name)
    await hall.until(lambda: ear.closed)


async def test_the_order_is_read_for_a_board_only_while_somebody_takes_boards(
    hall: HubFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    await hall.commit(Start(), Next())
    store, reads = hall.game.store, 0
    standings = store.standings

    async def counted(session_id: str) -> Standings:
        nonlocal reads
        reads += 1
        return await standings(session_id)

    monkeypatch.setattr(store, "standings", counted)
    taker, other = RecordingSocket("here/1"), await entered(hall, RecordingSocket("here/2"))
    taker.leaderboard = "full"
    await entered(hall, taker)
    await hall.until(lambda: bool(taker.heard))
    assert reads == 1
    await hall.hub.leave(hall.game.id, taker)
    await hall.game.accepted("ann")
    await hall.hub.refresh(hall.game.id)
    for _ in range(100):
        await asyncio.sleep(0)
    assert reads == 1
    # Whoever takes boards again is not told the one from before.
    again = RecordingSocket("here/3")
    again.leaderboard = "delta"
    await entered(hall, again)
    await hall.until(lambda: bool(again.heard))
    assert [line["score"] for line in again.heard[0]["payload"]["leaderboard"]] == [15]
    assert reads == 2
    assert not [message for message in other.heard if message["type"] == "LEADERBOARD_UPDATED"]


async def test_a_board_takes_along_what_waits_for_the_same_sockets(harness: Harness) -> None:
    game = await new_game(harness)
    await game.players("ann")
    hall = HubFixture(harness, game, board_window_ms=100)
    await hall.hub.start()
    try:
        await game.do(Start())
        takes, declines, hosts = RecordingSocket("here/1"), RecordingSocket("here/2"), RecordingSocket("here/3")
        takes.leaderboard, hosts.role = "full", "host"
        for ear in (takes, declines, hosts):
            await entered(hall, ear)
        await hall.until(lambda: ["LEADERBOARD_UPDATED"] in takes.writes)
        await game.do(Next())
        await game.store.record(game.id, [game.answer("ann")])
        await hall.broadcaster.board_changed(game.id)
        await hall.until(lambda: hall.hub.rooms[game.id].changed_at > 0)
        for kind in (b"ONE", b"TWO"):
            await hall.broadcaster.volatile(game.id, b'{"type":"%b"}' % kind, "everyone")
        await hall.broadcaster.volatile(game.id, b'{"type":"THREE"}', "hosts")
        await hall.until(lambda: ["THREE"] in hosts.writes)
        assert takes.writes[-1] == ["ONE", "TWO", "LEADERBOARD_UPDATED"]
        assert declines.writes == [["ONE", "TWO"]]
        assert hosts.writes == [["ONE", "TWO"], ["THREE"]]
    finally:
        await hall.hub.close()


async def test_what_waits_is_told_though_the_board_it_waited_for_has_not_changed(harness: Harness) -> None:
    game = await new_game(harness)
    await game.players("ann")
    hall = HubFixture(harness, game, board_window_ms=100)
    await hall.hub.start()
    try:
        ear = RecordingSocket()
        ear.leaderboard = "full"
        await entered(hall, ear)
        # A lobby has no board to send.
        await hall.broadcaster.board_changed(game.id)
        await hall.until(lambda: hall.hub.rooms[game.id].changed_at > 0)
        await hall.broadcaster.volatile(game.id, b'{"type":"ONE"}', "everyone")
        await hall.until(lambda: bool(ear.writes))
        assert ear.writes == [["ONE"]]
    finally:
        await hall.hub.close()

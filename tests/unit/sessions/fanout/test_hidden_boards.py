"""What the ranking's option hides is in no message to players and screens, and hosts see all of it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import pytest
import pytest_asyncio

from sessions.protocol.encoding import encode
from sessions.protocol.outbound import UserJoined
from sessions.rules.commands import CloseQuestion, End, Next, Start
from sessions.rules.options import SessionOptions
from tests.support.store_game import new_game
from tests.support.stores import Harness
from tests.unit.sessions.fanout.test_hub import HubFixture, RecordingSocket

Open = Callable[..., Awaitable[HubFixture]]
PLAYERS = [f"p{number}" for number in range(6)]


@pytest_asyncio.fixture
async def opened(harness: Harness) -> AsyncIterator[Open]:
    """Makes a hub on a session with six players, of whom each but the first has earned points."""
    halls: list[HubFixture] = []

    async def make(**options: Any) -> HubFixture:
        game = await new_game(harness, options=SessionOptions(**options))
        await game.players(*PLAYERS)
        hall = HubFixture(harness, game)
        await hall.hub.start()
        halls.append(hall)
        return hall

    yield make
    for hall in halls:
        await hall.hub.close()


async def entered(hall: HubFixture, role: str, user: str = "", *, leaderboard: str = "full") -> RecordingSocket:
    ear = RecordingSocket(f"here/{role}{user}{leaderboard}")
    ear.role, ear.user_id, ear.leaderboard = role, user, leaderboard
    await hall.hub.enter(hall.game.id, ear)
    await hall.hub.activate(hall.game.id, ear, (await hall.game.state()).seq)
    return ear


async def played(hall: HubFixture, *ears: RecordingSocket) -> None:
    """A question that all but the first answer, closed; then the boards that are sent of it."""
    await hall.commit(Start(), Next())
    for number, player in enumerate(PLAYERS[1:]):
        hall.game.wait(100)
        await hall.game.accepted(player, right=number % 2 == 0)
        await hall.broadcaster.board_changed(hall.game.id)
        await asyncio.sleep(0.01)
    await hall.commit(CloseQuestion())
    await hall.broadcaster.board_changed(hall.game.id)
    await hall.until(lambda: all(3 in ear.seqs for ear in ears))
    await asyncio.sleep(0.05)


async def asked(hall: HubFixture, ear: RecordingSocket, **page: int) -> Any:
    await hall.hub.snapshot(hall.game.id, ear, **{"offset": 0, "limit": 100, **page}, reply_to=None)
    return ear.heard[-1]["payload"]


def lines(ear: RecordingSocket) -> list[list[str]]:
    return [
        [line["user_id"] for line in message["payload"]["leaderboard"]]
        for message in ear.heard
        if "leaderboard" in message["payload"]
    ]


@pytest.mark.parametrize("board", ["top3", "own", "end"])
@pytest.mark.parametrize("leaderboard", ["full", "delta"])
async def test_nobody_is_sent_more_lines_than_the_option_shows(opened: Open, board: str, leaderboard: str) -> None:
    hall = await opened(board=board)
    player = await entered(hall, "player", "p5", leaderboard=leaderboard)
    screen = await entered(hall, "screen", leaderboard=leaderboard)
    host = await entered(hall, "host", leaderboard=leaderboard)
    await played(hall, player, screen, host)
    most = 3 if board == "top3" else 0
    for ear in (player, screen):
        assert len((await asked(hall, ear))["leaderboard"]) == most
        assert (await asked(hall, ear, offset=2, limit=5))["leaderboard"] == (
            (await asked(hall, ear))["leaderboard"][2:3] if most else []
        )
        assert max(map(len, lines(ear)), default=0) <= most
    own = await asked(hall, player)
    assert (own["your_rank"] is None) == (own["your_place"] is None) == (board == "end")
    assert own["your_score"] is not None
    assert len((await asked(hall, host))["leaderboard"]) == 6
    assert max(map(len, lines(host))) > 3
    if board == "end":
        ranks = [message["payload"].get("your_rank") for message in player.heard]
        assert set(ranks) == {None}


async def test_what_was_hidden_until_the_end_is_told_at_the_end(opened: Open) -> None:
    hall = await opened(board="end")
    player, screen = await entered(hall, "player", "p1"), await entered(hall, "screen")
    await played(hall, player, screen)
    await hall.commit(End())
    await hall.until(lambda: all(4 in ear.seqs for ear in (player, screen)))
    ended = next(message for message in player.heard if message["type"] == "SESSION_ENDED")["payload"]
    assert len(ended["leaderboard"]) == 6
    assert ended["your_rank"] == 1
    assert len((await asked(hall, screen))["leaderboard"]) == 6


@pytest.mark.parametrize(("board", "most"), [("top3", 3), ("own", 0)])
async def test_the_end_tells_no_more_than_the_rest(opened: Open, board: str, most: int) -> None:
    hall = await opened(board=board)
    player = await entered(hall, "player", "p1")
    await played(hall, player)
    await hall.commit(End())
    await hall.until(lambda: 4 in player.seqs)
    ended = next(message for message in player.heard if message["type"] == "SESSION_ENDED")["payload"]
    assert len(ended["leaderboard"]) == most
    assert ended["your_rank"] == 1


async def test_deltas_of_the_first_three_put_together_are_the_first_three(opened: Open) -> None:
    hall = await opened(board="top3")
    screen = await entered(hall, "screen", leaderboard="delta")
    await played(hall, screen)
    shown: dict[str, Any] = {}
    for message in screen.heard:
        if message["type"] != "LEADERBOARD_UPDATED":
            continue
        payload = message["payload"]
        if not payload.get("delta"):
            shown = {}
        for gone in payload.get("removed") or ():
            del shown[gone]
        shown |= {line["user_id"]: line for line in payload["leaderboard"]}
    best = (await asked(hall, screen))["leaderboard"]
    assert sorted(shown.values(), key=lambda line: line["rank"]) == best
    assert any(message["payload"].get("delta") for message in screen.heard)


async def test_a_screen_without_names_is_told_none(opened: Open) -> None:
    hall = await opened(names_on_screen=False)
    player, screen = await entered(hall, "player", "p1"), await entered(hall, "screen")
    body = encode(UserJoined(hall.game.id, "p9", "Player p9", 7), at=hall.game.now)
    await hall.broadcaster.volatile(hall.game.id, body, "everyone")
    await hall.until(lambda: any(message["type"] == "USER_JOINED" for message in screen.heard))
    assert (await asked(hall, screen))["leaderboard"]
    await played(hall, player, screen)
    await hall.commit(End())
    await hall.until(lambda: all(4 in ear.seqs for ear in (player, screen)))
    assert "Player" not in str(screen.heard)
    assert str(player.heard).count("Player p9") == 1
    assert "Player p1" in str(player.heard)
    # Whoever comes back is told the end again, and again without names.
    again = RecordingSocket("here/again")
    again.role = "screen"
    await hall.hub.enter(hall.game.id, again)
    await hall.hub.missed(hall.game.id, again, after=0, upto=4)
    assert [message["type"] for message in again.heard][-1] == "SESSION_ENDED"
    assert "Player" not in str(again.heard)


@pytest.mark.parametrize(("board", "told"), [("full", True), ("top3", True), ("own", True), ("end", False)])
async def test_teams_are_told_to_all_unless_nothing_is_told_before_the_end(
    opened: Open, board: str, told: bool
) -> None:
    hall = await opened(board=board, teams="drawn")
    screen, player = await entered(hall, "screen"), await entered(hall, "player", "p0")
    await played(hall, screen, player)

    def scored(ear: RecordingSocket) -> bool:
        boards = [each["payload"] for each in ear.heard if each["type"] == "LEADERBOARD_UPDATED"]
        return any(line["score"] for each in boards for line in each.get("teams") or [])

    if told:
        await hall.until(lambda: scored(screen) and scored(player))
    for ear in (screen, player):
        assert bool((await asked(hall, ear)).get("teams")) is told
        assert scored(ear) is told

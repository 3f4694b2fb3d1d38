"""What is arranged for one player: kept, merged, written down with who did it, and what a moved place refuses."""

from __future__ import annotations

import asyncio
from collections import Counter
from dataclasses import replace

import pytest

from sessions.models import Participant, SessionEventRecord
from sessions.rules.options import SessionOptions
from sessions.rules.people import AlreadyMoved, Arranged, Arrangement, Needs, smallest_team
from sessions.services.ports import Joined, JoinRefused
from tests.support.store_game import Game, new_game
from tests.support.stores import Harness

NEEDS = Needs(150, ignore_accents=True)


async def arranged(game: Game, user: str) -> Arranged:
    player = await game.store.participant(game.id, user)
    assert player is not None
    return replace(player.arranged, at=0)


async def test_what_is_arranged_stays_through_leaving_and_coming_back(harness: Harness) -> None:
    game = await new_game(harness)
    await game.players("ann")
    for change in (Arrangement("needs", NEEDS), Arrangement("team", 2)):
        changed = await game.store.arrange(game.id, "ann", change, actor="test")
        assert changed is not None
    await game.store.rename(game.id, "ann", "Anna", actor="test")
    await game.store.leave(game.id, "ann")
    back = await game.join("ann", proven=True)
    assert isinstance(back, Joined)
    assert replace(back.participant.arranged, at=0) == Arranged(team=2, needs=NEEDS)


async def test_nothing_is_arranged_for_who_is_not_in_the_session(harness: Harness) -> None:
    game = await new_game(harness)
    await game.players("ann")
    await game.store.remove(game.id, "ann", actor="test")
    for session, user in ((game.id, "ann"), (game.id, "nobody"), ("nowhere", "ann")):
        assert await game.store.arrange(session, user, Arrangement("team", 1), actor="test") is None


async def test_a_moved_place_lets_in_who_proves_to_have_it_and_nobody_else(harness: Harness) -> None:
    game = await new_game(harness)
    await game.players("ann")
    moved = await game.store.arrange(game.id, "ann", Arrangement("moves", 1), actor="place code")
    assert moved is not None
    assert await game.join("ann", proven=True) == JoinRefused("INVALID_TOKEN")
    [back] = await game.store.join(game.id, [replace(game.wish("ann", proven=True), moves=1)])
    assert isinstance(back, Joined)
    assert back.resumed
    with pytest.raises(AlreadyMoved):
        await game.store.arrange(game.id, "ann", Arrangement("moves", 1), actor="place code")


async def test_of_two_who_move_a_place_at_once_one_gets_it(harness: Harness) -> None:
    game = await new_game(harness)
    await game.players("ann")
    moves = [game.store.arrange(game.id, "ann", Arrangement("moves", 1), actor=each) for each in ("one", "two")]
    results = await asyncio.gather(*moves, return_exceptions=True)
    assert sorted(type(each).__name__ for each in results) == ["AlreadyMoved", "ParticipantState"]


async def test_a_restart_and_another_instance_know_what_is_arranged(harness: Harness) -> None:
    game = await new_game(harness)
    await game.players("ann", "bob")
    await game.store.arrange(game.id, "ann", Arrangement("moves", 1), actor="place code")
    await game.store.arrange(game.id, "ann", Arrangement("needs", NEEDS), actor="test")
    await harness.settle()
    rival = await harness.rival()
    known = await rival.participant(game.id, "ann")
    assert known is not None
    assert replace(known.arranged, at=0) == Arranged(moves=1, needs=NEEDS)
    await harness.restart()
    assert await arranged(game, "ann") == Arranged(moves=1, needs=NEEDS)
    assert await arranged(game, "bob") == Arranged()
    assert await game.join("ann", proven=True) == JoinRefused("INVALID_TOKEN")


async def test_the_database_has_what_is_arranged_and_who_did_it(harness: Harness) -> None:
    game = await new_game(harness)
    await game.players("ann")
    for _ in range(2):
        await game.store.arrange(game.id, "ann", Arrangement("needs", NEEDS), actor="user:host")
    await game.store.arrange(game.id, "ann", Arrangement("moves", 1), actor="place code")
    await harness.settle()

    def read() -> tuple[list[object], list[object]]:
        players = Participant.objects.filter(session_id=game.id).values_list("moves", "team", "needs")
        trail = SessionEventRecord.objects.filter(session_id=game.id)
        return list(players), list(trail.values_list("kind", "actor", "data"))

    assert await harness.query(read) == (
        [(1, 0, "150a")],
        [
            ("participant_needs", "user:host", {"user_id": "ann", "to": "150a"}),
            ("participant_moved", "place code", {"user_id": "ann", "to": "1"}),
        ],
    )


async def teams_of(game: Game) -> dict[str, int]:
    """By player: the team, as the ranking tells it."""
    return {each.user_id: each.team for each in (await game.store.standings(game.id)).order}


@pytest.mark.parametrize("at_once", [True, False])
async def test_newcomers_are_put_into_teams_evenly(harness: Harness, at_once: bool) -> None:
    game = await new_game(harness, options=SessionOptions(teams="drawn", team_count=3))
    users = [f"u{number}" for number in range(10)]
    for some in [users] if at_once else [[user] for user in users]:
        await game.players(*some)
    sizes = Counter((await teams_of(game)).values())
    assert sorted(sizes) == [1, 2, 3]
    assert sorted(sizes.values()) == [3, 3, 4]


async def test_who_comes_late_comes_into_the_smallest_team_after_a_restart_too(harness: Harness) -> None:
    game = await new_game(harness, options=SessionOptions(teams="host", team_count=2))
    users = ("ann", "bob", "cem", "dan")
    await game.players(*users)
    for user in users:
        await game.store.arrange(game.id, user, Arrangement("team", 1), actor="test")
    await game.players("eve")
    assert (await teams_of(game))["eve"] == 2
    await game.store.remove(game.id, "ann", actor="test")
    await game.store.arrange(game.id, "bob", Arrangement("team", 2), actor="test")
    await harness.settle()
    await harness.restart()
    # Two in each: the next two come into different ones.
    await game.players("fay", "gus")
    teams = await teams_of(game)
    assert {teams["fay"], teams["gus"]} == {1, 2}
    assert (teams["bob"], teams["cem"], "ann" in teams) == (2, 1, False)


async def test_both_stores_draw_the_team_that_the_rule_says(harness: Harness) -> None:
    game = await new_game(harness, options=SessionOptions(teams="drawn", team_count=5))
    sizes: Counter[int] = Counter()
    for number in range(12):
        user = f"player-{number}.x_Y"
        expected = smallest_team(sizes, 5, user)
        sizes[expected] += 1
        await game.players(user)
        assert (await teams_of(game))[user] == expected


async def test_without_teams_nobody_is_in_one(harness: Harness) -> None:
    game = await new_game(harness)
    await game.players("ann", "bob")
    assert await teams_of(game) == {"ann": 0, "bob": 0}

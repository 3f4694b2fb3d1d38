"""New names for players: who may have which, what becomes of the old one, and where it is written down."""

from __future__ import annotations

import asyncio

import pytest

from sessions.models import FinalStanding, Participant, SessionEventRecord
from sessions.rules.commands import End, Start
from sessions.services.ports import Joined, JoinRefused, NameTaken
from tests.support.store_game import Game, new_game
from tests.support.stores import Harness


async def names(game: Game) -> list[str]:
    """The names on the leaderboard, from the top."""
    standings = await game.store.standings(game.id)
    return [standing.username for standing in standings.order]


async def test_a_new_name_is_on_the_leaderboard_and_keeps_place_and_score(harness: Harness) -> None:
    game = await new_game(harness)
    await game.players("ann", "bob")
    await game.start()
    await game.accepted("bob")
    assert await names(game) == ["Player bob", "Player ann"]
    version = (await game.store.standings(game.id)).version
    before = await game.store.participant(game.id, "bob")
    renamed = await game.store.rename(game.id, "bob", "Robert", actor="test")
    assert before is not None
    assert renamed is not None
    assert (renamed.username, renamed.position, renamed.status) == ("Robert", before.position, before.status)
    assert await game.store.participant(game.id, "bob") == renamed
    assert await names(game) == ["Robert", "Player ann"]
    assert (await game.store.standings(game.id)).version > version


async def test_a_new_name_is_taken_and_the_old_one_is_free(harness: Harness) -> None:
    game = await new_game(harness)
    await game.join("u1", name="Ann")
    await game.store.rename(game.id, "u1", "Bea", actor="test")
    assert await game.join("u2", name="BEA") == JoinRefused("USERNAME_TAKEN")
    assert isinstance(await game.join("u3", name="Ann"), Joined)


@pytest.mark.parametrize("name", ["Bob", "B O B", "ｂｏｂ"])
async def test_it_refuses_a_name_that_reads_like_another_players(harness: Harness, name: str) -> None:
    game = await new_game(harness)
    await game.join("u1", name="Ann")
    await game.join("u2", name="Bob")
    with pytest.raises(NameTaken):
        await game.store.rename(game.id, "u1", name, actor="test")
    player = await game.store.participant(game.id, "u1")
    assert player is not None
    assert (player.username, player.renamed_at) == ("Ann", 0)


async def test_a_name_may_change_into_one_that_reads_the_same(harness: Harness) -> None:
    game = await new_game(harness)
    await game.join("u1", name="ann")
    await game.store.rename(game.id, "u1", "Ann", actor="test")
    assert await names(game) == ["Ann"]
    assert await game.join("u2", name="ANN") == JoinRefused("USERNAME_TAKEN")


async def test_of_two_names_given_at_once_one_is_borne_and_one_is_free(harness: Harness) -> None:
    game = await new_game(harness)
    await game.join("u1", name="Ann")
    await asyncio.gather(*(game.store.rename(game.id, "u1", name, actor="test") for name in ("Bea", "Cleo")))
    [borne] = await names(game)
    free = {"Ann", "Bea", "Cleo"} - {borne}
    for number, name in enumerate(free):
        assert isinstance(await game.join(f"new{number}", name=name), Joined)
    assert await game.join("last", name=borne) == JoinRefused("USERNAME_TAKEN")


async def test_who_is_not_in_the_session_gets_no_name(harness: Harness) -> None:
    game = await new_game(harness)
    await game.players("ann")
    await game.store.remove(game.id, "ann", actor="test")
    assert await game.store.rename(game.id, "ann", "Bea", actor="test") is None
    assert await game.store.rename(game.id, "nobody", "Bea", actor="test") is None
    assert await game.store.rename("nowhere", "ann", "Bea", actor="test") is None
    assert isinstance(await game.join("bea", name="Bea"), Joined)


async def test_a_player_who_comes_back_keeps_the_new_name(harness: Harness) -> None:
    game = await new_game(harness)
    await game.join("u1", name="Ann")
    await game.store.rename(game.id, "u1", "Bea", actor="test")
    back = await game.join("u1", name="Ann", proven=True)
    assert isinstance(back, Joined)
    assert back.participant.username == "Bea"


async def test_a_restart_and_another_instance_know_the_new_name(harness: Harness) -> None:
    game = await new_game(harness)
    await game.join("u1", name="Ann")
    await game.start()
    assert await names(game) == ["Ann"]
    for name in ("Bea", "Cleo"):
        await game.store.rename(game.id, "u1", name, actor="test")
    await harness.settle()
    rival = await harness.rival()
    assert [each.username for each in (await rival.standings(game.id)).order] == ["Cleo"]
    await harness.restart()
    assert await names(game) == ["Cleo"]
    assert await game.join("u2", name="Cleo") == JoinRefused("USERNAME_TAKEN")
    assert isinstance(await game.join("u3", name="Bea"), Joined)


async def test_the_database_has_the_new_name_and_who_gave_it(harness: Harness) -> None:
    game = await new_game(harness)
    await game.join("u1", name="Ann")
    for _ in range(2):
        await game.store.rename(game.id, "u1", "Bea", actor="user:host")
    await harness.settle()

    def read() -> tuple[list[str], list[tuple[int | None, str, str, object]]]:
        players = Participant.objects.filter(session_id=game.id).values_list("username", flat=True)
        trail = SessionEventRecord.objects.filter(session_id=game.id)
        return list(players), list(trail.values_list("seq", "kind", "actor", "data"))

    assert await harness.query(read) == (
        ["Bea"],
        [(None, "participant_renamed", "user:host", {"user_id": "u1", "from": "Ann", "to": "Bea"})],
    )


async def test_a_name_given_after_the_end_is_in_the_final_standings(harness: Harness) -> None:
    game = await new_game(harness)
    await game.join("u1", name="Ann")
    await game.do(Start(), End())
    await harness.settle()
    await game.store.rename(game.id, "u1", "Bea", actor="test")
    await harness.settle()

    def read() -> list[str]:
        return list(FinalStanding.objects.filter(session_id=game.id).values_list("username", flat=True))

    assert await harness.query(read) == ["Bea"]

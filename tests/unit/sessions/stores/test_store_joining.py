"""Players in a store: who gets in, on which connection, under which name, and who is out."""

from __future__ import annotations

import asyncio

import pytest

from sessions.rules.commands import End, SetLock, Start
from sessions.services.ports import Joined, JoinRefused, NameTaken, connection_name
from tests.support.store_game import new_game
from tests.support.stores import Harness


async def test_it_lets_a_player_in(harness: Harness) -> None:
    game = await new_game(harness)
    joined = await game.join("ann", name="Ann")
    assert isinstance(joined, Joined)
    assert (joined.resumed, joined.present, joined.superseded, joined.participant_count) == (False, False, "", 1)
    assert joined.participant.username == "Ann"
    assert joined.participant.joined_at == game.now
    assert await game.store.participant(game.id, "ann") == joined.participant
    assert await game.store.participant_count(game.id) == 1


async def test_a_newcomer_who_brings_a_proof_is_new_and_then_known(harness: Harness) -> None:
    game = await new_game(harness)
    first = await game.join("ann", name="Ann", proven=True)
    assert isinstance(first, Joined)
    assert (first.resumed, first.participant_count) == (False, 1)
    again = await game.join("ann", name="Ann", proven=True)
    assert isinstance(again, Joined)
    assert (again.resumed, again.participant_count) == (True, 1)
    assert await game.join("bob", name="Ann", proven=True) == JoinRefused("USERNAME_TAKEN")
    await game.do(SetLock(True))
    assert await game.join("bob", proven=True) == JoinRefused("SESSION_LOCKED")


async def test_it_lists_players_in_the_order_of_joining(harness: Harness) -> None:
    game = await new_game(harness)
    await game.players("zoe", "ann")
    await game.players("bob")
    await game.store.remove(game.id, "ann", actor="test")
    players = await game.store.participants(game.id)
    assert [(player.user_id, player.status) for player in players] == [
        ("zoe", "connected"),
        ("ann", "removed"),
        ("bob", "connected"),
    ]
    assert [player.position for player in players] == [1, 2, 3]


async def test_it_names_the_connection_that_a_new_one_takes_the_place_of(harness: Harness) -> None:
    game = await new_game(harness)
    await game.join("ann", connection="server/a")
    again = await game.join("ann", proven=True, connection="server/b")
    assert isinstance(again, Joined)
    assert (again.resumed, again.present, again.superseded, again.participant_count) == (True, True, "server/a", 1)
    same = await game.join("ann", proven=True, connection="server/b")
    assert isinstance(same, Joined)
    assert same.superseded == ""


async def test_a_join_that_waited_does_not_take_the_place_of_a_connection_made_after_it(harness: Harness) -> None:
    """The player lost patience, or the network, and came back over another instance; the first join is a ghost's."""
    game = await new_game(harness)
    early, late = connection_name("server", 2, 1_000), connection_name("server", 1, 2_000)
    await game.join("ann", connection=late)
    assert await game.join("ann", proven=True, connection=early) == JoinRefused("SUPERSEDED")
    assert not await game.store.detach(game.id, {"ann": early})
    assert await game.store.participant_count(game.id) == 1
    await game.store.detach(game.id, {"ann": late})
    assert isinstance(await game.join("ann", proven=True, connection=early), Joined)
    again = await game.join("ann", proven=True, connection=late)
    assert isinstance(again, Joined)
    assert again.superseded == early


async def test_it_refuses_a_taken_user_id_without_proof(harness: Harness) -> None:
    game = await new_game(harness)
    await game.players("ann")
    assert await game.join("ann") == JoinRefused("INVALID_TOKEN")
    first, second = await game.store.join(game.id, [game.wish("bob"), game.wish("bob", name="Robert")])
    assert isinstance(first, Joined)
    assert second == JoinRefused("INVALID_TOKEN")


async def test_it_detaches_a_player_only_from_the_connection_it_is_on(harness: Harness) -> None:
    game = await new_game(harness)
    await game.join("ann", connection="server/a")
    await game.join("ann", proven=True, connection="server/b")
    assert not await game.store.detach(game.id, {"ann": "server/a"})
    assert await game.store.participant_count(game.id) == 1
    assert await game.store.detach(game.id, {"ann": "server/b"})
    assert await game.store.participant_count(game.id) == 0
    player = await game.store.participant(game.id, "ann")
    assert player is not None
    assert player.status == "disconnected"
    assert not await game.store.detach(game.id, {"ann": "server/b"})


async def test_it_detaches_many_at_once_and_tells_who_is_gone(harness: Harness) -> None:
    game = await new_game(harness)
    lost = {user: f"server/{user}" for user in ("bob", "ann", "cleo")}
    for user, connection in lost.items():
        await game.join(user, connection=connection)
    await game.join("cleo", proven=True, connection="server/b")
    lost["nobody"] = "server/nobody"
    gone = await game.store.detach(game.id, lost)
    assert [(player.user_id, player.status) for player in gone] == [("bob", "disconnected"), ("ann", "disconnected")]
    assert await game.store.participant_count(game.id) == 1
    statuses = {player.user_id: player.status for player in await game.store.participants(game.id)}
    assert statuses == {"ann": "disconnected", "bob": "disconnected", "cleo": "connected"}


async def test_it_resumes_a_player_who_was_gone(harness: Harness) -> None:
    game = await new_game(harness)
    first = await game.join("ann", name="Ann", connection="server/a")
    await game.store.detach(game.id, {"ann": "server/a"})
    back = await game.join("ann", name="Another name", proven=True)
    assert isinstance(first, Joined)
    assert isinstance(back, Joined)
    assert (back.resumed, back.present, back.superseded) == (True, False, "")
    assert back.participant == first.participant


@pytest.mark.parametrize("name", ["ann", "ANN", "Ａｎｎ", "A n n", "Ann\u200d"])
async def test_it_refuses_a_name_that_reads_like_one_in_the_session(harness: Harness, name: str) -> None:
    game = await new_game(harness)
    await game.join("u1", name="Ann")
    assert await game.join("u2", name=name) == JoinRefused("USERNAME_TAKEN")
    results = await game.store.join(game.id, [game.wish("u3", name="Bea"), game.wish("u4", name="BEA")])
    assert [type(result) for result in results] == [Joined, JoinRefused]
    assert await game.store.participant(game.id, "u4") is None


async def test_nobody_comes_in_under_the_name_of_one_who_left_or_was_removed(harness: Harness) -> None:
    game = await new_game(harness)
    await game.join("u1", name="Ann")
    await game.join("u2", name="Bob")
    await game.store.remove(game.id, "u1", actor="test")
    await game.store.leave(game.id, "u2")
    assert await game.join("u3", name="Ann") == JoinRefused("USERNAME_TAKEN")
    assert await game.join("u3", name="\u0410nn") == JoinRefused("USERNAME_TAKEN")
    assert await game.join("u4", name="Bob") == JoinRefused("USERNAME_TAKEN")


async def test_the_host_may_give_the_name_of_one_who_was_removed(harness: Harness) -> None:
    game = await new_game(harness)
    await game.join("u1", name="Ann")
    await game.store.remove(game.id, "u1", actor="test")
    await game.join("u2", name="Ann again")
    assert await game.store.rename(game.id, "u2", "Ann", actor="test") is not None
    assert await game.join("u3", name="Ann") == JoinRefused("USERNAME_TAKEN")
    # It is borne again, and so nobody else can be given it.
    await game.join("u4", name="Dan")
    with pytest.raises(NameTaken):
        await game.store.rename(game.id, "u4", "Ann", actor="test")


async def test_a_locked_session_lets_only_its_players_in(harness: Harness) -> None:
    game = await new_game(harness)
    await game.players("ann")
    await game.do(SetLock(True))
    assert await game.join("bob") == JoinRefused("SESSION_LOCKED")
    assert isinstance(await game.join("ann", proven=True), Joined)
    await game.do(SetLock(False))
    assert isinstance(await game.join("bob"), Joined)


async def test_a_completed_session_lets_only_its_players_in(harness: Harness) -> None:
    game = await new_game(harness)
    await game.players("ann")
    await game.do(Start(), End())
    assert await game.join("bob") == JoinRefused("SESSION_COMPLETED")
    assert isinstance(await game.join("ann", proven=True), Joined)


@pytest.mark.parametrize(
    ("places", "let_in"),
    [pytest.param(3, 3, id="three places"), pytest.param(24, 24, id="a place for everybody (control)")],
)
async def test_it_never_lets_more_players_in_than_there_are_places(harness: Harness, places: int, let_in: int) -> None:
    game = await new_game(harness, max_participants=places)
    batches = [[game.wish(f"u{batch}-{number}") for number in range(4)] for batch in range(6)]
    results = await asyncio.gather(*(game.store.join(game.id, batch) for batch in batches))
    answers = [answer for batch in results for answer in batch]
    assert sum(isinstance(answer, Joined) for answer in answers) == let_in
    assert all(answer == JoinRefused("SESSION_FULL") for answer in answers if not isinstance(answer, Joined))
    assert len(await game.store.participants(game.id)) == let_in


async def test_a_place_is_kept_for_who_is_gone_and_given_up_by_who_leaves(harness: Harness) -> None:
    game = await new_game(harness, max_participants=1)
    await game.join("ann", connection="server/a")
    await game.store.detach(game.id, {"ann": "server/a"})
    assert await game.join("bob") == JoinRefused("SESSION_FULL")
    await game.store.leave(game.id, "ann")
    assert isinstance(await game.join("bob"), Joined)
    assert await game.join("ann", proven=True) == JoinRefused("SESSION_FULL")


async def test_a_player_who_comes_back_twice_at_once_takes_one_place(harness: Harness) -> None:
    game = await new_game(harness, max_participants=2)
    await game.players("ann", "bob")
    await game.store.leave(game.id, "ann")
    results = await game.store.join(game.id, [game.wish("ann", proven=True), game.wish("ann", proven=True)])
    assert [type(result) for result in results] == [Joined, Joined]
    assert await game.join("cleo") == JoinRefused("SESSION_FULL")


async def test_a_removed_player_is_out_for_good(harness: Harness) -> None:
    game = await new_game(harness)
    await game.players("ann", "bob")
    await game.start()
    await game.accepted("ann")
    removed = await game.store.remove(game.id, "ann", actor="test")
    assert removed is not None
    assert removed.status == "removed"
    assert await game.join("ann", proven=True) == JoinRefused("REMOVED")
    assert list(await game.scores()) == ["bob"]
    assert await game.store.participant_count(game.id) == 1
    assert not await game.store.detach(game.id, {"ann": "server/1"})
    assert (await game.store.remove(game.id, "ann", actor="test")) == removed
    assert await game.store.remove(game.id, "nobody", actor="test") is None


async def test_a_removed_player_gives_up_the_place(harness: Harness) -> None:
    game = await new_game(harness, max_participants=1)
    await game.players("ann")
    await game.store.remove(game.id, "ann", actor="test")
    assert isinstance(await game.join("bob"), Joined)


async def test_who_leaves_keeps_the_score(harness: Harness) -> None:
    game = await new_game(harness)
    await game.players("ann")
    await game.start()
    accepted = await game.accepted("ann")
    assert await game.store.leave(game.id, "ann")
    assert await game.store.participant_count(game.id) == 0
    assert await game.scores() == {"ann": accepted.stored.points}
    assert not await game.store.leave(game.id, "nobody")
    back = await game.join("ann", proven=True)
    assert isinstance(back, Joined)
    assert (back.resumed, back.present) == (True, False)


async def test_whoever_comes_back_is_told_in_one_go_what_they_have(harness: Harness) -> None:
    game = await new_game(harness, pace="self")
    await game.players("ann", "bob")
    await game.start()
    new = await game.join("cleo")
    assert isinstance(new, Joined)
    assert (new.rank, new.score, new.answered, dict(new.shown)) == (3, 0, (), {})
    assert new.state == await game.state()
    await game.store.show(game.id, "bob", "q2")
    await game.accepted("bob", "q2")
    await game.accepted("bob", "q1")
    back = await game.join("bob", proven=True)
    assert isinstance(back, Joined)
    assert back.resumed
    # In the quiz's order, not in that of answering.
    assert back.answered == ("q1", "q2")
    assert back.score == await game.store.score(game.id, "bob")
    assert back.rank == 1
    assert list(back.shown) == ["q2"]
    assert dict(back.shown) == dict(await game.store.shown(game.id, "bob"))


async def test_a_pupil_has_the_name_of_the_class_though_whoever_bore_it_was_removed(harness: Harness) -> None:
    game = await new_game(harness)
    await game.join("ann", name="Ann")
    await game.store.remove(game.id, "ann", actor="test")
    assert await game.join("other", name="Ann") == JoinRefused("USERNAME_TAKEN")
    joined = await game.join("pupil", name="Ann", listed=True)
    assert isinstance(joined, Joined)
    assert joined.participant.username == "Ann"
    # As everybody else: the same player comes back by proof alone.
    assert await game.join("pupil", name="Ann", listed=True) == JoinRefused("INVALID_TOKEN")
    again = await game.join("pupil", name="Ann", listed=True, proven=True)
    assert isinstance(again, Joined)
    assert again.resumed

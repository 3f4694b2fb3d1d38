"""Sessions in a store: found by id and code, moved on by compare-and-set, told in order."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest

from sessions.rules.commands import CloseQuestion, End, Next, Pause, SetLock, Start
from sessions.rules.state import SessionSetup, SessionState
from sessions.services.ports import CodeTaken, Decision
from tests.support.store_game import QUIZ, new_game
from tests.support.stores import Harness


async def test_it_finds_a_session_by_id_and_by_join_code(harness: Harness) -> None:
    game = await new_game(harness)
    store = game.store
    assert await store.resolve(game.id) == game.id
    assert await store.resolve(game.setup.join_code) == game.id
    assert await store.resolve(game.setup.join_code.lower()) == game.id
    assert await store.setup(game.id) == game.setup
    assert (await game.state()).status == "waiting"


async def test_it_finds_a_join_code_after_a_restart(harness: Harness) -> None:
    game = await new_game(harness)
    store = await harness.restart()
    assert await store.resolve(game.setup.join_code) == game.id


async def test_it_knows_nothing_of_an_unknown_session(harness: Harness) -> None:
    store = harness.store
    assert await store.resolve("nowhere") is None
    assert await store.setup("nowhere") is None
    assert await store.state("nowhere") is None
    assert await store.events_since("nowhere", 0) == []
    assert await store.participants("nowhere") == []
    assert await store.participant("nowhere", "ann") is None
    assert await store.participant_count("nowhere") == 0
    assert await store.answers_of("nowhere", "ann") == []
    assert not await store.answers_to("nowhere", "q1")
    assert not await store.shown("nowhere", "ann")
    assert await store.score("nowhere", "ann") == 0
    assert list((await store.standings("nowhere")).order) == []
    assert not await store.leave("nowhere", "ann")
    assert not await store.detach("nowhere", {"ann": "server/1"})
    assert await store.remove("nowhere", "ann", actor="test") is None
    await store.show("nowhere", "ann", "q1")
    assert not await store.commit("nowhere", Decision(SessionState(revision=1), (), command="x", actor="y"))


async def test_it_refuses_a_join_code_that_a_live_session_has(harness: Harness) -> None:
    game = await new_game(harness)
    other = SessionSetup(id="another", quiz=QUIZ, join_code=game.setup.join_code)
    with pytest.raises(CodeTaken):
        await game.store.create(other, SessionState(created_at=game.now))
    assert await game.store.setup("another") is None


async def test_it_frees_a_join_code_when_the_session_ends_but_knows_who_had_it(harness: Harness) -> None:
    game = await new_game(harness)
    await game.do(Start(), End())
    assert await game.store.resolve(game.setup.join_code) == game.id
    assert await game.store.resolve(game.id) == game.id
    again = await new_game(harness, join_code=game.setup.join_code)
    assert await game.store.resolve(game.setup.join_code) == again.id


async def test_it_takes_a_transition_only_where_it_was_decided(harness: Harness) -> None:
    game = await new_game(harness)
    start = await game.transition(Start())
    ahead = replace(start, state=replace(start.state, revision=2))
    assert not await game.commit(ahead)
    assert (await game.state()).status == "waiting"
    assert await game.store.events_since(game.id, 0) == []
    assert await game.commit(start)
    assert await game.state() == start.state
    assert not await game.commit(start)
    assert await game.store.events_since(game.id, 0) == list(start.events)


@pytest.mark.parametrize(
    ("guarded", "opened"),
    [
        pytest.param(True, 1, id="compare-and-set"),
        # The control: who takes whatever revision it finds opens a question per click.
        pytest.param(False, 8, id="without the guard"),
    ],
)
async def test_it_lets_one_of_many_simultaneous_transitions_win(harness: Harness, guarded: bool, opened: int) -> None:
    game = await new_game(harness)
    await game.do(Start())
    seen = await game.state()
    click = await game.transition(Next())

    async def commit_next() -> bool:
        if guarded:
            return await game.commit(click)
        while True:
            state = await game.state()
            events = tuple(replace(event, seq=state.seq + 1) for event in click.events)
            moved = replace(click, state=replace(click.state, revision=state.revision + 1, seq=state.seq + 1))
            if await game.commit(replace(moved, events=events)):
                return True

    taken = await asyncio.gather(*(commit_next() for _ in range(8)))
    assert sum(taken) == opened
    events = await game.store.events_since(game.id, seen.seq)
    assert [event.seq for event in events] == list(range(seen.seq + 1, seen.seq + opened + 1))


async def test_it_tells_the_loser_of_a_race_between_instances_what_won(harness: Harness) -> None:
    game = await new_game(harness)
    await game.do(Start())
    rival = await harness.rival()
    seen = await rival.state(game.id)
    assert seen == await game.state()
    late = await game.transition(Next())
    await game.do(SetLock(True))
    assert not await game.commit(late, store=rival)
    assert await rival.state(game.id) == await game.state()
    assert await rival.events_since(game.id, 0) == await game.store.events_since(game.id, 0)


async def test_it_keeps_who_is_connected_when_it_lost_a_race(harness: Harness) -> None:
    game = await new_game(harness)
    await game.do(Start())
    seen = await game.state()
    rival = await harness.rival()
    assert await rival.state(game.id) == seen
    await game.join("ann", connection="here/1")
    late = await game.transition(Next())
    assert await game.commit(await game.transition(SetLock(True)), store=rival)
    assert not await game.commit(late)
    assert (await game.state()).locked
    assert await game.store.participant_count(game.id) == 1
    assert await game.store.detach(game.id, {"ann": "here/1"})


async def test_it_tells_the_events_after_a_sequence_number_in_order(harness: Harness) -> None:
    game = await new_game(harness)
    await game.do(Start(), Next(), Pause(), CloseQuestion())
    events = await game.store.events_since(game.id, 0)
    assert [event.kind for event in events] == ["started", "question_opened", "paused", "question_closed"]
    assert [event.seq for event in events] == [1, 2, 3, 4]
    assert await game.store.events_since(game.id, 2) == events[2:]
    assert await game.store.events_since(game.id, 4) == []
    assert await game.store.events_since(game.id, 99) == []

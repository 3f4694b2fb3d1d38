"""Answers in a store: counted once, in time, for the points of the time they took, told when they may be."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from scoring.rules.answers import Accepted, Refused
from scoring.rules.points import Schedule
from sessions.rules.commands import CloseQuestion, End, Next, Pause, Resume, Start
from sessions.services.ports import Store
from tests.support.store_game import Game, new_game
from tests.support.stores import ALLOWANCE_MS, Harness


async def playing(harness: Harness, *users: str, **options: Any) -> Game:
    """A session with players, whose first question is open in host pace."""
    game = await new_game(harness, **options)
    await game.players(*(users or ("ann",)))
    await game.start()
    return game


@pytest.mark.parametrize(("after_ms", "points"), [(0, 15), (1_999, 15), (2_000, 14), (9_999, 11), (15_000, 10)])
async def test_it_gives_the_points_of_the_time_an_answer_took(harness: Harness, after_ms: int, points: int) -> None:
    game = await playing(harness)
    game.wait(after_ms)
    accepted = await game.accepted("ann")
    assert (accepted.stored.points, accepted.stored.elapsed_ms, accepted.score) == (points, after_ms, points)
    assert await game.store.score(game.id, "ann") == points
    assert await game.scores() == {"ann": points}


@pytest.mark.parametrize(
    ("claimed_ms", "elapsed_ms"),
    [(None, 5_000), (4_500, 4_500), (0, 5_000 - ALLOWANCE_MS), (9_000, 5_000), (-5, 5_000 - ALLOWANCE_MS)],
)
async def test_the_clients_time_lowers_the_servers_by_at_most_the_allowance(
    harness: Harness, claimed_ms: int | None, elapsed_ms: int
) -> None:
    game = await playing(harness)
    game.wait(5_000)
    assert (await game.accepted("ann", claimed_ms=claimed_ms)).stored.elapsed_ms == elapsed_ms


async def test_a_wrong_answer_earns_nothing(harness: Harness) -> None:
    game = await playing(harness)
    assert (await game.accepted("ann", right=False)).stored.points == 0
    assert await game.scores() == {"ann": 0}


async def test_the_second_of_two_answers_in_one_batch_changes_nothing(harness: Harness) -> None:
    game = await playing(harness, "ann", "bob")
    batch = [game.answer("ann"), game.answer("bob"), game.answer("ann", right=False)]
    first, other, second = await game.store.record(game.id, batch)
    assert isinstance(first, Accepted)
    assert isinstance(other, Accepted)
    assert second == Refused("ALREADY_ANSWERED", first.stored, first.score)
    assert (await game.store.answers_to(game.id, "q1"))["ann"] == first.stored


@pytest.mark.parametrize("reveal", ["immediately", "on_close"])
async def test_each_answer_of_a_batch_to_several_questions_comes_to_what_it_would_alone(
    harness: Harness, reveal: str
) -> None:
    game = await playing(harness, "ann", "bob", pace="self", reveal=reveal)
    await game.accepted("bob", "q2")
    batch = [
        game.answer("ann", "q2"),
        game.answer("ann", "q1", right=False),
        game.answer("bob", "q2", right=False),
        game.answer("bob", "q1"),
        game.answer("eve", "q1"),
        game.answer("ann", "q1"),
    ]
    results = await game.store.record(game.id, batch)
    came_to = [result.answered_count if isinstance(result, Accepted) else result for result in results]
    codes = [result.code if isinstance(result, Refused) else result for result in came_to]
    assert codes == [2, 1, "ALREADY_ANSWERED", 2, "NOT_JOINED", "ALREADY_ANSWERED"]
    assert {user: answer.verdict for user, answer in (await game.store.answers_to(game.id, "q1")).items()} == {
        "ann": "wrong",
        "bob": "correct",
    }
    assert {user: answer.verdict for user, answer in (await game.store.answers_to(game.id, "q2")).items()} == {
        "ann": "correct",
        "bob": "correct",
    }
    if reveal == "on_close":
        assert await game.scores() == {"ann": 0, "bob": 0}
        await game.end()
    points = {
        user: sum(answer.points for answer in await game.store.answers_of(game.id, user)) for user in ("ann", "bob")
    }
    assert await game.scores() == points


async def test_a_batch_that_breaks_off_leaves_nothing_behind(harness: Harness) -> None:
    game = await playing(harness, "ann", "bob")
    broken = game.answer("bob")._replace(schedule=Schedule(()))
    with pytest.raises(Exception):  # noqa: B017 - each store has its own; what matters is what it leaves
        await game.store.record(game.id, [game.answer("ann"), broken])
    assert await game.scores() == {"ann": 0, "bob": 0}
    first = await game.accepted("ann")
    assert first.score == first.stored.points
    assert await game.scores() == {"ann": first.stored.points, "bob": 0}


async def test_a_second_answer_learns_what_the_first_came_to(harness: Harness) -> None:
    game = await playing(harness)
    first = await game.accepted("ann")
    game.wait(3_000)
    assert await game.submit("ann", right=False) == Refused("ALREADY_ANSWERED", first.stored, first.score)
    assert await game.scores() == {"ann": first.stored.points}


async def test_it_counts_one_of_many_simultaneous_answers(harness: Harness) -> None:
    game = await playing(harness, "ann", "bob")
    results = await asyncio.gather(*(game.submit("ann", text="a") for _ in range(12)), game.submit("bob"))
    accepted = [result for result in results if isinstance(result, Accepted)]
    assert len(accepted) == 2  # the control: another player's answer counts beside it
    assert sum((await game.scores()).values()) == sum(result.stored.points for result in accepted)


async def test_it_counts_an_answer_that_two_instances_take_at_once_once(harness: Harness) -> None:
    game = await playing(harness)
    rival = await harness.rival()
    assert await rival.state(game.id) == await game.state()
    both = await asyncio.gather(
        game.store.record(game.id, [game.answer("ann", text="a")]), rival.record(game.id, [game.answer("ann")])
    )
    results = [result for batch in both for result in batch]
    assert sorted(type(result).__name__ for result in results) == ["Accepted", "Refused"]
    [refused] = [result for result in results if isinstance(result, Refused)]
    [accepted] = [result for result in results if isinstance(result, Accepted)]
    assert refused.code == "ALREADY_ANSWERED"
    assert refused.stored == accepted.stored
    for store in (game.store, rival):
        assert await store.score(game.id, "ann") == accepted.stored.points


async def test_a_lost_race_for_one_answer_leaves_the_others_of_its_batch_counted(harness: Harness) -> None:
    game = await playing(harness, "ann", "bob")
    rival = await harness.rival()
    assert await rival.state(game.id) == await game.state()
    first = await game.accepted("ann")
    lost, won = await rival.record(game.id, [game.answer("ann"), game.answer("bob")])
    assert lost == Refused("ALREADY_ANSWERED", first.stored, first.score)
    assert isinstance(won, Accepted)
    assert won.answered_count == 2
    assert await rival.answers_to(game.id, "q1") == {"ann": first.stored, "bob": won.stored}


class TestRefusals:
    """An answer that does not fit changes nothing."""

    @staticmethod
    async def nothing_counts(game: Game) -> None:
        for question in ("q1", "q2", "q3"):
            assert not await game.store.answers_to(game.id, question)
        assert not any((await game.scores()).values())

    async def test_it_refuses_an_answer_before_the_start(self, harness: Harness) -> None:
        for pace in ("host", "self"):
            game = await new_game(harness, pace=pace)
            await game.players("ann")
            assert await game.submit("ann") == Refused("QUESTION_NOT_OPEN")
            await self.nothing_counts(game)

    async def test_it_refuses_an_answer_before_the_first_question(self, harness: Harness) -> None:
        game = await new_game(harness)
        await game.players("ann")
        await game.do(Start())
        assert await game.submit("ann") == Refused("QUESTION_NOT_OPEN")

    async def test_it_refuses_an_answer_to_a_question_that_is_not_the_open_one(self, harness: Harness) -> None:
        game = await playing(harness)
        assert await game.submit("ann", "q2") == Refused("QUESTION_NOT_OPEN")
        await self.nothing_counts(game)

    async def test_it_refuses_an_answer_after_the_close(self, harness: Harness) -> None:
        game = await playing(harness)
        await game.close()
        assert await game.submit("ann") == Refused("QUESTION_NOT_OPEN")
        await self.nothing_counts(game)

    async def test_it_refuses_an_answer_that_came_after_the_deadline_of_a_question_not_closed_yet(
        self, harness: Harness
    ) -> None:
        game = await playing(harness, "ann", "bob")
        game.wait(20_001)
        late, in_time = await game.store.record(
            game.id, [game.answer("ann"), game.answer("bob", received_at=game.now - 1)]
        )
        assert late == Refused("QUESTION_NOT_OPEN")
        assert isinstance(in_time, Accepted)  # came in time, was only written late

    async def test_it_refuses_an_answer_during_a_pause(self, harness: Harness) -> None:
        for pace in ("host", "self"):
            game = await playing(harness, pace=pace)
            await game.do(Pause())
            assert await game.submit("ann") == Refused("QUESTION_NOT_OPEN")
            await game.do(Resume())
            assert isinstance(await game.submit("ann"), Accepted)

    async def test_it_refuses_an_answer_after_the_end(self, harness: Harness) -> None:
        game = await playing(harness, pace="self")
        await game.end()
        assert await game.submit("ann") == Refused("SESSION_COMPLETED")
        await self.nothing_counts(game)

    async def test_it_refuses_an_answer_of_somebody_who_is_not_in(self, harness: Harness) -> None:
        game = await playing(harness, "ann", "bob", "cleo")
        await game.store.leave(game.id, "bob")
        await game.store.remove(game.id, "cleo", actor="test")
        for user in ("nobody", "bob", "cleo"):
            assert await game.submit(user) == Refused("NOT_JOINED")
        await self.nothing_counts(game)

    async def test_it_refuses_answers_in_an_unknown_session(self, harness: Harness) -> None:
        game = await playing(harness)
        assert await game.store.record("nowhere", [game.answer("ann")]) == [Refused("NOT_JOINED")]


class TestWithheldPoints:
    """With ``on_close`` nothing tells what an answer is worth before its question closes."""

    async def seen(self, game: Game, store: Store | None = None) -> tuple[object, ...]:
        """All that reaches a player of scores."""
        store = store or game.store
        standings = await store.standings(game.id)
        return standings.version, list(standings.order), await store.score(game.id, "ann")

    @pytest.mark.parametrize("right", [True, False])
    async def test_an_answer_moves_nothing_that_can_be_seen(self, harness: Harness, right: bool) -> None:
        game = await playing(harness, "ann", "bob", reveal="on_close")
        before = await self.seen(game)
        accepted = await game.accepted("ann", right=right)
        assert accepted.score == 0
        assert await self.seen(game) == before
        again = await game.submit("ann")
        assert isinstance(again, Refused)
        assert again.score == 0

    @pytest.mark.parametrize("command", [CloseQuestion(), Next(), End()], ids=["close", "next", "end"])
    async def test_the_points_join_the_score_with_the_close(
        self, harness: Harness, command: CloseQuestion | Next | End
    ) -> None:
        game = await playing(harness, "ann", "bob", reveal="on_close")
        accepted = await game.accepted("ann")
        version = (await game.store.standings(game.id)).version
        await game.do(command)
        assert await game.store.score(game.id, "ann") == accepted.stored.points
        standings = await game.store.standings(game.id)
        assert standings.own("ann") == (1, accepted.stored.points)
        assert standings.version > version

    async def test_the_points_of_an_earlier_question_stay_told_while_the_next_is_open(self, harness: Harness) -> None:
        game = await playing(harness, reveal="on_close")
        first = await game.accepted("ann")
        await game.do(Next())
        await game.accepted("ann", "q2")
        assert await game.store.score(game.id, "ann") == first.stored.points
        store = await harness.restart()
        assert await store.score(game.id, "ann") == first.stored.points

    async def test_in_self_pace_the_points_join_the_score_with_the_end(self, harness: Harness) -> None:
        game = await playing(harness, pace="self", reveal="on_close")
        before = await self.seen(game)
        points = [(await game.accepted("ann", question)).stored.points for question in ("q1", "q2", "q3")]
        assert await self.seen(game) == before
        await game.end()
        assert await game.store.score(game.id, "ann") == sum(points)

    async def test_a_pause_or_a_restart_tells_nothing(self, harness: Harness) -> None:
        game = await playing(harness, reveal="on_close")
        await game.accepted("ann")
        await game.do(Pause())
        assert await game.scores() == {"ann": 0}
        store = await harness.restart()
        assert await store.score(game.id, "ann") == 0
        assert await game.scores() == {"ann": 0}


async def test_the_score_is_the_sum_of_the_answers_points(harness: Harness) -> None:
    game = await playing(harness, "ann", "bob", pace="self")
    for question in ("q3", "q1", "q2"):
        game.wait(1_500)
        await game.store.show(game.id, "ann", question)
        game.wait(2_500)
        accepted = await game.accepted("ann", question, right=question != "q1")
        answers = await game.store.answers_of(game.id, "ann")
        assert accepted.score == sum(answer.points for answer in answers)
    assert {answer.question_id for answer in answers} == {"q1", "q2", "q3"}
    assert await game.store.answers_of(game.id, "bob") == []
    assert (await game.store.standings(game.id)).own("ann") == (1, accepted.score)


async def test_it_counts_the_answers_to_a_question(harness: Harness) -> None:
    game = await playing(harness, "ann", "bob", "cleo")
    assert (await game.accepted("ann")).answered_count == 1
    batch = await game.store.record(game.id, [game.answer("bob"), game.answer("cleo", right=False)])
    assert [result.answered_count for result in batch if isinstance(result, Accepted)] == [2, 3]
    answers = await game.store.answers_to(game.id, "q1")
    assert {user: answer.answer for user, answer in answers.items()} == {"ann": "a", "bob": "a", "cleo": "b"}


async def test_equal_scores_stand_in_the_order_of_joining(harness: Harness) -> None:
    game = await playing(harness, "zoe", "ann", "bob")
    for user in ("bob", "ann", "zoe"):
        await game.accepted(user)
    order = (await game.store.standings(game.id)).order
    assert [standing.user_id for standing in order] == ["zoe", "ann", "bob"]


async def test_the_time_of_a_late_joiner_runs_from_joining(harness: Harness) -> None:
    game = await playing(harness, "ann")
    game.wait(10_000)
    await game.players("bob")
    game.wait(1_500)
    assert (await game.accepted("ann")).stored.elapsed_ms == 11_500
    assert (await game.accepted("bob")).stored.elapsed_ms == 1_500


async def test_the_time_of_an_answer_leaves_pauses_out(harness: Harness) -> None:
    game = await playing(harness, "ann")
    game.wait(6_000)
    await game.players("bob")
    game.wait(1_000)
    await game.do(Pause())
    game.wait(60_000)
    await game.players("cleo")
    await game.do(Resume())
    game.wait(500)
    assert (await game.accepted("ann")).stored.elapsed_ms == 7_500
    assert (await game.accepted("bob")).stored.elapsed_ms == 1_500
    assert (await game.accepted("cleo")).stored.elapsed_ms == 500

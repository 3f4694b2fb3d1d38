"""Homework in a store: its end, who has longer, further attempts, and that it rests where nobody touches it."""

from __future__ import annotations

from functools import partial
from typing import Any

from scoring.models import AnswerSubmission
from scoring.rules.answers import Accepted, Refused
from sessions.models import FinalStanding, Participant
from sessions.rules.commands import MoveClosing, Start
from sessions.rules.homework import NEAR_MS
from sessions.rules.options import SessionOptions
from sessions.rules.people import Arrangement, Needs
from sessions.rules.state import SessionSetup, SessionState
from sessions.services.ports import Joined
from tests.support.store_game import QUIZ, Game
from tests.support.stores import Harness

HOUR = 3_600_000
DAYS = 24 * HOUR
_codes = iter(range(10_000))


async def homework(harness: Harness, *, start: bool = True, **options: Any) -> Game:
    now, number = harness.clock.now(), next(_codes)
    arranged = SessionOptions(closes_at=now + 14 * DAYS, **options)
    setup = SessionSetup(
        f"homework-{number}", QUIZ, f"H{number:05d}", reveal="immediately", scoring="flat", options=arranged
    )
    state = SessionState(created_at=now, expires_at=arranged.opens_at or now, closes_at=arranged.closes_at)
    await harness.store.create(setup, state)
    game = Game(harness, setup)
    if start:
        await game.do(Start())
    return game


async def test_answers_count_until_it_closes(harness: Harness) -> None:
    game = await homework(harness)
    await game.players("ann")
    closes_at = game.setup.options.closes_at
    await game.accepted("ann", "q1", received_at=closes_at - 1)
    game.wait(closes_at - game.now)
    await game.accepted("ann", "q2")
    game.wait(1)
    late = await game.submit("ann", "q3")
    assert isinstance(late, Refused)
    assert late.code == "QUESTION_NOT_OPEN"


async def test_who_has_longer_has_it_in_the_store_and_after_a_restart(harness: Harness) -> None:
    game = await homework(harness, attempts=2)
    await game.players("ann", "bob")
    closes_at = game.setup.options.closes_at
    await game.do(MoveClosing(closes_at + HOUR, "ann"))
    assert await game.store.begin_attempt(game.id, "ann", 2)
    await harness.restart()
    game.wait(closes_at + 1 - game.now)
    await game.accepted("ann", "q1")
    await game.accepted("ann~2", "q1")
    refused = await game.submit("bob", "q1")
    assert isinstance(refused, Refused)
    assert refused.code == "QUESTION_NOT_OPEN"


async def test_another_attempt_is_answered_anew_and_each_answer_once(harness: Harness) -> None:
    game = await homework(harness, attempts=3)
    await game.players("ann")
    await game.accepted("ann", "q1", right=False)
    assert await game.store.attempts_begun(game.id, "ann") == 1
    assert await game.store.begin_attempt(game.id, "ann", 2)
    assert await game.store.begin_attempt(game.id, "ann", 2)
    assert await game.store.attempts_begun(game.id, "ann") == 2
    taken = await game.accepted("ann~2", "q1")
    assert (taken.score, taken.stored.points) == (10, 10)
    again = await game.submit("ann~2", "q1", right=False)
    assert isinstance(again, Refused)
    assert (again.code, again.score) == ("ALREADY_ANSWERED", 10)
    await harness.settle()
    rows = await harness.query(
        lambda: list(AnswerSubmission.objects.order_by("user_id").values_list("user_id", "question_id", "points"))
    )
    assert rows == [("ann", "q1", 0), ("ann~2", "q1", 10)]


async def test_attempts_come_in_order_and_to_players_who_are_in(harness: Harness) -> None:
    game = await homework(harness, attempts=3)
    await game.players("ann", "eve")
    await game.store.remove(game.id, "eve", actor="test")
    assert not await game.store.begin_attempt(game.id, "ann", 3)
    assert not await game.store.begin_attempt(game.id, "bob", 2)
    assert not await game.store.begin_attempt(game.id, "eve", 2)
    assert isinstance(await game.submit("ann~2"), Refused)


async def test_a_player_has_one_place_by_the_attempt_that_counts(harness: Harness) -> None:
    for counts, ann in (("best", 20), ("last", 10)):
        game = await homework(harness, attempts=2, counts=counts)
        await game.players("ann", "bob")
        await game.accepted("ann", "q1")
        await game.accepted("ann", "q2")
        await game.accepted("bob", "q1")
        await game.store.begin_attempt(game.id, "ann", 2)
        await game.accepted("ann~2", "q3")
        assert await game.scores() == {"ann": ann, "bob": 10}
        assert [standing.username for standing in (await game.store.standings(game.id)).order] == [
            "Player ann",
            "Player bob",
        ]
        assert await game.store.score(game.id, "ann~2") == 10
        await game.end()
        await harness.settle()
        final: list[Any] = await harness.query(
            partial(list, FinalStanding.objects.filter(session_id=game.id).values_list("user_id", "score", "rank"))
        )
        assert final == [("ann", ann, 1), ("bob", 10, 2)]


async def test_another_attempt_takes_no_place_and_no_name(harness: Harness) -> None:
    game = await homework(harness, attempts=5)
    full = SessionSetup(
        "small", QUIZ, "SMALL", max_participants=2, options=SessionOptions(closes_at=game.now + DAYS, attempts=5)
    )
    await harness.store.create(full, SessionState(created_at=game.now, expires_at=game.now, closes_at=game.now + DAYS))
    small = Game(harness, full)
    await small.do(Start())
    await small.players("ann")
    for attempt in (2, 3):
        assert await small.store.begin_attempt("small", "ann", attempt)
    await harness.restart()
    await small.players("bob")
    assert not isinstance(await small.join("eve"), Joined)
    assert isinstance(await small.join("ann", proven=True), Joined)
    assert await small.store.participant_count("small") == 2


async def test_attempts_survive_a_restart(harness: Harness) -> None:
    game = await homework(harness, attempts=3)
    await game.players("ann")
    await game.store.begin_attempt(game.id, "ann", 2)
    await game.accepted("ann~2", "q1")
    await harness.restart()
    assert await game.store.attempts_begun(game.id, "ann") == 2
    assert [answer.question_id for answer in await game.store.answers_of(game.id, "ann~2")] == ["q1"]
    assert await game.scores() == {"ann": 10}
    names = await harness.query(lambda: set(Participant.objects.values_list("user_id", "username")))
    assert names == {("ann", "Player ann"), ("ann~2", "")}


async def test_its_timer_is_set_when_it_is_near_and_not_before(harness: Harness) -> None:
    game = await homework(harness)
    closes_at = game.setup.options.closes_at
    assert await game.store.next_due() is None
    await game.store.arm(game.id)
    assert await game.store.next_due() is None
    game.wait(closes_at - NEAR_MS - game.now)
    await game.store.arm(game.id)
    assert await game.store.next_due() == closes_at
    assert await game.store.claim_due(closes_at) == [game.id]
    await game.end()
    await game.store.arm(game.id)
    assert await game.store.next_due() is None


async def test_one_that_waits_is_found_by_the_time_it_opens(harness: Harness) -> None:
    now = harness.clock.now()
    game = await homework(harness, start=False, opens_at=now + 2 * HOUR)
    await harness.restart()
    assert await game.store.next_due() is None
    game.wait(2 * HOUR - 1_000)
    await game.store.arm(game.id)
    assert await game.store.next_due() == now + 2 * HOUR
    state = await game.state()
    assert (state.status, state.closes_at) == ("waiting", game.setup.options.closes_at)


async def test_what_happened_while_it_rested_is_all_there_at_the_first_touch(harness: Harness) -> None:
    game = await homework(harness, attempts=2)
    await game.players("ann")
    await game.accepted("ann", "q1")
    await game.store.begin_attempt(game.id, "ann", 2)
    await game.store.detach(game.id, {"ann": "server/0"})
    await harness.settle()
    game.wait(2 * DAYS)
    accepted = await game.submit("ann~2", "q1")
    assert isinstance(accepted, Accepted)
    assert await game.store.resolve(game.setup.join_code) == game.id
    assert isinstance(await game.submit("ann", "q1"), Refused)


async def test_what_a_player_needs_holds_in_another_attempt_and_team_and_place_are_of_the_player(
    harness: Harness,
) -> None:
    game = await homework(harness, attempts=2)
    await game.players("ann")
    needs = Arrangement("needs", Needs(ignore_accents=True))
    assert await game.store.arrange(game.id, "ann", needs, actor="test") is not None
    await game.store.begin_attempt(game.id, "ann", 2)
    for _ in range(2):
        begun = await game.store.participant(game.id, "ann~2")
        assert begun is not None
        assert (begun.arranged.needs.ignore_accents, begun.arranged.team, begun.arranged.moves) == (True, 0, 0)
        await harness.settle()
        await harness.restart()

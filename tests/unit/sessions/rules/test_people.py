"""What is arranged for one player: needs as text and back, changes in their order, and teams that stay even."""

from __future__ import annotations

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quizzes.rules.content import QuizContent
from sessions.rules.people import (
    NO_NEEDS,
    NOTHING,
    TIMES,
    AlreadyMoved,
    Arrangement,
    InvalidNeeds,
    Needs,
    pack_needs,
    smallest_team,
    unpack_needs,
)
from sessions.rules.state import SessionSetup, SessionState, is_open, may_still_answer

SETUP = SessionSetup("s", QuizContent(id="q", title="Q", questions=()), "CODE", pace="host")
needs = st.builds(Needs, st.sampled_from(TIMES), *[st.booleans()] * 4)


@given(needs)
def test_needs_survive_being_packed_into_a_short_text(wanted: Needs) -> None:
    packed = pack_needs(wanted)
    assert unpack_needs(packed) == wanted
    assert len(packed) <= 12
    assert not set(packed) & set(";|")


def test_no_needs_are_an_empty_text() -> None:
    assert pack_needs(NO_NEEDS) == ""
    assert unpack_needs("") == NO_NEEDS


@pytest.mark.parametrize("packed", ["1", "300", "150x", "s", "150 s", "-100", "1000"])
def test_what_is_no_packed_form_is_refused(packed: str) -> None:
    with pytest.raises(InvalidNeeds):
        unpack_needs(packed)


@pytest.mark.parametrize("given_needs", [{"time": 300}, {"time": True}, {"time": "150"}, {"large_text": 1}])
def test_needs_that_there_are_not_are_named(given_needs: dict[str, object]) -> None:
    with pytest.raises(InvalidNeeds, match=next(iter(given_needs))):
        Needs(**given_needs)  # type: ignore[arg-type]  # that is the point


@given(st.lists(st.one_of(needs, st.integers(1, 5)), max_size=10), st.integers(0, 100))
def test_of_changes_one_after_the_other_each_is_later_than_the_one_before(changes: list[Needs | int], now: int) -> None:
    arranged = NOTHING
    for value in changes:
        change = Arrangement("needs" if isinstance(value, Needs) else "team", value)
        after = change.applied(arranged, now)
        assert getattr(after, change.what) == value
        assert after is arranged or after.at > arranged.at
        assert change.applied(after, now) is after
        arranged = after


def test_a_place_moves_once_for_each_wish() -> None:
    wish = Arrangement("moves", 1)
    moved = wish.applied(NOTHING, 5)
    assert (moved.moves, moved.at) == (1, 5)
    with pytest.raises(AlreadyMoved):
        wish.applied(moved, 6)


@given(st.integers(2, 20), st.lists(st.text("abcXYZ019._-", min_size=1, max_size=36), max_size=60))
def test_teams_that_players_are_put_into_one_by_one_differ_by_one_at_most(teams: int, users: list[str]) -> None:
    sizes: Counter[int] = Counter()
    for user in users:
        team = smallest_team(sizes, teams, user)
        assert 1 <= team <= teams
        sizes[team] += 1
    counts = [sizes[team] for team in range(1, teams + 1)]
    assert max(counts) - min(counts) <= 1


@given(needs, st.integers(0, 10**13), st.integers(0, 600_000))
def test_nobody_has_less_time_than_the_others_and_time_counts_as_its_share(
    wanted: Needs, opened_at: int, limit_ms: int
) -> None:
    until = wanted.deadline(opened_at, opened_at + limit_ms)
    assert until >= opened_at + limit_ms or not wanted.time
    assert wanted.slow == (wanted.time != 100)
    if wanted.time:
        assert until == opened_at + wanted.limit_ms(limit_ms)
        assert wanted.counted_ms(until - opened_at) in ({0} if wanted.no_speed_loss else {limit_ms, limit_ms - 1})
    else:
        assert (until, wanted.limit_ms(limit_ms), wanted.counted_ms(limit_ms)) == (0, 0, 0)


@given(needs, st.integers(0, 10**6), st.integers(0, 10**6))
def test_who_answers_later_never_counts_as_faster(wanted: Needs, one: int, other: int) -> None:
    assert wanted.counted_ms(min(one, other)) <= wanted.counted_ms(max(one, other)) <= max(one, other)


@given(
    needs,
    st.integers(1, 600_000),
    st.integers(0, 2_000_000),
    st.sampled_from(["connected", "disconnected", "left", "removed"]),
)
def test_a_question_waits_for_whoever_may_still_answer_it_and_for_nobody_else(
    wanted: Needs, limit_ms: int, later: int, status: str
) -> None:
    opened = 1_000
    state = SessionState(
        "active", "open", question_index=0, question_id="q1", opened_at=opened, deadline=opened + limit_ms
    )
    now = opened + later
    accepts = is_open(SETUP, state, "q1", now, needs=wanted)
    waits = may_still_answer(state, wanted, status, now)
    here = status == "connected" or (status == "disconnected" and wanted.time > 0)
    assert waits == (accepts and here)
    assert accepts or now > opened + limit_ms

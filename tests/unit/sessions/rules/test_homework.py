"""When a homework opens and closes: times that clocks show, deadlines that move, and what a timer does about them."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sessions.rules.commands import End, MoveClosing, Start, Timeout
from sessions.rules.homework import MAX_OPEN_MS, NEAR_MS, InvalidHomework, check, moment, near_due
from sessions.rules.lifecycle import NotAllowed, decide
from sessions.rules.options import SessionOptions
from sessions.rules.state import (
    SessionSetup,
    SessionState,
    due_at,
    event_to_json,
    is_open,
    is_revealed,
    state_from_json,
    state_to_json,
)
from tests.support.store_game import QUIZ

NOW = 1_800_000_000_000
HOUR = 3_600_000
OPENS, CLOSES = NOW + HOUR, NOW + 48 * HOUR
OPTIONS = SessionOptions(opens_at=OPENS, closes_at=CLOSES)
SETUP = SessionSetup(id="s", quiz=QUIZ, join_code="C", reveal="on_close", options=OPTIONS)
WAITING = SessionState(created_at=NOW, expires_at=OPENS, closes_at=CLOSES)
OPEN = decide(SETUP, WAITING, Timeout(), OPENS).state


def at(text: str, zone: str = "Europe/Berlin", *, latest: bool = True) -> str:
    ms = moment(datetime.fromisoformat(text), zone, field="closes_at", latest=latest)
    return datetime.fromtimestamp(ms / 1_000, UTC).isoformat()


def test_a_time_is_that_of_the_zone_unless_it_names_its_own() -> None:
    assert at("2026-12-01T20:00") == "2026-12-01T19:00:00+00:00"
    assert at("2026-07-01T20:00") == "2026-07-01T18:00:00+00:00"
    assert at("2026-12-01T20:00-05:00") == "2026-12-02T01:00:00+00:00"
    assert at("2026-12-01T20:00", "Asia/Kolkata") == "2026-12-01T14:30:00+00:00"


def test_a_time_that_clocks_leave_out_is_refused() -> None:
    with pytest.raises(InvalidHomework) as refused:
        at("2027-03-28T02:30")
    assert (refused.value.reason, refused.value.name) == ("no_such_time", "closes_at")
    assert at("2027-03-28T03:00") == "2027-03-28T01:00:00+00:00"


def test_of_an_hour_that_comes_twice_a_homework_has_both() -> None:
    assert at("2026-10-25T02:30", latest=False) == "2026-10-25T00:30:00+00:00"
    assert at("2026-10-25T02:30", latest=True) == "2026-10-25T01:30:00+00:00"


@pytest.mark.parametrize("zone", ["Europe/Atlantis", "", "../etc/passwd", "/etc/localtime"])
def test_an_unknown_zone_is_named(zone: str) -> None:
    with pytest.raises(InvalidHomework) as refused:
        at("2026-12-01T20:00", zone)
    assert refused.value.reason == "unknown_zone"


@given(
    st.datetimes(datetime(2020, 1, 1), datetime(2040, 1, 1)),
    st.sampled_from(["Europe/Berlin", "America/St_Johns", "Australia/Lord_Howe", "Africa/Casablanca", "UTC"]),
    st.booleans(),
)
def test_every_moment_shows_the_time_that_was_asked_for(local: datetime, zone: str, latest: bool) -> None:
    local = local.replace(microsecond=0)
    try:
        ms = moment(local, zone, field="closes_at", latest=latest)
    except InvalidHomework as refused:
        assert refused.reason == "no_such_time"
        minutes = (local.replace(tzinfo=UTC) + timedelta(minutes=step) for step in range(-1_000, 1_000))
        shown = {each.astimezone(ZoneInfo(zone)).replace(tzinfo=None, fold=0) for each in minutes}
        assert local not in shown
    else:
        assert datetime.fromtimestamp(ms / 1_000, ZoneInfo(zone)).replace(tzinfo=None, fold=0) == local


@pytest.mark.parametrize(
    ("options", "reason"),
    [
        (replace(OPTIONS, closes_at=NOW), "closes_in_past"),
        (replace(OPTIONS, closes_at=OPENS), "closes_before_opens"),
        (replace(OPTIONS, closes_at=OPENS + MAX_OPEN_MS + 1), "open_too_long"),
        (replace(OPTIONS, opens_at=NOW + MAX_OPEN_MS + 1, closes_at=NOW + MAX_OPEN_MS + 2), "open_too_long"),
        (SessionOptions(attempts=2), "no_homework"),
        (SessionOptions(opens_at=OPENS), "no_homework"),
        (SessionOptions(counts="last"), "no_homework"),
    ],
)
def test_times_that_cannot_be_are_named(options: SessionOptions, reason: str) -> None:
    with pytest.raises(InvalidHomework) as refused:
        check(options, pace="self", now=NOW)
    assert refused.value.reason == reason


def test_a_homework_is_self_paced() -> None:
    check(OPTIONS, pace="self", now=NOW)
    check(SessionOptions(), pace="host", now=NOW)
    with pytest.raises(InvalidHomework, match="self-paced"):
        check(OPTIONS, pace="host", now=NOW)


def test_it_opens_and_closes_by_itself() -> None:
    assert due_at(WAITING) == OPENS
    assert not decide(SETUP, WAITING, Timeout(), OPENS - 1).events
    assert (OPEN.status, OPEN.phase, due_at(OPEN)) == ("active", "playing", CLOSES)
    closed = decide(SETUP, OPEN, Timeout(), CLOSES)
    assert closed.state.status == "completed"
    assert [event.kind for event in closed.events] == ["ended"]


def test_a_server_that_was_away_for_all_of_it_opens_and_then_closes_it() -> None:
    opened = decide(SETUP, WAITING, Timeout(), CLOSES + HOUR).state
    assert opened.status == "active"
    assert not is_open(SETUP, opened, "q1", CLOSES + HOUR, "ann")
    assert decide(SETUP, opened, Timeout(), CLOSES + HOUR).state.status == "completed"


def test_a_host_may_open_it_before_its_time() -> None:
    opened = decide(SETUP, WAITING, Start(), NOW + 1).state
    assert (opened.status, opened.expires_at) == ("active", CLOSES)


def test_answers_count_to_the_last_millisecond() -> None:
    assert is_open(SETUP, OPEN, "q1", CLOSES, "ann")
    assert not is_open(SETUP, OPEN, "q1", CLOSES + 1, "ann")
    assert not is_open(SETUP, WAITING, "q1", NOW, "ann")


def test_a_player_with_longer_has_it_in_every_attempt_and_nobody_else() -> None:
    later = CLOSES + 24 * HOUR
    extended = decide(SETUP, OPEN, MoveClosing(later, "ann"), NOW + 2 * HOUR).state
    assert is_open(SETUP, extended, "q1", later, "ann")
    assert is_open(SETUP, extended, "q1", later, "ann~2")
    assert not is_open(SETUP, extended, "q1", later + 1, "ann")
    assert not is_open(SETUP, extended, "q1", CLOSES + 1, "bob")
    # Nobody learns the solutions while somebody may still answer.
    assert due_at(extended) == later
    assert not decide(SETUP, extended, Timeout(), CLOSES).events
    assert not is_revealed(SETUP, extended, "q1")


def test_what_was_given_can_be_taken_back() -> None:
    extended = decide(SETUP, OPEN, MoveClosing(CLOSES + HOUR, "ann"), NOW + 2 * HOUR).state
    back = decide(SETUP, extended, MoveClosing(CLOSES, "ann"), NOW + 2 * HOUR).state
    assert back.extensions == ()
    assert back.expires_at == CLOSES


def test_the_end_moves_for_everybody_and_takes_no_time_from_who_has_longer() -> None:
    extended = decide(SETUP, OPEN, MoveClosing(CLOSES + HOUR, "ann"), NOW + 2 * HOUR).state
    moved = decide(SETUP, extended, MoveClosing(CLOSES + 3 * HOUR), NOW + 2 * HOUR)
    assert moved.state.expires_at == moved.state.closing_for("ann") == CLOSES + 3 * HOUR
    assert [(event.kind, event.closes_at) for event in moved.events] == [("closing_changed", CLOSES + 3 * HOUR)]
    earlier = decide(SETUP, extended, MoveClosing(CLOSES - HOUR), NOW + 2 * HOUR).state
    assert (earlier.closing_for("bob"), earlier.closing_for("ann")) == (CLOSES - HOUR, CLOSES + HOUR)


@pytest.mark.parametrize(
    ("state", "command"),
    [
        (OPEN, MoveClosing(NOW)),
        (OPEN, MoveClosing(NOW + 2 * HOUR + MAX_OPEN_MS + 1)),
        (WAITING, MoveClosing(OPENS)),
        (decide(SETUP, OPEN, End(), NOW + 2 * HOUR).state, MoveClosing(CLOSES + HOUR)),
        (SessionState(status="active", phase="playing"), MoveClosing(CLOSES)),
    ],
)
def test_an_end_that_cannot_be_is_refused(state: SessionState, command: MoveClosing) -> None:
    now = NOW if state is WAITING else NOW + 2 * HOUR
    with pytest.raises(NotAllowed):
        decide(SETUP, state, command, now)


def test_a_store_has_a_timer_only_for_what_is_near() -> None:
    assert near_due(SETUP, OPEN, CLOSES - NEAR_MS - 1) is None
    assert near_due(SETUP, OPEN, CLOSES - NEAR_MS) == CLOSES
    assert near_due(replace(SETUP, options=SessionOptions()), OPEN, OPENS) == CLOSES


@given(st.lists(st.tuples(st.sampled_from(["", "ann", "bob"]), st.integers(1, 2_000)), max_size=12))
def test_whatever_a_host_moves_nobody_has_less_than_everybody_and_it_ends_with_the_last(
    moves: list[tuple[str, int]],
) -> None:
    state, now = OPEN, OPENS + 1
    for user_id, hours in moves:
        state = decide(SETUP, state, MoveClosing(now + hours * HOUR, user_id), now).state
        assert state_from_json(state_to_json(state)) == state
    ends = [state.closing_for(user) for user in ("ann", "bob", "eve")]
    assert state.expires_at == max(ends)
    assert min(ends) == state.closing_for("eve") == state.closes_at


def test_other_sessions_have_nothing_of_it_on_record() -> None:
    plain = decide(SETUP, SessionState(), Start(), NOW)
    assert not {"closes_at", "extensions"} & set(state_to_json(plain.state))
    assert "closes_at" not in event_to_json(plain.events[0])

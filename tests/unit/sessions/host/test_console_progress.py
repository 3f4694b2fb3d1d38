"""What a host is told of an open question."""

from __future__ import annotations

from collections.abc import Callable

from sessions.rules.commands import Next, Start
from sessions.services.hosting import SessionView
from sessions.services.presence import host_progress
from sessions.wiring.runtime import Runtime, call


def test_a_host_learns_what_was_answered_and_who_has_not(
    live: Runtime, opened: SessionView, join: Callable[..., None], answer: Callable[..., object]
) -> None:
    session_id = opened.setup.id
    join(opened, "Ana", "Bo", "Cy", "Di")
    call(live.store.leave(session_id, "di"))
    call(live.sessions.command(session_id, Start(), actor="test"))
    call(live.sessions.command(session_id, Next(), actor="test"))
    answer(opened, "Ana", "q1", "dog")
    answer(opened, "Bo", "q1", "cat")
    told = call(host_progress(live.store, session_id, "q1"))
    assert (told.answered_count, told.correct_count, told.participant_count) == (2, 1, 3)
    assert told.distribution == {"dog": 1, "cat": 1}
    assert told.waiting is not None
    assert [player.username for player in told.waiting] == ["Cy"]


def test_too_many_to_name_are_not_named(live: Runtime, opened: SessionView, join: Callable[..., None]) -> None:
    join(opened, *(f"Player {number}" for number in range(200)))
    assert len(call(host_progress(live.store, opened.setup.id, "q1")).waiting or []) == 200
    join(opened, "One more")
    assert call(host_progress(live.store, opened.setup.id, "q1")).waiting is None

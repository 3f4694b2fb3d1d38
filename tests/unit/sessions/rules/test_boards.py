"""Who is told how much of the ranking."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from sessions.rules.boards import ROLES, BoardView, board_view
from sessions.rules.options import BOARDS, SessionOptions

options = st.builds(SessionOptions, board=st.sampled_from(BOARDS), names_on_screen=st.booleans())
statuses = st.sampled_from(["waiting", "active", "completed"])
roles = st.sampled_from(ROLES)


@given(options, statuses)
def test_a_host_sees_everything(wanted: SessionOptions, status: str) -> None:
    assert board_view(wanted, "host", status) == BoardView()  # type: ignore[arg-type]


@given(options, roles, statuses)
def test_nobody_is_told_more_than_the_session_wants(wanted: SessionOptions, role: str, status: str) -> None:
    view = board_view(wanted, role, status)  # type: ignore[arg-type]
    if role == "host":
        return
    lobby = role == "screen" and status == "waiting"
    most = {"full": None, "top3": 3, "own": 0, "end": None if status == "completed" else 0}[wanted.board]
    assert view.lines == (None if lobby else most)
    assert view.names == (wanted.names_on_screen or role != "screen")
    if role == "player":
        assert view.own == (wanted.board != "end" or status == "completed")


@given(options, roles, statuses, st.integers(0, 1_000), st.integers(1, 100))
def test_pages_together_have_no_more_lines_than_may_be_told(
    wanted: SessionOptions, role: str, status: str, offset: int, limit: int
) -> None:
    view = board_view(wanted, role, status)  # type: ignore[arg-type]
    told = view.page(offset, limit)
    assert 0 <= told <= limit
    assert view.lines is None or offset + told <= max(view.lines, offset)

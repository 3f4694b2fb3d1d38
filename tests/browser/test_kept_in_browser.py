"""The page of what is kept: read by ear and on a phone, and nothing is ended by a slip."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import expect

from tests.browser.hosts import Host, violations
from tests.browser.players import Player
from tests.browser.server import Server

PAGE = "/admin/quiz_sessions/quizsession/kept/"
#: axe is put into the page as a script, which our policy forbids; and it should not look at what still moves.
FOR_AXE: dict[str, Any] = {"bypass_csp": True, "reduced_motion": "reduce"}


@pytest.mark.parametrize("width", [360, 1366])
def test_a_host_finds_one_person_and_deletes_that_ones_data(
    server: Server, new_host: Callable[..., Host], new_player: Callable[..., Player], width: int
) -> None:
    session = server.open_session("every-kind", pace="self", auto_start=True)
    name = f"Kunigunde {width}"
    player = new_player()
    player.join(session, name)
    player.choose("delighted")
    player.see_heading("Correct")
    session.do("end")
    player.see("The game is over")
    host = new_host(viewport={"width": width, "height": 800}, **FOR_AXE)
    host.visit(PAGE)
    assert violations(host.page) == []
    assert host.page.evaluate("() => document.documentElement.scrollWidth <= innerWidth")
    host.page.get_by_role("searchbox", name="Name").fill(name)
    host.page.get_by_role("button", name="Find").click()
    row = host.page.get_by_role("row").filter(has_text=name)
    expect(row).to_be_visible()
    assert violations(host.page) == []
    row.get_by_role("button", name="Delete").click()
    expect(row).to_be_visible()
    row.get_by_role("checkbox").check()
    row.get_by_role("button", name="Delete").click()
    host.see("All data of this person in this session is deleted.")
    host.see("Nobody of this name is on record here.")
    assert session.results()["participants"] == []

"""A pupil whose browser has forgotten everything plays on from another one, by a code from the host's console."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from tests.browser.hosts import Host, violations
from tests.browser.players import Player
from tests.browser.server import Server

_QUIZ = {
    "id": "moving",
    "title": "One word",
    "questions": [
        {
            "id": "q1",
            "kind": "choice",
            "text": "Is a dog an animal?",
            "options": ["yes", "no"],
            "correct_answers": ["yes"],
            "time_limit_ms": 600_000,
        }
    ],
}


@pytest.fixture(scope="module", autouse=True)
def _quiz(server: Server) -> None:
    server.add_quiz(_QUIZ)


def test_a_player_comes_back_in_another_browser_by_the_hosts_code(
    new_host: Callable[..., Host], new_player: Callable[..., Player]
) -> None:
    host = new_host()
    session = host.run("moving")
    lost, found = new_player(), new_player()
    lost.join(session, "Ana")
    session.do("start")
    session.do("next")
    lost.choose("yes")
    session.do("close-question")
    lost.has_points("15")
    host.reach("Arrange for Ana")
    host.page.keyboard.press("Enter")
    host.page.get_by_role("button", name="Show a code").press("Enter")
    code = host.page.locator("#place-code")
    expect(code).to_be_visible()
    expect(host.page.locator("#place-until")).to_contain_text("It holds once, until")
    assert violations(host.page) == []
    shown = code.inner_text()
    found.visit(f"/j/{session.code}")
    found.page.get_by_text("I was in this game already").press("Enter")
    field = found.page.get_by_label("Code that your host shows you")
    field.fill("XXXX XXXX X")
    field.press("Enter")
    found.see("This code is not right, or not any more. Ask your host for a new one.")
    assert violations(found.page) == []
    field.fill(shown.lower())
    field.press("Enter")
    found.has_points("15")
    lost.see("You are playing elsewhere")
    lost.page.get_by_role("button", name="Play here instead").click()
    lost.see("This game does not know you any more. Join again.")
    found.page.reload()
    found.has_points("15")
    host.page.keyboard.press("Escape")
    expect(host.page.locator("[data-action=arrange]")).to_be_focused()

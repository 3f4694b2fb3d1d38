"""Questions that are heard, as players, the hall and the host meet them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser.hosts import Host, violations
from tests.browser.players import Player, Visitor
from tests.browser.quizzes import LONG
from tests.browser.server import Server

SECRET = "ornitorrinco"
QUIZ: dict[str, Any] = {
    "id": "heard",
    "title": "Heard",
    "language": "es",
    "questions": [
        {
            "id": "d1",
            "kind": "typed",
            "text": SECRET,
            "correct_answers": [SECRET],
            "listen": "instead",
            "time_limit_ms": LONG,
        },
        {
            "id": "b1",
            "kind": "typed",
            "text": "barka",
            "correct_answers": ["speak"],
            "listen": "beside",
            "listen_language": "ha",
            "time_limit_ms": LONG,
        },
        {
            "id": "n1",
            "kind": "choice",
            "text": "sannu",
            "options": ["hello", "no"],
            "correct_answers": ["hello"],
            "listen": "instead",
            "listen_language": "ha",
            "time_limit_ms": LONG,
        },
    ],
}
#: Tells what was played, and how fast.
EAR = """
window.heard = [];
const play = HTMLMediaElement.prototype.play;
HTMLMediaElement.prototype.play = async function () {
  await play.call(this);
  window.heard.push([new URL(this.src).pathname, this.playbackRate]);
};
"""
FOR_AXE = {"bypass_csp": True, "reduced_motion": "reduce"}


@pytest.fixture(scope="module", autouse=True)
def _quiz(server: Server) -> None:
    server.add_quiz(QUIZ)


def sounds(page: Page, count: int) -> list[Any]:
    page.wait_for_function(f"() => window.heard.length >= {count}")
    return list(page.evaluate("window.heard"))


def test_a_word_is_heard_and_typed_by_keyboard_and_seen_at_the_close(
    server: Server, new_player: Callable[..., Player], new_screen: Callable[..., Visitor]
) -> None:
    session = server.open_session("heard", pace="host", options={"listen_plays": 2, "listen_speed": 75})
    ana, hall = new_player(**FOR_AXE), new_screen(**FOR_AXE)
    for visitor in (ana, hall):
        visitor.page.add_init_script(EAR)
    ana.join(session, "Ana")
    hall.visit(f"/screen/{session.code}")
    session.do("start")
    session.do("next")
    ana.see_heading("Listen, then answer")
    button = ana.page.get_by_role("button", name="Listen")
    button.focus()
    ana.page.keyboard.press("Enter")
    (first,) = sounds(ana.page, 1)
    assert first[0].startswith("/sounds/")
    assert first[1] == 0.75
    ana.see("You may still listen: 1")
    assert violations(ana.page) == []
    for page in (ana.page, hall.page):
        assert SECRET not in page.content()
    # Nobody has clicked on the screen: it says so, and plays at the first click.
    screen_button = hall.page.get_by_role("button", name="Listen")
    expect(screen_button).to_be_visible()
    assert violations(hall.page) == []
    screen_button.click()
    assert sounds(hall.page, 1)[0][0] == first[0]
    ana.page.reload()
    button.press("Enter")
    ana.see("You have listened as often as this game allows.")
    expect(button).to_be_disabled()
    ana.page.get_by_role("textbox").fill(SECRET)
    ana.page.keyboard.press("Enter")
    ana.see_heading("Locked in")
    session.do("close-question")
    ana.see_heading("Correct")
    for page in (ana.page, hall.page):
        expect(page.get_by_text(SECRET).first).to_be_visible()


def test_a_device_without_a_voice_says_so_and_the_host_plays_what_nobody_may_read(
    server: Server, new_player: Callable[..., Player], new_host: Callable[..., Host]
) -> None:
    session = server.open_session("heard", pace="host")
    ana, host = new_player(), new_host()
    ana.join(session, "Ana")
    host.take_over(session)
    session.do("start")
    session.do("next")
    session.do("next")
    ana.see_heading("barka")
    ana.page.get_by_role("button", name="Listen").click()
    ana.see("This device has no voice for this language: Hausa.")
    session.do("next")
    ana.see("Your host plays this one.")
    assert "sannu" not in ana.page.content()
    expect(ana.page.get_by_role("button", name="Listen")).to_have_count(0)
    expect(host.page.locator("#question-text")).to_have_text("sannu")
    host.page.locator("#question-sound").get_by_role("button", name="Listen").click()
    expect(host.page.locator("#question-sound")).to_contain_text("no voice for this language")

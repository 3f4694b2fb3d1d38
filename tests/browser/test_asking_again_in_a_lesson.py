"""What many had wrong comes back at the end: at the console, on the screen and on two phones."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from tests.browser.hosts import Host, violations
from tests.browser.players import Player, Visitor
from tests.browser.server import Server

NewHost = Callable[..., Host]
NewPlayer = Callable[..., Player]
NewScreen = Callable[..., Visitor]
LESSON = {
    "id": "two-animals",
    "title": "Two animals",
    "questions": [
        {
            "id": f"q{number}",
            "text": text,
            "options": ["yes", "no", "perhaps"],
            "correct_answers": ["yes"],
            "kind": "choice",
            "time_limit_ms": 600_000,
        }
        for number, text in enumerate(("Is a dog an animal?", "Is a cat an animal?"), start=1)
    ],
}


@pytest.fixture(scope="module", autouse=True)
def _quiz(server: Server) -> None:
    server.add_quiz(LESSON)


def test_one_key_brings_back_what_was_missed(new_host: NewHost, new_player: NewPlayer, new_screen: NewScreen) -> None:
    host = new_host(reduced_motion="reduce")
    session = host.run(LESSON["id"])  # type: ignore[arg-type]
    screen = new_screen(reduced_motion="reduce", bypass_csp=True)
    screen.visit(f"/screen/{session.code}")
    ana, bao = new_player(), new_player()
    ana.join(session, "Ana")
    bao.join(session, "Bao")
    again = host.page.locator('[data-command="ask-again"]')
    expect(again).to_have_attribute("aria-disabled", "true")
    host.does("Start the session")
    host.does("Open the first question")
    for player in (ana, bao):
        player.choose("no")
    host.does("Close the question")
    host.press("a")
    host.sees("#announce", "Questions that come back at the end: 1")
    # Pressed again nothing comes back twice, and it says so.
    host.press("a")
    host.sees("#announce", "What was missed comes back already.")
    screen.see("Questions that come back: 1")
    screen.see("Question 1 of 3")
    ana.see("Questions that come back: 1. Here is another chance.")
    assert violations(screen.page) == []
    host.does("Next question")
    screen.see("Question 2 of 3")
    for player in (ana, bao):
        player.choose("yes")
    host.does("Close the question")
    ana.see("The next question comes when your host opens it.")
    expect(host.page.locator("#up-next-text")).to_have_text("Is a dog an animal?")
    host.does("Next question")
    host.sees("#question-number", "Question 3 of 3 · asked again")
    screen.see("asked again")
    ana.see("asked again")
    ana.choose("yes")
    bao.choose("yes")
    host.counts({"yes": "2", "no": "0"})
    host.does("Close the question")
    ana.see_heading("Correct")
    # Nothing is missed any more: it says so, and does nothing.
    host.press("a")
    host.sees("#announce", "Every question was right often enough; there is nothing to ask again.")
    # The browser notes that the server refused it.
    assert [complaint for complaint in host.complaints if "409" not in complaint] == []
    host.complaints.clear()
    host.does("Show the podium and end")
    ana.see("Best players")
    host.does("See the results")
    host.see("(asked again)")


def test_who_had_finished_goes_on(server: Server, new_player: NewPlayer) -> None:
    session = server.open_session(LESSON["id"], pace="self", auto_start=True)  # type: ignore[arg-type]
    ana = new_player()
    ana.join(session, "Ana")
    ana.choose("no")
    ana.page.get_by_role("button", name="Next question").click()
    ana.choose("yes")
    ana.page.get_by_role("button", name="See your result").click()
    ana.see_heading("All answered")
    session.do("ask-again")
    ana.page.get_by_role("button", name="Go on").click()
    ana.see_heading("Is a dog an animal?")
    ana.see("asked again")
    ana.choose("yes")
    ana.see_heading("Correct")
    ana.page.get_by_role("button", name="See your result").click()
    ana.see_heading("All answered")
    expect(ana.page.get_by_role("button", name="Go on")).to_be_hidden()

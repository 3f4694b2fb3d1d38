"""What a host arranges in the Run form, as console, phones and screen show it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser.hosts import Host, violations
from tests.browser.players import Player, Visitor
from tests.browser.server import Server, Session

NewPlayer = Callable[..., Player]
QUIZ: dict[str, Any] = {
    "id": "arranged",
    "title": "Arranged",
    "language": "de",
    "questions": [
        {
            "id": "q1",
            "kind": "choice",
            "text": "Bellt ein Hund?",
            "options": ["ja", "nein"],
            "correct_answers": ["ja"],
            "time_limit_ms": 600_000,
        },
        {"id": "q2", "kind": "typed", "text": "Tür?", "correct_answers": ["Tür"], "time_limit_ms": 600_000},
    ],
}


@pytest.fixture(scope="module", autouse=True)
def _quiz(server: Server) -> None:
    server.add_quiz(QUIZ)


def arranged(host: Host, quiz_id: str = "arranged", **wanted: str | bool) -> Session:
    """A session opened with the Run form: numbers are typed, switches pressed, choices chosen."""
    host.visit(f"/admin/quiz_sessions/quizsession/open/?quiz={quiz_id}")
    for heading in host.page.locator("details.qz-more > summary").all():
        heading.click()
    assert violations(host.page) == []
    for name, value in wanted.items():
        field = host.page.locator(f"[name={name}]")
        if isinstance(value, bool):
            field.set_checked(value, force=True)
        elif field.evaluate("field => field.tagName") == "SELECT":
            field.select_option(value)
        else:
            field.fill(value)
    host.page.get_by_role("button", name="Open the session").click()
    return host.at_console()


def test_a_question_closes_early_and_the_host_holds_the_next_one(
    new_host: Callable[..., Host], new_player: NewPlayer, new_screen: Callable[..., Visitor]
) -> None:
    host = new_host()
    session = arranged(host, close_when_all_answered=True, advance_after_ms="500", accent_keys=False)
    ana, bao, screen = new_player(), new_player(), new_screen()
    ana.join(session, "Ana")
    bao.join(session, "Bao")
    screen.visit(f"/screen/{session.code}")
    host.does("Start the session")
    host.does("Open the first question")
    expect(host.page.locator("[data-command=hold]")).to_be_visible()
    ana.choose("ja")
    bao.choose("nein")
    ana.see_heading("Correct")
    for page in (host.page.locator("#countdown"), screen.page.locator("#goes-on"), ana.page.locator("p.next")):
        expect(page).to_contain_text("Goes on in ")
    assert violations(host.page) == []
    assert violations(screen.page) == []
    assert violations(ana.page) == []
    host.press("h")
    host.sees("#announce", "This question stays until you go on.")
    for page in (host.page.locator("#countdown"), screen.page.locator("#goes-on")):
        expect(page).to_be_hidden()
    expect(ana.page.locator("p.next")).not_to_contain_text("Goes on")
    host.does("Next question")
    ana.see_heading("Tür?")
    expect(ana.page.locator(".letters")).to_have_count(0)


def test_keys_for_accents_are_there_unless_they_are_switched_off(server: Server, new_player: NewPlayer) -> None:
    session = server.open_session("arranged", pace="host")
    ana = new_player()
    ana.join(session, "Ana")
    for command in ("start", "next", "next"):
        session.do(command)
    ana.see_heading("Tür?")
    expect(ana.page.locator(".letters")).to_have_count(1)


def test_a_hall_without_ranking_and_names(
    server: Server, new_host: Callable[..., Host], new_player: NewPlayer, new_screen: Callable[..., Visitor]
) -> None:
    host = new_host()
    session = arranged(host, board="own", names_on_screen=False)
    screen, ana, bao = new_screen(), new_player(), new_player()
    screen.visit(f"/screen/{session.code}")
    ana.join(session, "Ana Alone")
    bao.join(session, "Bao Alone")
    screen.see("Players here: 2")
    for command in ("start", "next"):
        session.do(command)
    ana.choose("nein")
    bao.choose("ja")
    expect(host.page.locator("#answered")).to_contain_text("2")
    session.do("close-question")
    ana.see("Rank 2 of 2")
    expect(ana.page.locator("ol.board")).to_have_count(0)
    expect(screen.page.locator("section.result")).to_be_visible()
    expect(screen.page.locator(".ranking")).to_have_count(0)
    assert violations(ana.page) == []
    assert violations(screen.page) == []
    session.do("end")
    screen.see_heading("The game is over. Your place is on your own device.")
    expect(ana.page.get_by_text("Bao Alone")).to_have_count(0)
    assert "Alone" not in screen.page.content()
    # The host sees everybody.
    expect(host.page.locator("#players")).to_contain_text("Bao Alone")


def test_a_question_is_read_before_its_options_come(
    new_host: Callable[..., Host], new_player: NewPlayer, new_screen: Callable[..., Visitor]
) -> None:
    host = new_host()
    session = arranged(host, options_after_ms="60")
    # What fades in has less contrast until it is there.
    screen, ana = new_screen(reduced_motion="reduce"), new_player(reduced_motion="reduce")
    screen.visit(f"/screen/{session.code}")
    ana.join(session, "Ana")
    ana.see("Fast answers count: 5 points more within 2 seconds")
    host.does("Start the session")
    host.does("Open the first question")
    for page in (ana.page, screen.page):
        expect(page.locator("h1:visible")).to_have_text("Bellt ein Hund?")
        expect(page.get_by_text("Options in").filter(visible=True)).to_be_visible()
        expect(page.get_by_text("nein", exact=True)).to_have_count(0)
        assert violations(page) == []
    ana.page.reload()
    ana.see_heading("Bellt ein Hund?")
    host.sees("#countdown", "Options in")
    host.does("Show the options")
    screen.see("nein")
    ana.choose("nein")
    ana.see_heading("Locked in")
    host.does("Close the question")
    ana.see("No points: the answer is not right")


def test_an_option_bears_one_shape_wherever_it_stands(
    new_host: Callable[..., Host], new_player: NewPlayer, new_screen: Callable[..., Visitor]
) -> None:
    host = new_host()
    session = arranged(host, own_order=True)
    screen, *players = new_screen(), *(new_player() for _ in range(4))
    screen.visit(f"/screen/{session.code}")
    for number, player in enumerate(players):
        player.join(session, f"Player {number}")
    host.does("Start the session")
    host.does("Open the first question")
    screen.see("nein")

    def drawn(page: Page, options: str) -> list[tuple[str, str]]:
        """Each option with the shape it bears, in the order of the page."""
        expect(page.locator(options)).to_have_count(2)
        return [
            (one.locator(".label").inner_text(), str(one.locator("path").get_attribute("d")))
            for one in page.locator(options).all()
        ]

    hall = drawn(screen.page, ".options li")
    for player in players:
        assert sorted(drawn(player.page, "button.option")) == sorted(hall)

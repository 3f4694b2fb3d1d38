"""A host accepts what the quiz did not think of: on the console by keyboard, and on the results page."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from tests.browser.hosts import Host, violations
from tests.browser.players import WAIT_MS, Player, Visitor
from tests.browser.server import Server

NewPlayer = Callable[..., Player]
FURNITURE = {
    "id": "furniture",
    "title": "Furniture",
    "questions": [
        {"id": number, "kind": "typed", "text": text, "correct_answers": [right], "time_limit_ms": 600_000}
        for number, text, right in (("q1", "Something to sit on?", "couch"), ("q2", "It gives light?", "lamp"))
    ],
}


@pytest.fixture(scope="module", autouse=True)
def _quiz(server: Server) -> None:
    quizzes = server.call("GET", "quizzes?limit=200")
    if not any(quiz["id"] == FURNITURE["id"] for quiz in quizzes["results"]):
        server.add_quiz(FURNITURE)


def test_a_host_accepts_an_answer_by_keyboard_and_everybody_sees_it(
    new_host: Callable[..., Host], new_player: NewPlayer, new_screen: Callable[..., Visitor]
) -> None:
    host = new_host()
    session = host.run("furniture")
    ana, bao, screen = new_player(), new_player(), new_screen()
    ana.join(session, "Ana")
    bao.join(session, "Bao")
    screen.visit(f"/screen/{session.code}")
    session.do("start")
    session.do("next")
    ana.write("The Sofa")
    bao.write("table")
    session.do("close-question")
    ana.see("Not this time")
    row = host.page.locator("#typed li").filter(has_text="The Sofa")
    expect(row.locator(".qz-mark.qz-wrong")).to_have_count(1, timeout=WAIT_MS)
    expect(row.locator(".qz-count")).to_have_text("1")
    expect(host.page.locator("#distribution li")).to_have_count(0)
    assert violations(host.page) == []

    button = row.get_by_role("button", name="Accept this too")
    expect(button).to_have_accessible_description("The Sofa")
    button.focus()
    host.page.keyboard.press("Enter")
    expect(row.locator(".qz-mark.qz-correct")).to_have_count(1, timeout=WAIT_MS)
    expect(row.get_by_role("button")).to_have_count(0)
    host.sees("#announce", "Everybody who gave this answer has its points.")
    host.sees("#question-answer", "couch · The Sofa")
    # The hand stays among the answers, and no step of the lesson was taken.
    expect(host.page.locator("#typed button").first).to_be_focused()
    host.sees("#primary", "Next question")

    ana.see("Your host accepts “The Sofa”")
    ana.see("Correct")
    expect(ana.page.locator("#place .points")).not_to_have_text("0")
    bao.see("couch / The Sofa")
    bao.has_points("0")
    screen.see("couch / The Sofa")
    assert sorted(row["score"] >= 10 for row in session.results()["participants"]) == [False, True]
    # It is as it was after a reload.
    host.page.reload()
    host.online(host.page)
    expect(row.locator(".qz-mark.qz-correct")).to_have_count(1, timeout=WAIT_MS)
    host.sees("#question-answer", "couch · The Sofa")


def test_a_host_accepts_an_answer_on_the_results_page_after_the_end(
    new_host: Callable[..., Host], new_player: NewPlayer, server: Server
) -> None:
    host, ana = new_host(), new_player()
    session = server.open_session("furniture", pace="self", auto_start=True)
    ana.join(session, "Ana")
    ana.write("sofa")
    ana.see("Not this time")
    session.do("end")
    ana.see("The game is over")
    host.visit(f"/admin/quiz_sessions/quizsession/{session.id}/results/")
    accepting = host.page.locator("#accepting")
    expect(accepting.locator("li")).to_have_count(1)
    assert violations(host.page) == []
    button = accepting.get_by_role("button", name="Accept this too")
    expect(button).to_have_accessible_description("sofa")
    button.focus()
    host.page.keyboard.press("Enter")
    host.see("Everybody who gave this answer has its points.")
    expect(button).to_have_count(0)
    expect(host.page.locator("#question-1")).to_contain_text("couch · sofa")
    button = accepting.get_by_role("button", name="Add to the quiz")
    expect(button).to_have_accessible_description("sofa")
    assert violations(host.page) == []
    button.focus()
    host.page.keyboard.press("Enter")
    host.see("The answer is in the quiz now.")
    expect(accepting).to_contain_text("in the quiz")
    assert server.call("GET", "quizzes/furniture")["questions"][0]["correct_answers"] == ["couch", "sofa"]
    ana.see("Your host accepts “sofa”")
    ana.see("What you knew")
    assert session.results()["participants"][0]["correct"] == 1


def test_a_host_accepts_an_answer_on_the_console_while_players_go_on_alone(
    new_host: Callable[..., Host], new_player: NewPlayer
) -> None:
    host, ana = new_host(), new_player()
    host.visit("/admin/quiz_sessions/quizsession/open/?quiz=furniture")
    host.page.get_by_label("Self-paced: everybody works through the questions alone").check()
    host.page.get_by_role("button", name="Open the session").click()
    session = host.at_console()
    session.do("start")
    ana.join(session, "Ana")
    ana.write("settee")
    ana.see("Not this time")
    row = host.page.locator("#distribution li").filter(has_text="Something to sit on?")
    shows = row.get_by_role("button", name="Answers")
    shows.focus(timeout=WAIT_MS)
    host.page.keyboard.press("Enter")
    typed = host.page.locator("#typed li").filter(has_text="settee")
    expect(typed).to_have_count(1)
    expect(shows).to_be_focused()
    expect(shows).to_have_attribute("aria-expanded", "true")
    assert violations(host.page) == []
    typed.get_by_role("button", name="Accept this too").click()
    expect(typed.locator(".qz-mark.qz-correct")).to_have_count(1, timeout=WAIT_MS)
    ana.see("Your host accepts “settee”")
    shows.click(timeout=WAIT_MS)
    expect(host.page.locator("#typed")).to_be_hidden()


def test_of_a_slip_the_console_marks_the_letters(new_host: Callable[..., Host], new_player: NewPlayer) -> None:
    host = new_host()
    session = host.run("furniture")
    ana = new_player()
    ana.join(session, "Ana")
    session.do("start")
    session.do("next")
    session.do("close-question")
    session.do("next")
    ana.write("lampp")
    session.do("close-question")
    row = host.page.locator("#typed li").filter(has_text="lampp")
    expect(row.locator(".qz-mark.qz-almost")).to_have_count(1, timeout=WAIT_MS)
    expect(row.locator("bdi")).to_have_text("lampp")
    expect(row.locator("del")).to_have_text("p")
    expect(row.get_by_role("button", name="Accept this too")).to_have_accessible_description("lampp")
    assert violations(host.page) == []

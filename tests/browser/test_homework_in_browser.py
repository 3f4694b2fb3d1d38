"""A homework from the host's form to the pupil's phone: until when, once more, longer for one, and the end."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser.hosts import Host, violations
from tests.browser.players import Player
from tests.browser.server import Server

NewHost = Callable[..., Host]
NewPlayer = Callable[..., Player]
#: axe is put into the page as a script, which our policy forbids; and it should not look at what still moves.
FOR_AXE: dict[str, Any] = {"bypass_csp": True, "reduced_motion": "reduce"}
PHONE: dict[str, Any] = {"viewport": {"width": 360, "height": 640}, "timezone_id": "Asia/Kolkata", **FOR_AXE}
DESK: dict[str, Any] = {"timezone_id": "Europe/Berlin", **FOR_AXE}
QUIZ = {
    "id": "homework-words",
    "title": "Words at home",
    "questions": [
        {"id": "q1", "kind": "choice", "text": "big?", "options": ["huge", "tiny"], "correct_answers": ["huge"]},
        {"id": "q2", "kind": "choice", "text": "small?", "options": ["huge", "tiny"], "correct_answers": ["tiny"]},
    ],
}


@pytest.fixture(scope="module", autouse=True)
def _words(server: Server) -> None:
    server.add_quiz(QUIZ)


def clock_of(page: Page, days: float) -> str:
    """So many days from now, as a clock of the page's device shows it."""
    shown = page.evaluate("() => new Date(Date.now() - new Date().getTimezoneOffset() * 60_000).toISOString()")
    return f"{datetime.fromisoformat(shown) + timedelta(days=days):%Y-%m-%dT%H:%M}"


def set_homework(host: Host, *, days: float, attempts: str = "1", solutions: str = "immediately") -> None:
    page = host.page
    host.visit("/admin/quiz_sessions/quizsession/open/?quiz=homework-words")
    expect(page.locator("#homework")).to_be_hidden()
    page.locator("input[name=pace][value=homework]").check()
    expect(page.get_by_label("Time zone")).to_have_value("Europe/Berlin")
    page.get_by_label("Closes").fill(clock_of(page, days))
    page.get_by_label("Attempts").fill(attempts)
    page.get_by_label("Solutions").select_option(solutions)


def test_a_host_sets_it_and_a_pupil_does_it_twice_on_a_phone(new_host: NewHost, new_player: NewPlayer) -> None:
    host = new_host(**DESK)
    set_homework(host, days=-1, attempts="2")
    host.page.get_by_role("button", name="Open the session").click()
    host.see("This time is past.")
    assert violations(host.page) == []
    host.page.get_by_label("Closes").fill(clock_of(host.page, 3))
    host.page.get_by_role("button", name="Open the session").click()
    session = host.at_console()
    expect(host.page.locator("#closes-at")).to_contain_text("GMT+1")

    ana = new_player(**PHONE)
    ana.join(session, "Ana")
    ana.see_heading("big?")
    expect(ana.page.locator(".until")).to_contain_text("GMT+5:30")
    assert violations(ana.page) == []
    ana.choose("tiny")
    ana.see_heading("Not this time")
    ana.page.get_by_role("button", name="Next question").click()
    ana.choose("tiny")
    ana.page.get_by_role("button", name="See your result").click()
    ana.see("Attempt 1 of 2")
    ana.see("Your best attempt counts.")
    assert violations(ana.page) == []
    ana.page.get_by_role("button", name="Do it again").click()
    ana.see_heading("big?")
    ana.has_points("0")
    ana.page.reload()
    ana.see_heading("big?")
    ana.choose("huge")
    ana.see_heading("Correct")
    ana.page.get_by_role("button", name="Next question").click()
    ana.choose("tiny")
    ana.page.get_by_role("button", name="See your result").click()
    ana.see("Attempt 2 of 2")
    expect(ana.page.get_by_role("button", name="Do it again")).to_have_count(0)
    session.do("end")
    ana.see("The game is over")
    [line] = session.results()["participants"]
    assert (line["score"], line["attempts"]) == (20, 2)
    assert ana.page.locator(".figures dd").first.inner_text() == "20"


def test_who_has_longer_is_told_and_the_others_see_that_their_time_is_over(
    new_host: NewHost, new_player: NewPlayer
) -> None:
    host = new_host(**DESK)
    set_homework(host, days=3, solutions="on_close")
    host.page.get_by_role("button", name="Open the session").click()
    session = host.at_console()
    ana, bao = new_player(**PHONE), new_player(**PHONE)
    ana.join(session, "Ana")
    bao.join(session, "Bao")
    ana.choose("huge")
    host.page.get_by_role("button", name="More time for Ana").click()
    assert violations(host.page) == []
    field = host.page.get_by_label("Answers count until")
    field.fill(clock_of(host.page, 200))
    host.page.get_by_role("button", name="Save").click()
    host.see("Choose a time that is to come, within 90 days.")
    host.complaints.clear()
    field.fill(clock_of(host.page, 5))
    host.page.get_by_role("button", name="Save").click()
    expect(host.page.locator("#players")).to_contain_text("until")
    ana.see("New end:")
    bao.see_heading("big?")
    soon = (datetime.now(UTC) + timedelta(seconds=2)).isoformat()
    session.server.call("POST", f"sessions/{session.id}/closing", {"closes_at": soon})
    bao.see_heading("The time is over")
    bao.see("The solutions come when nobody has time left.")
    assert violations(bao.page) == []
    ana.see_heading("small?")


def test_the_form_of_a_homework_fits_a_phone(new_host: NewHost) -> None:
    host = new_host(**{**DESK, "viewport": {"width": 360, "height": 640}})
    set_homework(host, days=3)
    assert violations(host.page) == []
    assert host.page.evaluate("() => document.documentElement.scrollWidth <= innerWidth")

"""From a quiz's page its author plays it as a pupil would, and no session is left behind."""

from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import expect

from tests.browser.hosts import Host, violations
from tests.browser.quizzes import KINDS
from tests.browser.server import Server

NewHost = Callable[..., Host]


def test_a_quiz_is_played_through_from_its_page_and_leaves_nothing(server: Server, new_host: NewHost) -> None:
    sessions = server.call("GET", "sessions")
    host = new_host(reduced_motion="reduce")
    host.visit("/admin/quizzes/quiz/every-kind/change/")
    host.page.get_by_role("link", name="Preview: play it as a pupil").click()
    page = host.page
    page.set_viewport_size({"width": 360, "height": 640})
    host.see("Nothing that you answer here is kept.")
    host.see_heading(KINDS["questions"][0]["text"])
    assert violations(page) == []
    page.locator(".option", has_text="delighted").click()
    host.see_heading("Correct")
    expect(page.locator("#place .points")).to_have_text("15")
    page.get_by_role("button", name="Next question").click()
    for option in ("enormous", "huge", "vast"):
        page.locator(".option", has_text=option).click()
    page.get_by_role("button", name="Lock in").click()
    host.see_heading("Correct")
    page.get_by_role("button", name="Next question").click()
    page.locator(".option", has_text="False").click()
    host.see_heading("Not this time")
    page.get_by_role("button", name="Next question").click()
    page.locator(".written").fill("le fromag")
    page.get_by_role("button", name="Lock in").click()
    host.see_heading("Almost")
    page.get_by_role("button", name="Next question").click()
    for option in ("never", "rarely", "often", "always"):
        page.locator(".option", has_text=option).click()
    page.get_by_role("button", name="Lock in").click()
    host.see_heading("Correct")
    page.get_by_role("button", name="Next question").click()
    page.locator(".written").fill("26")
    page.get_by_role("button", name="Lock in").click()
    host.see_heading("Correct")
    page.get_by_role("button", name="Next question").click()
    page.locator(".option", has_text="with songs").click()
    host.see_heading("Thank you")
    page.get_by_role("button", name="See your result").click()
    host.see("The game is over")
    expect(page.get_by_role("button", name="Practise at home")).to_have_count(0)
    host.see("To practise")
    assert violations(page) == []
    kept = page.evaluate("() => Object.keys(localStorage).filter((key) => key.startsWith('quiz:'))")
    assert kept == []
    page.locator("#view").get_by_role("link", name="Back to the quiz").click()
    expect(page.locator("#quiz_form")).to_be_visible()
    assert server.call("GET", "sessions") == sessions

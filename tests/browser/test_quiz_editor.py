"""The editor of a long quiz: pages of questions, dragged ones, and mistakes in folded parts."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser.hosts import Host
from tests.browser.server import Server

QUIZ: dict[str, Any] = {
    "id": "long-quiz",
    "title": "A long quiz",
    "questions": [
        {"id": f"q{number}", "kind": "typed", "text": f"Number {number}?", "correct_answers": ["a"]}
        for number in range(1, 54)
    ],
}
EDITOR = "/admin/quizzes/quiz/long-quiz/change/"


@pytest.fixture(scope="module", autouse=True)
def _quiz(server: Server) -> None:
    server.add_quiz(QUIZ)


def order(server: Server) -> list[str]:
    return [question["id"] for question in server.call("GET", "quizzes/long-quiz")["questions"]]


def save(page: Page) -> None:
    page.get_by_role("button", name="Save and continue editing").click()


def test_another_page_of_questions_is_loaded_with_its_own_form_and_dragging_stays_on_it(
    new_host: Callable[..., Host], server: Server
) -> None:
    host = new_host()
    page = host.page
    host.visit(EDITOR)
    expect(page.locator("[name=questions-TOTAL_FORMS]")).to_have_value("50")
    page.locator(".inline-pagination").get_by_role("link", name="2").click()
    expect(page.locator("[name=questions-TOTAL_FORMS]")).to_have_value("3")
    rows = page.locator("#questions-data .form-group.original")
    handle = rows.nth(2).locator("[x-sort\\:handle], .cursor-move").first
    handle.drag_to(rows.nth(0))
    expect(page.locator("[name=questions-0-position]")).not_to_have_value("50")
    save(page)
    host.see("was changed successfully")
    moved = order(server)
    assert moved[:50] == [f"q{number}" for number in range(1, 51)]
    assert sorted(moved[50:]) == ["q51", "q52", "q53"]
    assert moved[50:] != ["q51", "q52", "q53"]


def test_a_mistake_in_a_folded_part_is_shown(new_host: Callable[..., Host]) -> None:
    host = new_host()
    host.visit(EDITOR)
    host.page.evaluate("document.querySelector('[name=questions-3-media]').value = 'no address'")
    save(host.page)
    expect(host.page.get_by_text("Give an address")).to_be_visible()

"""A question that was deleted by mistake comes back, and those around it lose nothing."""

from __future__ import annotations

import re
from collections.abc import Callable

from playwright.sync_api import Page, expect

from tests.browser.hosts import Host
from tests.browser.server import Server
from tests.browser.test_making_a_quiz import ADD, add_question, card

WORDS = ("one", "two", "three")


def _texts(page: Page, count: int) -> list[str]:
    return [page.locator(f"[name=questions-{index}-text]").input_value() for index in range(count)]


def _answer(page: Page, index: int) -> str:
    return page.locator(f"[name=questions-{index}-correct_answers]").input_value()


def test_a_new_question_comes_back_where_it_was(new_host: Callable[..., Host]) -> None:
    host = new_host()
    page = host.page
    host.visit(ADD)
    for index, word in enumerate(WORDS):
        add_question(page, index, f"Question {word}", "Typed answer")
        answer = page.locator(card(page, index)).get_by_label("Right answer", exact=True)
        answer.fill(word)
        answer.press("Enter")
    page.locator(f"{card(page, 0)} .delete-template").click()
    host.see("1 question was deleted.")
    expect(page.locator("[name=questions-TOTAL_FORMS]")).to_have_value("2")
    assert _texts(page, 2) == ["Question two", "Question three"]
    assert [_answer(page, index) for index in range(2)] == ["two", "three"]
    expect(page.locator(card(page, 0)).locator(".qz-phone")).to_contain_text("Question two")
    page.get_by_role("button", name="Undo").click()
    expect(page.locator("[name=questions-TOTAL_FORMS]")).to_have_value("3")
    assert _texts(page, 3) == [f"Question {word}" for word in WORDS]
    assert [_answer(page, index) for index in range(3)] == list(WORDS)


def test_a_question_that_was_deleted_and_saved_comes_back(new_host: Callable[..., Host], server: Server) -> None:
    questions = [
        {"id": f"q{word}", "kind": "typed", "text": f"Question {word}", "correct_answers": [word], "points": 7}
        for word in WORDS
    ]
    server.add_quiz({"id": "undone", "title": "Undone", "questions": questions})
    host = new_host()
    page = host.page
    host.visit("/admin/quizzes/quiz/undone/change/")
    page.evaluate("document.querySelector('[name=questions-1-DELETE]').checked = true")
    page.get_by_role("button", name="Save and continue editing").click()
    host.see("1 question was deleted.")
    assert len(server.call("GET", "quizzes/undone")["questions"]) == len(WORDS) - 1
    page.get_by_role("button", name="Undo").click()
    page.get_by_role("button", name="Save and continue editing").click()
    expect(page.get_by_text(re.compile("was changed successfully")).first).to_be_visible()
    expect(page.locator(".qz-undo")).to_have_count(0)
    stored = server.call("GET", "quizzes/undone")["questions"]
    assert sorted(one["text"] for one in stored) == sorted(f"Question {word}" for word in WORDS)
    assert {one["points"] for one in stored} == {7}

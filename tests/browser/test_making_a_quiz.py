"""A teacher makes a quiz by hand, reads no help, and loses nothing."""

from __future__ import annotations

import re
from collections.abc import Callable

from playwright.sync_api import Page, expect

from tests.browser.hosts import Host, violations
from tests.browser.server import Server

ADD = "/admin/quizzes/quiz/add/"


def card(page: Page, index: int) -> str:
    return f".form-group:has([name=questions-{index}-text])"


def add_question(page: Page, index: int, text: str, kind: str) -> None:
    if index:
        page.get_by_text("Add another Question").click()
    page.locator(f"[name=questions-{index}-text]").fill(text)
    page.locator(f"{card(page, index)} .qz-kind", has_text=kind).click()


def test_three_questions_are_made_without_a_failed_save(new_host: Callable[..., Host], server: Server) -> None:
    host = new_host()
    page = host.page
    host.visit(ADD)
    page.locator("[name=title]").fill("Drei Fragen")
    add_question(page, 0, "Which one barks?", "One right option")
    first = page.locator(card(page, 0))
    first.get_by_label("Option 1", exact=True).fill("cat")
    first.get_by_label("Option 1", exact=True).press("Enter")
    page.keyboard.type("dog")
    page.keyboard.press("Enter")
    page.keyboard.type("cow")
    first.get_by_label("Option 2 is right").check()
    expect(first.locator(".qz-phone li")).to_have_text(["cat", "dog", "cow"])
    add_question(page, 1, "Cats purr.", "True or false")
    page.locator(card(page, 1)).get_by_role("button", name="True", exact=True).click()
    add_question(page, 2, "the cat (in German)", "Typed answer")
    answer = page.locator(card(page, 2)).get_by_label("Right answer", exact=True)
    answer.fill("die Katze")
    answer.press("Enter")
    # English is the browser's guess, and the answers are not: the page says so, and one press sets it right.
    page.get_by_role("button", name="Set it to German").click()
    page.get_by_role("button", name="Save and continue editing").click()
    host.see("was added successfully")
    made = next(one for one in server.call("GET", "quizzes?limit=100")["results"] if one["title"] == "Drei Fragen")
    quiz = server.call("GET", f"quizzes/{made['id']}")
    assert quiz["language"] == "de"
    assert [(one["kind"], one["options"], one["correct_answers"]) for one in quiz["questions"]] == [
        ("choice", ["cat", "dog", "cow"], ["dog"]),
        ("true_false", ["True", "False"], ["True"]),
        ("typed", [], ["die Katze"]),
    ]
    assert page.locator(".qz-draft").count() == 0


def test_what_was_written_outlives_a_session_that_is_lost(new_host: Callable[..., Host]) -> None:
    host = new_host()
    page = host.page
    host.visit(ADD)
    page.locator("[name=title]").fill("Half a quiz")
    add_question(page, 0, "Which one barks?", "One right option")
    page.locator(card(page, 0)).get_by_label("Option 1", exact=True).fill("dog")
    host.context.clear_cookies(name=re.compile("session"))
    page.get_by_role("button", name="Save and continue editing").click()
    expect(page.locator("[name=username]")).to_be_visible()
    host.fill_credentials()
    expect(page.locator("[name=title]")).to_be_visible()
    page.get_by_role("button", name="Go on with the draft").click()
    expect(page.locator("[name=title]")).to_have_value("Half a quiz")
    expect(page.locator(card(page, 0)).get_by_label("Option 1", exact=True)).to_have_value("dog")


def test_axe_finds_nothing_on_the_cards(new_host: Callable[..., Host]) -> None:
    host = new_host(bypass_csp=True, reduced_motion="reduce")
    host.visit(ADD)
    expect(host.page.locator(".qz-question-card").first).to_be_visible()
    for kind in ("One right option", "True or false", "Typed answer", "Put in order", "Poll (no points)"):
        host.page.locator(f"{card(host.page, 0)} .qz-kind", has_text=kind).click()
        found = [one for one in violations(host.page) if "qz-" in one]
        assert found == [], kind


def test_the_phone_beside_a_question_that_is_heard_has_a_loudspeaker(new_host: Callable[..., Host]) -> None:
    host = new_host()
    page = host.page
    host.visit(ADD)
    add_question(page, 0, "der Hund", "Typed answer")
    phone = page.locator(card(page, 0)).locator(".qz-phone")
    expect(phone.locator(".horn")).to_have_count(0)
    listen = page.locator("[name=questions-0-listen]")
    listen.select_option("beside", force=True)
    expect(phone.locator(".qz-phone-listen")).to_have_text("Listen")
    expect(phone.locator(".qz-phone-text")).to_have_text("der Hund")
    listen.select_option("instead", force=True)
    expect(phone.locator(".horn")).to_be_visible()
    expect(phone.locator(".qz-phone-text")).to_have_text("Listen, then answer")

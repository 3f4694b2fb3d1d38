"""A teacher makes a text with gaps: brackets become gaps, each with a row for what else belongs to it."""

from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import expect

from tests.browser.hosts import Host, violations
from tests.browser.server import Server
from tests.browser.test_making_a_quiz import ADD, add_question, card


def test_brackets_become_gaps_with_rows(new_host: Callable[..., Host], server: Server) -> None:
    host = new_host()
    page = host.page
    host.visit(ADD)
    page.locator("[name=title]").fill("Made of gaps")
    add_question(page, 0, "The [cat] sat on the mat.", "Text with gaps")
    first = page.locator(card(page, 0))
    expect(first.locator(".qz-gap-rows li")).to_have_count(1)
    text = page.locator("[name=questions-0-text]")
    text.evaluate("field => field.setSelectionRange(21, 24)")
    first.get_by_role("button", name="Make the marked words a gap").click()
    expect(text).to_have_value("The [cat] sat on the [mat].")
    expect(first.locator(".qz-gap-name bdi")).to_have_text(["cat", "mat"])
    expect(first.locator(".qz-phone-gap")).to_have_count(2)
    first.get_by_label("Also right in gap 1").fill("kitten | little cat")
    first.get_by_label("Wrong options of gap 2").fill("rug | sofa")
    first.get_by_text("How it is graded").first.click()
    first.get_by_label("Capitals").first.select_option("strict")
    # A gap put before the others takes nothing of theirs.
    text.press("Home")
    page.keyboard.type("[Look]: ")
    expect(first.locator(".qz-gap-name bdi")).to_have_text(["Look", "cat", "mat"])
    expect(first.get_by_label("Also right in gap 2")).to_have_value("kitten | little cat")
    assert violations(page) == []
    page.get_by_role("button", name="Save and continue editing").click()
    host.see("was added successfully")
    expect(page.locator("[name=questions-0-text]")).to_have_value("[Look]: The [cat] sat on the [mat].")
    made = next(one for one in server.call("GET", "quizzes?limit=100")["results"] if one["title"] == "Made of gaps")
    (question,) = server.call("GET", f"quizzes/{made['id']}")["questions"]
    assert (question["kind"], question["text"]) == ("gaps", "[[1]]: The [[2]] sat on the [[3]].")
    assert [(gap["correct_answers"], gap["options"], gap["grading"]["case"]) for gap in question["gaps"]] == [
        (["Look"], [], "ignore"),
        (["cat", "kitten", "little cat"], [], "strict"),
        (["mat"], ["mat", "rug", "sofa"], "ignore"),
    ]
    # What is not whole is told beside the gap.
    host.visit(ADD)
    page.locator("[name=title]").fill("Not whole")
    add_question(page, 0, "The [] sat.", "Text with gaps")
    page.get_by_role("button", name="Save and continue editing").click()
    host.see("Gap 1: No right answer is given.")

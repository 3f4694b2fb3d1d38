"""What was pasted is seen, corrected where it stands, and saved."""

from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import expect

from tests.browser.hosts import Host, violations
from tests.browser.server import Server


def test_a_pasted_word_is_corrected_in_the_preview_and_saved_so(new_host: Callable[..., Host], server: Server) -> None:
    host = new_host(bypass_csp=True, reduced_motion="reduce")
    page = host.page
    host.visit("/admin/quizzes/quiz/import_quiz/")
    page.locator("textarea[name=text]").fill("la maison\tthe hose\nle chat\tthe cat")
    page.locator("[name=title]").fill("Deux mots")
    page.get_by_role("button", name="Preview").click()
    cells = page.locator(".qz-entries .qz-cell")
    expect(cells.first).to_have_text("la maison")
    meaning = page.locator(".qz-entries tbody tr").first.get_by_role("textbox", name="Meanings")
    expect(meaning).to_have_text("the hose")
    meaning.fill("the house\na house")
    assert [one for one in violations(page) if "qz-" in one] == []
    page.get_by_role("button", name="Save", exact=True).click()
    host.see("The word list was stored.")
    lists = server.call("GET", "wordlists?limit=100")["results"]
    made = next(one for one in lists if one["title"] == "Deux mots")
    words = server.call("GET", f"wordlists/{made['id']}")["words"]
    assert [(word["term"], word["meanings"]) for word in words] == [
        ("la maison", ["the house", "a house"]),
        ("le chat", ["the cat"]),
    ]

"""A host pastes a table whose columns stand the other way round, corrects them in the preview, and stores it."""

from __future__ import annotations

import re
from collections.abc import Callable

from playwright.sync_api import expect

from tests.browser.hosts import Host, violations
from tests.browser.server import Server

IMPORT = "/admin/quizzes/wordlist/import_words/"


def test_columns_are_corrected_in_the_preview(new_host: Callable[..., Host], server: Server) -> None:
    host = new_host()
    page = host.page
    host.visit(IMPORT)
    page.locator("[name=text]").fill("dog\tHund\tchien\ncat\tKatze\tchat")
    page.get_by_role("button", name="Preview").click()
    expect(page.get_by_text("Look at what each column is")).to_be_visible()
    assert not violations(page)
    for number, role in enumerate(("Meaning", "Word", "left out"), start=1):
        page.get_by_label(f"Column {number}", exact=True).select_option(role)
    page.get_by_role("button", name="Read the columns so").click()
    expect(page.get_by_label("Column 2", exact=True)).to_have_value("term")
    page.locator("button[name=save]").click()
    host.see("The word list was stored")
    found = re.search(r"/wordlist/(?:make_quiz/)?([^/]+)/", page.url)
    assert found, page.url
    words = server.call("GET", f"wordlists/{found[1]}")["words"]
    assert [(word["term"], word["meanings"]) for word in words] == [("Hund", ["dog"]), ("Katze", ["cat"])]

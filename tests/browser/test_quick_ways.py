"""What has to be quick: from words on the clipboard to a session that runs."""

from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import expect

from tests.browser.hosts import Host
from tests.browser.server import Server

MOST_CLICKS = 4
_COUNT = """() => {
  const before = Number(sessionStorage.getItem('clicks') ?? '0');
  let clicks = before;
  document.addEventListener('click', (event) => {
    // A label's click on its field is the same one.
    if (event.isTrusted && event.detail) sessionStorage.setItem('clicks', String(++clicks));
  }, true);
}"""


def test_thirty_pasted_words_are_a_running_session_after_four_clicks(
    new_host: Callable[..., Host], server: Server
) -> None:
    host = new_host(permissions=["clipboard-read", "clipboard-write"])
    page = host.page
    page.add_init_script(f"({_COUNT})()")
    words = "\n".join(f"palabra{number}\tword number {number}" for number in range(1, 31))
    host.visit("/admin/quizzes/quiz/import_quiz/")
    page.evaluate("(text) => navigator.clipboard.writeText(text)", words)
    page.locator("textarea[name=text]").focus()
    page.keyboard.press("Control+v")
    expect(page.locator("textarea[name=text]")).to_have_value(words)
    page.get_by_role("button", name="Preview").click()
    expect(page.locator(".qz-entries tbody tr")).to_have_count(30)
    page.get_by_role("button", name="Save", exact=True).click()
    page.get_by_role("button", name="Save the quiz and run it").click()
    page.get_by_role("button", name="Open the session").click()
    session = host.at_console()
    clicks = int(page.evaluate("sessionStorage.getItem('clicks')"))
    assert clicks <= MOST_CLICKS, clicks
    host.does("Start the session")
    host.does("Open the first question")
    expect(page.locator("#question-text")).not_to_be_empty()
    assert server.call("GET", f"sessions/{session.id}")["status"] == "active"

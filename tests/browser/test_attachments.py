"""Pictures and recordings in the editors: dropped, pasted, chosen, recorded; and a microphone that is refused."""

from __future__ import annotations

import base64
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser.hosts import Host, violations
from tests.browser.server import Server
from tests.support.images import picture
from tests.support.sounds import tone

QUIZ: dict[str, Any] = {
    "id": "to-attach",
    "title": "To attach",
    "questions": [{"id": "q1", "kind": "typed", "text": "Cat?", "correct_answers": ["gato"]}],
}
EDITOR = "/admin/quizzes/quiz/to-attach/change/"
#: Hands files to what listens for an event of this name.
HAND = """
([selector, name, type, data]) => {
  const bytes = Uint8Array.from(atob(data), (char) => char.charCodeAt(0));
  const moved = new DataTransfer();
  moved.items.add(new File([bytes], "file", { type }));
  const event = name === "paste"
    ? new ClipboardEvent("paste", { clipboardData: moved, bubbles: true, cancelable: true })
    : new DragEvent(name, { dataTransfer: moved, bubbles: true, cancelable: true });
  document.querySelector(selector).dispatchEvent(event);
}
"""


@pytest.fixture(scope="module", autouse=True)
def _quiz(server: Server) -> None:
    server.add_quiz(QUIZ)


@pytest.fixture(autouse=True)
def _as_it_was(server: Server) -> None:
    server.call("PUT", "quizzes/to-attach", QUIZ)


def hand(page: Page, name: str, kind: str, data: bytes) -> None:
    page.evaluate(HAND, ["textarea[name=questions-0-text]", name, kind, base64.b64encode(data).decode()])


def saved(host: Host, server: Server) -> dict[str, Any]:
    host.page.get_by_role("button", name="Save and continue editing").click()
    host.see("was changed successfully")
    question: dict[str, Any] = server.call("GET", "quizzes/to-attach")["questions"][0]
    return question


def at_editor(new_host: Callable[..., Host], **options: Any) -> Host:
    host = new_host(**options)
    host.visit(EDITOR)
    unfold(host.page)
    return host


def unfold(page: Page) -> None:
    """Questions that are stored are shown folded."""
    group = page.get_by_role("group", name="Picture and recording")
    if not group.first.is_visible():
        page.locator("#questions-data .form-group.original").first.click()
    expect(group.first).to_be_visible()


def test_a_picture_is_dropped_and_a_recording_pasted(new_host: Callable[..., Host], server: Server) -> None:
    host = at_editor(new_host, bypass_csp=True, reduced_motion="reduce")
    hand(host.page, "drop", "image/png", picture())
    expect(host.page.locator(".qz-attached img")).to_have_count(1)
    hand(host.page, "paste", "audio/wav", tone())
    expect(host.page.locator(".qz-attached audio")).to_have_count(1)
    assert [one for one in violations(host.page) if "attach" in one] == []
    question = saved(host, server)
    assert question["media"].startswith("/images/")
    assert question["sound"].startswith("/sounds/")
    assert question["listen"] == "beside"
    unfold(host.page)
    host.page.get_by_role("button", name="Remove the recording").click()
    assert saved(host, server).get("sound", "") == ""


def test_what_is_neither_is_named(new_host: Callable[..., Host]) -> None:
    host = at_editor(new_host)
    hand(host.page, "drop", "text/plain", b"hello")
    host.see("This is neither a picture nor a recording.")
    hand(host.page, "drop", "audio/mpeg", b"hello")
    host.see("This is not a recording. Use MP3, WAV, Ogg or FLAC.")
    host.complaints.clear()


def test_a_word_is_recorded_by_microphone(new_host: Callable[..., Host], server: Server) -> None:
    host = at_editor(new_host, permissions=["microphone"])
    host.page.get_by_role("button", name="Record", exact=True).click()
    expect(host.page.get_by_role("button", name="Stop (1 s)")).to_be_visible()
    host.page.get_by_role("button", name="Stop").click()
    expect(host.page.locator(".qz-attached audio")).to_have_count(1)
    assert saved(host, server)["sound"].startswith("/sounds/")


def test_a_microphone_that_is_refused_is_named(new_host: Callable[..., Host]) -> None:
    host = at_editor(new_host)
    host.page.get_by_role("button", name="Record", exact=True).click()
    host.see("The browser refuses the microphone to this page.")
    expect(host.page.get_by_role("button", name="Record", exact=True)).to_be_enabled()


def test_a_word_of_a_list_gets_a_recording_without_a_script_too(new_host: Callable[..., Host], server: Server) -> None:
    host = new_host()
    host.visit("/admin/quizzes/wordlist/add/")
    page = host.page
    page.fill("input[name=title]", "Animals to hear")
    page.get_by_text("Add another Word").click()
    page.fill("input[name=words-0-term]", "gato")
    page.fill("textarea[name=words-0-meanings]", "cat")
    file = {"name": "cat.wav", "mimeType": "audio/wav", "buffer": tone()}
    page.locator("input[name=words-0-recording]").set_input_files(file)  # type: ignore[arg-type]
    page.locator("button[name=_continue]").click()
    expect(page.locator(".qz-attached audio")).to_have_count(1)
    assert server.call("GET", "wordlists/animals-to-hear")["words"][0]["sound"].startswith("/sounds/")

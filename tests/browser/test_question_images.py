"""The image of a question, as players, the hall and its host see it."""

from __future__ import annotations

import base64
from collections.abc import Callable
from typing import Any

from playwright.sync_api import Browser, Page, expect

from tests.browser.hosts import Host
from tests.browser.players import Player, Visitor
from tests.browser.quizzes import LONG
from tests.browser.server import Server
from tests.support.images import picture

#: A file that brings an image along may name it as it likes.
ADDRESS = f"/images/{'0' * 32}.webp"
QUIZ: dict[str, Any] = {
    "id": "with-image",
    "title": "Red",
    "questions": [
        {
            "id": "q1",
            "kind": "typed",
            "text": "Which colour is this?",
            "correct_answers": ["red"],
            "media": ADDRESS,
            "time_limit_ms": LONG,
        }
    ],
    "images": {ADDRESS: base64.b64encode(picture("JPEG", size=(1600, 1200))).decode()},
}


def sees_the_image(page: Page) -> None:
    expect(page.locator("img.picture")).to_be_visible()
    page.wait_for_function("() => document.querySelector('img.picture').naturalWidth === 1280")


def test_an_image_is_shown_with_its_question_though_the_quiz_is_deleted(
    server: Server, new_player: Callable[..., Player], new_screen: Callable[..., Visitor]
) -> None:
    server.add_quiz(QUIZ)
    session = server.open_session("with-image", pace="host")
    server.call("DELETE", "quizzes/with-image")
    ana, hall = new_player(), new_screen()
    ana.join(session, "Ana")
    hall.visit(f"/screen/{session.code}")
    session.do("start")
    session.do("next")
    sees_the_image(ana.page)
    sees_the_image(hall.page)
    ana.page.reload()
    sees_the_image(ana.page)


def test_a_host_uploads_an_image_and_sees_it(browser: Browser, server: Server) -> None:
    host = Host(browser, server)
    host.sign_in()
    host.visit("/admin/quizzes/wordlist/add/")
    page = host.page
    page.fill("input[name=title]", "Colours")
    page.get_by_text("Add another Word").click()
    page.fill("input[name=words-0-term]", "rouge")
    page.fill("textarea[name=words-0-meanings]", "red")
    file = {"name": "red.png", "mimeType": "image/png", "buffer": picture()}
    page.locator("input[name=words-0-upload]").set_input_files(file)  # type: ignore[arg-type]
    page.locator("button[name=_continue]").click()
    shown = page.locator(".qz-attached img.qz-picture")
    expect(shown).to_have_count(1)
    address = shown.get_attribute("src")
    assert page.evaluate("async (address) => (await fetch(address)).status", address) == 200
    host.context.close()
    assert host.complaints == []

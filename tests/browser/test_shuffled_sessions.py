"""One order of the options in a session: the console, the phones, the hall and the API agree on it.

The results and their exports name options by their words, and speak of no positions.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser.hosts import Host
from tests.browser.players import Player, Visitor
from tests.browser.quizzes import LONG
from tests.browser.server import Server

OPTIONS = ["eins", "zwei", "drei", "vier", "fünf", "sechs"]
QUIZ: dict[str, Any] = {
    "id": "shuffled",
    "title": "Shuffled",
    "shuffle_options": True,
    "language": "de",
    "questions": [
        {
            "id": f"q{count}",
            "kind": kind,
            "text": f"{count} options?",
            "options": OPTIONS[:count],
            "correct_answers": OPTIONS[:1],
            "time_limit_ms": LONG,
        }
        for count, kind in ((4, "choice"), (5, "multi"), (6, "choice"))
    ],
}
#: The option, the shape that is drawn beside it, and its colour.
_LOOKS = """(nodes) => nodes.map((node) => {
  const sign = node.querySelector('.tab, .qz-shape');
  const hue = [...node.classList, ...sign.classList].find((name) => /^hue\\d$/.test(name));
  return [node.querySelector('.label, bdi').textContent.trim(), sign.querySelector('svg').innerHTML, hue];
})"""


@pytest.fixture(scope="module", autouse=True)
def _quiz(server: Server) -> None:
    server.add_quiz(QUIZ)


def looks(page: Page, selector: str, count: int) -> list[list[str]]:
    """What is drawn beside each option, in the order of the page."""
    expect(page.locator(selector)).to_have_count(count)
    found: list[list[str]] = page.locator(selector).evaluate_all(_LOOKS)
    return found


def test_every_page_draws_the_same_shapes_in_the_same_order(
    server: Server, new_host: Callable[..., Host], new_player: Callable[..., Player], new_screen: Callable[..., Visitor]
) -> None:
    host = new_host()
    orders = set()
    for _ in range(3):
        session = server.open_session("shuffled", pace="host", auto_start=True)
        host.take_over(session)
        ana, hall = new_player(), new_screen()
        ana.join(session, "Ana")
        hall.visit(f"/screen/{session.code}")
        for question in QUIZ["questions"]:
            session.do("next")
            count = len(question["options"])
            ana.see_heading(question["text"])
            phone = looks(ana.page, ".option", count)
            orders.add(tuple(name for name, _, _ in phone))
            assert looks(hall.page, ".options li", count) == phone
            expect(host.page.locator("#question, .qz-stage").first).to_contain_text(question["text"])
            assert looks(host.page, "#distribution li", count) == phone
            told = server.call("GET", f"sessions/{session.id}/questions")["questions"]
            assert [one["options"] for one in told if one["id"] == question["id"]] == [[name for name, _, _ in phone]]
            assert len({shape for _, shape, _ in phone}) == len({hue for _, _, hue in phone}) == count
            ana.choose(phone[0][0])
            if question["kind"] == "multi":
                ana.lock_in()
            session.do("close-question")
            expect(hall.page.locator("section.result")).to_be_visible()
            assert looks(hall.page, ".options li", count) == phone
        session.do("end")
    assert len(orders) > len(QUIZ["questions"]), "nothing was shuffled"

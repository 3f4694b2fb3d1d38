"""A network that cuts WebSockets: the page says so, plays on over requests, and goes back when they get through."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, expect

from tests.browser.players import Player
from tests.browser.quizzes import KINDS
from tests.browser.server import Server
from tests.support.blocking_proxy import BlockingProxy

NOTICE = "This network blocks WebSockets."


class BehindProxy(Player):
    """A player whose network has a filter."""

    def __init__(self, browser: Browser, server: Server, proxy: BlockingProxy) -> None:
        self.direct = server.url
        super().__init__(browser, server)
        self.address = f"http://127.0.0.1:{proxy.port}"

    def visit(self, path: str) -> None:
        self.page.goto(self.address + path)

    def _check(self, request: object) -> None:
        """Everything goes through the proxy."""

    def _complain(self, text: str) -> None:
        if "WebSocket connection" not in text and "Unexpected response code: 403" not in text:
            super()._complain(text)


def pass_time_until(player: Player, *, shown: bool) -> None:
    """Let the page's clock run, and give the network, which has its own, a moment with each second."""
    for _ in range(300):
        if player.page.locator("#notice").is_visible() is shown:
            return
        player.page.clock.run_for(1_000)
        player.page.wait_for_timeout(60)


@pytest.fixture
def proxy(server: Server) -> Iterator[BlockingProxy]:
    made = BlockingProxy(server.port)
    yield made
    made.close()


def test_it_plays_on_over_requests_and_loses_no_answer_when_they_are_cut(
    browser: Browser, server: Server, proxy: BlockingProxy
) -> None:
    session = server.open_session(KINDS["id"], pace="host")
    player = BehindProxy(browser, server, proxy)
    player.join(session, "Ann")
    player.see(NOTICE)
    session.do("start")
    session.do("next")
    expect(player.page.locator(".option").first).to_be_visible()
    proxy.cut()
    player.page.locator(".option").first.click()
    if player.page.get_by_role("button", name="Lock in").is_visible():
        player.lock_in()
    player.see(NOTICE)
    session.do("close-question")
    expect(player.page.locator("h1:visible")).to_be_visible()
    answers = server.call("GET", f"sessions/{session.id}/results?wait=true")["answers"]
    assert [answer["question_id"] for answer in answers] == [KINDS["questions"][0]["id"]]
    player.context.close()
    assert player.complaints == []


def test_it_goes_back_to_websockets_when_they_get_through(
    browser: Browser, server: Server, proxy: BlockingProxy
) -> None:
    session = server.open_session(KINDS["id"], pace="host")
    player = BehindProxy(browser, server, proxy)
    player.page.clock.install()
    player.visit(f"/j/{session.code}")
    player.page.get_by_label("Your name in the game").fill("Ann")
    player.page.get_by_role("button", name="Join", exact=True).click()
    pass_time_until(player, shown=True)
    player.see(NOTICE)
    proxy.blocking = False
    opened: list[str] = []
    player.page.on("websocket", lambda socket: opened.append(socket.url))
    pass_time_until(player, shown=False)
    expect(player.page.locator("#notice")).to_be_hidden()
    # One to see whether they get through, one to play over.
    assert len(opened) >= 2
    player.context.close()

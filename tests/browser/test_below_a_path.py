"""The server below a path of its host: pages, sockets, cookies, links, the admin and the console."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, expect

from tests.browser.hosts import Host
from tests.browser.players import HALL, Player, Visitor
from tests.browser.quizzes import KINDS
from tests.browser.server import Server


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    running = Server(tmp_path_factory.mktemp("below"), below="/quiz")
    running.prepare()
    running.start()
    running.add_quiz(KINDS)
    yield running
    running.stop()


def test_a_game_is_played_below_the_path(browser: Browser, server: Server) -> None:
    session = server.open_session(KINDS["id"], pace="host")
    player, screen, host = Player(browser, server), Visitor(browser, server, viewport=HALL), Host(browser, server)
    asked: list[str] = []
    for visitor in (player, screen, host):
        visitor.page.on("request", lambda request: asked.append(request.url))
        visitor.page.on("websocket", lambda socket: asked.append(socket.url))
    screen.visit(f"/screen/{session.code}")
    player.join(session, "Ann")
    assert player.page.url == f"{server.url}/play/{session.code}"
    session.do("start")
    session.do("next")
    expect(player.page.locator(".option").first).to_be_visible()
    player.page.locator(".option").first.click()
    player.lock_in() if player.page.get_by_role("button", name="Lock in").is_visible() else None
    player.page.reload()
    expect(player.page.locator("#view")).to_be_visible()
    session.do("end")
    host.sign_in()
    host.page.get_by_role("link", name="Quizzes").first.click()
    expect(host.page).to_have_url(f"{server.url}/admin/quizzes/quiz/")
    origin = server.url.removesuffix("/quiz").partition("://")[2]
    assert [url for url in asked if origin in url and f"{origin}/quiz/" not in url] == []
    assert any(url.startswith("ws://") and url.endswith("/quiz/ws") for url in asked)
    cookies = {cookie["path"] for cookie in host.context.cookies()}
    assert cookies == {"/quiz/"}
    for visitor in (player, screen, host):
        visitor.context.close()
        assert visitor.complaints == []


def test_links_for_the_room_and_documents_have_the_path(browser: Browser, server: Server) -> None:
    session = server.open_session(KINDS["id"], pace="host")
    screen = Visitor(browser, server, viewport=HALL)
    screen.visit(f"/screen/{session.code}")
    expect(screen.page.get_by_text(server.url.partition("://")[2], exact=True).first).to_be_visible()
    screen.visit("/api/docs/ws")
    expect(screen.page.get_by_role("link", name="AsyncAPI 3.0")).to_have_attribute("href", "/quiz/api/docs/ws.json")
    screen.context.close()
    assert screen.complaints == []

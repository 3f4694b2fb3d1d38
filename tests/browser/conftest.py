"""A real Chromium, a real server, and players in contexts of their own."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, sync_playwright

from tests.browser.hosts import Host
from tests.browser.players import CHROMIUM_ARGUMENTS, HALL, Player, Visitor, find_chromium
from tests.browser.quizzes import GAP_TEXTS, KINDS, LENGTHS, MARKUP, WORDS
from tests.browser.server import Server

HERE = Path(__file__).parent
NO_CHROMIUM = "NO CHROMIUM FOUND: the browser tests are skipped. Install Debian's chromium package to run them."


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    missing = find_chromium() is None
    for item in items:
        if HERE in item.path.parents:
            item.add_marker("browser")
            if missing:
                item.add_marker(pytest.mark.skip(reason=NO_CHROMIUM))


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    skipped = terminalreporter.stats.get("skipped", [])
    if any(NO_CHROMIUM in str(report.longrepr) for report in skipped):
        terminalreporter.section("browser tests", sep="!", red=True, bold=True)
        terminalreporter.write_line(NO_CHROMIUM, red=True, bold=True)


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A running server with the tests' quizzes."""
    running = Server(tmp_path_factory.mktemp("server"))
    running.prepare()
    running.start()
    running.add_quiz(KINDS)
    running.add_quiz(MARKUP)
    running.add_quiz(WORDS)
    running.add_quiz(LENGTHS)
    running.add_quiz(GAP_TEXTS)
    yield running
    running.stop()


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Debian's Chromium. It ends with the module: its loop runs in this thread, where other tests start theirs."""
    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=find_chromium(), args=CHROMIUM_ARGUMENTS)
        yield running
        running.close()


@pytest.fixture
def new_player(browser: Browser, server: Server) -> Iterator[Callable[..., Player]]:
    """Makes players; at the end none of them may have met an error or a request that left the server."""
    made: list[Player] = []

    def make(**options: Any) -> Player:
        made.append(Player(browser, server, **options))
        return made[-1]

    yield make
    _take_leave(made)


@pytest.fixture
def new_screen(browser: Browser, server: Server) -> Iterator[Callable[..., Visitor]]:
    """Makes big screens."""
    made: list[Visitor] = []

    def make(**options: Any) -> Visitor:
        made.append(Visitor(browser, server, **{"viewport": HALL, **options}))
        return made[-1]

    yield make
    _take_leave(made)


@pytest.fixture
def new_host(browser: Browser, server: Server) -> Iterator[Callable[..., Host]]:
    """Makes hosts who have signed in; at the end none of them may have met an error."""
    made: list[Host] = []

    def make(**options: Any) -> Host:
        made.append(Host(browser, server, **options))
        made[-1].sign_in()
        return made[-1]

    yield make
    _take_leave(made)


def _take_leave(visitors: list[Player] | list[Visitor] | list[Host]) -> None:
    complaints = [complaint for visitor in visitors for complaint in visitor.complaints]
    for visitor in visitors:
        visitor.context.close()
    assert complaints == []

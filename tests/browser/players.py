"""Players and screens as the tests see them: a page in a context of its own, watched for what must not happen."""

from __future__ import annotations

import shutil
from typing import Any
from urllib.parse import urlsplit

from playwright.sync_api import Browser, BrowserContext, Page, Request, ViewportSize, expect

from tests.browser.server import Server, Session

CHROMIUM_ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    # A microphone that beeps.
    "--use-fake-device-for-media-stream",
]
PHONE: ViewportSize = {"width": 360, "height": 740}
HALL: ViewportSize = {"width": 1920, "height": 1080}
#: How long a page may take; machines that run other things too are several times slower.
WAIT_MS = 30_000
expect.set_options(timeout=WAIT_MS)
#: What a browser reports of a server that is away or draining, and of a phone that is offline: some tests are about it.
AWAY = (
    "ERR_CONNECTION_REFUSED",
    "ERR_CONNECTION_RESET",
    "ERR_CONNECTION_CLOSED",
    "ERR_EMPTY_RESPONSE",
    "ERR_INCOMPLETE_CHUNKED_ENCODING",
    "ERR_INTERNET_DISCONNECTED",
    "closed before receiving a handshake response",
    "Unexpected response code: 503",
)


def find_chromium() -> str | None:
    """The browser's executable, if there is one."""
    return shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")


class Visitor:
    """Somebody with a browser."""

    def __init__(self, browser: Browser, server: Server, **options: Any) -> None:
        options.setdefault("viewport", PHONE)
        options.setdefault("locale", "en")
        self.server = server
        self.context: BrowserContext = browser.new_context(**options)
        self.context.set_default_timeout(WAIT_MS)
        #: Errors on the console or in scripts, and requests that left the server.
        self.complaints: list[str] = []
        self.page = self.open_tab()

    def open_tab(self) -> Page:
        """Another tab of the same browser."""
        page = self.context.new_page()
        page.on("console", lambda message: self._complain(message.text) if message.type == "error" else None)
        page.on("pageerror", lambda error: self._complain(str(error)))
        page.on("request", self._check)
        return page

    def _check(self, request: Request) -> None:
        parts = urlsplit(request.url)
        if parts.scheme not in {"data", "blob"} and parts.netloc != urlsplit(self.server.url).netloc:
            self._complain(f"request to {request.url}")

    def _complain(self, text: str) -> None:
        if not any(expected in text for expected in AWAY):
            self.complaints.append(text)

    def visit(self, path: str) -> None:
        """Open a page of the server."""
        self.page.goto(self.server.url + path)

    def see(self, text: str) -> None:
        """Wait for a text."""
        expect(self.page.get_by_text(text).filter(visible=True).first).to_be_visible()

    def see_heading(self, text: str) -> None:
        """Wait for a view's heading."""
        expect(self.page.locator("h1:visible")).to_have_text(text)


class Player(Visitor):
    """A player on a phone."""

    def fill(self, session: Session, name: str) -> None:
        """Open the session's link and send the join form."""
        self.visit(f"/j/{session.code}")
        self.page.get_by_label("Your name in the game").fill(name)
        self.page.get_by_role("button", name="Join", exact=True).click()

    def join(self, session: Session, name: str) -> None:
        """Join, and wait until the player is in."""
        self.fill(session, name)
        expect(self.page.locator("#view")).to_be_visible()

    def choose(self, *options: str) -> None:
        """Tap options."""
        for option in options:
            self.page.locator(".option", has_text=option).click()

    def lock_in(self) -> None:
        """Tap the button below the answer."""
        self.page.get_by_role("button", name="Lock in").click()

    def write(self, answer: str) -> None:
        """Type an answer and send it."""
        self.page.locator(".written").fill(answer)
        self.lock_in()

    def lose_network(self) -> None:
        """Go offline, and wait until the page has noticed: what was sent before that is on its way."""
        self.context.set_offline(True)
        self.see("Connection lost. Reconnecting …")

    def has_points(self, points: str) -> None:
        """Wait for the points in the bar on top."""
        expect(self.page.locator("#place .points")).to_have_text(points)

"""Hosts as the tests see them: signed in to the admin, with hands on the keyboard."""

from __future__ import annotations

import json
import re
from typing import Any

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

from tests.browser.players import Visitor
from tests.browser.server import Server, Session

DESK = {"width": 1366, "height": 900}


def violations(page: Page) -> list[str]:
    """What axe finds wrong with a page."""
    found = Axe().run(page).response["violations"]
    return [f"{rule['id']}: {node['target']} {node['html'][:200]}" for rule in found for node in rule["nodes"]]


class Host(Visitor):
    """A host at a desk. Tabs are opened with :meth:`open_tab`."""

    def __init__(self, browser: Browser, server: Server, **options: Any) -> None:
        super().__init__(browser, server, **{"viewport": DESK, **options})

    def sign_in(self) -> None:
        """Sign in with the account that ``manage.py prepare`` made."""
        self.visit("/admin/")
        self.fill_credentials()
        expect(self.page.locator(".qz-hero")).to_be_visible()

    def fill_credentials(self) -> None:
        """Type name and password on the page where hosts sign in, whatever its language."""
        kept = json.loads((self.server.data_dir / "credentials.json").read_text())
        self.page.locator("[name=username]").focus()
        self.page.keyboard.type("host")
        self.page.keyboard.press("Tab")
        self.page.keyboard.type(kept["password"])
        self.page.keyboard.press("Enter")

    def run(self, quiz_id: str) -> Session:
        """Open a session of a quiz, and wait for its console."""
        self.visit(f"/admin/quiz_sessions/quizsession/open/?quiz={quiz_id}")
        self.page.get_by_role("button", name="Open the session").click()
        return self.at_console()

    def take_over(self, session: Session) -> None:
        """Go to the console of a session that is there, whatever the language of the page."""
        self.visit(f"/admin/quiz_sessions/quizsession/{session.id}/run/")
        self.online(self.page)

    def at_console(self) -> Session:
        """The session whose console is on show."""
        self.online(self.page)
        found = re.search(r"quizsession/([^/]+)/run/", self.page.url)
        assert found, self.page.url
        return Session(self.server, self.server.call("GET", f"sessions/{found[1]}"))

    def online(self, page: Page) -> None:
        """Wait until a console is connected."""
        expect(page.locator("#connection")).to_have_attribute("data-state", "online")

    def press(self, key: str) -> None:
        """Press a key of the console, once no step that it has to wait for is on its way."""
        button = "#primary" if key == "n" else f'.qz-stage [data-key="{key}"]:visible'
        expect(self.page.locator(button)).to_have_attribute("aria-disabled", "false")
        self.page.keyboard.press(key)

    def does(self, label: str) -> None:
        """Wait until the large button says this, and press Enter."""
        button = self.page.locator("#primary")
        expect(button).to_have_text(label)
        expect(button).to_have_attribute("aria-disabled", "false")
        expect(button).to_be_focused()
        self.page.keyboard.press("Enter")

    def sees(self, selector: str, text: str) -> None:
        """Wait for a text in a part of the console."""
        expect(self.page.locator(selector)).to_contain_text(text)

    def counts(self, expected: dict[str, str]) -> None:
        """Wait until the distribution shows these counts."""
        for option, count in expected.items():
            row = self.page.locator("#distribution li").filter(has=self.page.get_by_text(option, exact=True))
            expect(row.locator(".qz-count")).to_have_text(count)

    def reach(self, label: str) -> None:
        """Press Tab until what bears this label has the focus, as somebody without a mouse does."""
        for _ in range(120):
            self.page.keyboard.press("Tab")
            found: str = self.page.evaluate(
                "() => { const on = document.activeElement;"
                " return on.getAttribute('aria-label') || on.labels?.[0]?.innerText || on.innerText || ''; }"
            )
            if found.strip() == label:
                return
        raise AssertionError(f"Tab never reaches {label!r}")

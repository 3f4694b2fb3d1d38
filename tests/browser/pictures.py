"""The pictures in README.md and docs/: a round of a quiz that comes with the server, as SVG."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, Page, expect

from tests.browser.crowd import NAMES, Crowd
from tests.browser.hosts import Host
from tests.browser.players import HALL, PHONE, Player, Visitor
from tests.browser.server import ROOT, Server
from tests.browser.vectors import save_as_svg

FOLDER = ROOT / "docs" / "pictures"
#: What is answered to the first questions of the quiz, by the player first; the last of them is pictured.
ROUNDS = {
    "q1": ["delighted", "delighted", "furious"],
    "q2": ["modern", "modern", "modern", "antique"],
    "q3": ["unwilling", "unwilling", "eager", "careless"],
}
#: The player thinks that long, for fewer points than those who do not.
THOUGHT_MS = 2_500


def draw(browser: Browser, server: Server, folder: Path = FOLDER) -> None:
    """Play three questions, and take what a player, the hall and the host see of the third."""
    looks: dict[str, Any] = {"color_scheme": "light", "reduced_motion": "reduce", "bypass_csp": True}
    folder.mkdir(parents=True, exist_ok=True)
    host = Host(browser, server, viewport={"width": 1280, "height": 720}, **looks)
    hall = Visitor(browser, server, viewport=HALL, **looks)
    phone = Player(browser, server, viewport=PHONE, is_mobile=True, has_touch=True, **looks)
    host.context.add_init_script("localStorage.setItem('sidebarDesktopOpen', '0')")
    host.sign_in()

    def take(page: Page, name: str) -> None:
        page.wait_for_function("() => document.getAnimations().every(one => one.playState !== 'running')")
        save_as_svg(page, folder / f"{name}.svg")
        page.reload()

    session = server.open_session("vocab-101", pace="host")
    phone.join(session, "Ana")
    crowd = Crowd(server, session)
    hall.visit(f"/screen/{session.code}")
    host.visit(f"/admin/quiz_sessions/quizsession/{session.id}/run/")
    session.do("start")
    for question, answers in ROUNDS.items():
        pictured = question == list(ROUNDS)[-1]
        session.do("next")
        phone.page.wait_for_selector("section.question")
        if pictured:
            take(phone.page, "player-question")
            phone.page.wait_for_selector("section.question")
        crowd.answer(question, answers)
        phone.page.wait_for_timeout(THOUGHT_MS if pictured else 0)
        phone.choose(answers[0])
        hall.see(f"Answered: {len(NAMES) + 1} of {len(NAMES) + 1}")
        if pictured:
            take(host.page, "host-console")
        session.do("close-question")
        hall.page.wait_for_selector("section.result")
        phone.page.wait_for_selector("section.result .board")
    # The leaderboard comes a moment after the result.
    expect(phone.page.locator(".board .me .score")).to_have_text(phone.page.locator("#place .points").inner_text())
    take(phone.page, "player-result")
    take(hall.page, "screen-result")
    session.do("end")
    hall.see_heading("Final result")
    take(hall.page, "screen-podium")
    crowd.leave()
    for visitor in (host, hall, phone):
        visitor.context.close()

"""Pictures of every page, on a phone, a desktop and a big screen, light and dark: ``make screenshots``.

They go into ``var/screenshots`` (or the folder named as the argument), which git ignores; those of the documentation
(:mod:`tests.browser.pictures`) are SVG, into ``docs/pictures``.
"""

from __future__ import annotations

import random
import sys
import tempfile
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, Page, ViewportSize, sync_playwright

from tests.browser import pictures, vectors
from tests.browser.crowd import Crowd
from tests.browser.hosts import Host
from tests.browser.players import CHROMIUM_ARGUMENTS, HALL, PHONE, Player, Visitor, find_chromium
from tests.browser.quizzes import KINDS
from tests.browser.server import ROOT, Server

DESKTOP: ViewportSize = {"width": 1280, "height": 800}
ANSWERS: dict[str, list[Any]] = {
    "choice": ["delighted", "delighted", "furious", "weary"],
    "multi": [["enormous", "huge", "vast"], ["enormous", "huge"], ["tiny"]],
    "truth": ["True", "True", "False"],
    "typed": ["le fromage", "la fromage", "fromages"],
    "order": [["never", "rarely", "often", "always"], ["rarely", "never", "often", "always"]],
    "number": ["26", "26", "24"],
    "poll": ["with cards", "by reading", "with songs"],
}


class Album:
    """Takes pictures of one visitor, numbered in the order of the game, and replaces those of an earlier run."""

    def __init__(self, folder: Path, name: str) -> None:
        self._folder = folder
        self._name = name
        self._taken = 0
        for old in folder.glob(f"{name}-[0-9]*.png"):
            old.unlink()

    def take(self, page: Page, what: str) -> None:
        """A picture of the page as it looks once nothing moves."""
        page.wait_for_timeout(150)
        page.wait_for_function("() => document.getAnimations().every(one => one.playState !== 'running')")
        self._taken += 1
        page.screenshot(path=self._folder / f"{self._name}-{self._taken:02d}-{what}.png", full_page=True)


def host_paced(browser: Browser, server: Server, folder: Path, scheme: Any) -> None:
    """A whole game: a player on a phone, one at a desktop, and the hall."""
    looks: dict[str, Any] = {"color_scheme": scheme, "reduced_motion": "reduce", "bypass_csp": True}
    session = server.open_session("every-kind", pace="host")
    hall = Visitor(browser, server, viewport=HALL, **looks)
    phone = Player(browser, server, viewport=PHONE, is_mobile=True, has_touch=True, device_scale_factor=2, **looks)
    desk = Player(browser, server, viewport=DESKTOP, **looks)
    visitors = [
        (hall, Album(folder, f"screen-{scheme}")),
        (phone, Album(folder, f"phone-{scheme}")),
        (desk, Album(folder, f"desktop-{scheme}")),
    ]

    def picture(what: str) -> None:
        for visitor, album in visitors:
            album.take(visitor.page, what)

    hall.visit(f"/screen/{session.code}")
    for player in (phone, desk):
        player.visit(f"/j/{session.code}")
    picture("join")
    crowd = Crowd(server, session)
    phone.join(session, "Ana")
    desk.join(session, "Omar")
    hall.page.wait_for_selector(".names li:nth-child(14)")
    picture("lobby")
    session.do("start")
    phone.see_heading("Get ready")
    picture("ready")
    for kind, answers in ANSWERS.items():
        session.do("next")
        phone.page.wait_for_selector("section.question")
        crowd.answer(kind, answers)
        if kind in {"multi", "order"}:
            phone.choose(*answers[0][:2])
        hall.page.wait_for_function("() => document.querySelector('.done').textContent.includes('12')")
        picture(f"{kind}-open")
        if kind in {"choice", "truth", "poll"}:
            # One wrong answer, so that its result is in the album too.
            phone.choose(answers[-1] if kind == "truth" else answers[0])
            desk.choose(answers[-1])
        elif kind in {"multi", "order"}:
            phone.choose(*answers[0][2:])
            phone.lock_in()
        else:
            phone.write(answers[1])
        phone.see_heading("Locked in")
        picture(f"{kind}-locked")
        if kind == "multi":
            session.do("pause")
            phone.see("The clock stands still.")
            picture("paused")
            session.do("resume")
        session.do("close-question")
        hall.page.wait_for_selector("section.result")
        phone.page.wait_for_selector("section.result")
        picture(f"{kind}-result")
    session.do("next")
    phone.see("The game is over")
    hall.see_heading("Final result")
    phone.page.wait_for_selector(".review")
    picture("end")
    crowd.leave()
    for visitor, _ in visitors:
        visitor.context.close()


def self_paced(browser: Browser, server: Server, folder: Path, scheme: Any) -> None:
    """Own speed, and what can go wrong."""
    session = server.open_session("every-kind", pace="self", auto_start=True)
    looks: dict[str, Any] = {"color_scheme": scheme, "reduced_motion": "reduce", "bypass_csp": True}
    hall = Visitor(browser, server, viewport=HALL, **looks)
    hall.visit(f"/screen/{session.code}")
    crowd = Crowd(server, session)
    crowd.answer("choice", ANSWERS["choice"])
    phone = Player(browser, server, viewport=PHONE, is_mobile=True, has_touch=True, device_scale_factor=2, **looks)
    album = Album(folder, f"phone-self-{scheme}")
    phone.visit("/j/NOSUCH")
    album.take(phone.page, "wrong-code")
    phone.join(session, "Ana")
    phone.see_heading("Which word means “very happy”?")
    album.take(phone.page, "question")
    phone.choose("delighted")
    phone.see_heading("Correct")
    album.take(phone.page, "result")
    Album(folder, f"screen-self-{scheme}").take(hall.page, "race")
    phone.page.get_by_role("button", name="Next question").click()
    phone.see("Skip for now")
    phone.context.set_offline(True)
    phone.see("Connection lost. Reconnecting …")
    album.take(phone.page, "offline")
    phone.context.set_offline(False)
    session.remove("Ana")
    phone.see_heading("You were removed")
    album.take(phone.page, "removed")
    crowd.leave()
    for visitor in (hall, phone):
        visitor.context.close()


def other_languages(browser: Browser, server: Server, folder: Path, scheme: Any) -> None:
    """From the lobby to the end in a language that is read from right to left, and in one without spaces."""
    for language in ("ar", "ja"):
        looks: dict[str, Any] = {"color_scheme": scheme, "reduced_motion": "reduce", "bypass_csp": True}
        session = server.open_session("every-kind", pace="host")
        hall = Visitor(browser, server, viewport=HALL, locale=language, **looks)
        phone = Visitor(
            browser,
            server,
            viewport=PHONE,
            is_mobile=True,
            has_touch=True,
            device_scale_factor=2,
            locale=language,
            **looks,
        )
        desk = Host(browser, server, viewport=DESKTOP, locale=language, **looks)
        albums = [
            (visitor.page, Album(folder, f"{language}-{where}-{scheme}"))
            for visitor, where in ((hall, "screen"), (phone, "phone"), (desk, "host"))
        ]

        def picture(what: str, albums: list[tuple[Page, Album]] = albums) -> None:
            for page, album in albums:
                album.take(page, what)

        desk.visit("/admin/login/")
        desk.fill_credentials()
        desk.page.wait_for_url("**/admin/")
        desk.visit(f"/admin/quiz_sessions/quizsession/{session.id}/run/")
        hall.visit(f"/screen/{session.code}")
        phone.visit(f"/j/{session.code}")
        picture("join")
        phone.page.locator("#name").fill("ليلى")
        phone.page.locator("#enter").click()
        phone.page.wait_for_selector("section.lobby")
        crowd = Crowd(server, session)
        hall.page.wait_for_selector(".names li:nth-child(13)")
        picture("lobby")
        session.do("start")
        session.do("next")
        phone.page.wait_for_selector("section.question")
        crowd.answer("choice", ANSWERS["choice"])
        hall.page.wait_for_function("() => document.querySelector('.track .fill').style.transform !== 'scaleX(0)'")
        picture("open")
        phone.page.locator(".option", has_text="weary").click()
        phone.page.wait_for_selector("section.locked")
        session.do("close-question")
        for page in (phone.page, hall.page):
            page.wait_for_selector("section.result")
        picture("result")
        session.do("end")
        phone.page.wait_for_selector(".review")
        hall.page.wait_for_selector("section.end")
        desk.visit(f"/admin/quiz_sessions/quizsession/{session.id}/results/")
        picture("end")
        crowd.leave()
        for visitor in (hall, phone, desk):
            visitor.context.close()


def host_pages(browser: Browser, server: Server, folder: Path, scheme: Any) -> None:
    """The admin as a host sees it: at a desk, on a phone and on paper."""
    session = server.open_session("every-kind", pace="host", auto_start=True)
    crowd = Crowd(server, session)
    looks: dict[str, Any] = {"color_scheme": scheme, "reduced_motion": "reduce", "bypass_csp": True}
    desk = Host(browser, server, viewport=DESKTOP, **looks)
    album = Album(folder, f"host-{scheme}")
    desk.visit("/admin/login/")
    album.take(desk.page, "login")
    desk.fill_credentials()
    desk.page.wait_for_url("**/admin/")
    album.take(desk.page, "home")
    desk.visit("/admin/quizzes/quiz/")
    album.take(desk.page, "quizzes")
    desk.visit("/admin/quiz_sessions/quizsession/open/")
    album.take(desk.page, "open")
    desk.visit(f"/admin/quiz_sessions/quizsession/{session.id}/run/")
    session.do("next")
    crowd.answer("choice", ANSWERS["choice"])
    desk.page.wait_for_timeout(1_000)
    album.take(desk.page, "console")
    desk.page.set_viewport_size(PHONE)
    album.take(desk.page, "console-on-a-phone")
    desk.page.set_viewport_size(DESKTOP)
    desk.page.get_by_role("button", name="Rename Bao").click()
    album.take(desk.page, "rename")
    session.do("end")
    desk.visit(f"/admin/quiz_sessions/quizsession/{session.id}/results/")
    album.take(desk.page, "results")
    desk.page.emulate_media(media="print")
    album.take(desk.page, "results-on-paper")
    crowd.leave()
    desk.context.close()


def main() -> None:
    """Take all pictures."""
    chromium = find_chromium()
    if chromium is None:
        raise SystemExit("No Chromium found: install Debian's chromium package.")
    if not vectors.can_convert():
        raise SystemExit(f"No {vectors.CONVERTER} found: install Debian's mupdf-tools package.")
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT / "var" / "screenshots"
    folder.mkdir(parents=True, exist_ok=True)
    random.seed(7)
    with tempfile.TemporaryDirectory() as data:
        server = Server(Path(data), PUBLIC_URL="https://quiz.example.org")
        server.prepare()
        server.start()
        try:
            server.add_quiz(KINDS)
            with sync_playwright() as playwright:
                browser = playwright.chromium.launch(executable_path=chromium, args=CHROMIUM_ARGUMENTS)
                pictures.draw(browser, server)
                for scheme in ("light", "dark"):
                    host_paced(browser, server, folder, scheme)
                    self_paced(browser, server, folder, scheme)
                    host_pages(browser, server, folder, scheme)
                    other_languages(browser, server, folder, scheme)
                browser.close()
        finally:
            server.stop()
    sys.stdout.write(
        f"{len(list(folder.glob('*.png')))} pictures in {folder}, and those of the documentation in {pictures.FOLDER}\n"
    )


if __name__ == "__main__":
    main()

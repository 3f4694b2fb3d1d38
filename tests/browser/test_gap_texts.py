"""Texts with gaps, played by two phones under a host's hand, by keyboard, and from right to left."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.browser.hosts import Host, violations
from tests.browser.players import WAIT_MS, Player, Visitor
from tests.browser.server import Server
from tests.browser.test_quality import FOR_AXE, check

NewPlayer = Callable[..., Player]
NewScreen = Callable[..., Visitor]
NARROW = {"viewport": {"width": 320, "height": 640}}
DESKTOP = {"viewport": {"width": 1280, "height": 800}}


def in_width(page: Page) -> None:
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_two_phones_and_a_screen_play_a_text_with_gaps(
    server: Server, new_player: NewPlayer, new_screen: NewScreen
) -> None:
    session = server.open_session("gap-texts", pace="host", auto_start=True)
    hall = new_screen(**FOR_AXE)
    hall.visit(f"/screen/{session.code}")
    ana, ben = new_player(**NARROW, **FOR_AXE), new_player(**FOR_AXE)
    ana.join(session, "Ana")
    ben.join(session, "Ben")
    session.do("next")
    hall.see("Au marché, je voudrais ____ de fromage et ____ pommes.")
    check(hall.page, "screen, open")

    ana.see_heading("Fill the gaps")
    check(ana.page, "phone, open")
    in_width(ana.page)
    lock_in = ana.page.get_by_role("button", name="Lock in")
    expect(lock_in).to_be_disabled()
    ana.page.get_by_label("Gap 1 of 3").fill("un morceau")
    ana.page.get_by_label("Gap 2 of 3").select_option("des")
    # A reload keeps what was written.
    ana.page.reload()
    expect(ana.page.get_by_label("Gap 1 of 3")).to_have_value("un morceau")
    expect(ana.page.get_by_label("Gap 2 of 3")).to_have_value("des")
    ana.page.get_by_label("Gap 3 of 3").fill("quatre")
    lock_in.click()
    ana.see_heading("Locked in")
    ana.see("un morceau · des · quatre")

    ben.page.get_by_label("Gap 1 of 3").fill("une tranch")
    ben.page.get_by_label("Gap 2 of 3").select_option("du")
    ben.page.get_by_role("button", name="Lock in").click()
    ben.see_heading("Locked in")
    session.do("close-question")

    ana.see_heading("Correct")
    ben.see_heading("Almost")
    expect(ben.page.locator(".gap.almost ins")).to_have_text("e")
    expect(ben.page.locator(".gap.wrong del")).to_have_text("du")
    expect(ben.page.locator(".gap.wrong ins")).to_have_text("des")
    expect(ben.page.locator(".gap.open ins")).to_have_text("quatre")
    # Half of one gap of three, of nine points, rounded half up.
    expect(ben.page.locator(".plus")).to_have_text("+2")
    check(ben.page, "phone, result")
    in_width(ana.page)
    hall.see("une tranche")
    check(hall.page, "screen, result")
    session.do("next")
    session.do("close-question")
    session.do("next")
    ben.see("To practise")
    expect(ben.page.locator(".review .gap.wrong ins").first).to_have_text("des")
    check(ben.page, "phone, end")


def test_gaps_are_filled_by_keyboard_alone(server: Server, new_player: NewPlayer) -> None:
    session = server.open_session("gap-texts", pace="self", auto_start=True)
    player = new_player(**DESKTOP)
    press, write = player.page.keyboard.press, player.page.keyboard.type
    player.join(session, "Ana")
    player.see_heading("Fill the gaps")
    first, second, third = (player.page.get_by_label(f"Gap {number} of 3") for number in (1, 2, 3))
    expect(first).to_be_focused()
    write("une tranche")
    press("Enter")
    expect(second).to_be_focused()
    write("des")
    press("Tab")
    expect(third).to_be_focused()
    write("quatre")
    press("Enter")
    player.see_heading("Correct")
    expect(player.page.locator(".gap.correct")).to_have_count(3)


def test_the_keys_for_letters_write_into_the_gap_that_was_used_last(server: Server, new_player: NewPlayer) -> None:
    session = server.open_session("gap-texts", pace="self", auto_start=True)
    player = new_player(**DESKTOP)
    player.join(session, "Ana")
    player.page.get_by_label("Gap 3 of 3").click()
    player.page.get_by_role("button", name="é", exact=True).click()
    expect(player.page.get_by_label("Gap 3 of 3")).to_have_value("é")
    expect(player.page.get_by_label("Gap 1 of 3")).to_have_value("")


@pytest.mark.parametrize("locale", ["ar", "en"])
def test_a_text_runs_in_its_own_direction(server: Server, new_player: NewPlayer, locale: str) -> None:
    session = server.open_session("gap-texts", pace="host", auto_start=True)
    player = new_player(locale=locale, **NARROW, **FOR_AXE)
    player.visit(f"/j/{session.code}")
    player.page.locator("#name").fill("Ana")
    player.page.keyboard.press("Enter")
    player.page.locator("section.message").wait_for()
    session.do("next")
    session.do("close-question")
    session.do("next")
    fields = player.page.locator(".gap-field")
    expect(fields).to_have_count(2)
    first, second = (fields.nth(place).bounding_box() for place in (0, 1))
    assert first
    assert second
    # On one line the first gap is to the right of the second.
    assert second["y"] > first["y"] or second["x"] < first["x"]
    check(player.page, f"{locale}, open")
    in_width(player.page)


def test_a_host_accepts_what_was_typed_into_a_gap(new_host: Callable[..., Host], new_player: NewPlayer) -> None:
    host = new_host()
    session = host.run("gap-texts")
    ana = new_player()
    ana.join(session, "Ana")
    session.do("start")
    session.do("next")
    host.sees("#question-text", "Au marché, je voudrais ____ de fromage et ____ pommes. Ça coûte ____ euros.")
    ana.page.get_by_label("Gap 1 of 3").fill("beaucoup")
    ana.page.get_by_label("Gap 2 of 3").select_option("des")
    ana.lock_in()
    ana.see_heading("Locked in")
    session.do("close-question")
    ana.see_heading("Almost")
    ana.has_points("3")
    typed = host.page.locator("#typed li").filter(has_text="1. beaucoup")
    expect(typed.locator(".qz-mark.qz-wrong")).to_have_count(1, timeout=WAIT_MS)
    # What is chosen stays beside it.
    expect(host.page.locator("#distribution li").filter(has_text="2. des")).to_have_count(1)
    assert violations(host.page) == []
    typed.get_by_role("button", name="Accept this too").click()
    expect(typed.locator(".qz-mark.qz-correct")).to_have_count(1, timeout=WAIT_MS)
    ana.has_points("6")
    expect(ana.page.locator(".gap.correct")).to_have_text(["beaucoup (right) ", "des (right) "])

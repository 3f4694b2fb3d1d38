"""A whole game without a pointer, as a keyboard user and a screen reader meet it."""

from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import expect

from tests.browser.players import Player
from tests.browser.server import Server

NewPlayer = Callable[..., Player]
DESKTOP = {"viewport": {"width": 1280, "height": 800}}


def test_the_whole_game_is_played_by_keyboard_alone(server: Server, new_player: NewPlayer) -> None:
    session = server.open_session("every-kind", pace="host")
    ana = new_player(**DESKTOP)
    press = ana.page.keyboard.press
    ana.visit("/")
    expect(ana.page.get_by_label("Game code")).to_be_focused()
    ana.page.keyboard.type(session.code)
    press("Tab")
    expect(ana.page.get_by_label("Your name in the game")).to_be_focused()
    press("ControlOrMeta+a")
    ana.page.keyboard.type("Ana")
    press("Enter")
    ana.see_heading("Ana")
    session.do("start")
    session.do("next")

    # A choice by its digit.
    ana.see_heading("Which word means “very happy”?")
    expect(ana.page.locator("h1:visible")).to_be_focused()
    press("2")
    ana.see_heading("Locked in")
    session.do("next")

    # Several by digits and by walking to them, then Enter.
    ana.see_heading("Which of these mean nearly the same as “big”?")
    press("1")
    press("ArrowDown")
    press("ArrowDown")
    press("ArrowDown")
    expect(ana.page.locator(".option").nth(2)).to_be_focused()
    press("Space")
    press("5")
    expect(ana.page.locator(".option[aria-pressed=true]")).to_have_count(3)
    press("Tab")
    press("Tab")
    press("Tab")
    expect(ana.page.get_by_role("button", name="Lock in")).to_be_focused()
    press("Enter")
    ana.see_heading("Locked in")
    session.do("next")

    # An option by Tab and Enter.
    ana.see_heading("“Stationery”, with an e, means paper, pens and envelopes.")
    press("Tab")
    press("Enter")
    ana.see_heading("Locked in")
    session.do("next")

    # The field has the focus.
    ana.see_heading("What is “cheese” in French?")
    ana.page.keyboard.type("le fromage")
    press("Enter")
    ana.see_heading("Locked in")
    session.do("next")

    # In order by digits; one placed too late is moved up with the arrows.
    ana.see_heading("Put these words in order, from 0% to 100% of the time.")
    shown = ana.page.locator(".pool .option").all_inner_texts()
    digit = {text.splitlines()[-1]: str(place) for place, text in enumerate(shown, start=1)}
    for word in ("never", "often", "always", "rarely"):
        press(digit[word])
    slots = ana.page.locator(".slots .label")
    expect(slots).to_have_text(["never", "often", "always", "rarely"])
    for _ in range(20):
        if ana.page.evaluate("document.activeElement.textContent").endswith("rarely"):
            break
        press("Tab")
    press("ArrowUp")
    press("ArrowUp")
    expect(slots).to_have_text(["never", "rarely", "often", "always"])
    expect(ana.page.locator("#announce")).to_have_text("rarely: place 2 of 4")
    press("Tab")
    press("Tab")
    press("Tab")
    press("Enter")
    ana.see_heading("Locked in")
    session.do("next")

    ana.see_heading("How many letters has the English alphabet?")
    ana.page.keyboard.type("26")
    press("Enter")
    ana.see_heading("Locked in")
    session.do("next")

    ana.see_heading("How do you like to learn new words?")
    press("3")
    ana.see_heading("Locked in")
    session.do("next")
    ana.see("The game is over")
    ana.see("6 of 6")


def test_a_player_at_their_own_speed_goes_on_with_enter(server: Server, new_player: NewPlayer) -> None:
    session = server.open_session("every-kind", pace="self", auto_start=True)
    ana = new_player(**DESKTOP)
    ana.join(session, "Ana")
    ana.see_heading("Which word means “very happy”?")
    ana.page.keyboard.press("2")
    ana.see_heading("Correct")
    expect(ana.page.locator("h1:visible")).to_be_focused()
    ana.page.keyboard.press("Enter")
    ana.see_heading("Which of these mean nearly the same as “big”?")


def test_a_screen_reader_hears_points_and_answer_with_the_result(server: Server, new_player: NewPlayer) -> None:
    session = server.open_session("every-kind", pace="host", auto_start=True)
    ana = new_player(**DESKTOP)
    ana.join(session, "Ana")
    session.do("next")
    ana.see_heading("Which word means “very happy”?")
    ana.page.keyboard.press("3")
    ana.see_heading("Locked in")
    session.do("close-question")
    ana.see_heading("Not this time")
    heading = ana.page.locator("h1:visible")
    expect(heading).to_be_focused()
    expect(heading).to_have_accessible_description(
        "No points: the answer is not right Your answer weary Right answer delighted", ignore_case=True
    )


def test_a_pause_takes_the_focus_and_gives_it_back(server: Server, new_player: NewPlayer) -> None:
    session = server.open_session("every-kind", pace="host", auto_start=True)
    ana = new_player(**DESKTOP)
    ana.join(session, "Ana")
    session.do("next")
    ana.see_heading("Which word means “very happy”?")
    session.do("pause")
    expect(ana.page.locator("#pause h2")).to_be_focused()
    session.do("resume")
    expect(ana.page.locator("h1:visible")).to_be_focused()
    ana.page.keyboard.press("2")
    ana.see_heading("Locked in")


def test_focus_is_seen(server: Server, new_player: NewPlayer) -> None:
    session = server.open_session("every-kind", pace="host", auto_start=True)
    ana = new_player(**DESKTOP)
    ana.join(session, "Ana")
    session.do("next")
    ana.see_heading("Which word means “very happy”?")
    ana.page.keyboard.press("Tab")
    option = ana.page.locator(".option").first
    expect(option).to_be_focused()
    expect(option).to_have_css("outline-style", "solid")
    expect(option).to_have_css("outline-width", "3px")

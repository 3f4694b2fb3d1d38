"""What a player hears who does not see the page: where the focus goes, and what is announced."""

from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import expect

from tests.browser.players import PHONE, Player
from tests.browser.server import Server

NewPlayer = Callable[..., Player]


def test_an_answer_that_arrives_later_is_announced(server: Server, new_player: NewPlayer) -> None:
    session = server.open_session("every-kind", pace="host", auto_start=True)
    ana = new_player()
    ana.join(session, "Ana")
    session.do("next")
    ana.see_heading("Which word means “very happy”?")
    announced = ana.page.locator("#announce")
    ana.lose_network()
    expect(announced).to_have_text("Connection lost. Reconnecting …")
    ana.choose("delighted")
    ana.see_heading("Sending …")
    expect(ana.page.locator("h1:visible")).to_be_focused()
    ana.context.set_offline(False)
    expect(announced).to_have_text("Locked in. Your answer has arrived. The result comes when the question closes.")


def test_the_question_is_heard_with_how_to_answer_it(server: Server, new_player: NewPlayer) -> None:
    session = server.open_session("every-kind", pace="host", auto_start=True)
    ana = new_player()
    ana.join(session, "Ana")
    session.do("next")
    session.do("next")
    heading = ana.page.locator("h1:visible")
    expect(heading).to_be_focused()
    expect(heading).to_have_accessible_description("Choose all that are right, then lock in.")


def test_a_pause_gives_the_focus_back_where_it_was(server: Server, new_player: NewPlayer) -> None:
    session = server.open_session("every-kind", pace="host", auto_start=True)
    ana = new_player(viewport=PHONE, is_mobile=True, has_touch=True)
    ana.join(session, "Ana")
    while session.do("next")["question_id"] != "typed":
        pass
    field = ana.page.locator(".written")
    field.tap()
    ana.page.keyboard.type("le from")
    session.do("pause")
    expect(ana.page.locator("#pause-title")).to_be_focused()
    session.do("resume")
    expect(field).to_be_focused()
    ana.page.keyboard.type("age")
    expect(field).to_have_value("le fromage")


def test_whoever_has_to_correct_an_answer_is_in_the_field_again(server: Server, new_player: NewPlayer) -> None:
    session = server.open_session("every-kind", pace="host", auto_start=True)
    ana = new_player(viewport=PHONE, is_mobile=True, has_touch=True)
    ana.join(session, "Ana")
    while session.do("next")["question_id"] != "number":
        pass
    ana.write("a dozen")
    expect(ana.page.get_by_role("alert").filter(visible=True)).to_have_text(
        "This answer cannot be taken. Please change it."
    )
    expect(ana.page.locator(".written")).to_be_focused()


def test_the_end_of_the_time_is_announced(server: Server, new_player: NewPlayer) -> None:
    session = server.open_session("every-kind", pace="host", auto_start=True)
    ana = new_player()
    ana.join(session, "Ana")
    session.do("next")
    ana.see_heading("Which word means “very happy”?")
    # The phone hears of no close, and sees by its clock that the time is over.
    ana.lose_network()
    ana.page.evaluate(
        "() => { const now = performance.now.bind(performance); performance.now = () => now() + 700_000; }"
    )
    expect(ana.page.locator(".over")).to_be_visible()
    expect(ana.page.locator("#announce")).to_have_text("Time is up.")

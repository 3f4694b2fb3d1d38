"""A game that everybody plays at their own speed."""

from __future__ import annotations

import signal
from collections.abc import Callable

from playwright.sync_api import expect

from tests.browser.players import Player
from tests.browser.server import Server

NewPlayer = Callable[..., Player]


def test_each_player_goes_through_the_questions_alone(server: Server, new_player: NewPlayer) -> None:
    session = server.open_session("every-kind", pace="self")
    ana, bao = new_player(), new_player()
    ana.join(session, "Ana")
    bao.join(session, "Bao")
    session.do("start")

    ana.see_heading("Which word means “very happy”?")
    assert ana.page.locator(".timer").count() == 0
    ana.choose("delighted")
    ana.see_heading("Correct")
    ana.see("10 + 5 for speed")
    ana.see("Furious is very angry")
    bao.choose("weary")
    bao.see_heading("Not this time")
    bao.see("delighted")
    bao.see("Rank 2 of 2")

    ana.page.get_by_role("button", name="Next question").click()
    ana.see_heading("Which of these mean nearly the same as “big”?")
    ana.page.get_by_role("button", name="Skip for now").click()
    ana.see_heading("“Stationery”, with an e, means paper, pens and envelopes.")
    ana.page.reload()
    ana.see_heading("“Stationery”, with an e, means paper, pens and envelopes.")
    ana.choose("True")
    ana.see_heading("Correct")
    ana.page.reload()  # the next one, and nothing lost
    ana.see_heading("What is “cheese” in French?")
    ana.write("fromage")
    ana.see("Correct")
    ana.page.get_by_role("button", name="Next question").click()
    ana.choose("never", "rarely", "often", "always")
    ana.lock_in()
    ana.page.get_by_role("button", name="Next question").click()
    ana.write("26")
    ana.page.get_by_role("button", name="Next question").click()
    ana.choose("by reading")
    ana.see_heading("Thank you")
    ana.page.get_by_role("button", name="Next question").click()
    ana.see_heading("Which of these mean nearly the same as “big”?")
    assert ana.page.get_by_role("button", name="Skip for now").count() == 0, "it is the last one"
    ana.choose("enormous", "huge", "vast")
    ana.lock_in()
    ana.page.get_by_role("button", name="See your result").click()
    ana.see_heading("All answered")
    ana.see("6 of 6")

    session.do("end")
    ana.see("The game is over")
    bao.see("The game is over")
    bao.see("0 of 6")  # whoever stops early is shown all of it
    stored = {one["username"]: one["score"] for one in session.results()["participants"]}
    assert int(ana.page.locator(".figures dd").first.inner_text()) == stored["Ana"]


def test_a_break_of_the_network_or_the_server_keeps_the_place(server: Server, new_player: NewPlayer) -> None:
    session = server.open_session("every-kind", pace="self", auto_start=True)
    ana = new_player()
    ana.join(session, "Ana")
    ana.see_heading("Which word means “very happy”?")
    ana.lose_network()
    ana.choose("delighted")
    ana.see_heading("Sending …")
    ana.context.set_offline(False)
    ana.see_heading("Correct")
    server.stop(signal.SIGKILL)
    ana.see("Connection lost. Reconnecting …")
    server.start()
    expect(ana.page.locator("#notice")).to_be_hidden()
    ana.see_heading("Correct")
    ana.page.get_by_role("button", name="Next question").click()
    ana.see_heading("Which of these mean nearly the same as “big”?")
    ana.has_points("15")


def test_a_pause_stops_everybody_and_the_game_goes_on_where_it_was(server: Server, new_player: NewPlayer) -> None:
    session = server.open_session("every-kind", pace="self", auto_start=True)
    ana = new_player()
    ana.join(session, "Ana")
    ana.see_heading("Which word means “very happy”?")
    session.do("pause")
    ana.see("The clock stands still.")
    late = new_player()
    late.join(session, "Late")
    late.see("The clock stands still.")
    session.do("resume")
    late.see_heading("Which word means “very happy”?")
    ana.choose("delighted")
    ana.see_heading("Correct")


def test_withheld_results_come_at_the_end(server: Server, new_player: NewPlayer) -> None:
    session = server.open_session("every-kind", pace="self", reveal="on_close", auto_start=True)
    ana = new_player()
    ana.join(session, "Ana")
    ana.choose("delighted")
    ana.see_heading("Which of these mean nearly the same as “big”?")
    ana.has_points("0")
    session.do("end")
    ana.see("The game is over")
    ana.see("1 of 6")

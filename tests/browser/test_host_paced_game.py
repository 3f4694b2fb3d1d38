"""A game that the host drives, with several players, and everything that happens to phones meanwhile."""

from __future__ import annotations

import re
import signal
from collections.abc import Callable

from playwright.sync_api import expect

from tests.browser.players import Player
from tests.browser.server import Server

NewPlayer = Callable[..., Player]


def test_it_plays_every_kind_of_question_to_the_end(server: Server, new_player: NewPlayer) -> None:
    session = server.open_session("every-kind", pace="host")
    ana, bao = new_player(), new_player()
    ana.join(session, "Ana")
    bao.join(session, "Bao")
    ana.see("Players here: 2")
    session.do("start")
    ana.see_heading("Get ready")

    session.do("next")
    ana.choose("delighted")
    bao.choose("furious")
    ana.see_heading("Locked in")
    assert "Correct" not in ana.page.locator("#view").inner_text(), "nothing is told before the close"
    ana.see("Answered: 2 of 2")
    session.do("close-question")
    ana.see_heading("Correct")
    ana.see("10 + 5 for speed")
    ana.see("Furious is very angry")
    ana.see("Rank 1 of 2")
    bao.see_heading("Not this time")
    expect(bao.page.locator(".board li")).to_have_count(2)

    session.do("next")
    ana.choose("enormous", "huge", "vast")
    ana.lock_in()
    bao.choose("enormous", "huge", "tiny")
    bao.choose("tiny")
    bao.lock_in()
    bao.see_heading("Locked in")
    ana.see_heading("Locked in")
    session.do("close-question")
    bao.see_heading("Almost")
    bao.see("for an almost right answer")

    session.do("next")
    ana.choose("True")
    ana.see_heading("Locked in")
    session.do("next")
    bao.see_heading("What is “cheese” in French?")
    assert bao.page.locator(".written").get_attribute("lang") == "fr"
    ana.write("le fromage")
    ana.see_heading("Locked in")
    session.do("next")
    ana.choose("never", "rarely", "often")
    ana.choose("rarely")  # taken back
    ana.choose("often")  # taken back
    ana.choose("rarely", "often", "always")
    ana.lock_in()
    ana.see_heading("Locked in")
    session.do("close-question")
    ana.see("never › rarely › often › always")
    session.do("next")
    ana.write("26")
    ana.see_heading("Locked in")
    session.do("next")
    ana.choose("with songs")
    ana.see_heading("Locked in")
    session.do("close-question")
    ana.see_heading("Thank you")
    session.do("next")

    ana.see("The game is over")
    ana.see("6 of 6")
    ana.see("Nothing to practise: you had everything right.")
    bao.see("To practise")
    expect(bao.page.locator(".review").first.locator("li")).to_have_count(6)
    told = ana.page.locator(".figures dd").first.inner_text()
    stored = {one["username"]: one["score"] for one in session.results()["participants"]}
    assert int(told) == stored["Ana"]


def test_a_player_is_told_how_the_rank_changes_and_who_is_next(server: Server, new_player: NewPlayer) -> None:
    session = server.open_session("pair-of-words", pace="host", auto_start=True)
    ana, bao = new_player(), new_player()
    ana.join(session, "Ana")
    bao.join(session, "Bao")
    session.do("next")
    bao.choose("right")
    bao.see_heading("Locked in")
    ana.choose("wrong")
    ana.see_heading("Locked in")
    session.do("close-question")
    ana.see("Points behind \u2068Bao\u2069: 15")
    ana.see("The next question comes when your host opens it.")
    session.do("next")
    ana.choose("right")
    ana.see_heading("Locked in")
    session.do("close-question")
    # Both have as many points now, so they share the first place.
    expect(ana.page.locator(".moved")).to_have_text("▲ 1up by 1")
    expect(bao.page.locator(".standing h2").first).to_contain_text("Rank 1 of 2")
    expect(bao.page.locator(".moved")).to_have_count(0)
    ana.see("That was the last question.")
    session.do("next")
    ana.see("You have won!")
    bao.see("You have won!")


def test_a_refresh_costs_nothing_in_any_state(server: Server, new_player: NewPlayer) -> None:
    session = server.open_session("every-kind", pace="host")
    ana = new_player()
    ana.join(session, "Ana")
    ana.page.reload()
    ana.see_heading("Ana")
    session.do("start")
    session.do("next")
    ana.page.reload()
    ana.see_heading("Which word means “very happy”?")
    ana.choose("delighted")
    ana.see_heading("Locked in")
    ana.page.reload()
    ana.see_heading("Locked in")
    ana.see("delighted")
    session.do("pause")
    ana.page.reload()
    ana.see("The clock stands still.")
    session.do("resume")
    session.do("close-question")
    ana.page.reload()
    ana.see_heading("Correct")
    ana.see("10 + 5 for speed")
    session.do("end")
    ana.page.reload()
    ana.see("The game is over")
    ana.see("What you knew")
    assert len(session.participants()) == 1


def test_an_answer_given_offline_is_kept_and_sent(server: Server, new_player: NewPlayer) -> None:
    session = server.open_session("every-kind", pace="host", auto_start=True)
    ana = new_player()
    ana.join(session, "Ana")
    session.do("next")
    ana.see_heading("Which word means “very happy”?")
    ana.lose_network()
    ana.choose("delighted")
    ana.see_heading("Sending …")
    ana.see("Your answer is kept and will be sent.")
    ana.context.set_offline(False)
    ana.see_heading("Locked in")
    session.do("close-question")
    ana.see_heading("Correct")
    answers = session.results()["answers"]
    assert [answer["answer"] for answer in answers] == ["delighted"]


def test_an_answer_given_offline_survives_a_refresh_too(server: Server, new_player: NewPlayer) -> None:
    session = server.open_session("every-kind", pace="host", auto_start=True)
    ana = new_player()
    ana.join(session, "Ana")
    session.do("next")
    ana.see_heading("Which word means “very happy”?")
    ana.lose_network()
    ana.choose("weary")
    ana.see_heading("Sending …")
    ana.context.set_offline(False)
    ana.page.reload()
    ana.see_heading("Locked in")
    session.do("close-question")
    ana.see("weary")
    assert [answer["answer"] for answer in session.results()["answers"]] == ["weary"]


def test_what_was_missed_offline_is_caught_up(server: Server, new_player: NewPlayer) -> None:
    session = server.open_session("every-kind", pace="host", auto_start=True)
    ana = new_player()
    ana.join(session, "Ana")
    session.do("next")
    ana.choose("delighted")
    ana.see_heading("Locked in")
    ana.lose_network()
    session.do("close-question")
    session.do("next")
    session.do("close-question")
    ana.context.set_offline(False)
    ana.see_heading("No answer")
    ana.see("Which of these mean nearly the same as “big”?")
    ana.has_points("15")


def test_the_death_of_the_server_costs_no_answer_and_no_point(server: Server, new_player: NewPlayer) -> None:
    session = server.open_session("every-kind", pace="host", auto_start=True)
    ana, bao = new_player(), new_player()
    ana.join(session, "Ana")
    bao.join(session, "Bao")
    session.do("next")
    ana.choose("delighted")
    ana.see_heading("Locked in")
    server.stop(signal.SIGKILL)
    bao.see("Connection lost. Reconnecting …")
    bao.choose("delighted")
    bao.see_heading("Sending …")
    server.start()
    bao.see_heading("Locked in")
    expect(ana.page.locator("#notice")).to_be_hidden()
    session.do("close-question")
    ana.see_heading("Correct")
    bao.see_heading("Correct")
    server.stop(signal.SIGTERM)
    server.start()
    session.do("next")
    ana.see_heading("Which of these mean nearly the same as “big”?")
    ana.has_points("15")


def test_a_removed_player_is_told_and_stays_out(server: Server, new_player: NewPlayer) -> None:
    session = server.open_session("every-kind", pace="host")
    ana = new_player()
    ana.join(session, "Ana")
    session.remove("Ana")
    ana.see_heading("You were removed")
    ana.page.get_by_role("link", name="To the start page").click()
    ana.see_heading("Join the quiz")
    ana.fill(session, "Ana again")
    ana.see("The host has removed you from this game.")
    assert [one["username"] for one in session.participants()] == ["Ana"]


def test_a_late_player_plays_the_open_question(server: Server, new_player: NewPlayer) -> None:
    session = server.open_session("every-kind", pace="host", auto_start=True)
    session.do("next")
    late = new_player()
    late.join(session, "Late")
    late.choose("delighted")
    late.see_heading("Locked in")
    session.do("close-question")
    later = new_player()
    later.join(session, "Later")
    later.see("The next question comes when your host opens it.")
    session.do("next")
    later.see_heading("Which of these mean nearly the same as “big”?")


def test_the_newer_of_two_tabs_plays_and_the_older_can_take_over(server: Server, new_player: NewPlayer) -> None:
    session = server.open_session("every-kind", pace="host", auto_start=True)
    ana = new_player()
    ana.join(session, "Ana")
    first = ana.page
    ana.page = ana.open_tab()
    ana.visit(f"/play/{session.code}")
    ana.see_heading("Get ready")
    expect(first.locator("h1:visible")).to_have_text("You are playing elsewhere")
    first.get_by_role("button", name="Play here instead").click()
    expect(first.locator("h1:visible")).to_have_text("Get ready")
    ana.see_heading("You are playing elsewhere")
    assert len(session.participants()) == 1


def test_a_pause_covers_the_question_and_stops_the_clock(server: Server, new_player: NewPlayer) -> None:
    session = server.open_session("every-kind", pace="host", auto_start=True)
    ana = new_player()
    ana.join(session, "Ana")
    session.do("next")
    ana.see_heading("Which word means “very happy”?")
    session.do("pause")
    ana.see("The clock stands still.")
    ana.page.keyboard.press("2")
    session.do("resume")
    expect(ana.page.locator("#pause")).to_be_hidden()
    ana.see_heading("Which word means “very happy”?")
    ana.choose("delighted")
    ana.see_heading("Locked in")


def test_a_pause_after_the_close_leaves_the_result_to_be_talked_about(server: Server, new_player: NewPlayer) -> None:
    session = server.open_session("every-kind", pace="host", auto_start=True)
    ana = new_player()
    ana.join(session, "Ana")
    session.do("next")
    ana.choose("delighted")
    ana.see_heading("Locked in")
    session.do("pause")
    ana.see("The clock stands still.")
    session.do("close-question")
    ana.see_heading("Correct")
    expect(ana.page.locator("#pause")).to_be_hidden()
    ana.page.reload()
    ana.see_heading("Correct")
    session.do("resume")
    session.do("next")
    ana.see_heading("Which of these mean nearly the same as “big”?")


def test_more_time_moves_the_countdown(server: Server, new_player: NewPlayer) -> None:
    session = server.open_session("every-kind", pace="host", auto_start=True, time_limit_ms=100_000)
    ana = new_player()
    ana.join(session, "Ana")
    session.do("next")
    seconds = ana.page.locator(".timer .seconds")
    expect(seconds).to_have_text(re.compile(r"^(1:40|\d\d)$"))
    session.extend(500_000)
    expect(seconds).to_have_text(re.compile(r"^(10:00|9:\d\d)$"))


def test_the_end_of_time_closes_the_question(server: Server, new_player: NewPlayer) -> None:
    session = server.open_session("every-kind", pace="host", auto_start=True, time_limit_ms=1_000)
    ana = new_player()
    ana.join(session, "Ana")
    session.do("next")
    ana.see_heading("No answer")
    ana.see("No points without an answer in time")


def test_a_wrong_clock_on_the_phone_does_not_move_the_countdown(server: Server, new_player: NewPlayer) -> None:
    session = server.open_session("every-kind", pace="host", auto_start=True)
    ana = new_player()
    ana.page.add_init_script("const now = Date.now; Date.now = () => now() + 3_600_000;")
    ana.join(session, "Ana")
    session.do("next")
    seconds = ana.page.locator(".timer .seconds")
    expect(seconds).to_have_text(re.compile(r"^(10:00|9:\d\d)$"))


def test_markup_in_names_and_questions_is_text(server: Server, new_player: NewPlayer) -> None:
    session = server.open_session("markup", pace="host")
    ana = new_player()
    ana.join(session, "<i>Ana</i>")
    ana.see_heading("<i>Ana</i>")
    session.do("start")
    session.do("next")
    ana.see_heading("<img src=x onerror=alert(1)> What does <em>this</em> show?")
    ana.choose("&amp;")
    session.do("close-question")
    ana.see("<u>Only</u> text.")
    expect(ana.page.locator("#title")).to_have_text("<b>Bold</b> & plain")
    assert ana.page.locator("#view img, #view i, #view u, #view em").count() == 0

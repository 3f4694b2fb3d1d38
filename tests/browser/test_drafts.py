"""What a player has begun to answer outlives a refresh, and nothing else."""

from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import expect

from tests.browser.players import Player
from tests.browser.server import Server, Session

NewPlayer = Callable[..., Player]


def at_question(server: Server, player: Player, question_id: str) -> Session:
    """A session with this question open, which the player sees."""
    session = server.open_session("every-kind", pace="host", auto_start=True)
    player.join(session, "Ana")
    while session.do("next")["question_id"] != question_id:
        pass
    player.page.wait_for_selector("section.question")
    return session


def kept(player: Player) -> int:
    """How many drafts the tab keeps."""
    found: int = player.page.evaluate("Object.keys(sessionStorage).filter(key => key.startsWith('quiz:draft:')).length")
    return found


def test_a_half_typed_word_is_there_after_a_refresh_until_it_is_sent(server: Server, new_player: NewPlayer) -> None:
    ana = new_player()
    session = at_question(server, ana, "typed")
    field = ana.page.locator(".written")
    field.press_sequentially("le from")
    ana.page.reload()
    expect(field).to_have_value("le from")
    field.press("End")
    field.press_sequentially("age")
    ana.lock_in()
    ana.see_heading("Locked in")
    assert kept(ana) == 0
    session.do("close-question")
    ana.see_heading("Correct")


def test_what_was_not_sent_before_the_close_is_forgotten(server: Server, new_player: NewPlayer) -> None:
    ana = new_player()
    session = at_question(server, ana, "typed")
    ana.page.locator(".written").press_sequentially("le from")
    assert kept(ana) == 1
    session.do("close-question")
    ana.see_heading("No answer")
    assert kept(ana) == 0
    session.do("next")
    ana.page.wait_for_selector(".options")
    assert ana.page.locator(".slots .option").count() == 0


def test_chosen_options_are_there_after_a_refresh(server: Server, new_player: NewPlayer) -> None:
    ana = new_player()
    session = at_question(server, ana, "multi")
    ana.choose("enormous", "tiny", "huge", "vast")
    ana.choose("tiny")
    ana.page.reload()
    expect(ana.page.locator(".option[aria-pressed=true] .label")).to_have_text(["enormous", "huge", "vast"])
    ana.lock_in()
    ana.see_heading("Locked in")
    session.do("close-question")
    ana.see_heading("Correct")


def test_placed_words_are_there_after_a_refresh(server: Server, new_player: NewPlayer) -> None:
    ana = new_player()
    session = at_question(server, ana, "order")
    ana.choose("rarely", "never")
    ana.page.locator(".slots .option", has_text="never").focus()
    ana.page.keyboard.press("ArrowUp")
    ana.page.reload()
    expect(ana.page.locator(".slots .label")).to_have_text(["never", "rarely"])
    ana.choose("often", "always")
    ana.lock_in()
    ana.see_heading("Locked in")
    session.do("close-question")
    ana.see_heading("Correct")


def test_an_answer_that_is_refused_stays_to_be_corrected(server: Server, new_player: NewPlayer) -> None:
    ana = new_player()
    at_question(server, ana, "number")
    ana.write("a dozen")
    ana.see("This answer cannot be taken. Please change it.")
    expect(ana.page.locator(".written")).to_have_value("a dozen")
    ana.write("26")
    ana.see_heading("Locked in")
    assert kept(ana) == 0


def test_every_question_has_a_draft_of_its_own(server: Server, new_player: NewPlayer) -> None:
    session = server.open_session("every-kind", pace="self", auto_start=True)
    ana = new_player()
    ana.join(session, "Ana")
    ana.choose("delighted")
    ana.page.get_by_role("button", name="Next question").click()
    ana.choose("vast")
    ana.page.get_by_role("button", name="Skip for now").click()
    ana.see_heading("“Stationery”, with an e, means paper, pens and envelopes.")
    ana.page.get_by_role("button", name="Skip for now").click()
    ana.page.locator(".written").press_sequentially("fro")
    ana.page.get_by_role("button", name="Skip for now").click()
    for _ in range(3):
        ana.page.get_by_role("button", name="Skip for now").click()
    ana.see_heading("Which of these mean nearly the same as “big”?")
    expect(ana.page.locator(".option[aria-pressed=true] .label")).to_have_text("vast")

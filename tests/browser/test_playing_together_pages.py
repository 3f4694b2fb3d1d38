"""Teams and a common goal, as phones, console and screen show them."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from tests.browser.hosts import Host, violations
from tests.browser.players import Player, Visitor
from tests.browser.server import Server
from tests.browser.test_session_options_pages import QUIZ, arranged


@pytest.fixture(scope="module", autouse=True)
def _quiz(server: Server) -> None:
    server.add_quiz({**QUIZ, "id": "together", "title": "Together"})


def test_players_choose_teams_the_host_moves_one_and_the_better_team_wins(
    new_host: Callable[..., Host], new_player: Callable[..., Player], new_screen: Callable[..., Visitor]
) -> None:
    host = new_host()
    session = arranged(host, "together", teams="chosen", team_count="2")
    screen, bao, cem = new_screen(reduced_motion="reduce"), new_player(), new_player()
    ana = new_player(reduced_motion="reduce")
    screen.visit(f"/screen/{session.code}")
    for player, name in ((ana, "Ana"), (bao, "Bao"), (cem, "Cem")):
        player.join(session, name)
        button = player.page.get_by_role("button", name="Team 1" if name == "Ana" else "Team 2")
        button.press("Enter")
        expect(button).to_have_attribute("aria-pressed", "true")
    ana.see("You are in team 1")
    assert violations(ana.page) == []
    expect(host.page.locator("#players tr").filter(has_text="Bao")).to_contain_text("Team 2")
    host.reach("Arrange for Cem")
    host.page.keyboard.press("Enter")
    expect(host.page.get_by_label("Team")).to_have_value("2")
    assert violations(host.page) == []
    host.page.get_by_label("Team").select_option("1")
    cem.see("You are in team 1 now.")
    host.page.keyboard.press("Escape")
    session.do("start")
    session.do("next")
    ana.choose("ja")
    for player in (bao, cem):
        player.choose("nein")
    session.do("close-question")
    board = screen.page.locator(".teams li")
    expect(board).to_have_count(2)
    expect(board.first).to_contain_text("Team 1")
    ana.see("Members: 2")
    assert violations(screen.page) == []
    session.do("end")
    expect(screen.page.locator(".podium .place1")).to_contain_text("Team 1")
    expect(ana.page.locator(".teams .me")).to_contain_text("Team 1")
    assert violations(ana.page) == []
    assert violations(screen.page) == []
    host.visit(f"/admin/quiz_sessions/quizsession/{session.id}/results/")
    expect(host.page.get_by_role("heading", name="Teams")).to_be_visible()
    assert violations(host.page) == []


def test_a_common_goal_is_one_bar_and_nobody_is_ranked(
    new_host: Callable[..., Host], new_player: Callable[..., Player], new_screen: Callable[..., Visitor]
) -> None:
    host = new_host()
    session = arranged(host, "together", goal="right", goal_amount="2")
    screen, ana, bao = new_screen(reduced_motion="reduce"), new_player(reduced_motion="reduce"), new_player()
    screen.visit(f"/screen/{session.code}")
    ana.join(session, "Ana")
    bao.join(session, "Bao")
    session.do("start")
    session.do("next")
    for player in (ana, bao):
        player.choose("ja")
    session.do("close-question")
    bar = screen.page.get_by_role("progressbar", name="Our goal")
    expect(bar).to_have_attribute("aria-valuenow", "100")
    expect(screen.page.locator(".ranking")).to_have_count(0)
    ana.see("Reached: 2, of 2 that were wanted")
    expect(ana.page.get_by_text("Rank")).to_have_count(0)
    assert violations(ana.page) == []
    assert violations(screen.page) == []
    session.do("end")
    screen.see_heading("We did it!")
    assert violations(screen.page) == []


def test_a_host_arranges_what_a_player_needs_and_the_phone_follows_at_once(
    new_host: Callable[..., Host], new_player: Callable[..., Player]
) -> None:
    host = new_host()
    session = arranged(host, "together")
    ana, bao = new_player(reduced_motion="reduce"), new_player()
    ana.join(session, "Ana")
    bao.join(session, "Bao")
    host.reach("Arrange for Ana")
    host.page.keyboard.press("Enter")
    host.page.get_by_label("Larger letters").check()
    expect(ana.page.locator("html.large")).to_be_attached()
    host.page.get_by_label("Time for each question").select_option("0")
    assert violations(host.page) == []
    host.page.keyboard.press("Escape")
    session.do("start")
    session.do("next")
    bao.see("Bellt ein Hund?")
    expect(bao.page.get_by_role("timer")).to_be_visible()
    ana.see("Bellt ein Hund?")
    expect(ana.page.get_by_role("timer")).to_have_count(0)
    assert violations(ana.page) == []
    ana.page.reload()
    expect(ana.page.locator("html.large")).to_be_attached()
    expect(bao.page.locator("html.large")).to_have_count(0)
    host.page.reload()
    host.online(host.page)
    host.reach("Arrange for Ana")
    host.page.keyboard.press("Enter")
    expect(host.page.get_by_label("Time for each question")).to_have_value("0")
    expect(host.page.get_by_label("Larger letters")).to_be_checked()

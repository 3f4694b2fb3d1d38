"""The big screen: what a hall sees, and what it must not see yet."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise

import pytest
from playwright.sync_api import ViewportSize, expect

from tests.browser.players import Player, Visitor
from tests.browser.quizzes import explained
from tests.browser.server import Server

NewPlayer = Callable[..., Player]
NewScreen = Callable[..., Visitor]


def test_it_shows_a_game_from_the_lobby_to_the_podium(
    server: Server, new_player: NewPlayer, new_screen: NewScreen
) -> None:
    session = server.open_session("every-kind", pace="host")
    hall = new_screen()
    hall.visit(f"/screen/{session.code}")
    hall.see("Waiting for the first player")
    expect(hall.page.locator(".invitation .code")).to_have_text(session.code)
    expect(hall.page.locator(".qr")).to_be_visible()
    ana, bao = new_player(), new_player()
    ana.join(session, "Ana")
    bao.join(session, "Bao")
    expect(hall.page.locator(".names li")).to_have_text(["Ana", "Bao"])
    hall.page.reload()
    expect(hall.page.locator(".names li")).to_have_text(["Ana", "Bao"])

    session.do("start")
    session.do("next")
    hall.see_heading("Which word means “very happy”?")
    ana.choose("furious")
    bao.choose("delighted")
    hall.see("Answered: 2 of 2")
    assert hall.page.locator(".right, .votes").count() == 0, "nothing is told before the close"
    session.do("close-question")
    expect(hall.page.locator(".options .right .label")).to_have_text("delighted")
    expect(hall.page.locator(".options .votes")).to_have_text(["1", "1", "0", "0"])
    expect(hall.page.locator(".ranking .name")).to_have_text(["Bao", "Ana"])
    hall.page.reload()
    expect(hall.page.locator(".options .right .label")).to_have_text("delighted")

    session.do("next")
    ana.choose("enormous", "vast")
    ana.lock_in()
    ana.see_heading("Locked in")
    session.do("close-question")
    expect(hall.page.locator(".options .votes")).to_have_text(["1", "0", "0", "0", "1"])
    session.do("end")
    hall.see_heading("Final result")
    expect(hall.page.locator(".podium .place1 .name")).to_have_text("Bao")
    hall.page.reload()
    hall.see_heading("Final result")


def test_what_players_wrote_themselves_is_counted_and_not_shown(
    server: Server, new_player: NewPlayer, new_screen: NewScreen
) -> None:
    session = server.open_session("every-kind", pace="host", auto_start=True)
    hall = new_screen()
    hall.visit(f"/screen/{session.code}")
    ana = new_player()
    ana.join(session, "Ana")
    for _ in range(4):
        session.do("next")
    ana.write("something rude")
    ana.see_heading("Locked in")
    session.do("close-question")
    hall.see("le fromage")
    expect(hall.page.locator(".tally .votes")).to_have_text(["0", "1"])
    assert "rude" not in hall.page.content()


def test_players_who_change_places_are_seen_in_their_new_order(
    server: Server, new_player: NewPlayer, new_screen: NewScreen
) -> None:
    session = server.open_session("every-kind", pace="self", auto_start=True)
    hall = new_screen()
    hall.visit(f"/screen/{session.code}")
    hall.see("Everybody plays at their own speed")
    players = [new_player() for _ in range(3)]
    for player, name in zip(players, ["Ana", "Bao", "Chloé"], strict=True):
        player.join(session, name)
        player.see_heading("Which word means “very happy”?")
    expect(hall.page.locator(".ranking .name")).to_have_text(["Ana", "Bao", "Chloé"])
    players[2].choose("delighted")
    expect(hall.page.locator(".ranking .name")).to_have_text(["Chloé", "Ana", "Bao"])
    session.remove("Ana")
    expect(hall.page.locator(".ranking .name")).to_have_text(["Chloé", "Bao"])


def test_a_pause_covers_an_open_question_and_no_result(server: Server, new_screen: NewScreen) -> None:
    session = server.open_session("every-kind", pace="host", auto_start=True)
    hall = new_screen()
    hall.visit(f"/screen/{session.code}")
    session.do("next")
    hall.see_heading("Which word means “very happy”?")
    cover = hall.page.locator(".cover")
    expect(cover).to_be_hidden()
    session.do("pause")
    expect(cover).to_be_visible()
    hall.page.reload()
    expect(cover).to_be_visible()
    session.do("close-question")
    hall.page.wait_for_selector("section.result")
    expect(cover).to_have_count(0)
    expect(hall.page.locator("#state")).to_contain_text("Paused")


def test_the_podium_rises_once(server: Server, new_player: NewPlayer, new_screen: NewScreen) -> None:
    session = server.open_session("every-kind", pace="host", auto_start=True)
    hall, ana, bao = new_screen(), new_player(), new_player()
    hall.visit(f"/screen/{session.code}")
    ana.join(session, "Ana")
    bao.join(session, "Bao")
    session.do("next")
    ana.choose("delighted")
    ana.see_heading("Locked in")
    session.do("end")
    expect(hall.page.locator(".podium .name")).to_have_text(["Bao", "Ana"])
    hall.page.evaluate("document.querySelector('.podium').dataset.first = 'yes'")
    bao.visit("/")
    expect(hall.page.locator("#count")).to_have_text("Players here: 1")
    expect(hall.page.locator(".podium")).to_have_attribute("data-first", "yes")


def test_markup_is_text_in_the_hall_too(server: Server, new_player: NewPlayer, new_screen: NewScreen) -> None:
    session = server.open_session("markup", pace="host")
    hall, ana = new_screen(), new_player()
    hall.visit(f"/screen/{session.code}")
    ana.join(session, "<i>Ana</i>")
    expect(hall.page.locator(".names li")).to_have_text(["<i>Ana</i>"])
    session.do("start")
    session.do("next")
    hall.see_heading("<img src=x onerror=alert(1)> What does <em>this</em> show?")
    session.do("close-question")
    hall.see("<u>Only</u> text.")
    session.do("end")
    expect(hall.page.locator(".podium .name")).to_have_text("<i>Ana</i>")
    assert hall.page.locator("#stage img, #stage i, #stage u, #stage em, #stage script").count() == 0


def test_it_fills_the_screen_on_demand(server: Server, new_screen: NewScreen) -> None:
    session = server.open_session("every-kind", pace="host")
    hall = new_screen()
    hall.visit(f"/screen/{session.code}")
    hall.see("Waiting for the first player")
    for _ in range(2):
        hall.page.get_by_role("button", name="Full screen").click()
        hall.page.wait_for_function("() => document.fullscreenElement !== null")
        hall.page.keyboard.press("f")
        hall.page.wait_for_function("() => document.fullscreenElement === null")


def test_it_comes_back_when_the_server_does(server: Server, new_screen: NewScreen) -> None:
    session = server.open_session("every-kind", pace="host", auto_start=True)
    hall = new_screen()
    hall.visit(f"/screen/{session.code}")
    hall.see_heading("Get ready")
    server.stop()
    hall.see("Connection lost. Reconnecting …")
    server.start()
    session.do("next")
    hall.see_heading("Which word means “very happy”?")
    expect(hall.page.locator("#notice")).to_be_hidden()


def test_it_fits_the_hall_and_is_legible_from_its_end(server: Server, new_screen: NewScreen) -> None:
    """At ten metres a letter should be 30 pixels of 1080 high or more; nothing may need scrolling."""
    session = server.open_session("every-kind", pace="host", auto_start=True)
    hall = new_screen()
    hall.visit(f"/screen/{session.code}")
    hall.see_heading("Get ready")
    for _ in range(7):
        session.do("next")
        title = session.do("close-question")["question_id"]
        hall.page.wait_for_selector("section.result")
        assert hall.page.evaluate("document.documentElement.scrollHeight <= innerHeight"), title
        smallest = hall.page.evaluate(
            "Math.min(...[...document.querySelectorAll('#stage h1, #stage .label, #stage .name, #stage .score')]"
            ".map(node => parseFloat(getComputedStyle(node).fontSize)))"
        )
        assert smallest >= 30, title


@pytest.mark.parametrize("viewport", [{"width": 1920, "height": 1080}, {"width": 1024, "height": 768}], ids=str)
def test_whatever_people_write_stays_on_the_screen(
    server: Server, new_player: NewPlayer, new_screen: NewScreen, viewport: ViewportSize
) -> None:
    session = server.open_session("lengths", pace="host")
    hall = new_screen(viewport=viewport, reduced_motion="reduce")
    hall.visit(f"/screen/{session.code}")
    for name in ("Wolfgang Amadeus Theophilus Mo", "W" * 30, "名前" * 15):
        new_player().join(session, name)
    hall.page.wait_for_selector(".names li:nth-child(3)")

    def fits(where: str) -> None:
        outside = hall.page.evaluate(
            """() => {
                const bottom = document.querySelector("footer").getBoundingClientRect().top;
                return [...document.querySelectorAll("#stage *")].filter((node) => {
                    const box = node.getBoundingClientRect();
                    return box.bottom > bottom + 1 || box.right > innerWidth + 1;
                }).filter((node) => !node.closest(".name, .names li")).map((node) => node.className || node.tagName);
            }"""
        )
        assert outside == [], where
        assert hall.page.evaluate("document.documentElement.scrollHeight <= innerHeight"), where
        assert hall.page.evaluate("document.documentElement.scrollWidth <= innerWidth"), where

    fits("lobby")
    session.do("start")
    for question in ("sentences", "letters", "written"):
        session.do("next")
        hall.page.wait_for_selector("section.question")
        fits(f"{question}, open")
        session.do("close-question")
        hall.page.wait_for_selector("section.result")
        expect(hall.page.locator(".ranking li")).to_have_count(3)
        fits(f"{question}, result")
    session.do("end")
    hall.see_heading("Final result")
    fits("end")


@pytest.mark.parametrize(("length", "lines"), [(60, 1), (400, 1), (400, 6), (900, 1)])
def test_all_of_an_explanation_is_shown(
    server: Server, new_player: NewPlayer, new_screen: NewScreen, length: int, lines: int
) -> None:
    hall = closed_question(server, new_player, new_screen(), length, lines)
    for viewport in ({"width": 1920, "height": 1080}, {"width": 1024, "height": 768}):
        hall.page.set_viewport_size(viewport)  # type: ignore[arg-type]
        hall.page.wait_for_function(
            """() => {
                const node = document.querySelector(".explanation");
                const above = node.getBoundingClientRect().bottom <= document.querySelector("footer").offsetTop;
                return above && node.scrollHeight <= node.clientHeight + 1;
            }"""
        )
        rem, size, height = hall.page.evaluate(
            """() => [document.documentElement, document.querySelector(".explanation")].map(
                (node) => parseFloat(getComputedStyle(node).fontSize)
            ).concat(document.querySelector(".explanation").clientHeight)"""
        )
        assert size >= (1.5 if length > 600 else 1.875) * rem - 0.1, viewport
        assert height >= lines * size, viewport
        assert hall.page.evaluate("document.documentElement.scrollHeight <= innerHeight"), viewport


def test_an_explanation_has_its_line_where_its_language_begins(
    server: Server, new_player: NewPlayer, new_screen: NewScreen
) -> None:
    hall = closed_question(server, new_player, new_screen(locale="ar"), 60)
    widths = hall.page.locator(".explanation").evaluate(
        "node => [getComputedStyle(node).borderLeftWidth, getComputedStyle(node).borderRightWidth].map(parseFloat)"
    )
    assert widths[0] > 0
    assert widths[1] == 0


def test_an_explanation_as_long_as_may_be_passes_by(
    server: Server, new_player: NewPlayer, new_screen: NewScreen
) -> None:
    hall = closed_question(server, new_player, new_screen(), 2_000)
    ends = hall.page.evaluate(
        """() => {
            const node = document.querySelector(".explanation");
            const passing = node.firstChild.getAnimations()[0];
            passing.pause();
            passing.currentTime = passing.effect.getComputedTiming().duration - 1;
            return [node.firstChild.getBoundingClientRect().bottom, node.getBoundingClientRect().bottom];
        }"""
    )
    assert abs(ends[0] - ends[1]) < 2, "its last line is seen"


def test_an_explanation_as_long_as_may_be_is_scrolled_where_less_motion_is_wanted(
    server: Server, new_player: NewPlayer, new_screen: NewScreen
) -> None:
    hall = closed_question(server, new_player, new_screen(reduced_motion="reduce"), 2_000)
    explanation = hall.page.locator(".explanation")
    assert explanation.evaluate("node => node.getAnimations({subtree: true}).length") == 0
    explanation.focus()
    hall.page.keyboard.press("End")
    hall.page.wait_for_function(
        """() => {
            const node = document.querySelector(".explanation");
            return node.scrollTop > 0 && node.scrollTop + node.clientHeight >= node.scrollHeight - 1;
        }"""
    )


def closed_question(server: Server, new_player: NewPlayer, hall: Visitor, length: int, lines: int = 1) -> Visitor:
    """A screen with the result of a question that has an explanation of so many characters."""
    server.add_quiz(quiz := explained(length, lines))
    session = server.open_session(quiz["id"], pace="host", auto_start=True)
    server.call("DELETE", f"quizzes/{quiz['id']}")
    hall.visit(f"/screen/{session.code}")
    for name in ("Ana", "Bao", "Chloé", "Dmitri"):
        new_player().join(session, name)
    session.do("next")
    hall.page.wait_for_selector("section.question")
    session.do("close-question")
    expect(hall.page.locator(".ranking li")).to_have_count(4)
    return hall


def test_an_unknown_code_says_so(server: Server, new_screen: NewScreen) -> None:
    hall = new_screen()
    response = hall.page.goto(f"{server.url}/screen/NOSUCH")
    assert response is not None
    assert response.status == 404
    hall.see_heading("There is no game with this code.")
    hall.complaints.clear()


def test_the_theme_is_switched_by_key_and_kept(server: Server, new_screen: NewScreen) -> None:
    session = server.open_session("every-kind", pace="host")
    hall = new_screen(color_scheme="light")
    hall.visit(f"/screen/{session.code}")
    hall.see("Waiting for the first player")
    light = hall.page.evaluate("getComputedStyle(document.body).backgroundColor")
    hall.page.keyboard.press("t")
    hall.page.reload()
    hall.see("Waiting for the first player")
    dark = hall.page.evaluate("getComputedStyle(document.body).backgroundColor")
    assert [sum(map(int, colour[4:-1].split(","))) > 384 for colour in (light, dark)] == [True, False]


def test_reduced_motion_is_respected(server: Server, new_screen: NewScreen) -> None:
    session = server.open_session("every-kind", pace="host", auto_start=True)
    hall = new_screen(reduced_motion="reduce")
    hall.visit(f"/screen/{session.code}")
    hall.see_heading("Get ready")
    running = hall.page.evaluate("document.getAnimations().filter(one => one.playState === 'running').length")
    assert running == 0


def test_every_option_has_a_shape_and_a_colour_of_its_own(server: Server, new_screen: NewScreen) -> None:
    session = server.open_session("every-kind", pace="host", auto_start=True)
    hall = new_screen()
    hall.visit(f"/screen/{session.code}")
    session.do("next")
    hall.see_heading("Which word means “very happy”?")
    shapes = hall.page.eval_on_selector_all(".options path", "paths => paths.map(path => path.getAttribute('d'))")
    colours = hall.page.eval_on_selector_all(
        ".options li", "options => options.map(option => getComputedStyle(option).backgroundColor)"
    )
    assert len(set(shapes)) == len(set(colours)) == 4
    assert all(one != other for one, other in pairwise(colours))

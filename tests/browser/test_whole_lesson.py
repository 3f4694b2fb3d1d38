"""One lesson with all that a host can arrange together, by keyboard, on Redis with SQLite."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser.hosts import Host, violations
from tests.browser.players import Player, Visitor
from tests.browser.quizzes import LONG
from tests.browser.server import Server
from tests.browser.test_session_options_pages import arranged
from tests.support.servers import redis_url

SECRET = "l'ornithorynque"
QUIZ: dict[str, Any] = {
    "id": "whole-lesson",
    "title": "Une leçon",
    "language": "fr",
    "questions": [
        {
            "id": "q1",
            "kind": "choice",
            "text": "What does “le chien” mean?",
            "options": ["the dog", "the cat", "the horse", "the cow"],
            "correct_answers": ["the dog"],
            "time_limit_ms": LONG,
        },
        {"id": "q2", "kind": "typed", "text": "summer", "correct_answers": ["été"], "time_limit_ms": LONG},
        {
            "id": "q3",
            "kind": "choice",
            "text": SECRET,
            "options": ["platypus", "otter", "beaver"],
            "correct_answers": ["platypus"],
            "listen": "instead",
            "time_limit_ms": LONG,
        },
    ],
}
CALM = {"reduced_motion": "reduce", "bypass_csp": True}


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server whose sessions live in Redis."""
    running = Server(tmp_path_factory.mktemp("lesson"), REDIS_URL=redis_url())
    running.prepare()
    running.start()
    running.add_quiz(QUIZ)
    yield running
    running.stop()


def shapes(page: Page, options: str) -> dict[str, str]:
    """The shape that each option bears on a page."""
    expect(page.locator(options).first).to_be_visible()
    return {
        one.locator(".label, bdi").first.inner_text(): str(one.locator("path").first.get_attribute("d"))
        for one in page.locator(options).all()
    }


def choose(player: Player, option: str) -> None:
    """By keyboard: the focus on the option, and Enter."""
    button = player.page.locator("button.option", has_text=option)
    button.focus()
    player.page.keyboard.press("Enter")
    player.see_heading("Locked in")


def hold(host: Host) -> None:
    """Keep the result on show, and wait until it is kept."""
    host.sees("#countdown", "Goes on in ")
    host.press("h")
    expect(host.page.locator("#countdown")).to_be_hidden()


def write(player: Player, answer: str) -> None:
    player.page.locator(".written").focus()
    player.page.keyboard.type(answer)
    player.page.keyboard.press("Enter")


def clean(*visitors: Visitor) -> None:
    for visitor in visitors:
        assert violations(visitor.page) == []


def test_a_lesson_with_all_that_goes_together(
    new_host: Callable[..., Host], new_player: Callable[..., Player], new_screen: Callable[..., Visitor]
) -> None:
    host, hall = new_host(**CALM), new_screen(**CALM)
    session = arranged(
        host,
        QUIZ["id"],
        close_when_all_answered=True,
        options_after_ms="60",
        advance_after_ms="500",
        own_order=True,
        board="own",
        names_on_screen=False,
        teams="chosen",
        team_count="2",
        listen_plays="2",
    )
    ana, bao, cem, found = (new_player(**CALM) for _ in range(4))
    hall.visit(f"/screen/{session.code}")
    for player, name, team in ((ana, "Ana", 1), (bao, "Bao", 2), (cem, "Cem", 2)):
        player.join(session, name)
        player.page.get_by_role("button", name=f"Team {team}").press("Enter")
        player.see(f"You are in team {team}")
    host.reach("Arrange for Cem")
    host.page.keyboard.press("Enter")
    for need in ("Larger letters", "Text for what is heard", "Accents do not matter"):
        field = host.page.get_by_label(need)
        field.focus()
        host.page.keyboard.press("Space")
        expect(field).to_be_checked()
    host.page.get_by_label("Time for each question").select_option("0")
    clean(host)
    host.page.keyboard.press("Escape")
    host.page.locator("#primary").focus()
    clean(hall, ana, cem)

    host.does("Start the session")
    host.does("Open the first question")
    for visitor in (hall, ana, cem):
        visitor.see("Options in")
        expect(visitor.page.get_by_text("the horse", exact=True)).to_have_count(0)
    host.does("Show the options")
    drawn = shapes(hall.page, ".options li")
    for player in (ana, bao, cem):
        assert shapes(player.page, "button.option") == drawn
    assert shapes(host.page, "#distribution li") == drawn
    expect(cem.page.get_by_role("timer")).to_have_count(0)
    clean(hall, host, ana, cem)
    choose(ana, "the dog")
    choose(bao, "the cat")
    # It waits for Cem, who has no limit, and then for nobody.
    host.sees("#answered", "2")
    choose_last(cem, "the horse")
    ana.see_heading("Correct")
    hold(host)
    assert shapes(host.page, "#distribution li") == drawn
    clean(hall, host, ana, bao)
    expect(hall.page.locator(".teams li").first).to_contain_text("Team 1")
    expect(hall.page.locator(".teams li .score").first).to_have_text(re.compile(r"1[0-5]"))
    for visitor in (hall, bao, cem):
        assert "Ana" not in visitor.page.inner_text("body")

    host.press("a")
    host.sees("#announce", "Questions that come back at the end: 1")
    # Ana's browser is lost, and she comes back in another one.
    host.reach("Arrange for Ana")
    host.page.keyboard.press("Enter")
    host.page.get_by_role("button", name="Show a code").press("Enter")
    code = host.page.locator("#place-code")
    expect(code).to_be_visible()
    found.visit(f"/j/{session.code}")
    found.page.get_by_text("I was in this game already").press("Enter")
    found.page.get_by_label("Code that your host shows you").fill(code.inner_text())
    found.page.keyboard.press("Enter")
    expect(found.page.locator("#place .points")).to_have_text(re.compile(r"1[0-5]"))
    ana.see("You are playing elsewhere")
    host.page.keyboard.press("Escape")
    host.page.locator("#primary").focus()

    host.does("Next question")
    for player, answer in ((found, "été"), (bao, "ete"), (cem, "ete")):
        player.see_heading("summer")
        write(player, answer)
    found.see_heading("Correct")
    bao.see_heading("Almost")
    cem.see_heading("Correct")
    hold(host)

    host.does("Next question")
    for visitor in (hall, found, bao):
        visitor.see("Listen, then answer")
        assert SECRET not in visitor.page.content()
    cem.see_heading(SECRET)
    host.does("Show the options")
    clean(found, cem, hall, host)
    for player in (found, bao):
        choose(player, "platypus")
    choose_last(cem, "platypus")
    for visitor in (hall, found, bao):
        visitor.see(SECRET)
    hold(host)

    host.does("Next question")
    host.sees("#question-number", "asked again")
    host.does("Show the options")
    again = shapes(hall.page, ".options li")
    for player in (found, bao, cem):
        assert shapes(player.page, "button.option") == again
    for player in (found, bao):
        choose(player, "the dog")
    choose_last(cem, "the dog")
    hold(host)
    host.does("Show the podium and end")
    expect(hall.page.locator(".podium .place1")).to_be_visible()
    clean(hall, found, cem)
    host.does("See the results")
    host.see("(asked again)")
    clean(host)
    results = session.results()
    assert {line["username"]: line["correct"] for line in results["participants"]} == {"Ana": 4, "Bao": 2, "Cem": 3}
    assert sum(line["score"] for line in results["participants"]) == sum(
        answer["points"] for answer in results["answers"]
    )


def choose_last(player: Player, option: str) -> None:
    """As :func:`choose`, where the question closes by it."""
    button = player.page.locator("button.option", has_text=option)
    button.focus()
    player.page.keyboard.press("Enter")
    expect(button).to_have_count(0)

"""Hosts run sessions from the console: by keyboard, from several tabs, and after coming back."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Browser, WebSocket, expect

from tests.browser.hosts import Host, violations
from tests.browser.players import PHONE, Player, Visitor
from tests.browser.server import Server

NewPlayer = Callable[..., Player]
PAIR = {
    "id": "pair",
    "title": "Two words",
    "questions": [
        {"id": f"q{number}", "text": text, "options": ["yes", "no"], "correct_answers": ["yes"], "kind": "choice"}
        for number, text in enumerate(("Is a dog an animal?", "Is a cat an animal?"), start=1)
    ],
}


@pytest.fixture(scope="module", autouse=True)
def _quiz(server: Server) -> None:
    quizzes = server.call("GET", "quizzes?limit=200")
    if not any(quiz["id"] == PAIR["id"] for quiz in quizzes["results"]):
        server.add_quiz({**PAIR, "questions": [{**one, "time_limit_ms": 600_000} for one in PAIR["questions"]]})  # type: ignore[dict-item]


def test_a_whole_session_is_run_by_keyboard_alone(new_host: Callable[..., Host], new_player: NewPlayer) -> None:
    host = new_host()
    host.reach("Run a quiz")
    host.page.keyboard.press("Enter")
    host.see("Who sets the pace")
    host.reach("Quiz")
    host.page.keyboard.type("Two words")
    host.reach("Open the session")
    host.page.keyboard.press("Enter")
    session = host.at_console()
    host.sees("#question-text", "The waiting room is open")
    ana, bao = new_player(), new_player()
    ana.join(session, "Ana")
    bao.join(session, "Bao")
    expect(host.page.locator("#players tr")).to_have_count(2)

    host.does("Start the session")
    host.does("Open the first question")
    host.sees("#question-text", "Is a dog an animal?")
    host.sees("#waiting", "Not yet: \u2068Ana\u2069, \u2068Bao\u2069")
    ana.choose("yes")
    host.counts({"yes": "1", "no": "0"})
    host.sees("#waiting", "Not yet: \u2068Bao\u2069")
    host.press("+")
    host.sees("#announce", "There is more time")
    host.press("p")
    ana.see("Paused")
    host.does("Go on")
    bao.choose("no")
    host.sees("#waiting", "Everybody has answered.")
    host.does("Close the question")
    host.sees("#primary", "Next question")
    host.counts({"yes": "1", "no": "1"})
    host.press("l")
    host.sees("#announce", "Nobody new is let in.")
    late = new_player()
    late.fill(session, "Late")
    late.see("The host lets nobody new in")
    expect(host.page.locator("[data-command=unlock]")).to_be_visible()
    host.sees("#status", "locked")
    host.press("l")
    host.sees("#announce", "New players are let in.")

    host.reach("Remove Bao")
    host.page.keyboard.press("Enter")
    host.sees("#confirm", "Remove Bao?")
    host.page.keyboard.press("Tab")
    host.page.keyboard.press("Enter")
    bao.see("You were removed")
    expect(host.page.locator("#players tr")).to_have_count(1)

    host.press("n")
    host.sees("#question-text", "Is a cat an animal?")
    host.press("c")
    host.sees("#primary", "Show the podium and end")
    host.press("n")
    host.sees("#primary", "See the results")
    ana.see("Two words")
    host.press("n")
    host.see("How the scores are distributed")
    host.see("Hardest questions")


def test_a_new_name_from_the_host_reaches_everybody(
    new_host: Callable[..., Host], new_player: NewPlayer, new_screen: Callable[..., Visitor]
) -> None:
    host = new_host()
    session = host.run("pair")
    hall, rude, bao = new_screen(), new_player(), new_player()
    hall.visit(f"/screen/{session.code}")
    rude.join(session, "Smelly Teacher")
    bao.join(session, "Bao")
    expect(hall.page.locator(".names li")).to_have_text(["Smelly Teacher", "Bao"])
    host.see("Smelly Teacher")
    host.reach("Rename Smelly Teacher")
    host.page.keyboard.press("Enter")
    host.page.keyboard.type("BAO")
    host.page.keyboard.press("Enter")
    host.sees("#new-name-error", "Another player has this name.")
    host.page.keyboard.press("Control+A")
    host.page.keyboard.type("<b>Ana</b>")
    host.page.keyboard.press("Enter")
    host.sees("#announce", "Smelly Teacher is now called <b>Ana</b>.")
    expect(host.page.get_by_role("button", name="Rename <b>Ana</b>")).to_be_focused()
    rude.see("Your host has given you another name: <b>Ana</b>")
    rude.see_heading("<b>Ana</b>")
    expect(hall.page.locator(".names li")).to_have_text(["<b>Ana</b>", "Bao"])
    rude.page.reload()
    rude.see_heading("<b>Ana</b>")
    session.do("start")
    session.do("next")
    rude.choose("yes")
    session.do("close-question")
    expect(hall.page.locator(".ranking .name").first).to_have_text("<b>Ana</b>")
    # The browser itself puts the refusal of the taken name on its console.
    host.complaints[:] = [complaint for complaint in host.complaints if "409 (Conflict)" not in complaint]


def test_the_console_says_which_name_might_be_taken_for_another(
    new_host: Callable[..., Host], new_player: NewPlayer
) -> None:
    host = new_host()
    session = host.run("pair")
    new_player().join(session, "Ella")
    new_player().join(session, "Elia")
    row = host.page.locator("#players tr").filter(has=host.page.get_by_text("Elia", exact=True))
    expect(row.get_by_role("rowheader")).to_contain_text("looks like \u2068Ella\u2069")
    expect(host.page.locator("#players .qz-doubt")).to_have_count(1)
    session.rename("Elia", "Elias")
    expect(host.page.locator("#players .qz-doubt")).to_have_count(0)


def test_who_was_away_learns_of_the_new_name_on_coming_back(server: Server, new_player: NewPlayer) -> None:
    session = server.open_session("pair", pace="host")
    ana = new_player()
    ana.join(session, "Ana")
    ana.lose_network()
    session.rename("Ana", "Anna")
    ana.context.set_offline(False)
    ana.see("Your host has given you another name: Anna")
    ana.see_heading("Anna")


def test_a_host_who_comes_back_finds_everything(new_host: Callable[..., Host], new_player: NewPlayer) -> None:
    host = new_host()
    session = host.run("pair")
    ana, bao = new_player(), new_player()
    ana.join(session, "Ana")
    bao.join(session, "Bao")
    session.do("start")
    session.do("next")
    ana.choose("yes")
    host.counts({"yes": "1", "no": "0"})
    host.page.reload()
    host.online(host.page)
    host.counts({"yes": "1", "no": "0"})
    host.sees("#waiting", "Not yet: \u2068Bao\u2069")
    host.sees("#primary", "Close the question")
    session.do("close-question")
    host.sees("#primary", "Next question")
    host.page.reload()
    host.online(host.page)
    host.counts({"yes": "1", "no": "0"})
    expect(host.page.locator("#players tr").first).to_contain_text("Ana")
    host.sees("#players", "15")


def test_all_tabs_of_a_host_show_the_same_and_two_presses_are_one_step(new_host: Callable[..., Host]) -> None:
    host = new_host()
    session = host.run("pair")
    session.do("start")
    host.sees("#primary", "Open the first question")
    second = host.open_tab()
    second.goto(host.page.url)
    host.online(second)
    expect(second.locator("#primary")).to_have_text("Open the first question")
    for page in (host.page, second):
        # Both have decided to press before either hears of the other.
        page.evaluate("() => { document.getElementById('primary').click(); }")
    for page in (host.page, second):
        expect(page.locator("#question-number")).to_have_text("Question 1 of 2")
        expect(page.locator("#primary")).to_have_text("Close the question")
    assert session.do("pause")["question_index"] == 0
    # The browser itself puts the refusal of the second press on its console.
    host.complaints[:] = [complaint for complaint in host.complaints if "409 (Conflict)" not in complaint]


def test_a_player_hears_nothing_of_the_distribution_before_the_close(
    new_host: Callable[..., Host], new_player: NewPlayer
) -> None:
    host = new_host()
    session = host.run("pair")
    ana, bao = new_player(), new_player()
    heard: list[str] = []

    def listen(socket: WebSocket) -> None:
        socket.on("framereceived", lambda frame: heard.append(str(frame)))

    bao.page.on("websocket", listen)
    ana.join(session, "Ana")
    bao.join(session, "Bao")
    session.do("start")
    session.do("next")
    ana.choose("yes")
    host.counts({"yes": "1"})
    ana.see("Answered: 1 of 2")
    assert any("QUESTION_OPENED" in frame for frame in heard)
    assert not any(word in frame for frame in heard for word in ("HOST_PROGRESS", "distribution", "correct_answers"))


def test_the_players_own_pace_is_followed_question_by_question(
    new_host: Callable[..., Host], server: Server, new_player: NewPlayer
) -> None:
    session = server.open_session("pair", pace="self", auto_start=True)
    host = new_host()
    host.visit(f"/admin/quiz_sessions/quizsession/{session.id}/run/")
    host.online(host.page)
    host.sees("#question-text", "Players are working on their own")
    ana = new_player()
    ana.join(session, "Ana")
    ana.choose("yes")
    host.sees("#distribution li:first-child", "answered: 1, right: 1")
    host.press("e")
    host.sees("#confirm", "End the session for everybody?")
    host.page.keyboard.press("Tab")
    host.page.keyboard.press("Enter")
    host.sees("#primary", "See the results")


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("width", [390, 1366])
def test_axe_finds_nothing_on_any_page_of_hosts(
    new_host: Callable[..., Host], new_player: NewPlayer, theme: str, width: int
) -> None:
    host = new_host(viewport={"width": width, "height": 900})
    host.context.add_init_script(f"localStorage.setItem('adminTheme', '\"{theme}\"')")
    found: dict[str, list[str]] = {}
    session = host.run("pair")
    assert ("dark" in (host.page.locator("html").get_attribute("class") or "")) == (theme == "dark")
    ana = new_player()
    ana.join(session, "Ana")
    expect(host.page.locator("#players tr")).to_have_count(1)
    found["lobby"] = violations(host.page)
    session.do("start")
    session.do("next")
    ana.choose("no")
    host.counts({"no": "1"})
    found["open question"] = violations(host.page)
    session.do("close-question")
    host.sees("#primary", "Next question")
    found["closed question"] = violations(host.page)
    host.press("e")
    host.sees("#confirm", "End the session")
    found["dialog"] = violations(host.page)
    session.do("end")
    base = "/admin/quiz_sessions/quizsession/"
    for path in ("/admin/", f"{base}open/", base, f"{base}{session.id}/change/", f"{base}{session.id}/results/"):
        host.visit(path)
        found[path] = violations(host.page)
    assert {name: problems for name, problems in found.items() if problems} == {}


def test_no_page_of_hosts_is_wider_than_a_phone(
    new_host: Callable[..., Host], server: Server, new_player: NewPlayer
) -> None:
    host = new_host(viewport=PHONE)
    session = server.open_session("pair", pace="host", auto_start=True)
    ana = new_player()
    ana.join(session, "A player with quite a long name")
    session.do("next")
    ana.choose("yes")
    ana.see_heading("Locked in")
    base = "/admin/quiz_sessions/quizsession/"
    for path in ("/admin/", f"{base}open/", f"{base}{session.id}/results/", f"{base}{session.id}/run/"):
        host.visit(path)
        assert host.page.evaluate("document.documentElement.scrollWidth <= innerWidth"), path
    host.counts({"yes": "1"})
    expect(host.page.get_by_role("button", name="Remove A player")).to_be_visible()
    assert host.page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_axe_finds_nothing_on_the_page_where_hosts_sign_in(browser: Browser, server: Server) -> None:
    host = Host(browser, server)
    host.visit("/admin/login/")
    assert violations(host.page) == []
    host.context.close()


TRUTH = {
    "id": "truth",
    "title": "True or not",
    "questions": [{"id": "q1", "kind": "true_false", "text": "A cat barks.", "correct_answers": ["False"]}],
}


def test_a_true_or_false_question_is_run_in_the_hosts_language(new_host: Callable[..., Host], server: Server) -> None:
    server.add_quiz(TRUTH)
    host = new_host(locale="de")
    session = server.open_session("truth", pace="host")
    host.take_over(session)
    host.sees("#up-next-answer", "✓ Falsch")
    session.do("start")
    session.do("next")
    host.sees("#question-answer", "✓ Falsch")
    host.sees("#distribution", "Wahr")


@pytest.mark.parametrize("language", ["en", "es", "fr", "de", "pt-BR", "vi", "ja", "ar"])
def test_the_controls_stand_in_one_row_on_a_small_notebook(
    new_host: Callable[..., Host], server: Server, language: str
) -> None:
    host = new_host(locale=language, viewport={"width": 1280, "height": 800})
    host.take_over(server.open_session("pair", pace="host"))
    buttons = host.page.locator(".qz-controls [data-key]:visible")
    expect(buttons).to_have_count(5)
    expect(host.page.locator("#primary")).not_to_be_empty()
    assert len(set(buttons.evaluate_all("all => all.map((one) => one.offsetTop)"))) == 1


def test_arrows_of_the_admin_point_the_way_that_is_read(new_host: Callable[..., Host], server: Server) -> None:
    session = server.open_session("pair", pace="host")
    host = new_host(locale="ar")
    arrows = {
        f"{session.id}/change/": "#header-inner :is(a[title], h1) > .material-symbols-outlined",
        "?created_at__year=2020": ".date-back .material-symbols-outlined",
    }
    for path, selector in arrows.items():
        host.visit(f"/admin/quiz_sessions/quizsession/{path}")
        looks = host.page.locator(selector).evaluate_all("all => all.map((one) => getComputedStyle(one).transform)")
        assert set(looks) == {"matrix(-1, 0, 0, 1, 0, 0)"}, path

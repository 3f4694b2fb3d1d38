"""Getting into a game, and being told in place why not."""

from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import expect

from tests.browser.players import Player
from tests.browser.server import Server

NewPlayer = Callable[..., Player]


def enter(player: Player, code: str, name: str) -> None:
    player.page.get_by_label("Game code").fill(code)
    player.page.get_by_label("Your name in the game").fill(name)
    player.page.get_by_role("button", name="Join", exact=True).click()


def test_a_code_is_taken_however_it_is_typed(server: Server, new_player: NewPlayer) -> None:
    session = server.open_session("every-kind", pace="host")
    player = new_player()
    player.visit("/")
    enter(player, f" {session.code[:3].lower()}-{session.code[3:].lower()} ", "Ana")
    player.see_heading("Ana")
    assert player.page.url.endswith(f"/play/{session.code}")


def test_a_name_is_suggested_and_another_on_demand(server: Server, new_player: NewPlayer) -> None:
    player = new_player()
    player.visit("/")
    name = player.page.get_by_label("Your name in the game")
    first = name.input_value()
    assert first
    for _ in range(20):
        player.page.get_by_role("button", name="Suggest another name").click()
        if name.input_value() != first:
            break
    assert name.input_value() != first


def test_a_session_may_want_names_of_the_players_own(server: Server, new_player: NewPlayer) -> None:
    session = server.open_session("every-kind", pace="host", options={"suggested_names": False})
    ana, bao = new_player(), new_player()
    ana.visit(f"/play/{session.code}")
    expect(ana.page.get_by_label("Your name in the game")).to_have_value("")
    expect(ana.page.get_by_role("button", name="Suggest another name")).to_be_hidden()
    # Before the code is known, names are suggested: the session refuses them.
    bao.visit("/")
    enter(bao, session.code, bao.page.get_by_label("Your name in the game").input_value())
    expect(bao.page.locator("#name-error")).to_contain_text("Here everybody plays under a name of their own.")
    expect(bao.page.get_by_role("button", name="Suggest another name")).to_be_hidden()
    enter(bao, session.code, "Bao")
    bao.see_heading("Bao")


def test_what_is_wrong_is_said_beside_its_field(server: Server, new_player: NewPlayer) -> None:
    session = server.open_session("every-kind", pace="host")
    ana, player = new_player(), new_player()
    ana.join(session, "Ana")
    player.visit("/")
    code_error, name_error = player.page.locator("#code-error"), player.page.locator("#name-error")
    enter(player, "", " ")
    expect(code_error).to_have_text("Enter the code from the big screen.")
    expect(name_error).to_have_text("Enter a name.")
    enter(player, "ZZZZZZ", "Bao")
    expect(code_error).to_have_text("There is no game with this code. Check it on the big screen.")
    expect(player.page.get_by_label("Game code")).to_be_focused()
    enter(player, session.code, "ana")
    expect(name_error).to_contain_text("Somebody in this game has this name.")
    enter(player, session.code, "Sh1t")
    expect(name_error).to_contain_text("This name could hurt somebody.")
    enter(player, session.code, "Bao")
    player.see_heading("Bao")


def test_a_locked_a_full_and_an_ended_game_say_so(server: Server, new_player: NewPlayer) -> None:
    locked = server.open_session("every-kind", pace="host")
    locked.do("lock")
    player = new_player()
    player.fill(locked, "Ana")
    player.see("The host lets nobody new in at the moment.")

    full = server.open_session("every-kind", pace="host", max_participants=1)
    first = new_player()
    first.join(full, "First")
    player.fill(full, "Ana")
    player.see("This game is full. Tell your host.")

    full.do("end")
    player.visit(f"/j/{full.code}")
    player.see("This game is over.")
    player.page.get_by_role("button", name="Join", exact=True).click()
    expect(player.page.get_by_label("Game code")).to_be_focused()
    player.see("This game is over.")


def test_a_token_of_another_game_lets_nobody_in_and_the_form_comes_back(server: Server, new_player: NewPlayer) -> None:
    session = server.open_session("every-kind", pace="host")
    player = new_player()
    player.join(session, "Ana")
    player.page.evaluate(
        """id => {
            const kept = JSON.parse(localStorage.getItem("quiz:" + id));
            localStorage.setItem("quiz:" + id, JSON.stringify({...kept, token: "somebody.else"}));
        }""",
        session.id,
    )
    player.page.reload()
    player.see("This game does not know you any more. Join again.")
    expect(player.page.get_by_label("Game code")).to_have_value(session.code)


def test_the_start_page_offers_the_way_back(server: Server, new_player: NewPlayer) -> None:
    session = server.open_session("every-kind", pace="host")
    player = new_player()
    player.join(session, "Ana")
    player.visit("/")
    player.page.get_by_role("link", name="Back to “Every kind of word” as Ana").click()
    player.see_heading("Ana")
    assert len(session.participants()) == 1


def test_who_leaves_is_forgotten_and_may_come_as_somebody_else(server: Server, new_player: NewPlayer) -> None:
    session = server.open_session("every-kind", pace="host")
    player = new_player()
    player.join(session, "Ana")
    player.page.get_by_role("button", name="Leave the game").click()
    player.see_heading("Join the quiz")
    player.join(session, "Bao")
    player.see_heading("Bao")
    assert {one["username"]: one["status"] for one in session.participants()} == {"Ana": "left", "Bao": "connected"}


def test_a_right_to_left_language_turns_the_page(server: Server, new_player: NewPlayer) -> None:
    player = new_player(locale="ar")
    player.visit("/")
    assert player.page.locator("html").get_attribute("dir") == "rtl"
    assert player.page.locator("html").get_attribute("lang") == "ar"


def test_the_language_is_chosen_on_the_page_and_kept(server: Server, new_player: NewPlayer) -> None:
    player = new_player()
    player.visit("/")
    player.page.get_by_label("Language").select_option("de")
    player.page.get_by_role("button", name="Change").click()
    expect(player.page.locator("html")).to_have_attribute("lang", "de")
    player.page.reload()
    expect(player.page.locator("html")).to_have_attribute("lang", "de")

"""What holds for every page: nothing that axe objects to, few bytes, a strict policy, no request to anybody else."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, Response

from tests.browser.players import Player, Visitor
from tests.browser.server import Server

NewPlayer = Callable[..., Player]
NewScreen = Callable[..., Visitor]
BUDGET_BYTES = 60_000
#: Bytes of a script that is not worth compressing.
FEW_LINES = 300
#: axe is put into the page as a script, which our policy forbids; and it should not look at what still moves.
FOR_AXE = {"bypass_csp": True, "reduced_motion": "reduce"}


def check(page: Page, where: str) -> None:
    """Let axe look at the page as it is once nothing moves any more."""
    page.wait_for_function("() => document.getAnimations().every(one => one.playState !== 'running')")
    found = Axe().run(page).response["violations"]
    told = [(rule["id"], [node["html"][:120] for node in rule["nodes"]]) for rule in found]
    assert told == [], where


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_on_a_players_way_through_a_game(server: Server, new_player: NewPlayer, scheme: str) -> None:
    session = server.open_session("every-kind", pace="host")
    player = new_player(color_scheme=scheme, **FOR_AXE)
    player.visit("/")
    check(player.page, "start")
    player.page.get_by_role("button", name="Join", exact=True).click()
    check(player.page, "start, with errors")
    player.join(session, "Ana")
    check(player.page, "lobby")
    session.do("start")
    player.see_heading("Get ready")
    check(player.page, "ready")
    for answer in (["delighted"], ["enormous", "tiny"], ["False"], [], [], [], ["with songs"]):
        kind = session.do("next")["question_id"]
        player.page.wait_for_selector("section.question")
        check(player.page, f"{kind}, open")
        if answer:
            player.choose(*answer)
        if kind == "multi":
            check(player.page, "multi, chosen")
            player.lock_in()
        if answer:
            player.see_heading("Locked in")
            check(player.page, f"{kind}, locked in")
        session.do("pause")
        player.see("The clock stands still.")
        check(player.page, f"{kind}, paused")
        session.do("resume")
        session.do("close-question")
        player.page.wait_for_selector("section.result")
        check(player.page, f"{kind}, result")
    session.do("next")
    player.see("To practise")
    check(player.page, "end")
    player.page.get_by_text("What you knew").click()
    check(player.page, "end, unfolded")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_in_a_self_paced_game(server: Server, new_player: NewPlayer, scheme: str) -> None:
    session = server.open_session("every-kind", pace="self", auto_start=True)
    player = new_player(color_scheme=scheme, **FOR_AXE)
    player.join(session, "Ana")
    player.see_heading("Which word means “very happy”?")
    check(player.page, "question")
    player.choose("delighted")
    player.see_heading("Correct")
    check(player.page, "result")
    session.remove("Ana")
    player.see_heading("You were removed")
    check(player.page, "removed")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_on_the_big_screen(
    server: Server, new_player: NewPlayer, new_screen: NewScreen, scheme: str
) -> None:
    session = server.open_session("every-kind", pace="host")
    hall = new_screen(color_scheme=scheme, **FOR_AXE)
    hall.visit(f"/screen/{session.code}")
    player = new_player()
    player.join(session, "Ana")
    hall.page.wait_for_selector(".names li")
    check(hall.page, "lobby")
    session.do("start")
    hall.see_heading("Get ready")
    check(hall.page, "ready")
    for _ in range(7):
        kind = session.do("next")["question_id"]
        hall.page.wait_for_selector("section.question")
        check(hall.page, f"{kind}, open")
        session.do("close-question")
        hall.page.wait_for_selector("section.result")
        check(hall.page, f"{kind}, result")
    session.do("next")
    hall.see_heading("Final result")
    check(hall.page, "end")


def test_axe_finds_nothing_in_a_right_to_left_page(server: Server, new_player: NewPlayer) -> None:
    player = new_player(locale="ar", **FOR_AXE)
    player.visit("/")
    check(player.page, "start")


def test_the_players_page_loads_within_its_budget(server: Server, new_player: NewPlayer) -> None:
    """Counted on the wire, headers too, without cache, from the link to the first question."""
    session = server.open_session("every-kind", pace="host", auto_start=True)
    player = new_player()
    wire = player.context.new_cdp_session(player.page)
    wire.send("Network.enable")
    sizes: list[int] = []
    wire.on("Network.loadingFinished", lambda event: sizes.append(int(event["encodedDataLength"])))
    player.join(session, "Ana")
    session.do("next")
    player.see_heading("Which word means “very happy”?")
    assert 5 < len(sizes) < 36
    assert sum(sizes) < BUDGET_BYTES, sizes


def test_static_files_are_compressed_and_kept_for_ever_under_their_hash(server: Server, new_player: NewPlayer) -> None:
    player = new_player()
    responses: list[Response] = []

    def keep(response: Response) -> None:
        responses.append(response)

    player.page.on("response", keep)
    player.visit("/")
    static = [response for response in responses if "/static/" in response.url]
    assert len(static) > 5
    for response in static:
        assert "immutable" in response.headers["cache-control"], response.url
        # Compressed, a few lines would be no shorter.
        if not response.url.endswith(".svg") and len(response.body()) > FEW_LINES:
            assert response.headers["content-encoding"] == "gzip", response.url


@pytest.mark.parametrize("path", ["/", "/screen/NOSUCH", "/api/v1/sessions", "/health"])
def test_the_policy_allows_nothing_inline_and_nothing_from_elsewhere(server: Server, path: str) -> None:
    policy = server.head(path)["content-security-policy"]
    assert "default-src 'self'" in policy
    assert "object-src 'none'" in policy
    assert "unsafe" not in policy
    assert "http" not in policy


def test_only_the_admin_may_evaluate_scripts(server: Server) -> None:
    assert "script-src 'self' 'unsafe-eval'" in server.head("/admin/login/")["content-security-policy"]
    assert "unsafe-eval" not in server.head("/api/docs/")["content-security-policy"]


def test_the_policy_holds_in_the_browser(server: Server, new_player: NewPlayer) -> None:
    player = new_player()
    player.visit("/")
    player.page.evaluate(
        """() => {
            const script = document.createElement("script");
            script.textContent = "window.ran = true";
            document.body.append(script);
        }"""
    )
    assert player.page.evaluate("window.ran") is None
    assert any("Content Security Policy" in complaint for complaint in player.complaints)
    player.complaints.clear()

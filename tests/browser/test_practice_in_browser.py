"""Practice at home in a real browser: from the end of a game to the page, without a connection and back again."""

from __future__ import annotations

import base64
import json
import urllib.request
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

from tests.browser.players import Player
from tests.browser.quizzes import LONG
from tests.browser.server import Server, Session
from tests.browser.test_hearing_game import EAR
from tests.browser.test_quality import BUDGET_BYTES, FOR_AXE
from tests.support.images import picture

NewPlayer = Callable[..., Player]
SMALL = {"viewport": {"width": 320, "height": 568}}
QUIZ: dict[str, Any] = {
    "id": "practised-words",
    "title": "Animals",
    "language": "de",
    "questions": [
        {
            "id": "dog",
            "kind": "choice",
            "text": "It barks.",
            "options": ["Hund", "Katze", "Maus"],
            "correct_answers": ["Hund"],
            "time_limit_ms": LONG,
        },
        {
            "id": "cat",
            "kind": "typed",
            "text": "It purrs.",
            "correct_answers": ["die Katze"],
            "time_limit_ms": LONG,
        },
        {
            "id": "mouse",
            "kind": "typed",
            "text": "It squeaks.",
            "correct_answers": ["die Maus"],
            "time_limit_ms": LONG,
        },
    ],
}

ADDRESS = f"/images/{'0' * 32}.webp"
#: A word that is heard and not read, and one with a picture.
HEARD: dict[str, Any] = {
    "id": "heard-and-seen",
    "title": "Heard",
    "language": "es",
    "questions": [
        {
            "id": "heard",
            "kind": "typed",
            "text": "ornitorrinco",
            "correct_answers": ["ornitorrinco"],
            "listen": "instead",
            "time_limit_ms": LONG,
        },
        {
            "id": "seen",
            "kind": "typed",
            "text": "Which colour is this?",
            "correct_answers": ["rojo"],
            "media": ADDRESS,
            "time_limit_ms": LONG,
        },
    ],
    "images": {ADDRESS: base64.b64encode(picture("JPEG")).decode()},
}


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """Below a path, as some live; it is stopped and started again."""
    running = Server(tmp_path_factory.mktemp("practice"), below="/quiz")
    running.prepare()
    running.start()
    running.add_quiz(QUIZ)
    running.add_quiz(HEARD)
    yield running
    running.stop()


def played(server: Server, player: Player) -> Session:
    """A game over: the dog was known, the cat and the mouse were not."""
    session = server.open_session(QUIZ["id"], pace="self", auto_start=True)
    player.join(session, "Ana")
    player.choose("Hund")
    player.see_heading("Correct")
    player.page.get_by_role("button", name="Next question").click()
    for button in ("Next question", "See your result"):
        player.write("der Wolf")
        player.see_heading("Not this time")
        player.page.get_by_role("button", name=button).click()
    session.do("end")
    player.see("The game is over")
    return session


def to_practice(player: Player) -> None:
    """From the end of a game to its practice."""
    player.page.get_by_role("button", name="Practise at home").click()
    expect(player.page.locator(".practise .qr")).to_be_visible()
    player.page.get_by_role("link", name="Open the practice").click()
    player.see_heading("Animals")
    player.see("First the words you missed")


def kept(page: Page) -> None:
    """Wait until the page works without a connection."""
    page.evaluate("() => navigator.serviceWorker.ready.then(() => undefined)")


def begin(player: Player) -> None:
    player.page.get_by_role("button", name="Practise", exact=True).click()


def go_on(player: Player) -> None:
    player.page.get_by_role("button", name="Go on").click()


def stored(server: Server, page: Page) -> dict[str, int]:
    """How often the server has each card's answers."""
    token = page.evaluate("() => location.hash.slice(1)")
    request = urllib.request.Request(f"{server.url}/practice/api/deck", headers={"Authorization": f"Practice {token}"})
    with urllib.request.urlopen(request, timeout=20) as response:
        return {card["id"]: card["reviews"] for card in json.load(response)["cards"]}


def check(page: Page, where: str) -> None:
    """Nothing that axe objects to, and nothing beside the page."""
    page.wait_for_function("() => document.getAnimations().every(one => one.playState !== 'running')")
    found = Axe().run(page).response["violations"]
    assert [(rule["id"], [node["html"][:120] for node in rule["nodes"]]) for rule in found] == [], where
    assert page.evaluate("() => document.documentElement.scrollWidth <= innerWidth"), where


def test_missed_words_come_first_and_the_server_judges(server: Server, new_player: NewPlayer) -> None:
    ana = new_player()
    played(server, ana)
    to_practice(ana)
    assert ana.page.url.startswith(f"{server.url}/practice/#")
    begin(ana)
    ana.see_heading("It purrs.")
    ana.write("katze")
    ana.see_heading("Correct")
    go_on(ana)
    ana.see_heading("It squeaks.")
    ana.page.get_by_role("button", name="I do not know").click()
    ana.see_heading("Not this time")
    expect(ana.page.locator(".answers .right")).to_have_text("die Maus")
    go_on(ana)
    # What was wrong comes again soon, and not twice in a row.
    ana.see_heading("It barks.")
    ana.page.get_by_role("button", name="Stop for now").click()
    ana.see_heading("Animals")
    assert stored(server, ana.page) == {"cat": 1, "mouse": 1, "dog": 0}


def test_without_a_connection_nothing_is_lost_and_nothing_doubled(server: Server, new_player: NewPlayer) -> None:
    ana = new_player()
    played(server, ana)
    to_practice(ana)
    kept(ana.page)
    server.stop()
    try:
        ana.page.reload()
        ana.see("No connection.")
        ana.see_heading("Animals")
        begin(ana)
        ana.see_heading("It purrs.")
        ana.write("Katze")
        ana.see_heading("Was that right?")
        ana.page.get_by_role("button", name="I had it wrong").click()
        ana.see("Judged on this device.")
        go_on(ana)
        ana.see_heading("It squeaks.")
        ana.write("DIE maus")
        ana.see_heading("Correct")
        # The page is left, and comes back with what it had.
        ana.page.reload()
        ana.see("Answers that wait to be sent: 2")
    finally:
        server.start()
    ana.page.evaluate("() => dispatchEvent(new Event('online'))")
    expect(ana.page.locator("#notice")).to_be_hidden()
    expect(ana.page.locator(".waits")).to_have_count(0)
    # "Katze" without its article is right by the rules of the game.
    ana.see("The server judged these differently")
    ana.see("It counts as right.")
    assert stored(server, ana.page) == {"cat": 1, "mouse": 1, "dog": 0}
    ana.page.reload()
    ana.see_heading("Animals")
    assert stored(server, ana.page) == {"cat": 1, "mouse": 1, "dog": 0}


def test_an_answer_whose_reply_was_lost_is_stored_once(server: Server, new_player: NewPlayer) -> None:
    ana = new_player()
    played(server, ana)
    to_practice(ana)
    lost: list[str] = []

    def lose(route: Any) -> None:
        if lost:
            route.continue_()
            return
        lost.append(route.fetch().text())
        route.abort("connectionreset")

    ana.context.route("**/practice/api/reviews", lose)
    begin(ana)
    ana.see_heading("It purrs.")
    ana.write("die Katze")
    ana.see("Judged on this device.")
    assert json.loads(lost[0])["results"][0]["status"] == "stored"
    go_on(ana)
    ana.see_heading("It squeaks.")
    ana.write("die Maus")
    ana.see_heading("Correct")
    expect(ana.page.locator("#notice")).to_be_hidden()
    assert stored(server, ana.page) == {"cat": 1, "mouse": 1, "dog": 0}


def test_a_phone_that_goes_offline_says_so_and_goes_on(server: Server, new_player: NewPlayer) -> None:
    ana = new_player()
    played(server, ana)
    to_practice(ana)
    kept(ana.page)
    ana.context.set_offline(True)
    ana.see("No connection.")
    begin(ana)
    ana.write("die Katze")
    ana.see_heading("Correct")
    ana.see("Judged on this device.")
    ana.context.set_offline(False)
    expect(ana.page.locator("#notice")).to_be_hidden()
    assert stored(server, ana.page)["cat"] == 1


def test_another_device_has_the_same_by_the_link_and_a_deletion_ends_it_for_both(
    server: Server, new_player: NewPlayer
) -> None:
    ana, tablet = new_player(), new_player()
    played(server, ana)
    to_practice(ana)
    begin(ana)
    ana.write("die Katze")
    ana.see_heading("Correct")
    tablet.visit("/practice/")
    tablet.see_heading("Practice")
    tablet.page.get_by_label("Practice link").fill("https://example.org/")
    tablet.page.get_by_role("button", name="Open", exact=True).click()
    tablet.see("This is no practice link.")
    tablet.page.get_by_label("Practice link").fill(ana.page.url)
    tablet.page.get_by_role("button", name="Open", exact=True).click()
    tablet.see_heading("Animals")
    begin(tablet)
    # What the first device answered is not asked here.
    tablet.see_heading("It squeaks.")
    tablet.page.get_by_role("button", name="Stop for now").click()
    tablet.page.get_by_text("On another device").click()
    expect(tablet.page.locator(".code .qr")).to_be_visible()
    tablet.page.get_by_text("What is kept").click()
    tablet.see("It counts for nobody but you")
    tablet.page.get_by_role("button", name="Delete it", exact=True).click()
    tablet.page.get_by_role("button", name="Keep it").click()
    tablet.page.get_by_role("button", name="Delete it", exact=True).click()
    tablet.page.get_by_role("button", name="Delete it for good").click()
    tablet.see_heading("Deleted")
    tablet.visit("/practice/")
    tablet.see_heading("Practice")
    expect(tablet.page.locator(".decks")).to_have_count(0)
    ana.page.reload()
    ana.see_heading("This practice is gone")
    ana.page.get_by_role("button", name="Remove it from this device").click()
    ana.see_heading("Practice")
    # A request that found nothing is what this is about.
    assert all("404" in complaint for complaint in ana.complaints)
    ana.complaints.clear()


def test_two_devices_with_stale_copies_lose_nothing_and_double_nothing(server: Server, new_player: NewPlayer) -> None:
    ana, tablet = new_player(), new_player()
    played(server, ana)
    to_practice(ana)
    tablet.page.goto(ana.page.url)
    tablet.see_heading("Animals")
    kept(ana.page)
    kept(tablet.page)
    server.stop()
    try:
        for device, answer in ((ana, "die Katze"), (tablet, "die katze")):
            device.page.reload()
            device.see("The words are as they were here")
            begin(device)
            device.see_heading("It purrs.")
            device.write(answer)
            device.see_heading("Correct")
    finally:
        server.start()
    for device in (ana, tablet):
        device.page.reload()
        device.see_heading("Animals")
        expect(device.page.locator("#notice")).to_be_hidden()
        expect(device.page.locator(".waits")).to_have_count(0)
    assert stored(server, ana.page) == {"cat": 2, "mouse": 0, "dog": 0}
    # Neither asks again what one of them has answered.
    for device in (ana, tablet):
        device.page.reload()
        begin(device)
        device.see_heading("It squeaks.")


def test_several_decks_on_one_device_are_listed_and_all_of_them_are_sent(server: Server, new_player: NewPlayer) -> None:
    ana = new_player()
    for _ in range(2):
        played(server, ana)
        to_practice(ana)
    first = ana.page.url
    kept(ana.page)
    server.stop()
    try:
        begin(ana)
        ana.page.get_by_role("button", name="I do not know").click()
        ana.see("Judged on this device.")
    finally:
        server.start()
    ana.visit("/practice/")
    expect(ana.page.locator(".decks a")).to_have_count(2)
    # What waited went out from the list, too.
    ana.page.wait_for_function(
        """async (token) => {
            const headers = { Authorization: `Practice ${token}` };
            const response = await fetch("api/deck", { headers });
            return (await response.json()).cards.some((card) => card.reviews === 1);
        }""",
        arg=first.partition("#")[2],
        polling=300,
    )
    ana.page.locator(".decks a").first.click()
    ana.see_heading("Animals")
    ana.page.get_by_role("button", name="Other practice on this device").click()
    ana.see_heading("Practice")


def test_the_page_loads_within_the_budget_of_a_players_page(server: Server, new_player: NewPlayer) -> None:
    ana = new_player(service_workers="block")
    wire = ana.context.new_cdp_session(ana.page)
    wire.send("Network.enable")
    sizes: list[int] = []
    wire.on("Network.loadingFinished", lambda event: sizes.append(int(event["encodedDataLength"])))
    ana.visit("/practice/")
    ana.see_heading("Practice")
    assert 10 < len(sizes) < 40
    assert sum(sizes) < BUDGET_BYTES, sizes


def test_a_browser_would_install_it(new_player: NewPlayer) -> None:
    ana = new_player()
    ana.visit("/practice/")
    kept(ana.page)
    wire = ana.context.new_cdp_session(ana.page)
    assert wire.send("Page.getAppManifest")["errors"] == []
    # The contexts of these tests are private windows, which install nothing: that is all the browser has against it.
    found = wire.send("Page.getInstallabilityErrors")["installabilityErrors"]
    assert {error["errorId"] for error in found} <= {"in-incognito"}


def test_what_is_heard_and_seen_is_there_without_a_connection(server: Server, new_player: NewPlayer) -> None:
    ana = new_player()
    session = server.open_session(HEARD["id"], pace="self", auto_start=True)
    ana.join(session, "Ana")
    session.do("end")
    ana.see("The game is over")
    ana.page.get_by_role("button", name="Practise at home").click()
    ana.page.get_by_role("link", name="Open the practice").click()
    ana.see_heading("Heard")
    kept(ana.page)
    ana.page.wait_for_function(
        "async () => (await (await caches.open('practice-media')).keys()).length === 2", polling=200
    )
    ana.page.add_init_script(EAR)
    server.stop()
    try:
        ana.page.reload()
        ana.see("No connection.")
        begin(ana)
        ana.see_heading("Listen, then answer")
        assert "ornitorrinco" not in ana.page.content()
        ana.page.get_by_role("button", name="Listen").click()
        ana.page.wait_for_function("() => window.heard.length === 1")
        ana.write("ornitorrinco")
        ana.see_heading("Correct")
        go_on(ana)
        ana.see_heading("Which colour is this?")
        ana.page.wait_for_function("() => document.querySelector('img.picture').naturalWidth > 0")
        part = ana.page.evaluate(
            """async () => {
                const { url } = (await (await caches.open("practice-media")).keys())[0];
                const response = await fetch(url, { headers: { Range: "bytes=2-5" } });
                const range = response.headers.get("Content-Range");
                return [response.status, range.split("/")[0], (await response.arrayBuffer()).byteLength];
            }"""
        )
        assert part == [206, "bytes 2-5", 4]
    finally:
        server.start()


def test_a_homework_is_practised_before_it_closes(server: Server, new_player: NewPlayer) -> None:
    closes = (datetime.now(UTC) + timedelta(days=3)).isoformat()
    session = server.open_session(QUIZ["id"], homework={"closes_at": closes})
    ana = new_player()
    ana.join(session, "Ana")
    ana.choose("Katze")
    for button in ("Next question", "Next question", "See your result"):
        ana.see_heading("Not this time")
        ana.page.get_by_role("button", name=button).click()
        if button == "Next question":
            ana.write("der Wolf")
    ana.see("Your answers are in.")
    to_practice(ana)
    begin(ana)
    ana.see_heading("It barks.")


def test_missed_words_can_be_taken_to_anki(server: Server, new_player: NewPlayer) -> None:
    ana = new_player()
    played(server, ana)
    to_practice(ana)
    ana.page.get_by_text("For Anki").click()
    with ana.page.expect_download() as download:
        ana.page.get_by_role("button", name="Download the package").click()
    assert download.value.suggested_filename == "Animals.apkg"


def test_it_is_practised_by_keyboard_alone(server: Server, new_player: NewPlayer) -> None:
    ana = new_player()
    played(server, ana)
    to_practice(ana)
    page = ana.page
    page.keyboard.press("Enter")
    for heading, answer in (("It purrs.", "die Katze"), ("It squeaks.", "die Maus")):
        ana.see_heading(heading)
        if not page.evaluate("() => document.activeElement.matches('.written')"):
            page.locator(".written").focus()
        page.keyboard.type(answer)
        page.keyboard.press("Enter")
        ana.see_heading("Correct")
        page.keyboard.press("Enter")
    ana.see_heading("It barks.")
    page.keyboard.press("1")
    expect(page.locator("section.result")).to_be_visible()


@pytest.mark.parametrize(("scheme", "locale"), [("light", "en"), ("dark", "ar")])
def test_axe_finds_nothing_on_a_small_phone(server: Server, new_player: NewPlayer, scheme: str, locale: str) -> None:
    ana = new_player()
    played(server, ana)
    to_practice(ana)
    address = ana.page.url.removeprefix(server.url)
    small = new_player(color_scheme=scheme, locale=locale, **SMALL, **FOR_AXE)
    small.visit("/practice/")
    expect(small.page.locator("#link")).to_be_visible()
    check(small.page, "start")
    small.visit(address)
    expect(small.page.locator(".home")).to_be_visible()
    for summary in small.page.locator("summary").all():
        summary.click()
    expect(small.page.locator(".code .qr")).to_be_visible()
    small.page.locator(".home details").last.locator("button").first.click()
    check(small.page, "home, unfolded")
    small.page.reload()
    small.page.locator(".home > .primary").click()
    small.page.locator(".written").wait_for()
    check(small.page, "card")
    small.page.locator(".written").fill("die Katz")
    small.page.locator("form .primary").click()
    small.page.locator(".result").wait_for()
    check(small.page, "result")
    small.page.locator(".foot button").click()
    small.page.locator(".written").wait_for()
    small.context.route("**/practice/api/**", lambda route: route.abort("connectionreset"))
    small.page.locator(".written").fill("Maus")
    small.page.locator("form .primary").click()
    small.page.locator(".foot.pair").wait_for()
    check(small.page, "compared")


def test_axe_finds_nothing_at_the_end_of_a_game_with_its_code(server: Server, new_player: NewPlayer) -> None:
    ana = new_player(**SMALL, **FOR_AXE)
    played(server, ana)
    ana.page.get_by_role("button", name="Practise at home").click()
    expect(ana.page.locator(".practise .qr")).to_be_visible()
    check(ana.page, "end")


def test_solutions_that_are_not_told_yet_are_not_practised(server: Server, browser: Browser) -> None:
    ana = Player(browser, server)
    session = played(server, ana)
    ana.context.route(
        "**/practice/api/decks",
        lambda route: route.fulfill(status=409, json={"code": "SOLUTIONS_WITHHELD", "detail": "Not told yet."}),
    )
    ana.page.get_by_role("button", name="Practise at home").click()
    ana.see("Not told yet.")
    assert session.code in ana.page.url
    ana.context.close()

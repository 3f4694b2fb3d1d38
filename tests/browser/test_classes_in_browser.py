"""A class from its list to its growth: made and printed by a host, played by name and by card on phones."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import expect

from tests.browser.hosts import Host, violations
from tests.browser.players import Player
from tests.browser.server import Server

NewPlayer = Callable[..., Player]
PHONE = {"width": 320, "height": 568}
QUIZ: dict[str, Any] = {
    "id": "for-a-class",
    "title": "Für die Klasse",
    "language": "de",
    "questions": [
        {"id": "q1", "kind": "typed", "text": "house?", "correct_answers": ["Haus"], "time_limit_ms": 600_000}
    ],
}


@pytest.fixture(scope="module", autouse=True)
def _quiz(server: Server) -> None:
    server.add_quiz(QUIZ)


def no_wider_than(host: Host | Player) -> None:
    """Nothing has to be scrolled to sideways."""
    wide = host.page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    assert wide <= 0, host.page.url


def test_a_host_makes_a_class_and_every_page_of_it_can_be_read_by_all(
    server: Server, new_host: Callable[..., Host], new_player: NewPlayer
) -> None:
    host = new_host()
    host.visit("/admin/classes/schoolclass/add/")
    assert violations(host.page) == []
    host.page.get_by_label("Name of the class").fill("7a")
    host.page.get_by_label("Names of the pupils").fill("Ann\nBob\nann")
    host.page.get_by_role("button", name="Make the class").click()
    expect(host.page.get_by_role("heading", name="One pupil or two?")).to_be_visible()
    assert violations(host.page) == []
    host.page.get_by_label("ann", exact=True).fill("Ann K.")
    host.page.get_by_role("button", name="Add pupils").click()
    expect(host.page.get_by_role("link", name="Ann K.")).to_be_visible()
    found = re.search(r"schoolclass/([^/]+)/change", host.page.url)
    assert found
    class_id = found[1]

    # Two phones: one picks a name, one comes by a card.
    options = {"class_id": class_id, "guests": True}
    session = server.open_session("for-a-class", pace="self", auto_start=True, options=options)
    cards = {each["name"]: each for each in server.call("GET", f"classes/{class_id}/cards")["cards"]}
    ann, bob, late = (new_player(viewport=PHONE) for _ in range(3))
    ann.visit(f"/j/{session.code}")
    expect(ann.page.get_by_role("heading", name="Who are you?")).to_be_visible()
    assert violations(ann.page) == []
    no_wider_than(ann)
    ann.page.get_by_role("button", name="Ann", exact=True).focus()
    ann.page.keyboard.press("Enter")
    ann.write("Maus")
    bob.visit(f"/card#{cards['Bob']['card']}")
    bob.write("maus")
    late.visit(f"/j/{session.code}")
    expect(late.page.get_by_role("button", name="Ann ✓")).to_be_visible()
    late.page.get_by_role("button", name="Ann ✓").click()
    expect(late.page.get_by_role("alert").filter(has_text="If it is yours, tell your host")).to_be_visible()
    assert violations(late.page) == []
    late.visit("/card#no-card-at-all")
    late.see("This card is not good here.")
    assert violations(late.page) == []
    # The browser notes that the server knows no such card.
    assert [each for each in late.complaints if "404" not in each] == []
    late.complaints.clear()

    pages = ("change", "cards", "growth", "delete-class", f"pupils/{cards['Ann']['id']}")
    for width in (1366, 390):
        host.page.set_viewport_size({"width": width, "height": 844})
        for name in pages:
            host.visit(f"/admin/classes/schoolclass/{class_id}/{name}/")
            assert violations(host.page) == [], name
            no_wider_than(host)
    host.visit(f"/admin/classes/schoolclass/{class_id}/growth/")
    host.see("Often confused")
    expect(host.page.locator(".qz-list li").filter(has_text="typed for Haus")).to_contain_text("2 pupils")
    host.page.get_by_role("button", name="Make a quiz of what is not known yet").press("Enter")
    expect(host.page).to_have_url(re.compile(r"/quizzes/quiz/[^/]+/change/"))
    host.visit("/admin/classes/schoolclass/")
    assert violations(host.page) == []


def test_a_card_on_a_second_phone_takes_the_game_over(server: Server, new_player: NewPlayer) -> None:
    made = server.call("POST", "classes", {"name": "7b", "pupils": ["Zoe"]})
    [card] = server.call("GET", f"classes/{made['id']}/cards")["cards"]
    first, second = new_player(viewport=PHONE), new_player(viewport=PHONE)
    first.visit(f"/card#{card['card']}")
    first.see("No quiz is open for your class at the moment.")
    options = {"class_id": made["id"], "cards_only": True, "guests": False}
    session = server.open_session("for-a-class", pace="host", options=options)
    first.page.get_by_role("button", name="Look again").click()
    expect(first.page).to_have_url(re.compile(f"/play/{session.code}"))
    second.visit(f"/card#{card['card']}")
    first.see_heading("You are playing elsewhere")
    [player] = session.participants()
    assert player["username"] == "Zoe"
    # Without a card nobody is told a name, and nobody comes in.
    third = new_player(viewport=PHONE)
    third.visit(f"/j/{session.code}")
    third.see("Scan your card to play.")
    expect(third.page.get_by_role("button", name="Join")).to_be_hidden()
    assert violations(third.page) == []

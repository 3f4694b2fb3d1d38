"""What is practised counts into the growth of a class from the moment its owner says so, and no earlier."""

from __future__ import annotations

from collections.abc import Callable

from django.contrib.auth.models import User
from django.test import Client

from classes.models import SchoolClass
from sessions.database.growth import growth_of
from sessions.rules.options import SessionOptions
from tests.unit.practice.conftest import ANSWERS, Game

DAY_MS = 86_400_000


def signed_in(user: User) -> Client:
    """A browser in which this user has signed in."""
    client = Client()
    client.force_login(user)
    return client


def let_count(host: User, school_class: SchoolClass, counts: bool) -> None:
    """As the owner does over REST."""
    response = signed_in(host).patch(
        f"/api/v1/classes/{school_class.id}", {"practice_counts": counts}, content_type="application/json"
    )
    assert (response.status_code, response.json()["practice_counts"]) == (200, counts)
    school_class.refresh_from_db()


def practised(game: Game, school_class: SchoolClass) -> int:
    """How many answers at home the growth of the class has, by two ways that must agree."""
    growth = growth_of(school_class, None, now=game.now())
    assert len(growth.answers) == len(ANSWERS) - 1 + growth.practised
    return growth.practised


def test_only_what_is_practised_while_it_counts_counts(game: Game, school_class: SchoolClass, host: User) -> None:
    _, deck = game.played_by(school_class.pupils.get(name="Ann"))
    told = deck.ask("GET", "deck").json()["deck"]
    assert (told["class_name"], told["counts_for_class"]) == ("7a", False)
    deck.review({"card": "q4", "answer": "Schmetterling", "at": game.now()})
    game.go_on(DAY_MS)
    let_count(host, school_class, True)
    assert deck.ask("GET", "deck").json()["deck"]["counts_for_class"] is True
    assert practised(game, school_class) == 0
    game.go_on(DAY_MS)
    # From a device that was offline: given before it counted, and after.
    deck.review(
        {"card": "q4", "answer": "Schmetterling", "at": game.now() - 2 * DAY_MS},
        {"card": "q4", "answer": "Schmetterling", "at": game.now() - 1},
    )
    assert practised(game, school_class) == 1
    let_count(host, school_class, False)
    assert practised(game, school_class) == 0
    deck.review({"card": "q4", "answer": "Tor", "at": game.now()})
    let_count(host, school_class, True)
    # What counted before counts again; what was practised in between does not.
    assert practised(game, school_class) == 1


def test_growth_has_the_word_as_it_was_answered_at_home(game: Game, school_class: SchoolClass, host: User) -> None:
    let_count(host, school_class, True)
    for name in ("Ann", "Bob"):
        _, deck = game.played_by(school_class.pupils.get(name=name))
        deck.review({"card": "q4", "answer": "Falter", "at": game.now()})
    growth = growth_of(school_class, None, now=game.now())
    assert [(each.typed, each.pupils) for each in growth.confusions] == [("falter", 2), ("tor", 2)]
    assert [row.answers for row in growth.pupils] == [4, 4]
    page = signed_in(host).get(f"/admin/classes/schoolclass/{school_class.id}/growth/").content.decode()
    assert "Of these at home" in page
    told = signed_in(host).get(f"/api/v1/classes/{school_class.id}/growth").json()
    assert told["practised"] == 2


def test_a_guest_in_the_session_of_a_class_counts_nowhere(game: Game, school_class: SchoolClass, host: User) -> None:
    let_count(host, school_class, True)
    view = game.open(options=SessionOptions(class_id=school_class.id))
    token = game.join(view, "Guest")
    game.end(view)
    deck = game.deck(view, token)
    deck.review({"card": "q4", "answer": "Tor", "at": game.now()})
    assert growth_of(school_class, None, now=game.now()).answers == []
    assert deck.ask("GET", "deck").json()["deck"]["class_name"] is None


def test_only_the_owner_lets_practice_count(
    game: Game, school_class: SchoolClass, host: User, make_host: Callable[[str], User]
) -> None:
    colleague = make_host("colleague")
    school_class.shared_with.add(colleague)
    address = f"/admin/classes/schoolclass/{school_class.id}/change/"
    assert signed_in(colleague).post(address, {"do": "practice", "counts": "on"}).status_code == 403
    body = {"practice_counts": True}
    refused = signed_in(colleague).patch(f"/api/v1/classes/{school_class.id}", body, content_type="application/json")
    assert refused.status_code == 403
    assert "It does not count." in signed_in(colleague).get(address).content.decode()
    assert signed_in(host).post(address, {"do": "practice", "counts": "on"}).status_code == 302
    assert "It counts since" in signed_in(host).get(address).content.decode()
    signed_in(host).post(address, {"do": "practice"})
    assert "It does not count." in signed_in(host).get(address).content.decode()

"""How long practice is kept, what it goes with, and who is told what is there."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core.management import call_command
from django.test import Client
from django.utils import timezone

from classes.models import Pupil, SchoolClass
from practice.models import PracticeCard, PracticeDeck, PracticeReview
from sessions.database.practised import practice_book
from sessions.database.retention import purge
from sessions.models import Participant
from sessions.wiring.class_deletion import delete_class, delete_pupil
from sessions.wiring.deletion import delete_session
from sessions.wiring.forgetting import forget_person
from tests.unit.practice.conftest import Deck, Game


def nothing_is_left() -> bool:
    """Whether no row of practice is there."""
    return not any(table.objects.exists() for table in (PracticeDeck, PracticeCard, PracticeReview))


@pytest.fixture
def practised(game: Game) -> tuple[Any, Deck]:
    """A session, and a deck of it that was practised."""
    view, deck = game.played()
    deck.review({"card": "q4", "answer": "Tor"}, {"card": "q1", "answer": "Hund"})
    assert PracticeCard.objects.count() == PracticeReview.objects.count() == 2
    return view, deck


def test_practice_goes_with_its_session(practised: tuple[Any, Deck]) -> None:
    delete_session(practised[0].setup.id, actor="test")
    assert nothing_is_left()


def test_practice_goes_with_its_player(practised: tuple[Any, Deck]) -> None:
    participant = Participant.objects.select_related("session").get()
    forget_person([participant.session], "ann", actor="test")
    assert nothing_is_left()


@pytest.mark.parametrize("whole", [True, False])
def test_practice_goes_with_the_pupil_and_with_the_class(game: Game, school_class: SchoolClass, whole: bool) -> None:
    ann, bob = school_class.pupils.order_by("name")
    for pupil in (ann, bob):
        _, deck = game.played_by(pupil)
        deck.review({"card": "q4", "answer": pupil.name})
    if whole:
        delete_class(school_class.id, actor="test")
        assert nothing_is_left()
    else:
        delete_pupil(ann.id, actor="test")
        assert list(PracticeReview.objects.values_list("answer", flat=True)) == ["Bob"]
    # What was played stays.
    assert Participant.objects.count() == 2


def test_a_player_whose_id_was_replaced_still_has_the_deck_and_nobody_gets_a_new_one(game: Game) -> None:
    view = game.open()
    tokens = [game.join(view, name) for name in ("Ann", "Bob")]
    game.end(view)
    deck = game.deck(view, tokens[0])
    later = timezone.now() + timedelta(days=2)
    assert purge(now=later, ended_before=later) == 1
    assert game.deck(view, tokens[0]).token == deck.token
    assert deck.ask("GET", "deck").status_code == 200
    refused = game.ask_for_deck(view, tokens[1])
    assert (refused.status_code, refused.json()["code"]) == (404, "UNKNOWN_PLAYER")


def test_what_nobody_uses_goes_by_itself_and_what_somebody_uses_stays(practised: tuple[Any, Deck], game: Game) -> None:
    _, deck = practised
    game.go_on(100 * 86_400_000)
    assert deck.ask("GET", "deck").status_code == 200
    used = PracticeDeck.objects.get().used_at
    assert practice_book().delete_unused(now=used + timedelta(days=179)) == 0
    assert practice_book().delete_unused(now=used + timedelta(days=181)) == 1
    assert nothing_is_left()


def test_the_command_that_purges_deletes_it_too(practised: tuple[Any, Deck], capsys: Any) -> None:
    PracticeDeck.objects.update(used_at=timezone.now() - timedelta(days=200))
    call_command("purge", hours=0)
    assert "1 decks of practice" in capsys.readouterr().out
    assert nothing_is_left()


def test_one_persons_data_has_the_practice(practised: tuple[Any, Deck], host: User) -> None:
    client = Client()
    client.force_login(host)
    [session] = client.get("/api/v1/people/ann").json()["sessions"]
    [deck] = session["practice"]
    assert deck["missed"] == ["q1", "q4"]
    assert sorted((each["question_id"], each["answer"], each["verdict"]) for each in deck["reviews"]) == [
        ("q1", "Hund", "correct"),
        ("q4", "Tor", "wrong"),
    ]
    assert client.delete("/api/v1/people/ann").status_code == 204
    assert nothing_is_left()


def test_the_page_of_what_is_kept_tells_of_practice_and_ends_it(
    practised: tuple[Any, Deck], host: User, make_host: Callable[[str], User]
) -> None:
    client, colleague = Client(), Client()
    client.force_login(host)
    colleague.force_login(make_host("colleague"))
    address = "/admin/quiz_sessions/quizsession/kept/"
    assert "Kept: 1 deck." in client.get(address).content.decode()
    # A colleague sees nothing of it, and ends nothing.
    assert "Kept: 0 decks." in colleague.get(address).content.decode()
    colleague.post(address, {"end": "practice", "sure": "on"})
    assert PracticeDeck.objects.count() == 1
    client.post(address, {"end": "practice", "sure": "on"})
    assert nothing_is_left()


def test_a_pupils_export_has_all_practice_and_a_class_only_what_counts(
    game: Game, school_class: SchoolClass, host: User
) -> None:
    ann: Pupil = school_class.pupils.get(name="Ann")
    _, deck = game.played_by(ann)
    deck.review({"card": "q4", "answer": "Tor"})
    client = Client()
    client.force_login(host)
    address = f"/api/v1/classes/{school_class.id}/export"
    whole, one = client.get(address).json(), client.get(f"{address}?pupil={ann.id}").json()
    assert "practice" not in whole
    assert not any(answer["practised"] for answer in whole["answers"])
    assert [review["answer"] for review in one["practice"][0]["reviews"]] == ["Tor"]

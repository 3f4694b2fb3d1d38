"""Practice as a client without an account meets it over HTTP."""

from __future__ import annotations

import uuid
from typing import Any

import pytest

from common.limits import Buckets
from practice.models import PracticeDeck, PracticeReview
from practice.rest import serializers, shared
from quizzes.importers.formats import Source, read_source
from sessions.models import Participant
from sessions.rules.commands import Accept
from sessions.rules.options import SessionOptions
from sessions.rules.people import Needs
from sessions.wiring.runtime import call
from tests.unit.practice.conftest import ANSWERS, Deck, Game

MINUTE_MS, DAY_MS = 60_000, 86_400_000


def test_missed_words_come_first_and_polls_are_no_cards(game: Game) -> None:
    _, deck = game.played()
    body = deck.ask("GET", "deck").json()
    # "Katze" without its article is right; "Katze" barks not.
    assert [(card["id"], card["missed"]) for card in body["cards"]] == [("q1", True), ("q4", True), ("q2", False)]
    assert body["deck"]["title"] == "Animals"
    assert body["deck"]["kept_until"] == body["deck"]["used_at"] + 180 * DAY_MS
    assert (body["deck"]["counts_for_class"], body["deck"]["class_name"]) == (False, None)
    first = body["cards"][0]
    assert first["answer"]["accepted"] == ["Hund"]
    assert sorted(first["options"]) == ["Hund", "Katze"]
    assert first["due"] == body["deck"]["created_at"]
    assert first["after"]["again"] == body["server_time"] + MINUTE_MS


def test_the_same_player_gets_the_same_deck(game: Game) -> None:
    view = game.open()
    token = game.join(view, "Ann")
    game.end(view)
    first, second = (game.ask_for_deck(view, token).json() for _ in range(2))
    assert first == second
    assert first["url"].endswith(f"/practice/#{first['token']}")
    assert "<svg" in first["qr"]
    assert PracticeDeck.objects.count() == 1


def test_solutions_that_are_withheld_are_in_no_deck(game: Game) -> None:
    view = game.open()
    token = game.join(view, "Ann")
    game.answer(view, "ann", ANSWERS)
    refused = game.ask_for_deck(view, token)
    assert (refused.status_code, refused.json()["code"]) == (409, "SOLUTIONS_WITHHELD")
    game.end(view)
    assert game.ask_for_deck(view, token).status_code == 201


def test_a_review_is_graded_as_in_the_session(game: Game) -> None:
    _, deck = game.played()
    sent: list[dict[str, Any]] = [
        {"card": "q2", "answer": "die katze"},
        {"card": "q4", "answer": "Schmeterling"},
        {"card": "q1", "answer": "Katze"},
        {"card": "q1", "answer": None, "provisional": False},
    ]
    body = deck.review(*sent)
    assert [each["verdict"] for each in body["results"]] == ["correct", "almost", "wrong", "wrong"]
    assert body["results"][1]["difference"] is not None
    assert [card["id"] for card in body["cards"]] == ["q1", "q4", "q2"]
    assert [card["reviews"] for card in body["cards"]] == [2, 1, 1]


def test_a_review_that_is_sent_twice_is_stored_once(game: Game) -> None:
    _, deck = game.played()
    review = {"id": str(uuid.uuid4()), "card": "q4", "answer": "Schmetterling", "at": 0}
    before = deck.review(review)
    again = deck.review(review, {**review, "answer": "Tor"})
    assert [each["status"] for each in again["results"]] == ["known", "known"]
    assert [each["verdict"] for each in again["results"]] == ["correct", "correct"]
    assert (again["cards"], len(before["cards"])) == ([], 1)
    assert PracticeReview.objects.count() == 1
    assert deck.cards()[1]["reviews"] == 1


def test_nothing_opens_without_a_token_or_with_a_wrong_one(game: Game) -> None:
    _, deck = game.played()
    for token in ("", "x" * 32, "ü", "a b"):
        for method, path in (("GET", "deck"), ("POST", "reviews"), ("DELETE", "deck"), ("GET", "anki"), ("GET", "qr")):
            refused = Deck(token, deck.client).ask(method, path, {"reviews": [{"id": str(uuid.uuid4())}]})
            assert (refused.status_code, refused.json()["code"]) == (404, "UNKNOWN_DECK")


def test_two_devices_come_to_the_same_in_either_order(game: Game) -> None:
    view = game.open()
    tokens = [game.join(view, name) for name in ("Ann", "Bob")]
    game.end(view)
    decks = [game.deck(view, token) for token in tokens]
    game.go_on(30 * DAY_MS)
    made = game.now() - 30 * DAY_MS
    phone = [
        {"card": "q4", "answer": "Tor", "at": made + DAY_MS},
        {"card": "q4", "answer": "Schmetterling", "at": made + 9 * DAY_MS},
    ]
    tablet = [{"card": "q4", "answer": "Schmetterling", "at": made + days * DAY_MS} for days in (2, 5)]
    decks[0].review(*phone)
    decks[0].review(*tablet)
    decks[1].review(*tablet, *phone)
    due = [next(card["due"] for card in deck.cards() if card["id"] == "q4") for deck in decks]
    assert due[0] == due[1]
    # The order counts: it is not what came in that is scheduled, but what was practised.
    assert due[0] > game.now() - 21 * DAY_MS


def test_a_clock_that_is_wrong_loses_no_review(game: Game) -> None:
    _, deck = game.played()
    made = deck.ask("GET", "deck").json()["deck"]["created_at"]
    sent = [{"card": "q4", "answer": "Schmetterling", "at": at} for at in (-5, 10**30, None, made - DAY_MS)]
    assert [each["status"] for each in deck.review(*sent)["results"]] == ["stored"] * 4
    moments = {round(review.at.timestamp() * 1_000) for review in PracticeReview.objects.all()}
    assert made <= min(moments) <= max(moments) <= game.now()


def test_what_cannot_be_taken_is_refused_alone(game: Game) -> None:
    _, deck = game.played()
    sent: list[dict[str, Any]] = [
        {"card": "q1", "answer": "Maus"},
        {"card": "q4", "answer": " "},
        {"card": "q3", "answer": "Hund"},
        {"card": "nothing", "answer": "x"},
        {"card": "q4", "answer": "x\x00y"},
        {"card": "q2", "provisional": True},
        {"card": "q4", "answer": "Schmetterling"},
    ]
    results = deck.review(*sent)["results"]
    assert [each["status"] for each in results] == [
        *("refused", "refused", "unknown_card", "unknown_card", "refused", "refused", "stored")
    ]
    assert all(each["detail"] for each in results if each["status"] == "refused")


def test_what_is_no_list_of_reviews_is_told_so(game: Game) -> None:
    _, deck = game.played()
    bodies: list[Any] = [{}, {"reviews": []}, {"reviews": [{"id": "x"}]}, [], "x"]
    for body in bodies:
        assert deck.ask("POST", "reviews", body).status_code == 400
    assert deck.ask("POST", "reviews", {"reviews": ["x" * 600_000]}).status_code == 413


def test_a_deck_can_be_deleted_and_an_old_copy_is_told_so(game: Game) -> None:
    _, deck = game.played()
    deck.review({"card": "q4", "answer": "Tor"})
    assert deck.ask("DELETE", "deck").status_code == 204
    assert not PracticeDeck.objects.exists()
    assert not PracticeReview.objects.exists()
    late = deck.ask("POST", "reviews", {"reviews": [{"id": str(uuid.uuid4()), "card": "q4", "answer": "Tor"}]})
    assert (late.status_code, late.json()["code"]) == (404, "UNKNOWN_DECK")


def test_only_who_was_in_the_session_has_a_deck(game: Game) -> None:
    view = game.open()
    token = game.join(view, "Ann")
    game.end(view)
    other = game.open()
    for session, shown in ((view, "ann.x"), (view, ""), (other, token)):
        refused = game.ask_for_deck(session, shown)
        assert (refused.status_code, refused.json()["code"]) == (401, "INVALID_TOKEN")


def test_a_token_from_before_a_move_opens_nothing(game: Game) -> None:
    view = game.open()
    token = game.join(view, "Ann")
    game.end(view)
    game.deck(view, token)
    Participant.objects.update(moves=1)
    refused = game.ask_for_deck(view, token)
    assert (refused.status_code, refused.json()["code"]) == (404, "UNKNOWN_PLAYER")


def test_a_homework_gives_its_deck_once_its_solutions_are_out(game: Game) -> None:
    soon = SessionOptions(closes_at=game.now() + DAY_MS, attempts=2)
    view = game.open(options=soon)
    token = game.join(view, "Ann")
    game.answer(view, "ann", {name: answer for name, answer in ANSWERS.items() if name != "q4"})
    assert game.ask_for_deck(view, token).json()["code"] == "SOLUTIONS_WITHHELD"
    game.answer(view, "ann", {"q4": "Schmetterling"})
    deck = game.deck(view, token)
    assert [card["id"] for card in deck.cards() if card["missed"]] == ["q1"]
    # What is missed follows the last attempt.
    call(game.live.players.attempts.begin(view.setup, user_id="ann", attempt=2))
    game.answer(view, "ann~2", {**ANSWERS, "q1": "Hund"})
    assert game.deck(view, token).token == deck.token
    assert [card["id"] for card in deck.cards() if card["missed"]] == ["q4"]


def test_a_homework_that_tells_nothing_yet_gives_no_deck(game: Game) -> None:
    view = game.open(options=SessionOptions(closes_at=game.now() + DAY_MS), reveal="on_close")
    token = game.join(view, "Ann")
    game.answer(view, "ann", ANSWERS)
    assert game.ask_for_deck(view, token).json()["code"] == "SOLUTIONS_WITHHELD"


def test_an_answer_that_the_host_accepted_is_right_at_home(game: Game) -> None:
    view = game.open()
    token = game.join(view, "Ann")
    game.answer(view, "ann", ANSWERS)
    call(game.live.sessions.command(view.setup.id, Accept("q4", "Tor"), actor="test"))
    game.end(view)
    deck = game.deck(view, token)
    assert [card["answer"]["accepted"] for card in deck.cards() if card["id"] == "q4"] == [["Schmetterling", "Tor"]]
    assert deck.review({"card": "q4", "answer": "Tor"})["results"][0]["verdict"] == "correct"


def test_the_words_that_were_missed_go_to_anki(game: Game) -> None:
    _, deck = game.played()
    file = deck.ask("GET", "anki")
    assert file.headers["Content-Disposition"] == 'attachment; filename="practice.apkg"'
    texts = [question.text for question in read_source(Source(file.content)).questions]
    assert texts == ["It barks.", "butterfly"]


def test_the_address_for_another_device_is_a_picture(game: Game) -> None:
    _, deck = game.played()
    picture = deck.ask("GET", "qr")
    assert picture.headers["Content-Type"] == "image/svg+xml"
    assert b"<svg" in picture.content


def test_a_deck_is_asked_for_only_so_often(game: Game, monkeypatch: pytest.MonkeyPatch) -> None:
    _, deck = game.played()
    monkeypatch.setattr(shared, "_decks", Buckets(2, 60_000))
    assert [deck.ask("GET", "deck").status_code for _ in range(3)] == [200, 200, 429]
    # Another one is not held up by that.
    assert Deck("x" * 32, deck.client).ask("GET", "deck").status_code == 404


def test_an_address_asks_only_so_often_whatever_it_shows(game: Game, monkeypatch: pytest.MonkeyPatch) -> None:
    _, deck = game.played()
    monkeypatch.setattr(shared, "_addresses", Buckets(2, 60_000))
    codes = [Deck(f"{number}" * 32, deck.client).ask("GET", "deck").status_code for number in range(3)]
    assert codes == [404, 404, 429]


def test_whoever_needs_no_accents_needs_none_at_home(game: Game) -> None:
    view = game.open()
    token = game.join(view, "Ann")
    call(game.live.people.set_needs(view.setup, "ann", Needs(ignore_accents=True), actor="test"))
    game.end(view)
    deck = game.deck(view, token)
    results = deck.review({"card": "q2", "answer": "die Kätze"}, {"card": "q2", "answer": "die Maus"})["results"]
    assert [each["verdict"] for each in results] == ["correct", "wrong"]


def test_all_that_is_told_is_as_the_document_says(game: Game) -> None:
    _, deck = game.played()
    whole = deck.ask("GET", "deck").json()
    assert set(whole) == set(serializers.DeckWithCards().fields)
    assert set(whole["deck"]) == set(serializers.DeckOut().fields)
    assert {frozenset(card) for card in whole["cards"]} == {frozenset(serializers.CardOut().fields)}
    reviewed = deck.review({"card": "q4", "answer": "Tor"})
    assert set(reviewed) == set(serializers.ReviewsOut().fields)
    assert set(reviewed["results"][0]) == set(serializers.ReviewResult().fields)

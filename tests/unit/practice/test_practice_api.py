"""Practice as a client without an account meets it over HTTP."""

from __future__ import annotations

import uuid
from typing import Any

from practice.models import PracticeDeck, PracticeReview
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
    game.answer(view, "Ann", ANSWERS)
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

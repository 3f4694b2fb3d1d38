"""Players of sessions, and what they practise."""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client

from classes.models import Pupil, SchoolClass
from classes.services import add_pupils, card_of, create_class
from quizzes.rules.content import QuestionContent, QuizContent
from sessions.rules.commands import End
from sessions.rules.options import SessionOptions
from sessions.services.hosting import SessionView
from sessions.services.tokens import Proof
from sessions.wiring.runtime import Runtime, call
from tests.support.live_runtime import live

__all__ = ["live"]

QUIZ = QuizContent(
    id="animals",
    title="Animals",
    language="de",
    questions=(
        QuestionContent(id="q1", kind="choice", text="It barks.", options=("Katze", "Hund"), correct_answers=("Hund",)),
        QuestionContent(id="q2", kind="typed", text="It purrs.", correct_answers=("die Katze",)),
        QuestionContent(id="q3", kind="poll", text="Your favourite?", options=("Katze", "Hund"), points=0),
        QuestionContent(id="q4", kind="typed", text="butterfly", correct_answers=("Schmetterling",)),
    ),
)
ANSWERS = {"q1": "Katze", "q2": "Katze", "q3": "Hund", "q4": "Tor"}


@pytest.fixture
def host(live: Runtime, make_host: Callable[[str], User]) -> User:
    return make_host("teacher")


@dataclass
class Deck:
    """A deck, as whoever has its token sees it."""

    token: str
    client: Client

    def ask(self, method: str, path: str, body: Any = None) -> Any:
        """The response to a request with the token."""
        return self.client.generic(
            method,
            f"/practice/api/{path}",
            "" if body is None else json.dumps(body),
            content_type="application/json",
            headers={"Authorization": f"Practice {self.token}"},
        )

    def cards(self) -> list[dict[str, Any]]:
        """The cards as they stand."""
        found: list[dict[str, Any]] = self.ask("GET", "deck").json()["cards"]
        return found

    def review(self, *reviews: dict[str, Any]) -> dict[str, Any]:
        """Send reviews in; each is given an id if it has none."""
        sent = [{"id": str(uuid.uuid4()), **review} for review in reviews]
        response = self.ask("POST", "reviews", {"reviews": sent})
        assert response.status_code == 200, response.content
        body: dict[str, Any] = response.json()
        return body


class Game:
    """Sessions that are played, and the decks that come of them."""

    def __init__(self, live: Runtime, host: User) -> None:
        self.live = live
        self.host = host

    def open(self, **arranged: Any) -> SessionView:
        """A self-paced session that has started."""
        options = arranged.pop("options", SessionOptions())
        return call(
            self.live.sessions.create(
                QUIZ, pace="self", auto_start=True, options=options, owner_id=self.host.pk, actor="test", **arranged
            )
        )

    def join_by_card(self, view: SessionView, pupil: Pupil) -> tuple[str, str]:
        """Let a pupil in by the card; the user id, and the session token."""
        nobody = {"pupil_id": None, "join_key": None, "username": None}
        seat = call(self.live.pupils.seat(view.setup, card=card_of(pupil), **nobody))
        assert seat is not None
        joined = self.live.players.join(
            view.setup,
            user_id=seat.user_id,
            proof=Proof(seat.user_id, 0),
            username=seat.name,
            connection=f"test/{pupil.id}",
            listed=True,
        )
        return seat.user_id, call(joined).token

    def join(self, view: SessionView, name: str) -> str:
        """Let a player in; the session token."""
        joined = self.live.players.join(
            view.setup, user_id=name.lower(), proof=None, username=name, connection=f"test/{name}"
        )
        return call(joined).token

    def answer(self, view: SessionView, user_id: str, answers: dict[str, str]) -> None:
        """Answer questions for a player."""
        for question_id, answer in answers.items():
            submitted = self.live.players.answer(
                view.setup, user_id=user_id, question_id=question_id, answer=answer, claimed_ms=None
            )
            call(submitted)

    def end(self, view: SessionView) -> None:
        """End the session."""
        call(self.live.sessions.command(view.setup.id, End(), actor="test"))

    def ask_for_deck(self, view: SessionView, token: str) -> Any:
        """The response to a player who asks for a deck."""
        body = {"session_id": view.setup.id, "session_token": token}
        return Client().post("/practice/api/decks", body, content_type="application/json")

    def deck(self, view: SessionView, token: str) -> Deck:
        """The deck of a player."""
        response = self.ask_for_deck(view, token)
        assert response.status_code == 201, response.content
        return Deck(response.json()["token"], Client())

    def played(self, name: str = "Ann") -> tuple[SessionView, Deck]:
        """A session that is over, in which one player answered everything, and the player's deck."""
        view = self.open()
        token = self.join(view, name)
        self.answer(view, name.lower(), ANSWERS)
        self.end(view)
        return view, self.deck(view, token)

    def played_by(self, pupil: Pupil) -> tuple[SessionView, Deck]:
        """The same of a pupil, in a session of the class."""
        view = self.open(options=SessionOptions(class_id=pupil.school_class_id))
        user_id, token = self.join_by_card(view, pupil)
        self.answer(view, user_id, ANSWERS)
        self.end(view)
        return view, self.deck(view, token)

    def now(self) -> int:
        """Unix milliseconds on the server's clock."""
        return self.live.clock.now()

    def go_on(self, ms: int) -> None:
        """Move the clock."""
        clock: Any = self.live.clock
        clock._offset += ms


@pytest.fixture
def game(live: Runtime, host: User) -> Game:
    return Game(live, host)


@pytest.fixture
def school_class(host: User) -> SchoolClass:
    """A class of two."""
    made = create_class("7a", owner_id=host.pk)
    add_pupils(made, ["Ann", "Bob"])
    return made

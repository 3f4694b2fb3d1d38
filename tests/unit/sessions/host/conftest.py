"""Hosts, and the runtime that their pages drive."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.contrib.auth.models import User
from django.test import Client

from quizzes.rules.content import QuestionContent, QuizContent
from quizzes.services.quizzes import quiz_create
from scoring.rules.answers import StoredAnswer
from sessions.services.hosting import SessionView
from sessions.services.ports import Join
from sessions.wiring.runtime import Runtime, call
from tests.support.live_runtime import live

__all__ = ["live"]

QUIZ = QuizContent(
    id="animals",
    title="Animals",
    questions=(
        QuestionContent(id="q1", kind="choice", text="It barks.", options=("cat", "dog"), correct_answers=("dog",)),
        QuestionContent(id="q2", kind="typed", text="It purrs.", correct_answers=("(a) cat",)),
        QuestionContent(id="q3", kind="poll", text="Your favourite?", options=("cat", "dog"), points=0),
    ),
)


@pytest.fixture
def host(live: Runtime, make_host: Callable[[str], User]) -> User:
    return make_host("teacher")


@pytest.fixture
def other(live: Runtime, make_host: Callable[[str], User]) -> User:
    return make_host("colleague")


@pytest.fixture
def opened(live: Runtime, host: User) -> SessionView:
    """A host-paced session of the host's."""
    quiz_create(QUIZ, owner=host)
    return call(live.sessions.create(QUIZ, pace="host", owner_id=host.pk, actor="user:teacher"))


@pytest.fixture
def join(live: Runtime) -> Callable[..., None]:
    """Lets players in, by their names."""

    def let_in(view: SessionView, *names: str) -> None:
        joins = [Join(name.lower(), name, proven=False, connection=f"test/{name}") for name in names]
        call(live.store.join(view.setup.id, joins))

    return let_in


@pytest.fixture
def answer(live: Runtime) -> Callable[..., StoredAnswer]:
    """Answers a question for a player."""

    def submit(view: SessionView, name: str, question_id: str, given: str) -> StoredAnswer:
        submitted = live.players.answer(
            view.setup, user_id=name.lower(), question_id=question_id, answer=given, claimed_ms=None
        )
        return call(submitted).stored

    return submit


def signed_in(user: User) -> Client:
    """A browser in which this user has signed in."""
    client = Client()
    client.force_login(user)
    return client

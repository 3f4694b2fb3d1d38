"""The results page offers what was typed and is not right, and a host accepts it."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.utils import timezone

from scoring.models import AnswerSubmission
from scoring.rules.answers import StoredAnswer
from sessions.models import Participant, QuizSession, SessionEventRecord
from sessions.rules.commands import CloseQuestion, End, Next, Start
from sessions.services.hosting import SessionView
from sessions.wiring.runtime import Runtime, call
from tests.unit.sessions.host.conftest import signed_in

Answer = Callable[..., StoredAnswer]


def results(view: SessionView) -> str:
    return f"/admin/quiz_sessions/quizsession/{view.setup.id}/results/"


@pytest.fixture
def typed(
    live: Runtime, opened: SessionView, join: Callable[..., None], answer: Answer
) -> Callable[[], list[tuple[str, str, int]]]:
    """The typed question is open and answered; tells what the results page offers."""
    join(opened, "Ann", "Bob", "Cleo", "Dan")
    for command in (Start(), Next(), Next()):
        call(live.sessions.command(opened.setup.id, command, actor="user:teacher"))
    for name, given in {"Ann": "cat", "Bob": "Kitty", "Cleo": "kitty", "Dan": "<b>dog</b>"}.items():
        answer(opened, name, "q2", given)

    def offered() -> list[tuple[str, str, int]]:
        page = signed_in(User.objects.get(username="teacher")).get(results(opened))
        return [
            (row.question.id, group.answer, group.count) for row in page.context["accepting"] for group in row.answers
        ]

    return offered


def accept(client: Client, view: SessionView, answer: str, question: str = "q2") -> list[str]:
    """Press the button; what the page says then."""
    page = client.post(results(view), {"question": question, "answer": answer}, follow=True)
    assert page.redirect_chain == [(f"{results(view)}#accepting", 302)]
    return [str(message) for message in page.context["messages"]]


def scores(view: SessionView) -> dict[str, int]:
    return dict(Participant.objects.filter(session_id=view.setup.id).values_list("user_id", "score"))


def test_what_was_typed_is_offered_once_the_question_is_closed_and_accepted_for_everybody(
    live: Runtime, opened: SessionView, host: User, typed: Callable[[], list[tuple[str, str, int]]]
) -> None:
    client = signed_in(host)
    assert typed() == []
    assert accept(client, opened, "Kitty") == ["This answer cannot be accepted now."]
    call(live.sessions.command(opened.setup.id, CloseQuestion(), actor="user:teacher"))
    assert typed() == [("q2", "Kitty", 2), ("q2", "<b>dog</b>", 1)]
    page = client.get(results(opened)).content.decode()
    assert "&lt;b&gt;dog&lt;/b&gt;" in page
    assert "<b>dog</b>" not in page
    assert accept(client, opened, "Kitty") == ["Everybody who gave this answer has its points."]
    assert typed() == [("q2", "<b>dog</b>", 1)]
    assert [score > 0 for score in scores(opened).values()] == [True, True, True, False]
    assert "(a) cat · Kitty" in client.get(results(opened)).content.decode()
    record = SessionEventRecord.objects.get(session_id=opened.setup.id, kind="answers_regraded")
    assert (record.command, record.actor, record.data["answer"]) == ("Accept", "user:teacher", "Kitty")
    before = scores(opened)
    assert accept(client, opened, "kitty") == ["Everybody who gave this answer has its points."]
    assert scores(opened) == before
    assert SessionEventRecord.objects.filter(kind="answers_regraded").count() == 1


@pytest.mark.parametrize(("question", "wish"), [("q1", "cat"), ("q9", "cat"), ("q2", ""), ("q2", "x" * 301), ("", "")])
def test_what_makes_no_sense_is_said_so(
    live: Runtime,
    opened: SessionView,
    host: User,
    typed: Callable[[], list[tuple[str, str, int]]],
    question: str,
    wish: str,
) -> None:
    call(live.sessions.command(opened.setup.id, End(), actor="user:teacher"))
    assert accept(signed_in(host), opened, wish, question) == ["This answer cannot be accepted now."]


def test_only_the_sessions_host_accepts(
    live: Runtime, opened: SessionView, other: User, typed: Callable[[], list[tuple[str, str, int]]]
) -> None:
    call(live.sessions.command(opened.setup.id, End(), actor="user:teacher"))
    body = {"question": "q2", "answer": "Kitty"}
    assert signed_in(other).post(results(opened), body).status_code == 404
    assert Client().post(results(opened), body).status_code == 302  # to sign in
    path = f"/api/v1/sessions/{opened.setup.id}/questions/q2"
    assert signed_in(other).get(f"{path}/answers").status_code == 404
    assert signed_in(other).post(f"{path}/accept", {"answer": "Kitty"}, "application/json").status_code == 404
    assert not AnswerSubmission.objects.filter(session_id=opened.setup.id, answer="Kitty", is_correct=True).exists()


def test_after_the_names_are_gone_the_results_stay_as_they_are(
    live: Runtime, opened: SessionView, host: User, typed: Callable[[], list[tuple[str, str, int]]]
) -> None:
    call(live.sessions.command(opened.setup.id, End(), actor="user:teacher"))
    QuizSession.objects.filter(id=opened.setup.id).update(purged_at=timezone.now())
    assert typed() == []
    client = signed_in(host)
    assert client.post(results(opened), {"question": "q2", "answer": "Kitty"}).status_code == 404
    reply = client.post(
        f"/api/v1/sessions/{opened.setup.id}/questions/q2/accept", {"answer": "Kitty"}, "application/json"
    )
    assert reply.status_code == 409
    assert "stay as they are" in reply.json()["detail"]


def test_of_what_is_almost_right_the_letters_that_differ_are_marked(
    live: Runtime, opened: SessionView, host: User, join: Callable[..., None], answer: Answer
) -> None:
    join(opened, "Ann")
    for command in (Start(), Next(), Next()):
        call(live.sessions.command(opened.setup.id, command, actor="user:teacher"))
    answer(opened, "Ann", "q2", "a cát")
    call(live.sessions.command(opened.setup.id, CloseQuestion(), actor="user:teacher"))
    page = signed_in(host).get(results(opened)).content.decode()
    assert page.count('a c<del>á</del><ins aria-hidden="true">a</ins>t') == 2
    given = call(live.sessions.given_answers(opened.setup.id, "q2")).page(0, 10)
    assert [group.difference for group in given] == [[("same", "a c"), ("extra", "á"), ("missing", "a"), ("same", "t")]]

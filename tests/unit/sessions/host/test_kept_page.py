"""What is kept, on one page and over REST: hosts see and end what is their own, and one person's data goes whole."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from axes.models import AccessLog
from django.contrib.auth.models import User
from django.test import Client

from quizzes.services.quizzes import quiz_create
from scoring.models import AnswerSubmission
from sessions.models import FinalStanding, Participant, QuizSession, SessionEventRecord
from sessions.rules.commands import End
from sessions.rules.options import SessionOptions
from sessions.services.hosting import SessionView
from sessions.wiring.runtime import Runtime, call
from tests.unit.sessions.host.conftest import QUIZ, signed_in

PAGE = "/admin/quiz_sessions/quizsession/kept/"
API = "/api/v1/people"
TABLES = (Participant, AnswerSubmission, FinalStanding, SessionEventRecord, QuizSession)


@pytest.fixture
def client(live: Runtime, host: User) -> Client:
    quiz_create(QUIZ, owner=host)
    return signed_in(host)


@pytest.fixture
def play(
    live: Runtime, host: User, join: Callable[..., None], answer: Callable[..., Any]
) -> Callable[..., SessionView]:
    """A self-paced session of a host's in which Ann and Bob have answered."""

    def played(*, ended: bool = True, owner: User | None = None, homework: bool = False) -> SessionView:
        closes_at = round((datetime.now(UTC) + timedelta(days=3)).timestamp() * 1_000)
        options = SessionOptions(closes_at=closes_at, attempts=2) if homework else SessionOptions()
        view = call(
            live.sessions.create(
                QUIZ, pace="self", auto_start=True, options=options, owner_id=(owner or host).pk, actor="test"
            )
        )
        join(view, "Ann", "Bob")
        for name in ("Ann", "Bob"):
            answer(view, name, "q1", "dog")
        if homework:
            call(live.sessions.move_closing(view.setup.id, closes_at + 60_000, user_id="ann", actor="test"))
            answer(view, "Ann", "q2", "cat")
            answer(view, "Ann", "q3", "cat")
            call(live.players.attempts.begin(view.setup, user_id="ann", attempt=2))
            call(live.players.answer(view.setup, user_id="ann~2", question_id="q1", answer="cat", claimed_ms=None))
        call(live.sessions.rename(view.setup.id, "ann", "Anna Wilfrieda", actor="test"))
        if ended:
            call(live.sessions.command(view.setup.id, End(), actor="test"))
        call(live.settle(view.setup.id))
        return view

    return played


def everything() -> str:
    """All that the tables of sessions say."""
    return str([list(table.objects.values()) for table in TABLES])


def post(client: Client, end: str, **fields: str) -> Any:
    return client.post(PAGE, {"end": end, "sure": "on", **fields}, follow=True)


def test_it_tells_what_is_kept_and_until_when(client: Client, play: Callable[..., SessionView], other: User) -> None:
    play()
    play(ended=False)
    play(owner=other)
    page = client.get(PAGE)
    told = page.context
    assert (told["named_count"], told["open_count"], told["ended_count"]) == (1, 1, 1)
    assert timedelta(hours=23) < told["named_until"] - datetime.now(UTC) < timedelta(hours=25)
    assert told["sign_in_count"] is None
    assert "Anna" not in page.content.decode()


def test_names_are_replaced_now_and_results_stay(client: Client, play: Callable[..., SessionView]) -> None:
    play()
    assert "Wilfrieda" in everything()
    assert client.post(PAGE, {"end": "names"}, follow=True).status_code == 200
    assert "Wilfrieda" in everything(), "nobody ticked the box"
    assert "gone" in post(client, "names").content.decode()
    assert "Wilfrieda" not in everything()
    assert "'ann'" not in everything()
    assert sorted(Participant.objects.values_list("score", flat=True)) == [10, 10]


def test_sessions_of_before_a_day_are_deleted_with_everything(
    client: Client, play: Callable[..., SessionView], other: User
) -> None:
    play()
    play(owner=other)
    assert QuizSession.objects.count() == 2
    post(client, "sessions", before="2020-01-01")
    post(client, "sessions", before="never")
    assert QuizSession.objects.count() == 2
    post(client, "sessions", before=f"{datetime.now(UTC) + timedelta(days=2):%Y-%m-%d}")
    assert list(QuizSession.objects.values_list("owner", flat=True)) == [other.pk]


def test_only_an_operator_sees_and_deletes_sign_ins(client: Client, host: User) -> None:
    AccessLog.objects.create(username="somebody")
    post(client, "sign_ins")
    assert AccessLog.objects.filter(username="somebody").exists()
    host.is_superuser = True
    host.save()
    assert client.get(PAGE).context["sign_in_count"] >= 1
    post(client, "sign_ins")
    assert not AccessLog.objects.filter(username="somebody").exists()


@pytest.mark.parametrize("ended", [True, False])
@pytest.mark.parametrize("homework", [True, False])
def test_one_persons_data_is_found_given_out_and_gone(
    client: Client, live: Runtime, play: Callable[..., SessionView], ended: bool, homework: bool
) -> None:
    view = play(ended=ended, homework=homework)
    session_id = view.setup.id
    [found] = client.get(API, {"name": "anna wilfrieda"}).json()["players"]
    assert (found["user_id"], found["session_id"]) == ("ann", session_id)
    [data] = client.get(f"{API}/ann").json()["sessions"]
    assert data["participants"][0]["username"] == "Anna Wilfrieda"
    assert len(data["answers"]) == (4 if homework else 1)
    assert {record["kind"] for record in data["records"]} == {"participant_renamed"}
    assert (data["longer_until"] is not None) == homework
    assert client.delete(f"{API}/ann").status_code == 204
    assert "Wilfrieda" not in everything()
    assert "ann" not in everything().replace("answer", "").replace("planned", "")
    assert client.get(f"{API}/ann").status_code == 404
    assert client.delete(f"{API}/ann").status_code == 404
    [line] = client.get(f"/api/v1/sessions/{session_id}/results").json()["participants"]
    assert (line["rank"], line["username"], line["score"]) == (1, "Bob", 10)
    assert [each.user_id for each in call(live.store.participants(session_id))] == ["bob"]
    if ended:
        assert list(FinalStanding.objects.values_list("user_id", "rank")) == [("bob", 1)]
    else:
        call(live.players.answer(view.setup, user_id="bob", question_id="q3", answer="cat", claimed_ms=None))


def test_a_host_reaches_nobody_of_another_hosts_sessions(
    client: Client, play: Callable[..., SessionView], other: User
) -> None:
    view = play()
    stranger = signed_in(other)
    assert stranger.get(API, {"name": "bob"}).json() == {"players": []}
    assert stranger.get(f"{API}/bob").status_code == 404
    assert stranger.delete(f"{API}/bob", query_params={"session_id": view.setup.id}).status_code == 404
    post(stranger, "person", user_id="bob", session_id=view.setup.id)
    assert Participant.objects.filter(user_id="bob").exists()
    assert Client().get(f"{API}/bob").status_code in {401, 403}


def test_a_person_of_two_sessions_may_go_from_one(client: Client, play: Callable[..., SessionView]) -> None:
    first, second = play(), play()
    assert len(client.get(f"{API}/bob").json()["sessions"]) == 2
    assert client.delete(f"{API}/bob?session_id={first.setup.id}").status_code == 204
    assert [each["session_id"] for each in client.get(f"{API}/bob").json()["sessions"]] == [second.setup.id]


def test_the_page_finds_and_deletes_a_person(client: Client, play: Callable[..., SessionView]) -> None:
    view = play()
    page = client.get(PAGE, {"name": "Anna Wilfrieda"})
    assert [player["user_id"] for player in page.context["found"]] == ["ann"]
    assert "Nobody of this name" in client.get(PAGE, {"name": "Nobody"}).content.decode()
    assert post(client, "person", user_id="ann", session_id=view.setup.id).status_code == 200
    assert "Wilfrieda" not in everything()

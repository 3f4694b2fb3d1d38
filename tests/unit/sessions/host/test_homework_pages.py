"""Homework over the Run form and REST: what was asked for is what opens and closes, or the fault is named."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client

from quizzes.services.quizzes import quiz_create
from sessions.models import QuizSession
from sessions.rules.attempts import attempt_id
from sessions.rules.options import HOMEWORK
from sessions.services.hosting import SessionView
from sessions.services.ports import Join
from sessions.wiring.runtime import Runtime, call
from tests.unit.sessions.host.conftest import QUIZ, signed_in

OPEN = "/admin/quiz_sessions/quizsession/open/"
API = "/api/v1/sessions"


@pytest.fixture
def client(live: Runtime, host: User) -> Client:
    quiz_create(QUIZ, owner=host)
    return signed_in(host)


def days(count: float) -> datetime:
    return datetime.now(UTC) + timedelta(days=count)


def form(**fields: Any) -> dict[str, Any]:
    return {
        "quiz": "animals",
        "pace": "homework",
        "reveal": "",
        "max_participants": "30",
        "closes_at": f"{days(7):%Y-%m-%dT%H:%M}",
        "time_zone": "UTC",
        "attempts": "3",
        "counts": "last",
        "solutions": "on_close",
        **fields,
    }


def post(client: Client, path: str, body: Any) -> Any:
    return client.post(f"{API}{path}", body, content_type="application/json")


def created(client: Client, **homework: Any) -> Any:
    return post(client, "", {"quiz_id": "animals", "homework": {"closes_at": days(7).isoformat(), **homework}})


def test_the_form_opens_a_homework_that_is_open_at_once(client: Client, live: Runtime) -> None:
    assert client.post(OPEN, form()).status_code == 302
    session = QuizSession.objects.get()
    view = call(live.sessions.view(session.id))
    assert (session.homework, session.pace, session.reveal, session.scoring) == (True, "self", "on_close", "flat")
    assert (view.state.status, view.setup.options.attempts, view.setup.options.counts) == ("active", 3, "last")
    assert abs(view.state.closes_at / 1_000 - days(7).timestamp()) < 120
    assert session.due_at == view.state.expires_at == view.state.closes_at


def test_the_form_opens_it_later_in_the_zone_that_was_chosen(client: Client, live: Runtime) -> None:
    opens = (days(2)).replace(hour=12, minute=0)
    fields = form(opens_at=f"{opens:%Y-%m-%dT%H:%M}", time_zone="Asia/Tokyo", closes_at=f"{days(9):%Y-%m-%dT%H:%M}")
    assert client.post(OPEN, fields).status_code == 302
    view = call(live.sessions.view(QuizSession.objects.get().id))
    assert view.state.status == "waiting"
    assert datetime.fromtimestamp(view.setup.options.opens_at / 1_000, UTC).hour == 3


@pytest.mark.parametrize(
    ("fields", "named"),
    [
        ({"closes_at": ""}, "closes_at"),
        ({"closes_at": "soon"}, "closes_at"),
        ({"closes_at": "2020-01-01T10:00"}, "closes_at"),
        ({"closes_at": f"{days(120):%Y-%m-%dT%H:%M}"}, "closes_at"),
        ({"opens_at": f"{days(8):%Y-%m-%dT%H:%M}"}, "closes_at"),
        ({"time_zone": "Europe/Atlantis"}, "time_zone"),
        ({"attempts": "0"}, "attempts"),
        ({"teams": "drawn", "team_count": "2"}, "teams"),
        ({"goal": "right", "goal_amount": "20"}, "attempts"),
        ({"closes_at": "2099-03-29T02:30", "time_zone": "Europe/Berlin"}, "closes_at"),
    ],
)
def test_the_form_names_what_cannot_be(client: Client, fields: dict[str, str], named: str) -> None:
    answer = client.post(OPEN, form(**fields))
    assert answer.status_code == 200
    assert list(answer.context["form"].errors) == [named]
    assert not QuizSession.objects.exists()


def test_the_form_says_what_ends_when_and_a_live_session_has_nothing_of_a_homework(client: Client) -> None:
    assert "2 hours" in client.get(OPEN).content.decode()
    assert client.post(OPEN, form(pace="host", closes_at="never")).status_code == 302
    session = QuizSession.objects.get()
    assert not session.homework
    assert not set(session.options) & set(HOMEWORK)


def test_rest_takes_a_homework_and_tells_when_it_closes(client: Client) -> None:
    made = created(client, attempts=2, solutions="after_deadline", opens_at=days(1).isoformat())
    assert made.status_code == 201
    told = made.json()
    assert (told["status"], told["reveal"], told["scoring"], told["pace"]) == ("waiting", "on_close", "flat", "self")
    assert told["options"]["attempts"] == 2
    assert told["opens_at"][:10] == days(1).date().isoformat()
    assert told["closes_at"][:10] == days(7).date().isoformat()
    # The same again by its options, as another session tells them.
    copy = post(client, "", {"quiz_id": "animals", "options": told["options"]})
    assert copy.json()["closes_at"] == told["closes_at"]


@pytest.mark.parametrize(
    ("homework", "reason"),
    [
        ({"closes_at": "2020-01-01T00:00"}, "closes_in_past"),
        ({"closes_at": "2030-03-31T02:30", "time_zone": "Europe/Berlin"}, "no_such_time"),
        ({"time_zone": "Mars/Olympus", "closes_at": "2030-01-01T00:00"}, "unknown_zone"),
        ({"opens_at": days(8).isoformat()}, "closes_before_opens"),
        ({"closes_at": days(100).isoformat()}, "open_too_long"),
    ],
)
def test_rest_names_times_that_cannot_be(client: Client, homework: dict[str, str], reason: str) -> None:
    refused = created(client, **homework)
    assert (refused.status_code, refused.json()["reason"]) == (400, reason)
    assert not QuizSession.objects.exists()


def test_rest_refuses_a_homework_at_a_hosts_pace_and_attempts_without_one(client: Client) -> None:
    body = {"quiz_id": "animals", "pace": "host", "homework": {"closes_at": days(1).isoformat()}}
    assert post(client, "", body).json()["reason"] == "not_self_paced"
    refused = post(client, "", {"quiz_id": "animals", "options": {"attempts": 3}})
    assert (refused.status_code, refused.json()["option"]) == (400, "attempts")
    assert post(client, "", {"quiz_id": "animals", "homework": {"closes_at": "soon"}}).status_code == 400


def let_in(live: Runtime, session_id: str, *users: str) -> SessionView:
    joins = [Join(user, user.title(), proven=False, connection=f"test/{user}") for user in users]
    call(live.store.join(session_id, joins))
    return call(live.sessions.view(session_id))


def test_a_host_moves_the_end_for_all_and_gives_one_player_longer(client: Client, live: Runtime) -> None:
    session_id = created(client).json()["session_id"]
    let_in(live, session_id, "ann")
    path = f"/{session_id}/closing"
    moved = post(client, path, {"closes_at": days(8).isoformat()}).json()
    assert moved["closes_at"][:10] == days(8).date().isoformat()
    longer = post(client, path, {"closes_at": days(9).isoformat(), "user_id": "ann"}).json()
    assert longer["closes_at"] == moved["closes_at"]
    assert [(each["user_id"], each["closes_at"][:10]) for each in longer["extensions"]] == [
        ("ann", days(9).date().isoformat())
    ]
    assert post(client, path, {"closes_at": days(9).isoformat(), "user_id": "bob"}).status_code == 404
    assert post(client, path, {"closes_at": "2020-01-01T00:00"}).status_code == 409
    assert post(client, path, {"closes_at": "2030-03-31T02:30", "time_zone": "Europe/Berlin"}).status_code == 400
    stale = post(client, path, {"closes_at": days(8).isoformat(), "revision": moved["revision"]})
    assert stale.status_code == 409


def test_only_the_host_may_move_it(client: Client, live: Runtime, other: User) -> None:
    session_id = created(client).json()["session_id"]
    assert post(signed_in(other), f"/{session_id}/closing", {"closes_at": days(8).isoformat()}).status_code == 404


def answered(live: Runtime, view: SessionView, user: str, attempt: int, **answers: str) -> None:
    for question, given in answers.items():
        row = attempt_id(user, attempt)
        call(live.players.answer(view.setup, user_id=row, question_id=question, answer=given, claimed_ms=None))


def test_results_have_one_line_for_each_player_and_every_attempts_answers(client: Client, live: Runtime) -> None:
    session_id = created(client, attempts=2).json()["session_id"]
    view = let_in(live, session_id, "ann", "bob")
    answered(live, view, "ann", 1, q1="dog", q2="dog", q3="cat")
    answered(live, view, "bob", 1, q1="dog", q2="cat")
    call(live.players.attempts.begin(view.setup, user_id="ann", attempt=2))
    answered(live, view, "ann", 2, q1="cat")
    told = client.get(f"{API}/{session_id}/results?wait=true").json()
    lines = [(p["user_id"], p["score"], p["correct"], p["answered"], p["attempts"]) for p in told["participants"]]
    assert lines == [("bob", 20, 2, 2, 1), ("ann", 10, 2, 3, 2)]
    assert [(a["user_id"], a["attempt"], a["counts"]) for a in told["answers"] if a["question_id"] == "q1"] == [
        ("ann", 1, True),
        ("bob", 1, True),
        ("ann", 2, False),
    ]
    assert told["questions"][0] | {"text": ""} == {
        "question_id": "q1",
        "text": "",
        "answered": 2,
        "correct": 2,
        "distribution": {"dog": 2},
    }
    players = client.get(f"{API}/{session_id}/participants").json()["participants"]
    assert [(player["user_id"], player["score"]) for player in players] == [("ann", 10), ("bob", 20)]
    progress = client.get(f"{API}/{session_id}/progress").json()["players"]
    assert [(line["user_id"], line["answered"]) for line in progress] == [("ann", 1), ("bob", 2)]
    for name in ("results.csv", "results.xlsx"):
        assert client.get(f"{API}/{session_id}/{name}").status_code == 200
    page = client.get(f"/admin/quiz_sessions/quizsession/{session_id}/results/")
    rows = [(row.username, row.score, row.answered) for row in page.context["players"]]
    assert rows == [("Bob", 20, 2), ("Ann", 10, 3)]
    assert page.context["player_count"] == 2
    assert client.get(f"/admin/quiz_sessions/quizsession/{session_id}/change/").status_code == 200
    assert client.get(f"/admin/quiz_sessions/quizsession/{session_id}/run/").status_code == 200


def test_a_further_attempt_is_no_player_that_could_be_named(client: Client, live: Runtime) -> None:
    session_id = created(client, attempts=2).json()["session_id"]
    view = let_in(live, session_id, "ann")
    answered(live, view, "ann", 1, q1="dog", q2="dog", q3="cat")
    call(live.players.attempts.begin(view.setup, user_id="ann", attempt=2))
    path = f"/{session_id}/closing"
    assert post(client, path, {"closes_at": days(9).isoformat(), "user_id": "ann~2"}).status_code == 404
    for method in (client.delete, client.patch):
        refused = method(f"{API}/{session_id}/participants/ann~2", {"username": "X"}, content_type="application/json")
        assert refused.status_code == 404

"""Personal data goes, results stay, and a session can be deleted whole."""

from __future__ import annotations

import sqlite3
from datetime import UTC, datetime, timedelta

import pytest
from django.contrib.auth.models import User
from django.core.management import call_command
from django.test import Client

from quizzes.services.demo import demo_quizzes
from scoring.models import AnswerSubmission
from sessions.database.results import session_results
from sessions.database.retention import purge
from sessions.models import FinalStanding, Participant, QuizSession, SessionEventRecord
from sessions.wiring.runtime import call, runtime
from tests.support.serving import Server, ask

ENDED = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)


@pytest.fixture
def played(transactional_db: None) -> QuizSession:
    """A session that ended, with two players; one has an id that looks like a pseudonym."""
    quiz = next(iter(demo_quizzes()))
    view = call(runtime().sessions.create(quiz, actor="test", auto_start=True))
    session = QuizSession.objects.get(id=view.setup.id)
    for position, user_id in enumerate(("ann-1", "player-1"), start=1):
        Participant.objects.create(
            session=session, user_id=user_id, username=f"Name {user_id}", position=position, score=10 * position,
            joined_at=ENDED, last_active_at=ENDED, status="connected",
        )  # fmt: skip
        AnswerSubmission.objects.create(
            session=session, user_id=user_id, question_id=quiz.questions[0].id, answer="Apple", verdict="correct",
            is_correct=True, points=10 * position, submitted_at=ENDED, time_taken_ms=900,
        )  # fmt: skip
        FinalStanding.objects.create(
            session=session, user_id=user_id, username=f"Name {user_id}", rank=3 - position, score=10 * position
        )
    SessionEventRecord.objects.create(
        session=session, revision=1, kind="participant_removed", command="Remove", actor="test", at=ENDED,
        data={"user_id": "ann-1"},
    )  # fmt: skip
    SessionEventRecord.objects.create(
        session=session, revision=1, kind="participant_renamed", command="Rename", actor="test", at=ENDED,
        data={"user_id": "ann-1", "from": "Name before", "to": "Name ann-1"},
    )  # fmt: skip
    QuizSession.objects.filter(id=session.id).update(status="completed", end_time=ENDED)
    session.refresh_from_db()
    return session


def everything(session: QuizSession) -> str:
    """All that the database says of the session's players."""
    tables = (Participant, AnswerSubmission, FinalStanding, SessionEventRecord)
    return str([list(table.objects.filter(session=session).values()) for table in tables])


def test_names_and_ids_are_gone_and_results_stay(played: QuizSession) -> None:
    before = session_results(played)
    assert purge(now=ENDED + timedelta(days=2), ended_before=ENDED + timedelta(days=1)) == 1
    text = everything(played)
    assert "ann-1" not in text
    assert "Name" not in text
    assert "player-1" not in text
    after = session_results(played)
    assert [(line["rank"], line["score"], line["correct"]) for line in after["participants"]] == [
        (line["rank"], line["score"], line["correct"]) for line in before["participants"]
    ]
    assert after["questions"] == before["questions"]
    assert {line["user_id"] for line in after["participants"]} == {line["user_id"] for line in after["answers"]}
    assert purge(now=ENDED + timedelta(days=3), ended_before=ENDED + timedelta(days=2)) == 0


def test_a_session_that_ended_lately_or_is_live_is_left_alone(played: QuizSession) -> None:
    assert purge(now=ENDED, ended_before=ENDED) == 0
    QuizSession.objects.filter(id=played.id).update(status="active")
    assert purge(now=ENDED + timedelta(days=9), ended_before=ENDED + timedelta(days=8)) == 0
    assert "ann-1" in everything(played)


def test_the_command_purges_what_is_due(played: QuizSession, capsys: pytest.CaptureFixture[str]) -> None:
    call_command("purge", hours=1)
    assert "ann-1" not in everything(played)


def test_a_host_deletes_a_session_in_the_admin(played: QuizSession, client: Client) -> None:
    client.force_login(User.objects.create_superuser("chief"), "django.contrib.auth.backends.ModelBackend")
    path = f"/admin/quiz_sessions/quizsession/{played.id}/delete/"
    assert client.get(path).status_code == 200
    assert client.post(path, {"post": "yes"}).status_code == 302
    assert not QuizSession.objects.filter(id=played.id).exists()
    assert not AnswerSubmission.objects.filter(session_id=played.id).exists()


def test_a_session_is_deleted_whole(server: Server) -> None:
    made = server.session()
    path = f"/api/v1/sessions/{made['session_id']}"
    with server.client("leaver") as player:
        ask(player, "JOIN_SESSION", {"session_id": made["session_id"], "username": "Lea"})
        question = ask(player, "NEXT_QUESTION", {"session_id": made["session_id"]})["payload"]
        ask(player, "SUBMIT_ANSWER", {
            "session_id": made["session_id"], "question_id": question["question_id"], "answer": "x",
        })  # fmt: skip
        assert server.request("DELETE", path, key="")[0] == 401
        assert server.request("DELETE", path)[0] == 204
        ask(player, "PING", until="SESSION_ENDED")
    with server.client("late") as late:
        for known in (made["session_id"], made["join_code"]):
            answer = ask(late, "JOIN_SESSION", {"session_id": known, "username": "Late"})["payload"]
            assert answer["code"] == "INVALID_SESSION"
    assert server.request("GET", path)[0] == 404
    assert server.request("GET", f"{path}/results")[0] == 404
    assert server.request("DELETE", path)[0] == 404
    with sqlite3.connect(server.log.parent / "quiz.sqlite3") as database:
        for table in ("participants", "answer_submissions", "session_events", "final_standings"):
            query = f"SELECT count(*) FROM {table} WHERE session_id = ?"
            assert database.execute(query, [made["session_id"]]).fetchone() == (0,)
    database.close()


def test_of_several_attempts_the_player_stays_one(played: QuizSession) -> None:
    question = AnswerSubmission.objects.filter(session=played).values_list("question_id", flat=True)[0]
    Participant.objects.create(
        session=played, user_id="ann-1~2", username="", position=3, score=30,
        joined_at=ENDED, last_active_at=ENDED, status="disconnected",
    )  # fmt: skip
    AnswerSubmission.objects.create(
        session=played, user_id="ann-1~2", question_id=question, answer="Apple", verdict="correct",
        is_correct=True, points=30, submitted_at=ENDED, time_taken_ms=900,
    )  # fmt: skip
    state = {**played.state, "closes_at": 1, "extensions": [["ann-1", 2]]}
    QuizSession.objects.filter(id=played.id).update(options={"closes_at": 1, "attempts": 2}, state=state)
    played.refresh_from_db()
    before = session_results(played)
    assert [(line["score"], line["attempts"]) for line in before["participants"]] == [(30, 2), (20, 1)]
    purge(now=ENDED + timedelta(days=2), ended_before=ENDED + timedelta(days=1))
    played.refresh_from_db()
    after = session_results(played)
    assert [(line["score"], line["attempts"]) for line in after["participants"]] == [(30, 2), (20, 1)]
    assert {(answer["user_id"], answer["attempt"]) for answer in after["answers"]} == {
        (after["participants"][0]["user_id"], 1),
        (after["participants"][0]["user_id"], 2),
        (after["participants"][1]["user_id"], 1),
    }
    assert "ann-1" not in everything(played)
    assert "ann-1" not in str(played.state)

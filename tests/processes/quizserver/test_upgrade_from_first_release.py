"""The data of the first release (0.1.0), upgraded: nothing is lost or changed, and play goes on where it was.

tests/support/first_release has the database as that release's server left it, when it was stopped with one session
ended, one between two questions and one in the lobby, and the results as it told them.
"""

from __future__ import annotations

import json
import re
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from common.config import BASE_DIR
from tests.support.serving import ROOT, Server, ask, start_server, stop_server

FOLDER = ROOT / "tests" / "support" / "first_release"
#: The key with which that server signed the players' tokens, and the one it gave its operator.
SECRET = "nIcZ5EDrw1WV9qyaIZQLgGlaEb5BhvoR6AvNWxG74349SL9dglzq1R7t-Sd1X70BPYDF4FD8ZsP3_BspSABlJQ"
KEY = "ozFpsqv4.OFhl0kalIdY9a6MoqKgnODonkOINIf69"
ENDED, BETWEEN, LOBBY = (
    "86dc6422-dbc5-4eb7-8c2c-1302d2eda5df",
    "72712d4b-3308-4d37-b2af-8468f483abd9",
    "37b30d43-5d88-46b9-baf3-15562306e43d",
)
TOKENS = {"dana": "dana.ysRZm3qIlUuWh83WLOLYxQ9TfiWx1513", "emil": "emil.9eN142P6AmWdlVQyEKwT5R_JNJVUniLN"}
#: That server was stopped then. Its data is told as if that were just now: a session has hours to be played in.
STOPPED_AT = datetime(2026, 11, 28, 17, 55, 49, tzinfo=UTC)
AGE = timedelta(milliseconds=time.time_ns() // 1_000_000 - int(STOPPED_AT.timestamp() * 1000))


def as_of_now(text: str) -> str:
    """The text with the times of that day, in both forms, later by the age of the data."""

    def moved(found: re.Match[str]) -> str:
        then = datetime.fromisoformat(found[0].removesuffix("Z")) + AGE
        return then.isoformat(sep=found[1], timespec="milliseconds" if found[3] else "microseconds") + found[3]

    text = re.sub(r"\b17[89]\d{10}\b", lambda found: str(int(found[0]) + AGE // timedelta(milliseconds=1)), text)
    return re.sub(r"\b2026-11-28([T ])(\d\d:\d\d:\d\d\.\d+)(Z?)", moved, text)


TOLD = json.loads(as_of_now((FOLDER / "results.json").read_text(encoding="utf-8")))


def restored(folder: Path) -> Path:
    """The database as the first release left it."""
    path = folder / "quiz.sqlite3"
    with sqlite3.connect(path) as database:
        database.executescript(as_of_now((FOLDER / "first_release.sql").read_text(encoding="utf-8")))
    database.close()
    return path


@pytest.fixture(scope="module")
def upgraded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """Today's server over that data, migrated as the upgrade notes say."""
    folder = tmp_path_factory.mktemp("upgraded")
    restored(folder)
    server = start_server(folder, SECRET_KEY=SECRET)
    yield server
    stop_server(server)


def call(server: Server, method: str, path: str, body: Any = None) -> Any:
    status, answer = server.request(method, f"/api/v1/{path}", body, key=KEY)
    assert status < 300, (path, status, answer)
    return answer


def told_then(now: Any, then: Any) -> Any:
    """What the first release told too: today's server tells more."""
    if isinstance(then, dict):
        return {name: told_then(now[name], value) for name, value in then.items()}
    if isinstance(then, list) and then and isinstance(then[0], dict):
        assert len(now) == len(then)
        return [told_then(one, other) for one, other in zip(now, then, strict=True)]
    return now


def test_results_are_those_that_the_first_release_told(upgraded: Server) -> None:
    for session, told in ((ENDED, TOLD["completed"]), (BETWEEN, TOLD["between"])):
        now = call(upgraded, "GET", f"sessions/{session}/results")
        assert told_then(now, told) == told


def test_quizzes_and_accounts_are_as_they_were(upgraded: Server) -> None:
    quiz = call(upgraded, "GET", "quizzes/family")
    assert [question["kind"] for question in quiz["questions"]] == ["choice", "typed", "multi"]
    assert quiz["questions"][1]["grading"]["articles"] == "required"
    assert {session["session_id"] for session in call(upgraded, "GET", "sessions")["results"]} == {
        ENDED,
        BETWEEN,
        LOBBY,
    }


def test_a_session_that_was_under_way_is_played_to_its_end_by_the_same_players(upgraded: Server) -> None:
    with upgraded.client("dana") as dana, upgraded.client("emil") as emil:
        for client, user in ((dana, "dana"), (emil, "emil")):
            joined = ask(client, "JOIN_SESSION", {"session_id": BETWEEN, "session_token": TOKENS[user]})
            assert joined["payload"].get("resumed") is True, joined
        call(upgraded, "POST", f"sessions/{BETWEEN}/next")
        for client, answer in ((dana, "die Bruder"), (emil, "der Bruder")):
            given = {"session_id": BETWEEN, "question_id": "q2", "answer": answer}
            assert ask(client, "SUBMIT_ANSWER", given)["type"] == "ANSWER_ACCEPTED"
        call(upgraded, "POST", f"sessions/{BETWEEN}/close-question")
        call(upgraded, "POST", f"sessions/{BETWEEN}/end")
    results = call(upgraded, "GET", f"sessions/{BETWEEN}/results?wait=true")
    before = {row["user_id"]: row["score"] for row in TOLD["between"]["participants"]}
    points: dict[str, int] = {"dana": 0, "emil": 0}
    for answer in results["answers"]:
        points[answer["user_id"]] += answer["points"]
    scores = {row["user_id"]: row["score"] for row in results["participants"]}
    assert scores == points
    assert {user: scores[user] > before[user] for user in scores} == {"dana": True, "emil": True}
    assert len(results["answers"]) == 4


def test_a_session_in_the_lobby_starts_and_takes_new_players(upgraded: Server) -> None:
    with upgraded.client("gil") as gil:
        joined = ask(gil, "JOIN_SESSION", {"session_id": "K675Z9", "username": "Gil"})
        assert joined["payload"]["session_id"] == LOBBY
        call(upgraded, "POST", f"sessions/{LOBBY}/start")
        assert (
            ask(gil, "NEXT_QUESTION", {"session_id": LOBBY}, until="QUESTION_OPENED")["payload"]["question_id"] == "q1"
        )


def test_the_upgraded_tables_are_those_of_a_new_installation(tmp_path: Path) -> None:
    def columns(path: Path) -> dict[str, set[str]]:
        command = [sys.executable, "manage.py", "migrate", "--verbosity", "0"]
        environment = {"SECRET_KEY": SECRET, "DATA_DIR": str(path.parent)}
        subprocess.run(command, cwd=BASE_DIR, env={"PATH": "/usr/bin", **environment}, check=True)
        with sqlite3.connect(path) as database:
            names = [name for (name,) in database.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
            return {name: {row[1] for row in database.execute(f'PRAGMA table_info("{name}")')} for name in names}

    (tmp_path / "new").mkdir()
    assert columns(restored(tmp_path)) == columns(tmp_path / "new" / "quiz.sqlite3")

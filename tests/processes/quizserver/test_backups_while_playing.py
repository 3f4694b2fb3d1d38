"""Backups of both databases while players answer: whole as of one moment, and brought back as they were."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import psycopg
import pytest

from common.config import BASE_DIR
from tests.support.servers import postgres_url
from tests.support.serving import Server, ask, start_server, stop_server

QUESTIONS = 20


def command(server: Server, settings: dict[str, str], *words: str) -> subprocess.CompletedProcess[str]:
    kept = {name: value for name, value in os.environ.items() if name in {"PATH", "HOME", "LANG"}}
    environment = {**kept, "DATA_DIR": str(server.log.parent), **settings}
    return subprocess.run(
        [sys.executable, "manage.py", *words],
        cwd=BASE_DIR,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.fixture(params=["sqlite", "postgresql"])
def settings(request: pytest.FixtureRequest) -> Iterator[dict[str, str]]:
    """The settings of a server on a database of its own."""
    if request.param == "sqlite":
        yield {}
        return
    url = urlsplit(postgres_url())
    with psycopg.connect(postgres_url(), autocommit=True) as connection:
        connection.execute("DROP DATABASE IF EXISTS backed_up WITH (FORCE)")
        connection.execute("CREATE DATABASE backed_up")
    yield {"DATABASE_URL": urlunsplit(url._replace(path="/backed_up"))}


def answers(server: Server, session_id: str) -> list[dict[str, object]]:
    status, found = server.request("GET", f"/api/v1/sessions/{session_id}/results?wait=true")
    assert status == 200
    return sorted(found["answers"], key=lambda answer: (answer["user_id"], answer["question_id"]))


@pytest.mark.timeout(400)
def test_what_was_acknowledged_before_the_backup_is_in_it(tmp_path: Path, settings: dict[str, str]) -> None:
    server = start_server(tmp_path / "data", RATE_ANSWERS_PER_SECOND="0", **settings)
    backup = tmp_path / "backup.tar.gz"
    try:
        session = server.session(pace="self")["session_id"]
        taken = threading.Event()
        acknowledged: list[str] = []

        def take() -> None:
            done = command(server, settings, "backup", str(backup))
            assert done.returncode == 0, done.stderr
            taken.set()

        with server.client("ann") as player:
            ask(player, "JOIN_SESSION", {"session_id": session, "username": "Ann"})
            for number in range(1, QUESTIONS + 1):
                if number == QUESTIONS // 2:
                    before = list(acknowledged)
                    backing_up = threading.Thread(target=take)
                    backing_up.start()
                opened = ask(player, "NEXT_QUESTION", {"session_id": session}, until="QUESTION_OPENED")["payload"]
                given = {"typed": "x", "number": "1", "true_false": "true"}.get(opened["kind"]) or opened["options"]
                if opened["kind"] in ("choice", "poll"):
                    given = opened["options"][0]
                answer = {"session_id": session, "question_id": opened["question_id"], "answer": given}
                told = ask(player, "SUBMIT_ANSWER", answer)
                assert told["type"] == "SCORE_UPDATED", told
                acknowledged.append(opened["question_id"])
            backing_up.join()
        assert taken.is_set()
        full = answers(server, session)
        assert {answer["question_id"] for answer in full} == set(acknowledged)
    finally:
        stop_server(server)
    refused = command(server, settings, "restore", str(backup))
    assert refused.returncode == 1
    assert "--replace" in refused.stderr
    restored = command(server, settings, "restore", str(backup), "--replace")
    assert restored.returncode == 0, restored.stderr
    server = start_server(tmp_path / "data", **settings)
    try:
        kept = answers(server, session)
        assert set(before) <= {answer["question_id"] for answer in kept}
        assert [answer for answer in full if answer["question_id"] in {one["question_id"] for one in kept}] == kept
        # Ids go on behind those that were restored.
        assert server.session()["session_id"] != session
    finally:
        stop_server(server)


def test_a_running_servers_data_is_not_replaced(tmp_path: Path) -> None:
    server = start_server(tmp_path / "data")
    try:
        backup = tmp_path / "backup.tar.gz"
        assert command(server, {}, "backup", str(backup)).returncode == 0
        refused = command(server, {}, "restore", str(backup), "--replace")
        assert refused.returncode == 1
        assert "Another server process" in refused.stderr
    finally:
        stop_server(server)

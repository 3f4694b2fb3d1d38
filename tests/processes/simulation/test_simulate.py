"""Whole sessions, played by real clients against a real server process."""

from __future__ import annotations

import asyncio
import sqlite3
from contextlib import closing
from dataclasses import replace
from io import StringIO
from typing import Literal

import pytest
from django.core.management import CommandError, call_command
from rich.console import Console

from quizserver.management.commands import simulate
from simulation.check import check
from simulation.host import read_record
from simulation.play import Plan, Played, Simulation
from simulation.report import percentile, report
from simulation.rest import CallRefused, RestClient
from simulation.server import OwnServer
from tests.support.small_quiz import store_small_quiz

PLAN = Plan("vocab-101", "self", players=10, sessions=1, questions=3, seconds=1, seed=5)


@pytest.fixture(autouse=True)
def _embedded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", "")
    monkeypatch.setenv("REDIS_URL", "")


@pytest.mark.parametrize("arguments", [["--pace=host", "--sessions=2"], ["--pace=self"], ["--pace=homework"]])
def test_sessions_pass_their_check_though_the_server_is_killed(
    arguments: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    call_command("simulate", "--players=20", "--questions=4", "--seconds=1", "--restart", "--seed=3", *arguments)
    printed = capsys.readouterr().out
    assert "The server was killed with -9" in printed
    assert "podium" in printed
    assert "Check passed" in printed


@pytest.mark.parametrize("pace", ["host", "self"])
def test_what_was_missed_is_asked_again_and_checked_like_the_rest(pace: Literal["host", "self"]) -> None:
    async def play() -> Played:
        async with OwnServer() as server:
            rest = RestClient(server.url, server.api_key)
            await store_small_quiz(rest)
            plan = replace(PLAN, quiz_id="small", pace=pace, players=30, questions=None, asks_again=True)
            [played] = await Simulation(rest, plan).run()
            return played

    played = asyncio.run(play())
    assert played.findings == []
    assert played.table.counts["asked again"] > 0
    again = {question.id for question in played.quiz.questions if ".2" in question.id}
    assert again & {answer.question_id for answer in played.record.answers}


def test_it_finds_answers_that_were_deleted_changed_and_moved_in_the_database() -> None:
    async def play() -> tuple[Played, Played]:
        async with OwnServer() as server:
            rest = RestClient(server.url, server.api_key)
            with pytest.raises(CallRefused, match="404"):
                await Simulation(rest, replace(PLAN, quiz_id="there-is-none")).run()
            [played] = await Simulation(rest, PLAN).run()
            one, two, three = sorted({answer.user_id for answer in played.record.answers})[:3]
            with closing(sqlite3.connect(server.folder / "quiz.sqlite3")) as database, database:
                database.execute("DELETE FROM answer_submissions WHERE user_id = ?", [one])
                database.execute("UPDATE answer_submissions SET points = points + 1 WHERE user_id = ?", [two])
                database.execute("UPDATE answer_submissions SET user_id = 'nobody' WHERE user_id = ?", [three])
            record = await read_record(rest, played.table.session_id)
            findings = check(played.table.ledger, record, played.quiz)
            return played, replace(played, record=record, findings=findings)

    played, tampered = asyncio.run(play())
    out = StringIO()
    assert report(Console(file=out, width=200), [played])
    assert "Check passed" in out.getvalue()
    assert not report(Console(file=out, width=200), [tampered])
    for rule in ("answer lost", "wrong points", "answer from nowhere", "wrong score told", "wrong ranking"):
        assert f"{rule} (" in out.getvalue()


def test_the_exit_status_is_1_when_the_check_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(simulate.Command, "_run", lambda self, console, plan, options: [])
    call_command("simulate")
    monkeypatch.setattr(simulate, "report", lambda console, played: False)
    with pytest.raises(SystemExit) as stopped:
        call_command("simulate")
    assert stopped.value.code == 1


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["--players=0"], "--players: 1 to 10000"),
        (["--questions=0"], "--questions: at least 1"),
        (["--restart", "--url=http://127.0.0.1:1"], "--restart kills the server"),
        (["--url=ftp://127.0.0.1", "--api-key=k"], "not an http or https address"),
    ],
)
def test_it_says_what_is_wrong_with_its_arguments(arguments: list[str], says: str) -> None:
    with pytest.raises(CommandError, match=says):
        call_command("simulate", *arguments)


def test_a_percentile_is_a_value_that_so_many_do_not_exceed() -> None:
    values = [float(value) for value in range(100, 0, -1)]
    assert [percentile(values, percent) for percent in (50, 95, 99, 100)] == [50, 95, 99, 100]
    assert percentile([7.0], 50) == 7

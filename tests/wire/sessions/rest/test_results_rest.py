"""Players, rankings and results over REST, and what spreadsheets get."""

from __future__ import annotations

import csv
import io
from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest
import pytest_asyncio
from openpyxl import load_workbook

from sessions.rest.exports import ANSWER_HEADERS, results_csv, safe_cell
from tests.support.game import RIGHT, WRONG, Game
from tests.support.live_server import LiveServer
from tests.support.ws_client import Client
from tests.wire.sessions.rest.test_sessions_rest import problem

NewGame = Callable[..., Game]
FORMULA = "=1+1"


@pytest_asyncio.fixture
async def played(server: LiveServer) -> AsyncIterator[Game]:
    """A session in self pace with two players of four answers, one of whom is called like a formula."""
    game = Game(server, pace="self", scoring="flat", auto_start=True)
    clients: list[Client] = []
    for user_id, name, answers in (
        ("ann", FORMULA, {"q1": RIGHT["q1"], "q2": "-casa", "q3": RIGHT["q3"]}),
        ("bob", "Bob", {"q1": WRONG["q1"]}),
        ("cleo", "Cleo", {}),
    ):
        client = await server.ws(user_id)
        clients.append(client)
        await client.join(game.id, name)
        for question, answer in answers.items():
            told = await client.ask(
                "SUBMIT_ANSWER", session_id=game.id, question_id=question, answer=answer, time_taken_ms=3_500
            )
            assert told["type"] == "SCORE_UPDATED", told
    yield game
    for client in clients:
        client.drop()


async def test_results_tell_players_questions_and_answers(played: Game) -> None:
    results = played.results()
    assert (results["session_id"], results["status"]) == (played.id, "active")
    by_name = {row["username"]: row for row in results["participants"]}
    assert list(by_name) == [FORMULA, "Bob", "Cleo"]
    assert [row["rank"] for row in results["participants"]] == [1, 2, 3]
    assert (by_name["Bob"]["score"], by_name["Bob"]["answered"], by_name["Bob"]["correct"]) == (0, 1, 0)
    assert by_name[FORMULA]["answered"] == 3
    question = results["questions"][0]
    assert question == question | {
        "question_id": "q1",
        "answered": 2,
        "correct": 1,
        "distribution": {"Paris": 1, "Rome": 1},
    }
    answers = {(row["user_id"], row["question_id"]): row for row in results["answers"]}
    assert len(answers) == len(results["answers"]) == 4
    first = answers["ann", "q1"]
    assert first == first | {"answer": "Paris", "is_correct": True, "points": 10, "time_taken_ms": 3_500}
    assert sorted(answers["ann", "q3"]["answer"]) == ["2", "4"]
    for row in results["participants"]:
        assert row["score"] == sum(each["points"] for each in results["answers"] if each["user_id"] == row["user_id"])


async def test_progress_counts_answers_per_question(played: Game) -> None:
    progress = played.call("GET", "/progress").json
    assert [(row["question_id"], row["answered"]) for row in progress["questions"]] == [("q1", 2), ("q2", 1), ("q3", 1)]


async def test_the_leaderboard_has_any_page(played: Game) -> None:
    whole = played.call("GET", "/leaderboard").json
    assert whole["total_participants"] == 3
    assert [line["user_id"] for line in whole["leaderboard"]] == ["ann", "bob", "cleo"]
    page = played.call("GET", "/leaderboard?limit=1&offset=1").json
    assert page["leaderboard"] == whole["leaderboard"][1:2]
    assert played.call("GET", "/leaderboard?offset=1000").json["leaderboard"] == []


@pytest.mark.parametrize("query", ["limit=0", "limit=-1", "limit=1001", "limit=x", "offset=-1", "offset=" + "9" * 400])
def test_the_leaderboard_refuses_a_page_that_is_none(new_game: NewGame, query: str) -> None:
    problem(new_game().call("GET", f"/leaderboard?{query}"), 400)


async def test_participants_are_listed_and_removed(played: Game) -> None:
    listed = played.call("GET", "/participants").json
    assert [(row["user_id"], row["status"]) for row in listed["participants"]] == [
        ("ann", "connected"),
        ("bob", "connected"),
        ("cleo", "connected"),
    ]
    assert listed["participant_count"] == 3
    for _ in range(2):
        assert played.call("DELETE", "/participants/bob").status == 204
    listed = played.call("GET", "/participants").json
    assert [row["status"] for row in listed["participants"]] == ["connected", "removed", "connected"]
    assert listed["participant_count"] == 2
    assert [row["user_id"] for row in played.results()["participants"]] == ["ann", "cleo"]
    for unknown in ("nobody", "%00", "a%2Fb"):
        problem(played.call("DELETE", f"/participants/{unknown}"), 404)


async def test_a_participant_gets_another_name(played: Game) -> None:
    renamed = played.call("PATCH", "/participants/bob", {"username": " Robert "})
    assert renamed.status == 200
    assert (renamed.json["user_id"], renamed.json["username"], renamed.json["status"]) == ("bob", "Robert", "connected")
    board = played.call("GET", "/leaderboard").json["leaderboard"]
    [line] = [entry for entry in board if entry["user_id"] == "bob"]
    assert (line["username"], line["score"]) == ("Robert", renamed.json["score"])
    assert "Robert" in {row["username"] for row in played.results()["participants"]}
    refused = problem(played.call("PATCH", "/participants/bob", {"username": "\u202e"}), 400)
    assert (refused["code"], refused["reason"]) == ("INVALID_USERNAME", "characters")
    taken = next(row["username"] for row in board if row["user_id"] == "ann")
    assert problem(played.call("PATCH", "/participants/bob", {"username": taken}), 409)["code"] == "USERNAME_TAKEN"
    for unknown in ("nobody", "%00", "a%2Fb"):
        problem(played.call("PATCH", f"/participants/{unknown}", {"username": "Zoe"}), 404)
    for body in ({}, {"username": None}, {"username": ["Zoe"]}, {"username": "x" * 1_000}):
        problem(played.call("PATCH", "/participants/bob", body), 400)


async def test_the_csv_has_a_line_per_answer_and_no_formulas(played: Game) -> None:
    reply = played.call("GET", "/results.csv?wait=true")
    assert reply.headers["Content-Type"] == "text/csv; charset=utf-8"
    assert played.code in reply.headers["Content-Disposition"]
    rows = list(csv.DictReader(io.StringIO(reply.data.decode("utf-8-sig"))))
    assert len(rows) == 4
    typed = next(row for row in rows if row["question_id"] == "q2")
    assert (typed["username"], typed["answer"]) == (f"'{FORMULA}", "'-casa")
    assert typed["question"] == "Spanish for house?"
    assert list(typed) == ANSWER_HEADERS
    assert (typed["verdict"], typed["place"]) == ("correct", "1")
    semicolons = played.call("GET", "/results.csv?separator=semicolon").data.decode("utf-8-sig")
    assert semicolons.startswith("user_id;username;")
    problem(played.call("GET", "/results.csv?separator=x"), 400)
    assert not [cell for row in rows for cell in row.values() if cell.startswith(("=", "+", "-", "@"))]


async def test_the_workbook_has_players_questions_and_answers(played: Game) -> None:
    reply = played.call("GET", "/results.xlsx?wait=true")
    assert reply.headers["Content-Type"].endswith("spreadsheetml.sheet")
    book = load_workbook(io.BytesIO(reply.data))
    assert book.sheetnames == ["Players", "Questions", "Answers", "Players x questions"]
    players = list(book["Players"].iter_rows(min_row=2, values_only=True))
    assert [row[2] for row in players] == [f"'{FORMULA}", "Bob", "Cleo"]
    assert len(list(book["Answers"].iter_rows(min_row=2))) == 4
    cells: list[Any] = [cell for sheet in book for row in sheet.iter_rows() for cell in row]
    assert not [cell for cell in cells if cell.data_type == "f"]


def test_a_questions_text_does_not_run_as_a_formula() -> None:
    results: dict[str, Any] = {
        "names_until": None,
        "participants": [],
        "questions": [{"question_id": "q1", "text": FORMULA}],
        "answers": [{**dict.fromkeys(ANSWER_HEADERS, ""), "question_id": "q1"}],
    }
    [row] = csv.DictReader(io.StringIO(results_csv(results).decode("utf-8-sig")))
    assert row["question"] == f"'{FORMULA}"


def test_a_session_without_players_has_empty_results(new_game: NewGame) -> None:
    game = new_game()
    results = game.results()
    assert (results["participants"], results["answers"]) == ([], [])
    assert [row["distribution"] for row in results["questions"]] == [{}, {}, {}]
    assert game.call("GET", "/results.csv").status == 200
    assert game.call("GET", "/results.xlsx").status == 200


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1", "＝1", "'=1"])
def test_a_cell_that_would_run_gets_an_apostrophe(text: str) -> None:
    assert safe_cell(text) == f"'{text}"


@pytest.mark.parametrize(("value", "cell"), [("a=b", "a=b"), (-5, -5), (None, None), (["=a", "b"], "'=a | b")])
def test_other_cells_stay_as_they_are(value: Any, cell: Any) -> None:
    assert safe_cell(value) == cell

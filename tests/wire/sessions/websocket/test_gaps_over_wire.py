"""Texts with gaps over real sockets: what is shown, taken, stored and told, and that nothing tells the answer early."""

from __future__ import annotations

from typing import Any

from tests.support.live_server import LiveServer
from tests.wire.sessions.websocket.conftest import Connect, NewGame

QUIZ: dict[str, Any] = {
    "id": "wire-gaps",
    "title": "Gaps",
    "language": "en",
    "questions": [
        {
            "id": "g1",
            "kind": "gaps",
            "text": "The [[1]] sat on the [[2]] near the [[3]].",
            "gaps": [
                {"correct_answers": ["cat", "feline"]},
                {"correct_answers": ["mat"], "options": ["mat", "rug", "sofa", "lamp", "wall", "moon"]},
                {"correct_answers": ["chimney"]},
            ],
            "points": 30,
        }
    ],
}
SECRETS = ("feline", "chimney", "correct_answers")


def stored(server: LiveServer) -> None:
    reply = server.rest("POST", "/api/v1/quizzes", QUIZ)
    # Another test of this server may have stored it.
    assert reply.status in {201, 409}, reply.data


async def test_a_text_with_gaps_is_played_from_its_opening_to_the_results(
    server: LiveServer, connect: Connect, new_game: NewGame
) -> None:
    stored(server)
    game = new_game(quiz_id=QUIZ["id"], pace="host", scoring="flat")
    ann, bob, screen = await connect("ann"), await connect("bob"), await connect()
    await ann.join(game.id, "Ann")
    await bob.join(game.id, "Bob")
    await screen.join(game.id, None, role="screen")
    game.do("start", "next")
    opened = (await ann.next("QUESTION_OPENED"))["payload"]
    assert opened["text"] == QUIZ["questions"][0]["text"]
    assert opened["options"] == []
    assert [sorted(gap["options"]) for gap in opened["gaps"]] == [
        [],
        ["lamp", "mat", "moon", "rug", "sofa", "wall"],
        [],
    ]
    assert (await screen.next("QUESTION_OPENED"))["payload"]["gaps"] == opened["gaps"]
    for told in (opened, (await bob.next("QUESTION_OPENED"))["payload"]):
        assert not any(secret in str(told) for secret in SECRETS)

    refused = await ann.ask("SUBMIT_ANSWER", session_id=game.id, question_id="g1", answer=["cat"])
    assert refused["payload"]["code"] == "INVALID_ANSWER"
    taken = await ann.ask("SUBMIT_ANSWER", session_id=game.id, question_id="g1", answer=["feline", "mat", "chimney"])
    assert taken["type"] == "ANSWER_ACCEPTED"
    given = ["dog", "mat", ""]
    await bob.ask("SUBMIT_ANSWER", session_id=game.id, question_id="g1", answer=given)
    again = await bob.ask("SUBMIT_ANSWER", session_id=game.id, question_id="g1", answer=["cat", "mat", "chimney"])
    assert again["payload"]["result"]["answer"] == given
    assert not any(secret in str(again) for secret in SECRETS)

    game.do("close-question")
    closed = (await bob.next("QUESTION_CLOSED"))["payload"]
    assert closed["correct_answers"] == ["cat", "mat", "chimney"]
    assert closed["gaps"] == [
        {"correct_answers": ["cat", "feline"], "distribution": {"feline": 1, "dog": 1}},
        {"correct_answers": ["mat"], "distribution": {"mat": 2}},
        {"correct_answers": ["chimney"], "distribution": {"chimney": 1}},
    ]
    assert (closed["your_answer"], closed["points_earned"], closed["reason"]) == (given, 10, "almost")
    assert closed["your_gaps"] == [{"verdict": "wrong"}, {"verdict": "correct"}, {"verdict": None}]
    assert "your_gaps" not in (await screen.next("QUESTION_CLOSED"))["payload"]

    reply = game.call("POST", "/questions/g1/accept", {"answer": "dog"})
    assert reply.status == 400
    reply = game.call("POST", "/questions/g1/accept", {"answer": "dog", "gap": 1})
    assert reply.status == 200, reply.data
    assert [(line["gap"], line["answer"], line["verdict"]) for line in reply.json["answers"]] == [
        (1, "dog", "correct"),
        (1, "feline", "correct"),
        (3, "chimney", "correct"),
    ]
    regraded = (await bob.next("ANSWERS_REGRADED"))["payload"]
    assert regraded["gaps"][0] == {"correct_answers": ["cat", "feline", "dog"]}
    assert (regraded["your_answer"], regraded["points_earned"], regraded["new_score"]) == (given, 20, 20)
    assert regraded["your_gaps"] == [{"verdict": "correct"}, {"verdict": "correct"}, {"verdict": None}]

    summary = (await bob.ask("GET_SUMMARY", session_id=game.id))["payload"]["questions"][0]
    assert (summary["your_answer"], summary["your_gaps"]) == (given, regraded["your_gaps"])
    results = game.results()
    assert [answer["answer"] for answer in results["answers"]] == [["feline", "mat", "chimney"], given]
    assert results["questions"][0]["text"] == "The ____ sat on the ____ near the ____."
    assert results["questions"][0]["gaps"] == [
        {"answered": 2, "correct": 2, "distribution": {"feline": 1, "dog": 1}},
        {"answered": 2, "correct": 2, "distribution": {"mat": 2}},
        {"answered": 1, "correct": 1, "distribution": {"chimney": 1}},
    ]
    csv = game.call("GET", "/results.csv").data.decode("utf-8-sig")
    assert "dog | mat | " in csv
    assert game.call("GET", "/results.xlsx").status == 200


async def test_in_self_pace_the_solution_comes_with_the_score(
    server: LiveServer, connect: Connect, new_game: NewGame
) -> None:
    stored(server)
    game = new_game(quiz_id=QUIZ["id"], pace="self", auto_start=True)
    client = await connect("ann")
    await client.join(game.id, "Ann")
    asked = await client.ask("NEXT_QUESTION", session_id=game.id)
    assert not any(secret in str(asked) for secret in SECRETS)
    told = await client.ask("SUBMIT_ANSWER", session_id=game.id, question_id="g1", answer=["cat", "rug", "chimny"])
    payload = told["payload"]
    assert [gap["correct_answers"] for gap in payload["gaps"]] == [["cat", "feline"], ["mat"], ["chimney"]]
    assert [gap["verdict"] for gap in payload["your_gaps"]] == ["correct", "wrong", "almost"]
    assert "".join(letters for part, letters in payload["your_gaps"][2]["difference"] if part != "extra") == "chimney"


async def test_what_is_no_answer_to_gaps_is_refused_and_may_be_sent_again(
    server: LiveServer, connect: Connect, new_game: NewGame
) -> None:
    stored(server)
    game = new_game(quiz_id=QUIZ["id"], pace="self", auto_start=True)
    client = await connect("ann")
    await client.join(game.id, "Ann")
    for answer in ("cat", [], ["", "", ""], ["a", "b"], ["cat", "bed", ""], ["x" * 200, "", ""], ["a\x00", "", ""]):
        told = await client.ask("SUBMIT_ANSWER", session_id=game.id, question_id="g1", answer=answer)
        assert told["payload"]["code"] == "INVALID_ANSWER", answer
    told = await client.ask("SUBMIT_ANSWER", session_id=game.id, question_id="g1", answer=["cat", "mat", "chimney"])
    assert told["payload"]["is_correct"] is True

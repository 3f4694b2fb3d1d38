"""Sessions over REST: making, finding and running them, and the problem documents of what does not work."""

from __future__ import annotations

import re
import uuid
from collections.abc import Callable
from typing import Any

import pytest

from tests.support.game import QUIZ, Game
from tests.support.live_server import LiveServer, Reply

NewGame = Callable[..., Game]
SESSIONS = "/api/v1/sessions"
WORDS = {"der Hund": "dog", "die Katze": "cat", "das Haus": "house", "der Baum": "tree", "die Straße": "street"}
#: Every call below one session.
CALLS = [
    ("GET", ""),
    ("POST", "/start"),
    ("POST", "/next"),
    ("POST", "/close-question"),
    ("POST", "/pause"),
    ("POST", "/resume"),
    ("POST", "/end"),
    ("POST", "/lock"),
    ("POST", "/unlock"),
    ("POST", "/extend"),
    ("POST", "/ask-again"),
    ("GET", "/questions"),
    ("GET", "/leaderboard"),
    ("GET", "/participants"),
    ("DELETE", "/participants/ann"),
    ("PATCH", "/participants/ann"),
    ("GET", "/progress"),
    ("GET", "/questions/q2/answers"),
    ("POST", "/questions/q2/accept"),
    ("GET", "/results"),
    ("GET", "/results.csv"),
    ("GET", "/results.xlsx"),
    ("DELETE", ""),
]


def problem(reply: Reply, status: int) -> dict[str, Any]:
    """The problem document (RFC 9457) of an answer that must be one."""
    assert reply.status == status, reply.data
    assert reply.headers["Content-Type"] == "application/problem+json"
    document: dict[str, Any] = reply.json
    assert document["status"] == status
    assert document["title"]
    assert document["type"]
    assert "detail" in document
    return document


@pytest.mark.parametrize(("method", "path"), CALLS)
@pytest.mark.parametrize("key", [None, "wrong", "a.b", "é"])
def test_without_a_valid_key_it_asks_who_is_there(
    server: LiveServer, new_game: NewGame, method: str, path: str, key: str | None
) -> None:
    game = new_game()
    reply = server.rest(method, f"{SESSIONS}/{game.id}{path}", {} if method == "POST" else None, key=key)
    problem(reply, 401)
    assert reply.headers["WWW-Authenticate"].startswith("Api-Key")
    assert game.call("GET").json["status"] == "waiting"


@pytest.mark.parametrize(("method", "path"), CALLS)
@pytest.mark.parametrize("unknown", ["nowhere", "%00", "%F0%9F%98%80", "a" * 300, "..%2F.."])
def test_an_unknown_session_is_not_found(server: LiveServer, method: str, path: str, unknown: str) -> None:
    body = {"by_ms": 1_000} if path == "/extend" else {} if method == "POST" else None
    problem(server.rest(method, f"{SESSIONS}/{unknown}{path}", body), 404)


@pytest.mark.parametrize(
    "path", ["", "nothing", "sessions/", "sessions/x/explode", "sessions/x/results.pdf", "quizzes/a/b/c"]
)
@pytest.mark.parametrize("method", ["GET", "POST", "DELETE"])
def test_an_unknown_path_is_a_problem_document_too(server: LiveServer, method: str, path: str) -> None:
    problem(server.rest(method, f"/api/v1/{path}", {} if method == "POST" else None), 404)


def test_it_makes_a_session(server: LiveServer) -> None:
    reply = server.rest("POST", SESSIONS, {"quiz_id": QUIZ["id"]})
    assert reply.status == 201
    made = reply.json
    assert made == made | {
        "quiz_id": QUIZ["id"],
        "title": QUIZ["title"],
        "status": "waiting",
        "pace": "self",
        "reveal": "immediately",
        "scoring": "speed",
        "max_participants": 1_000,
        "participant_count": 0,
        "question_count": 3,
        "seq": 0,
    }
    assert str(uuid.UUID(made["session_id"])) == made["session_id"]
    assert re.fullmatch(r"[2-9B-DF-HJ-NP-TV-XZ]{6}", made["join_code"])
    assert server.rest("GET", f"{SESSIONS}/{made['session_id']}").json == made


def test_pasted_words_become_a_live_session_in_one_call(server: LiveServer) -> None:
    text = "\n".join(f"{german}\t{english}" for german, english in WORDS.items())
    words = {"text": text, "title": f"Words {uuid.uuid4()}", "term_language": "de", "count": 6}
    reply = server.rest("POST", SESSIONS, {"words": words, "auto_start": True})
    assert reply.status == 201, reply.data
    assert reply.json == reply.json | {"title": words["title"], "status": "active", "question_count": 6}
    assert server.rest("GET", f"/api/v1/quizzes/{reply.json['quiz_id']}").json["language"] == "de"


@pytest.mark.parametrize(
    "body", [{}, {"quiz_id": QUIZ["id"], "words": {"text": "a\tb", "title": "Both"}}, {"words": {"text": "a"}}]
)
def test_a_session_is_made_of_a_quiz_or_of_words(server: LiveServer, body: dict[str, Any]) -> None:
    problem(server.rest("POST", SESSIONS, body), 400)


def test_it_makes_a_session_as_it_is_asked_to(server: LiveServer) -> None:
    options = {
        "max_participants": 10_000,
        "pace": "host",
        "reveal": "immediately",
        "scoring": "flat",
        "time_limit_ms": 5_000,
    }
    reply = server.rest("POST", SESSIONS, {"quiz_id": QUIZ["id"], "auto_start": True, **options})
    assert reply.json == reply.json | options | {"status": "active", "phase": "ready"}
    assert reply.json["start_time"]


def test_the_host_reveals_on_close_unless_told_otherwise(server: LiveServer) -> None:
    reply = server.rest("POST", SESSIONS, {"quiz_id": QUIZ["id"], "pace": "host"})
    assert reply.json["reveal"] == "on_close"


NOT_COUNTS: list[Any] = [0, -1, 10_001, "many", 10**400, None, [], 1.5]
NOT_PACES: list[Any] = ["fast", "", None, 1, ["self"]]


@pytest.mark.parametrize(
    "body",
    [
        {},
        [],
        "text",
        7,
        None,
        {"quiz_id": None},
        {"quiz_id": ["a"]},
        {"quiz_id": ""},
        {"quiz_id": "a\x00b"},
        {"quiz_id": "x" * 37},
        *({"quiz_id": QUIZ["id"], "max_participants": bad} for bad in NOT_COUNTS),
        *({"quiz_id": QUIZ["id"], "pace": bad} for bad in NOT_PACES),
        {"quiz_id": QUIZ["id"], "reveal": "never"},
        {"quiz_id": QUIZ["id"], "scoring": "double"},
        {"quiz_id": QUIZ["id"], "time_limit_ms": 10},
        {"quiz_id": QUIZ["id"], "auto_start": "perhaps"},
    ],
    ids=lambda body: str(body)[:60],
)
def test_a_body_of_the_wrong_shape_is_a_problem(server: LiveServer, body: Any) -> None:
    before = server.rest("GET", f"{SESSIONS}?limit=1").json["count"]
    document = problem(server.rest("POST", SESSIONS, body), 400)
    assert document["errors"]
    assert server.rest("GET", f"{SESSIONS}?limit=1").json["count"] == before


@pytest.mark.parametrize(
    "raw",
    [b"{", b"\xff\xfe", b'{"quiz_id": NaN}', b"[" * 100_000, b'{"quiz_id":' * 20_000, b'"\\ud800"', b"{}{}"],
    ids=lambda raw: repr(raw[:20]),
)
def test_a_body_that_is_no_json_is_a_problem(server: LiveServer, new_game: NewGame, raw: bytes) -> None:
    problem(server.rest("POST", SESSIONS, raw=raw), 400)
    game = new_game()
    problem(game.server.rest("POST", f"{SESSIONS}/{game.id}/start", raw=raw), 400)
    assert game.call("GET").json["status"] == "waiting"


def test_a_body_of_another_media_type_is_a_problem(server: LiveServer) -> None:
    problem(server.rest("POST", SESSIONS, raw=b"quiz_id=x", media_type="text/plain"), 415)


def test_another_method_is_a_problem(server: LiveServer) -> None:
    problem(server.rest("PUT", SESSIONS, {}), 405)


def test_an_unknown_quiz_is_not_found(server: LiveServer) -> None:
    assert "no-such-quiz" in problem(server.rest("POST", SESSIONS, {"quiz_id": "no-such-quiz"}), 404)["detail"]


@pytest.mark.parametrize("body", [[], "text", 7, {"revision": -1}, {"revision": "x"}, {"revision": None}, [1]])
def test_a_transition_takes_no_body_but_a_revision(new_game: NewGame, body: Any) -> None:
    game = new_game()
    problem(game.call("POST", "/start", body), 400)
    assert game.call("GET").json["status"] == "waiting"


def test_a_whole_session_is_run_by_its_transitions(new_game: NewGame) -> None:
    game = new_game()
    story = [
        ("start", "active", "ready", None),
        ("next", "active", "open", "q1"),
        ("pause", "active", "open", "q1"),
        ("resume", "active", "open", "q1"),
        ("close-question", "active", "closed", "q1"),
        ("next", "active", "open", "q2"),
        ("next", "active", "open", "q3"),
        ("next", "completed", "ended", "q3"),
    ]
    revision = 0
    for command, status, phase, question in story:
        state = game.do(command)
        assert (state["status"], state["phase"], state["question_id"]) == (status, phase, question), command
        assert state["revision"] == revision + 1
        assert game.call("GET").json == state
        revision = state["revision"]
    assert state["end_time"]


@pytest.mark.parametrize(
    ("before", "command"),
    [
        ([], "lock"),
        (["start"], "start"),
        (["start", "next", "pause"], "pause"),
        (["start", "next"], "resume"),
        (["start", "next", "close-question"], "close-question"),
        (["start", "end"], "end"),
    ],
)
def test_repeating_what_has_happened_is_harmless(new_game: NewGame, before: list[str], command: str) -> None:
    game = new_game()
    if before:
        game.do(*before)
    first = game.do(command)
    assert game.do(command) == first


@pytest.mark.parametrize(
    ("before", "command", "status"),
    [
        ([], "next", "waiting"),
        ([], "pause", "waiting"),
        ([], "resume", "waiting"),
        ([], "close-question", "waiting"),
        (["start"], "close-question", "active"),
        (["start", "next", "pause"], "next", "active"),
        *(
            (["start", "end"], command, "completed")
            for command in ("start", "next", "pause", "resume", "close-question", "lock", "unlock")
        ),
    ],
)
def test_what_does_not_fit_the_state_is_a_conflict(
    new_game: NewGame, before: list[str], command: str, status: str
) -> None:
    game = new_game()
    if before:
        game.do(*before)
    state = game.call("GET").json
    document = problem(game.call("POST", f"/{command}"), 409)
    assert document["session_status"] == status
    assert (document["phase"], document["paused"]) == (state["phase"], state["paused"])
    assert document["detail"]
    assert game.call("GET").json == state


def test_players_of_a_self_paced_session_open_their_own_questions(new_game: NewGame) -> None:
    game = new_game(pace="self", auto_start=True)
    for command in ("next", "close-question"):
        problem(game.call("POST", f"/{command}"), 409)


def test_a_command_on_a_revision_that_is_gone_is_a_conflict(new_game: NewGame) -> None:
    game = new_game()
    seen = game.do("start")["revision"]
    state = game.do("next", revision=seen)
    document = problem(game.call("POST", "/next", {"revision": seen}), 409)
    assert document["session"] == state
    assert game.call("GET").json == state


@pytest.mark.parametrize("body", [{}, {"by_ms": 0}, {"by_ms": -5_000}, {"by_ms": 10**9}, {"by_ms": "long"}, []])
def test_an_extension_needs_a_time(new_game: NewGame, body: Any) -> None:
    game = new_game()
    deadline = game.do("start", "next")["deadline"]
    problem(game.call("POST", "/extend", body), 400)
    assert game.call("GET").json["deadline"] == deadline


def test_it_lists_sessions_by_status_and_quiz(server: LiveServer, new_game: NewGame) -> None:
    waiting, active = new_game(), new_game()
    active.do("start")

    def listed(query: str) -> list[str]:
        reply = server.rest("GET", f"{SESSIONS}?limit=200&{query}")
        assert reply.status == 200
        return [session["session_id"] for session in reply.json["results"]]

    assert listed("")[:2] == [active.id, waiting.id]
    assert waiting.id in listed("status=waiting")
    assert active.id not in listed("status=waiting")
    assert active.id in listed(f"status=active&quiz_id={QUIZ['id']}")
    assert listed("quiz_id=vocab-101&status=completed") == listed("quiz=vocab-101&status=completed") == []
    assert listed("quiz_id=%00") == []


def test_it_lists_sessions_in_pages(server: LiveServer, new_game: NewGame) -> None:
    games = [new_game() for _ in range(3)]
    first = server.rest("GET", f"{SESSIONS}?limit=2").json
    assert [session["session_id"] for session in first["results"]] == [games[2].id, games[1].id]
    assert first["count"] >= 3
    assert first["previous"] is None
    assert "offset=2" in first["next"]
    second = server.rest("GET", f"{SESSIONS}?limit=2&offset=2").json
    assert second["results"][0]["session_id"] == games[0].id
    assert server.rest("GET", f"{SESSIONS}?offset=999999").json["results"] == []


@pytest.mark.parametrize(
    "query", ["limit=-1", "limit=0", "limit=x", "offset=-1", "limit=1e3", "limit=%D9%A1", "status=odd"]
)
def test_it_refuses_pages_and_filters_that_are_none(server: LiveServer, query: str) -> None:
    problem(server.rest("GET", f"{SESSIONS}?{query}"), 400)


@pytest.mark.parametrize(
    ("method", "path", "body", "status"),
    [
        ("POST", SESSIONS, {"quiz_id": 7.5, "pace": "fast"}, 400),
        ("GET", f"{SESSIONS}/nowhere", None, 404),
        ("GET", f"{SESSIONS}?limit=-1", None, 400),
        ("GET", "/api/v1/nothing", None, 404),
    ],
)
def test_a_refusal_has_one_line_in_the_log(server: LiveServer, method: str, path: str, body: Any, status: int) -> None:
    reply = server.rest(method, path, body)
    assert reply.status == status
    (line,) = server.log_lines(request_id=reply.headers["X-Request-ID"])
    assert (line["message"], line["status"]) == ("http_request", status)
    assert line["problem"] == reply.json["detail"]

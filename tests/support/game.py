"""A session on a live server, driven by REST as an operator does."""

from __future__ import annotations

from typing import Any

from tests.support.live_server import LiveServer, Reply

QUIZ: dict[str, Any] = {
    "id": "protocol-quiz",
    "title": "For the protocol",
    "language": "en",
    "questions": [
        {
            "id": "q1",
            "kind": "choice",
            "text": "The capital of France?",
            "options": ["Paris", "Rome"],
            "correct_answers": ["Paris"],
            "explanation": "It is on the Seine.",
        },
        {"id": "q2", "kind": "typed", "text": "Spanish for house?", "correct_answers": ["casa"], "points": 20},
        {
            "id": "q3",
            "kind": "multi",
            "text": "Which are even?",
            "options": ["2", "3", "4"],
            "correct_answers": ["2", "4"],
        },
    ],
}
#: Answers by question: right and wrong.
RIGHT: dict[str, Any] = {"q1": "Paris", "q2": "casa", "q3": ["4", "2"]}
WRONG: dict[str, Any] = {"q1": "Rome", "q2": "perro", "q3": ["3"]}


class Game:
    """One session."""

    def __init__(self, server: LiveServer, **options: Any) -> None:
        self.server = server
        made = server.rest("POST", "/api/v1/sessions", {"quiz_id": QUIZ["id"], "pace": "host", **options})
        assert made.status == 201, made.data
        self.made: dict[str, Any] = made.json
        self.id: str = self.made["session_id"]
        self.code: str = self.made["join_code"]

    def call(self, method: str, path: str = "", body: Any = None) -> Reply:
        """A REST call below the session."""
        return self.server.rest(method, f"/api/v1/sessions/{self.id}{path}", body)

    def do(self, *commands: str, **body: Any) -> dict[str, Any]:
        """Transitions that must succeed; returns the session after the last one."""
        for command in commands:
            reply = self.call("POST", f"/{command}", body or None)
            assert reply.status == 200, reply.data
        return dict(reply.json)

    def results(self) -> dict[str, Any]:
        return dict(self.call("GET", "/results?wait=true").json)

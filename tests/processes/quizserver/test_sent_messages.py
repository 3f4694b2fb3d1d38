"""What a server sends is as the AsyncAPI document describes it."""

from __future__ import annotations

import json

import jsonschema
import pytest
from jsonschema import Draft202012Validator

from sessions.rest import asyncapi
from tests.support.serving import Server


def validator(name: str) -> Draft202012Validator:
    """Checks messages of one type as the document describes them."""
    document = asyncapi.document()
    schema = {**document["components"]["messages"][name]["payload"], "components": document["components"]}
    return Draft202012Validator(schema)


def test_what_a_server_sends_is_as_the_document_says(server: Server) -> None:
    made = server.session()
    seen = set()
    with server.client("reader") as player:
        for kind, payload in (
            ("JOIN_SESSION", {"session_id": made["session_id"], "username": "R"}),
            ("NEXT_QUESTION", {"session_id": made["session_id"]}),
            ("SUBMIT_ANSWER", {"session_id": made["session_id"], "question_id": "none", "answer": "x"}),
            ("PING", {}),
            ("GET_LEADERBOARD", {"session_id": made["session_id"]}),
            ("LEAVE_SESSION", {"session_id": made["session_id"]}),
        ):
            sent = {"type": kind, "payload": payload, "message_id": kind}
            validator(kind).validate(sent)
            player.send(json.dumps(sent))
            while True:
                message = json.loads(player.recv(timeout=10))
                validator(message["type"]).validate(message)
                seen.add(message["type"])
                if message.get("reply_to") == kind:
                    break
    assert seen >= {"SESSION_JOINED", "QUESTION_OPENED", "ERROR", "PONG", "LEADERBOARD_UPDATED", "SESSION_LEFT"}
    with pytest.raises(jsonschema.ValidationError):
        validator("PONG").validate({"type": "PONG", "payload": {}})

"""What stands in the log, and what must not."""

from __future__ import annotations

import io
import json
import logging
import urllib.error
import urllib.request
from pathlib import Path
from typing import Any

import psycopg
import pytest
from django.db import IntegrityError

from quizserver.logs import FIELDS, OnlyTracebacks, WithoutConnections, formatter
from tests.support.servers import postgres_url
from tests.support.serving import Server, ask, start_server, stop_server


def logged(log: str, style: Any = "json", **extra: Any) -> str:
    """The line a logger writes."""
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(formatter(style))
    logger = logging.Logger("quiz")
    logger.addHandler(handler)
    logger.info(log, extra=extra)
    return stream.getvalue()


def test_a_line_has_every_promised_field_and_those_of_its_own() -> None:
    line = json.loads(logged("refused", user_id="ann", code="NOT_JOINED", latency_ms=1.5))
    assert list(line)[: len(FIELDS)] == list(FIELDS)
    assert (line["message"], line["level"], line["user_id"], line["code"]) == ("refused", "info", "ann", "NOT_JOINED")
    assert line["session_id"] is None
    assert line["timestamp"].endswith("Z")


def test_text_for_a_terminal_is_one_readable_line() -> None:
    line = logged("refused", "text", code="NOT_JOINED")
    assert "refused" in line
    assert "code=NOT_JOINED" in line.replace("'", "")
    assert line.count("\n") == 1


@pytest.mark.parametrize(
    "name", ["answer", "answers", "session_token", "password", "api_key", "join_key", "Authorization", "cookie"]
)
def test_it_masks_what_is_named_like_a_secret(name: str) -> None:
    assert "hunter2" not in logged("x", **{name: "hunter2"})


def test_it_masks_credentials_inside_a_text() -> None:
    assert "hunter2" not in logged("failed with Api-Key hunter2", detail="Authorization: Bearer hunter2")


def logged_error(error: Exception, style: Any = "json") -> str:
    """What a logger writes of an error, which was raised while a variable held an answer."""
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(formatter(style))
    logger = logging.Logger("quiz")
    logger.addHandler(handler)
    try:
        given = "hunt" + "er2"
        raise error
    except Exception:
        logger.exception("it_failed", extra={"error": repr(error)})
        del given
    return stream.getvalue()


def test_an_exception_is_one_line_with_its_traceback() -> None:
    (line,) = logged_error(ValueError("broken")).splitlines()
    assert "ValueError: broken" in json.loads(line)["exception"]


@pytest.mark.parametrize("style", ["json", "text"])
def test_a_traceback_shows_no_variables(style: str) -> None:
    text = logged_error(ValueError("broken"), style)
    assert "ValueError: broken" in text
    assert "hunter2" not in text


@pytest.mark.parametrize("style", ["json", "text"])
def test_the_row_that_postgresql_refuses_is_not_shown(style: str) -> None:
    answer = "\n".join(f"hunt{part}" for part in ("er2", "er3"))
    with psycopg.connect(postgres_url()) as connection:
        connection.execute("CREATE TEMPORARY TABLE t (id int NOT NULL, answer text)")
        with pytest.raises(psycopg.Error) as refused:
            connection.execute("INSERT INTO t VALUES (NULL, %s)", [answer])
    assert "hunter3" in str(refused.value)
    outer = IntegrityError(*refused.value.args)
    outer.__cause__ = refused.value
    text = logged_error(outer, style)
    assert "hunter" not in text
    assert text.count("null value in column") == 3  # the error's repr, its cause, itself
    assert "The above exception" in text


def test_single_connections_are_left_out() -> None:
    keep = WithoutConnections().filter
    record = logging.LogRecord("uvicorn.error", logging.INFO, "", 0, "connection open", None, None)
    assert not keep(record)
    record.msg = '%s - "WebSocket %s" [accepted]'
    assert not keep(record)
    record.msg = "Uvicorn running on %s://%s:%d"
    assert keep(record)


def test_django_adds_tracebacks_only() -> None:
    keep = OnlyTracebacks().filter
    record = logging.LogRecord("django.request", logging.ERROR, "", 0, "Service Unavailable: /health/ready", None, None)
    assert not keep(record)
    record.exc_info = (ValueError, ValueError("broken"), None)
    assert keep(record)


def test_a_server_logs_json_with_one_line_per_refusal_and_no_answers_or_tokens(server: Server) -> None:
    made = server.session()
    with server.client("log-player") as player:
        token = ask(player, "JOIN_SESSION", {"session_id": made["join_code"], "username": "Lou"})["payload"][
            "session_token"
        ]
        wrong = {"session_id": made["session_id"], "question_id": "no-such-question", "answer": "my very own words"}
        assert ask(player, "SUBMIT_ANSWER", wrong)["payload"]["code"] == "INVALID_QUESTION"
    server.request("GET", "/api/v1/sessions/none", key="a-wrong-key")
    text = server.log.read_text()
    lines = [json.loads(line) for line in text.splitlines()]
    refused = [line for line in lines if line["message"] == "refused" and line["user_id"] == "log-player"]
    assert [(line["code"], line["session_id"], line["request_id"]) for line in refused] == [
        ("INVALID_QUESTION", made["session_id"], "SUBMIT_ANSWER")
    ]
    assert refused[0]["latency_ms"] >= 0
    requests = [line for line in lines if line["message"] == "http_request" and line["session_id"] == "none"]
    assert [line["status"] for line in requests] == [401]
    assert requests[0]["request_id"]
    for secret in ("my very own words", token, "a-wrong-key"):
        assert secret not in text


def test_nothing_a_client_sends_is_logged_at_any_level(tmp_path: Path) -> None:
    server = start_server(tmp_path, LOG_LEVEL="DEBUG")
    try:
        made = server.session()
        with server.client("ann&token=hunter2", additional_headers={"Cookie": "sessionid=hunter2"}) as player:
            ask(player, "JOIN_SESSION", {"session_id": made["session_id"], "username": "Ann"})
            ask(player, "SUBMIT_ANSWER", {"session_id": "hunter2", "question_id": "hunter2", "answer": "hunter2"})
            player.send(b"hunter2")
            # In two frames, which the library puts together.
            player.send(iter(['{"type":"PING",', '"payload":{"x":"hunter2"}}']))
            ask(player, "PING")
        for path in ("/nowhere?x=hunter2", "/api/v1/sessions?x=hunter2", "/admin/login/?x=hunter2"):
            with pytest.raises(urllib.error.HTTPError):
                urllib.request.urlopen(server.url + path, b"password=hunter2", timeout=20)
    finally:
        stop_server(server)
    text = server.log.read_text()
    assert '"handled"' in text
    assert "csrf" in text
    assert "hunter2" not in text


def test_a_server_that_goes_says_so_when_it_begins_and_when_its_clients_are_gone(tmp_path: Path) -> None:
    server = start_server(tmp_path, DRAIN_SECONDS="30")
    with server.client("leaver") as client:
        ask(client, "PING")
        server.process.terminate()
        assert json.loads(client.recv(timeout=20))["type"] == "RECONNECT"
    server.process.wait(60)
    lines = [json.loads(line) for line in server.log.read_text().splitlines()]
    said = [(line["message"], line["connections"]) for line in lines if line["message"] in {"draining", "drained"}]
    assert said == [("draining", 1), ("drained", 0)]


def test_a_request_id_of_the_caller_is_kept_and_a_bad_one_replaced(client: Any) -> None:
    assert client.get("/health/live", headers={"X-Request-ID": "abc-1"}).headers["X-Request-ID"] == "abc-1"
    made = client.get("/health/live", headers={"X-Request-ID": "a\tb{}"}).headers["X-Request-ID"]
    assert len(made) == 32

"""Traces, as a collector gets them from a running server."""

from __future__ import annotations

import gzip
import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.trace.v1.trace_pb2 import Span

from common import tracing
from quizserver.cluster.servers import Postgres, Valkey
from tests.support.serving import ask, start_server, stop_server

TRACEPARENT = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"


@pytest.fixture
def collector() -> Iterator[tuple[str, list[Span]]]:
    """An OTLP collector: its address, and the spans it got."""
    spans: list[Span] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            if self.headers.get("Content-Encoding") == "gzip":
                body = gzip.decompress(body)
            request = ExportTraceServiceRequest.FromString(body)
            for resource in request.resource_spans:
                for scope in resource.scope_spans:
                    spans.extend(scope.spans)
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    server = HTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}", spans
    server.shutdown()
    thread.join()
    server.server_close()


def test_a_message_is_a_span_with_its_work_below_it(collector: tuple[str, list[Span]], tmp_path: Path) -> None:
    endpoint, spans = collector
    server = start_server(tmp_path, OTEL_EXPORTER_OTLP_ENDPOINT=endpoint)
    try:
        made = server.session()
        questions = server.request("GET", f"/api/v1/quizzes/{made['quiz_id']}")[1]["questions"]
        correct = {question["id"]: question["correct_answers"][0] for question in questions}
        with server.client("traced", additional_headers={"traceparent": TRACEPARENT}) as player:
            ask(player, "JOIN_SESSION", {"session_id": made["session_id"], "username": "T"})
            question = ask(player, "NEXT_QUESTION", {"session_id": made["session_id"]})["payload"]
            answer = {
                "session_id": made["session_id"],
                "question_id": question["question_id"],
                "answer": correct[question["question_id"]],
            }
            ask(player, "SUBMIT_ANSWER", answer)
            while not ask(player, "PING", until="LEADERBOARD_UPDATED")["payload"].get("your_score"):
                pass
            ask(player, "SUBMIT_ANSWER", answer)
    finally:
        stop_server(server)

    by_id = {span.span_id: span for span in spans}

    def path(span: Span) -> list[str]:
        names = [span.name]
        while span.parent_span_id in by_id:
            span = by_id[span.parent_span_id]
            names.append(span.name)
        return names

    paths = [path(span) for span in spans]
    for expected in (
        ["validate", "SUBMIT_ANSWER"],
        ["store", "SUBMIT_ANSWER"],
        ["database", "store", "SUBMIT_ANSWER"],
        ["broadcast", "JOIN_SESSION"],
        ["hub", "broadcast", "JOIN_SESSION"],
    ):
        assert expected in paths, "\n".join(sorted(map(str, paths)))
    assert any(found[0] == "leaderboard" for found in paths)
    assert any(found[0].startswith("HTTP POST") for found in paths)
    refused = [json.loads(line) for line in server.log.read_text().splitlines() if '"refused"' in line]
    assert refused[-1]["code"] == "ALREADY_ANSWERED"
    assert refused[-1]["trace_id"] in {span.trace_id.hex() for span in spans}


def test_a_trace_goes_on_in_the_other_instances(collector: tuple[str, list[Span]], tmp_path: Path) -> None:
    endpoint, spans = collector
    valkey, postgres = Valkey(), Postgres()
    running = []
    try:
        for server in (valkey, postgres):
            server.start()
        for number in range(2):
            folder = tmp_path / str(number)
            folder.mkdir()
            settings = {"REDIS_URL": valkey.url, "DATABASE_URL": postgres.url, "SECRET_KEY": "a-key-" * 12}
            running.append(start_server(folder, OTEL_EXPORTER_OTLP_ENDPOINT=endpoint, **settings))
        here, there = running
        made = here.session(auto_start=False)
        with here.client("near") as near, there.client("far") as far:
            for player, name in ((near, "Near"), (far, "Far")):
                ask(player, "JOIN_SESSION", {"session_id": made["session_id"], "username": name})
            here.request("POST", f"/api/v1/sessions/{made['session_id']}/start")
            for player in (near, far):
                ask(player, "PING", until="SESSION_STARTED")
    finally:
        for instance in running:
            stop_server(instance)
        postgres.stop()
        valkey.stop()
    [begun] = [span for span in spans if span.name.startswith("HTTP POST") and "command" in span.name]
    heard = {span.span_id for span in spans if span.name == "hub" and span.trace_id == begun.trace_id}
    told_by = {span.parent_span_id for span in spans if span.name == "fan_out" and span.parent_span_id in heard}
    # One instance was asked, and each told its own player.
    assert len(told_by) == 2


def test_without_a_collector_there_is_no_span_and_nothing_is_carried() -> None:
    tracing.start("")
    assert tracing.span("one") is tracing.span("two")
    assert tracing.carrier() is None

    def function() -> None: ...

    assert tracing.bound(function) is function

"""What /metrics tells, from a server that is being used."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

import pytest
from prometheus_client.parser import text_string_to_metric_families

from common.sampling import memory_used_ratio
from tests.support.serving import Server, ask

#: The names operators build on; they never change.
NAMES = """
websocket_active_connections websocket_total_connections websocket_connection_duration_seconds
quiz_active_sessions quiz_total_participants quiz_session_duration_seconds http_request_duration_seconds
scoring_latency_seconds leaderboard_update_latency_seconds error_total connection_errors_total database_errors_total
redis_connected_clients postgresql_active_connections quiz_answers_submitted_total quiz_correct_answers_total
quiz_participants_joined_total quiz_sessions_completed_total event_loop_lag_seconds event_loop_tasks
process_memory_bytes websocket_outbox_bytes answer_stream_entries write_behind_lag_seconds circuit_breaker_state
cache_hits_total cache_misses_total
"""
PROMISED = NAMES.split()


def scrape(server: Server) -> dict[str, float]:
    """Samples by name, summed over labels."""
    status, text = server.request("GET", "/metrics", key="")
    assert status == 200
    samples: dict[str, float] = {}
    for family in text_string_to_metric_families(text):
        samples.setdefault(f"family:{family.name}", 0)
        for sample in family.samples:
            samples[sample.name] = samples.get(sample.name, 0) + sample.value
    return samples


def wait_for(condition: Callable[[], bool]) -> None:
    """Until it holds; fails after ten seconds."""
    deadline = time.monotonic() + 10
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.05)


@pytest.mark.parametrize("name", PROMISED)
def test_it_exposes_every_promised_name(server: Server, name: str) -> None:
    samples = scrape(server)
    names = {name, f"{name}_count", f"family:{name}", f"family:{name.removesuffix('_total')}"}
    assert names & samples.keys()


def test_a_played_session_moves_the_figures(server: Server) -> None:
    before = scrape(server)

    def grown(name: str) -> float:
        return scrape(server)[name] - before.get(name, 0)

    made = server.session()
    with server.client("metric-player") as player:
        joined = ask(player, "JOIN_SESSION", {"session_id": made["join_code"], "username": "Ann"})["payload"]
        question = ask(player, "NEXT_QUESTION", {"session_id": made["session_id"]})["payload"]
        answer = {
            "session_id": made["session_id"],
            "question_id": question["question_id"],
            "answer": question["options"][0],
        }
        ask(player, "SUBMIT_ANSWER", answer)
        assert ask(player, "SUBMIT_ANSWER", answer)["payload"]["code"] == "ALREADY_ANSWERED"
        wait_for(lambda: grown("leaderboard_update_latency_seconds_count") > 0)
        wait_for(lambda: grown("quiz_active_sessions") == 1 and grown("quiz_total_participants") == 1)
        assert grown("websocket_active_connections") == 1
        assert grown("quiz_answers_submitted_total") == 1
        assert grown("quiz_correct_answers_total") in (0, 1)
        assert grown("quiz_participants_joined_total") == 1
        again = {"session_id": made["session_id"], "session_token": joined["session_token"]}
        with server.client() as elsewhere:
            assert ask(elsewhere, "JOIN_SESSION", again)["payload"]["resumed"] is True
        assert grown("quiz_join_duration_seconds_count") == 2
        assert grown("error_total") >= 1
        assert grown("scoring_latency_seconds_count") == 2
        assert scrape(server)["process_memory_bytes"] > 10_000_000
        assert scrape(server)["event_loop_tasks"] > 1
        server.request("POST", f"/api/v1/sessions/{made['session_id']}/end")
    wait_for(lambda: grown("websocket_active_connections") == 0)
    assert grown("websocket_total_connections") == 2
    assert grown("websocket_connection_duration_seconds_count") == 2
    assert grown("quiz_sessions_completed_total") == 1
    assert grown("quiz_session_duration_seconds_count") == 1
    assert grown("http_request_duration_seconds_count") >= 2
    assert grown("event_loop_lag_seconds_count") > 0
    assert grown("django_db_execute_total") > 0


def test_what_is_counted_by_kind_is_there_before_the_first_of_it(server: Server) -> None:
    text = server.request("GET", "/metrics", key="")[1]
    for series in (
        'connection_errors_total{reason="silent"}',
        'limit_exceeded_total{limit="session_time"}',
        'error_total{type="INTERNAL_ERROR"}',
        "records_set_aside_total",
    ):
        assert f"\n{series} 0.0\n" in text


def test_addresses_that_match_no_route_make_no_labels(server: Server) -> None:
    server.request("GET", "/no/such/address-of-a-scanner")
    assert "address-of-a-scanner" not in server.request("GET", "/metrics", key="")[1]


def test_memory_is_the_containers_where_it_has_a_bound(tmp_path: Path) -> None:
    (tmp_path / "memory.max").write_text("1000\n")
    (tmp_path / "memory.current").write_text("700\n")
    (tmp_path / "memory.stat").write_text("anon 400\ninactive_file 200\n")
    assert memory_used_ratio(tmp_path) == 0.5


@pytest.mark.parametrize("bound", ["max", "not a number"])
def test_memory_is_the_machines_without_a_bound(tmp_path: Path, bound: str) -> None:
    (tmp_path / "memory.max").write_text(bound)
    (tmp_path / "memory.current").write_text("1")
    (tmp_path / "memory.stat").write_text("inactive_file 0\n")
    assert 0 < memory_used_ratio(tmp_path) < 1

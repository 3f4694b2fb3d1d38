"""Every limit refuses what is over it, counts it, and leaves the others alone."""

from __future__ import annotations

import asyncio
import json
import secrets
import socket
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rest_framework.test import APIClient
from websockets.asyncio.client import connect as connect_async
from websockets.exceptions import ConnectionClosed, InvalidStatus

from common.limits import Buckets, TokenBucket, network_of
from quizserver import api_keys
from tests.processes.quizserver.test_metrics import scrape
from tests.support.servers import redis_url
from tests.support.serving import Server, ask, start_server, stop_server

MINUTE = 60_000
#: As the proxy in front tells it.
SCHOOL = {"X-Forwarded-For": "192.0.2.7"}


@pytest.fixture(scope="module")
def strict(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server with low limits."""
    running = start_server(
        tmp_path_factory.mktemp("strict"),
        MAX_CONNECTIONS="20",
        RATE_LOOKUPS_PER_MINUTE="10",
        RATE_JOINS_PER_MINUTE="3",
        RATE_ANSWERS_PER_SECOND="2",
        RATE_FAILED_KEYS_PER_MINUTE="3",
        RATE_BOARDS_PER_SECOND="0.01",
        REQUEST_TIMEOUT_SECONDS="1",
        WS_OUTBOX_BYTES="20000",
    )
    yield running
    stop_server(running)


# -- the rules --------------------------------------------------------------------------------------------------------
@given(st.integers(1, 50), st.lists(st.integers(0, 2_000), max_size=200))
def test_a_bucket_never_lets_more_through_than_its_burst_and_rate(rate: int, steps: list[int]) -> None:
    bucket, now, let_through = TokenBucket(rate), 1, 0
    for step in steps:
        now += step
        let_through += bucket.take(now) == 0
    assert let_through <= rate + (now - 1) * rate / 1_000


@given(st.integers(1, 20), st.integers(1, 5_000))
def test_who_waits_as_long_as_told_is_let_through(rate: int, now: int) -> None:
    bucket = TokenBucket(rate)
    while not (wait := bucket.take(now)):
        pass
    assert bucket.wait(now + wait) == 0


def test_the_keys_not_used_for_longest_are_forgotten() -> None:
    buckets = Buckets(1, MINUTE, keys=2)
    assert [buckets.take(key, 1) for key in ("a", "b")] == [0, 0]
    assert buckets.take("a", 1) > 0
    assert buckets.take("c", 1) == 0  # forgets b
    assert buckets.take("b", 1) == 0


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("192.0.2.7", "192.0.2.7"),
        ("2001:db8:1:2:3::4", "2001:db8:1:2::/64"),
        ("::ffff:192.0.2.7", "192.0.2.7"),
        ("testclient", "testclient"),
    ],
)
def test_an_address_is_what_one_customer_has(address: str, network: str) -> None:
    assert network_of(address) == network


# -- the server -------------------------------------------------------------------------------------------------------
def test_guessed_codes_are_refused_and_a_class_behind_the_same_address_gets_in(strict: Server) -> None:
    made = strict.session()
    with strict.client("first-pupil", additional_headers=SCHOOL) as pupil:
        ask(pupil, "JOIN_SESSION", {"session_id": made["join_code"], "username": "First"})
    with strict.client("guesser", additional_headers=SCHOOL) as guesser:
        answers = [
            ask(guesser, "GET_LEADERBOARD", {"session_id": f"ZZ{number:04}"})["payload"]["code"] for number in range(15)
        ]
        assert answers == ["INVALID_SESSION"] * 10 + ["RATE_LIMITED"] * 5
        # What exists and was never tried from here looks the same as what does not exist.
        other = strict.session()
        tried = ask(guesser, "GET_LEADERBOARD", {"session_id": other["join_code"]})["payload"]
        assert tried["code"] == "RATE_LIMITED"
        assert tried["retry_after_ms"] > 0
    for number in range(8):
        with strict.client(f"pupil-{number}", additional_headers=SCHOOL) as pupil:
            payload = {"session_id": made["join_code"].lower(), "username": f"Pupil {number}"}
            assert ask(pupil, "JOIN_SESSION", payload)["type"] == "SESSION_JOINED"


def test_joins_of_a_user_are_bounded_across_connections_but_not_resumes(strict: Server) -> None:
    made = strict.session()
    with strict.client("joiner") as player:
        join = {"session_id": made["session_id"], "username": "Jo"}
        token = ask(player, "JOIN_SESSION", join)["payload"]["session_token"]
        ask(player, "JOIN_SESSION", join)
    with strict.client("joiner") as player:
        assert ask(player, "JOIN_SESSION", join)["payload"]["code"] == "INVALID_TOKEN"
        assert ask(player, "JOIN_SESSION", join)["payload"]["code"] == "RATE_LIMITED"
    for _ in range(5):
        with strict.client("joiner") as player:
            answer = ask(player, "JOIN_SESSION", {**join, "session_token": token})
            assert answer["payload"]["resumed"] is True


def test_a_player_who_connects_again_has_the_same_allowance(strict: Server) -> None:
    made = strict.session()
    answer = {"session_id": made["session_id"], "question_id": "none", "answer": "x"}
    join = {"session_id": made["session_id"], "username": "Again"}
    codes = []
    for _ in range(3):
        with strict.client("again") as player:
            join["session_token"] = ask(player, "JOIN_SESSION", join)["payload"]["session_token"]
            codes += [ask(player, "SUBMIT_ANSWER", answer)["payload"]["code"] for _ in range(2)]
    assert codes[:2] == ["INVALID_QUESTION"] * 2
    assert codes.count("RATE_LIMITED") >= 2


def test_answers_over_the_rate_are_refused(strict: Server) -> None:
    made = strict.session()
    with strict.client("hasty") as player:
        ask(player, "JOIN_SESSION", {"session_id": made["session_id"], "username": "Hasty"})
        answer = {"session_id": made["session_id"], "question_id": "none", "answer": "x"}
        codes = [ask(player, "SUBMIT_ANSWER", answer)["payload"]["code"] for _ in range(3)]
    assert codes == ["INVALID_QUESTION", "INVALID_QUESTION", "RATE_LIMITED"]
    # Who sends too much must not fill the operator's disk.
    assert "RATE_LIMITED" not in strict.log.read_text()


def test_a_player_gets_so_many_boards_and_still_answers(strict: Server) -> None:
    made = strict.session()
    session = {"session_id": made["session_id"]}
    with strict.client("curious") as player:
        ask(player, "JOIN_SESSION", {**session, "username": "Curious"})
        answers = [ask(player, "GET_LEADERBOARD", session) for _ in range(3)]
        assert [answer["type"] for answer in answers] == ["LEADERBOARD_UPDATED", "ERROR", "ERROR"]
        assert answers[1]["payload"]["code"] == "RATE_LIMITED"
        assert ask(player, "NEXT_QUESTION", session)["type"] == "QUESTION_OPENED"


def test_a_message_over_the_size_closes_with_1009(strict: Server) -> None:
    before = scrape(strict).get("connection_errors_total", 0), scrape(strict).get("limit_exceeded_total", 0)
    with strict.client("big") as player:
        player.send(json.dumps({"type": "PING", "payload": {"x": "y" * 11_000}}))
        with pytest.raises(ConnectionClosed) as closed:
            player.recv(timeout=10)
        assert closed.value.rcvd is not None
        assert closed.value.rcvd.code == 1009
    after = scrape(strict)
    assert (after["connection_errors_total"], after["limit_exceeded_total"]) == (before[0] + 1, before[1] + 1)


def test_what_is_no_text_closes_with_1007_and_tells_the_operator_a_figure_and_no_error(strict: Server) -> None:
    before = scrape(strict).get("connection_errors_total", 0)
    with strict.client("binary") as player:
        player.send(b"\xff\xfe", text=True)
        with pytest.raises(ConnectionClosed) as closed:
            player.recv(timeout=10)
        assert closed.value.rcvd is not None
        assert closed.value.rcvd.code == 1007
    assert scrape(strict)["connection_errors_total"] == before + 1
    assert "Traceback" not in strict.log.read_text()


def test_a_slow_request_is_cut_off_while_others_are_served(strict: Server) -> None:
    before = scrape(strict).get("limit_exceeded_total", 0)
    with socket.create_connection(("127.0.0.1", strict.port), timeout=20) as loris:
        loris.sendall(b"GET /health HTTP/1.1\r\nHost: localhost\r\nX-Slow: ")
        assert strict.request("GET", "/health/live", key="")[0] == 200
        assert loris.recv(100) == b""  # closed by the server
    assert scrape(strict)["limit_exceeded_total"] > before
    assert strict.log.read_text().count("request_too_slow") == 1


def test_connections_over_the_bound_are_refused_and_those_there_play_on(strict: Server) -> None:
    async def attempt() -> tuple[int, list[float]]:
        url = f"ws://127.0.0.1:{strict.port}/ws"
        refused = 0
        async with connect_async(url, proxy=None) as player:
            latencies = []
            others = []
            for _ in range(100):
                try:
                    others.append(await connect_async(url, proxy=None))
                except InvalidStatus as error:
                    refused += error.response.status_code == 503
                started = time.perf_counter()
                await player.send('{"type":"PING","message_id":"p"}')
                assert json.loads(await player.recv())["type"] == "PONG"
                latencies.append(time.perf_counter() - started)
            ready = await asyncio.to_thread(strict.request, "GET", "/health/ready")
            assert ready[0] == 503
            assert ready[1]["checks"]["connections"]["status"] == "failed"
            for other in others:
                await other.close()
        return refused, latencies

    refused, latencies = asyncio.run(attempt())
    assert refused == 100 - 19
    assert len(latencies) == 100
    assert scrape(strict)["connection_errors_total"] >= refused


def test_wrong_api_keys_are_refused_without_a_look(strict: Server) -> None:
    assert strict.request("GET", "/api/v1/sessions")[0] == 200
    statuses = [strict.request("GET", "/api/v1/sessions", key=f"wrong-{number}")[0] for number in range(5)]
    assert statuses == [401, 401, 401, 429, 429]
    assert strict.request("GET", "/api/v1/sessions")[0] == 200  # the key that was right before


def test_limits_of_users_and_addresses_hold_over_all_instances(tmp_path: Path) -> None:
    settings = {
        "REDIS_URL": redis_url().rsplit("/", 1)[0] + "/7",
        "SECRET_KEY": secrets.token_urlsafe(64),
        "RATE_LOOKUPS_PER_MINUTE": "4",
        "RATE_JOINS_PER_MINUTE": "3",
        "RATE_FAILED_KEYS_PER_MINUTE": "3",
    }
    running: list[Server] = []
    try:
        running.extend(start_server(tmp_path, **settings) for _ in range(2))
        made = running[0].session()
        join = {"session_id": made["join_code"], "username": "Jo"}
        with running[0].client("pupil") as here, running[1].client("pupil") as there:
            assert ask(here, "JOIN_SESSION", join)["type"] == "SESSION_JOINED"
            codes = [ask(there, "JOIN_SESSION", join)["payload"]["code"] for _ in range(3)]
            assert codes == ["INVALID_TOKEN", "INVALID_TOKEN", "RATE_LIMITED"]
            guesses = [
                ask(client, "GET_LEADERBOARD", {"session_id": f"ZZ{number}"})["payload"]["code"]
                for number, client in enumerate([here, there] * 4)
            ]
        assert guesses == ["INVALID_SESSION"] * 4 + ["RATE_LIMITED"] * 4
        with running[1].client("another-pupil") as player:
            # The class has been in this session.
            assert ask(player, "JOIN_SESSION", {**join, "username": "An"})["type"] == "SESSION_JOINED"
        statuses = [server.request("GET", "/api/v1/sessions", key="wrong")[0] for server in running * 3]
        assert statuses == [401, 401, 401, 429, 429, 429]
    finally:
        for server in running:
            stop_server(server)


@pytest.mark.django_db
def test_a_throttled_key_is_a_problem_document(monkeypatch: pytest.MonkeyPatch) -> None:
    one = Buckets(1, MINUTE)
    monkeypatch.setattr(api_keys, "guesses", lambda: one)
    client = APIClient(headers={"authorization": "Api-Key wrong.wrong"})
    assert client.get("/api/v1/sessions").status_code == 401
    answer = client.get("/api/v1/sessions")
    assert (answer.status_code, answer.json()["status"]) == (429, 429)
    assert int(answer["Retry-After"]) > 0

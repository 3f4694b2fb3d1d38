"""Real instances, each a process of its own, on real PostgreSQL and Valkey: what one does acts on the others."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
import urllib.request
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import psycopg
import pytest
import pytest_asyncio
import redis
from websockets.asyncio.client import connect

from common.config import BASE_DIR
from common.shards import OF_ONE_REDIS
from quizserver.cluster.cluster import Cluster, Instance
from quizserver.cluster.servers import Valkey, free_port
from sessions.stores.redis.layout import Keyspace
from tests.support.sentinel import WatchedRedis
from tests.support.ws_client import Client

pytestmark = [pytest.mark.timeout(240), pytest.mark.asyncio(loop_scope="module")]
KEYS = Keyspace(OF_ONE_REDIS)
#: Far more than anything here takes.
PATIENCE = 60


class Game:
    """A session in self pace, driven through any instance."""

    def __init__(self, cluster: Cluster, instance: Instance) -> None:
        self.cluster = cluster
        made = self.call(instance, "POST", "", {"quiz_id": "vocab-101", "auto_start": True, "scoring": "flat"})
        self.id: str = made["session_id"]

    def call(self, instance: Instance, method: str, path: str, body: Any = None) -> Any:
        """A REST call."""
        base = f"{instance.url}/api/v1/sessions"
        request = urllib.request.Request(
            base + path,
            None if body is None else json.dumps(body).encode(),
            {"Content-Type": "application/json", "Authorization": f"Api-Key {self.cluster.api_key}"},
            method=method,
        )
        with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(request, timeout=PATIENCE) as response:
            return json.loads(response.read() or b"null")

    async def player(self, instance: Instance, user: str, token: str | None = None) -> Client:
        """A player's connection to an instance."""
        client = await open_client(instance, user)
        await client.join(self.id, user.title(), session_token=token)
        return client

    async def answer(self, client: Client, question: str) -> Any:
        """A right answer, sent until it counts; the payload of what the player is told."""
        [content] = [each for each in QUIZ["questions"] if each["id"] == question]
        given = content["correct_answers"]
        answer = given if content["kind"] in {"multi", "order"} else given[0]
        async with asyncio.timeout(PATIENCE):
            while True:
                told = await client.ask("SUBMIT_ANSWER", session_id=self.id, question_id=question, answer=answer)
                if told["payload"].get("code") != "SERVICE_UNAVAILABLE":
                    return told["payload"]
                await asyncio.sleep(0.1)


QUIZ = json.loads((BASE_DIR / "quizzes/content/vocab-101.json").read_text())


async def open_client(instance: Instance, user: str) -> Client:
    address = f"ws://127.0.0.1:{instance.port}/ws?user_id={user}"
    return Client(await connect(address, proxy=None, compression=None, max_size=None, max_queue=None))


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def cluster(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Cluster]:
    """Two instances, for all tests of this file."""
    async with Cluster(
        instances=2, settings={"DRAIN_SECONDS": "0", "BREAKER_SECONDS": "1", "SERVER_SILENCE_SECONDS": "6"}
    ) as made:
        yield made


async def another(cluster: Cluster, folder: Path, **environment: str) -> Instance:
    """One more instance, with settings of its own; the caller ends it."""
    instance = Instance(9, {**cluster.environment(), **environment}, folder / "instance.log")
    try:
        await instance.start()
    except BaseException:
        instance.kill()
        raise
    return instance


async def eventually(condition: Callable[[], bool]) -> None:
    """Until it holds."""
    async with asyncio.timeout(PATIENCE):
        while not await asyncio.to_thread(condition):
            await asyncio.sleep(0.05)


async def test_a_player_who_comes_to_another_instance_leaves_the_first(cluster: Cluster) -> None:
    one, other = cluster.instances
    game = Game(cluster, one)
    first = await game.player(one, "ann")
    assert (await game.answer(first, "q1"))["new_score"] == 10
    second = await open_client(other, "ann")
    joined = await second.join(game.id, "Ann", session_token=first.token)
    assert (await first.closed())[0] == 4001
    assert (joined["your_score"], joined["answered"], joined["participant_count"]) == (10, ["q1"], 1)
    assert (await game.answer(second, "q2"))["new_score"] == 20
    await second.close()


async def test_a_kick_reaches_the_player_on_another_instance(cluster: Cluster) -> None:
    one, other = cluster.instances
    game = Game(cluster, one)
    ann, bob = await game.player(one, "ann"), await game.player(other, "bob")
    await asyncio.to_thread(game.call, other, "DELETE", f"/{game.id}/participants/ann")
    assert (await ann.closed())[0] == 4003
    board = await bob.get(lambda message: message["payload"].get("total_participants") == 1, "a board without Ann")
    assert [line["user_id"] for line in board["payload"]["leaderboard"]] == ["bob"]
    await bob.close()


async def wrong(game: Game, client: Client, question: str) -> None:
    """A wrong answer to a question with options."""
    [content] = [each for each in QUIZ["questions"] if each["id"] == question]
    given = next(option for option in content["options"] if option not in content["correct_answers"])
    told = await client.ask("SUBMIT_ANSWER", session_id=game.id, question_id=question, answer=given)
    assert told["payload"]["is_correct"] is False


async def test_what_is_asked_again_through_both_instances_at_once_comes_back_once_on_both(cluster: Cluster) -> None:
    one, other = cluster.instances
    game = Game(cluster, one)
    ann, bob = await game.player(one, "ann"), await game.player(other, "bob")
    for client in (ann, bob):
        await wrong(game, client, "q1")
    asked = [asyncio.to_thread(game.call, each, "POST", f"/{game.id}/ask-again", {}) for each in (one, other) * 2]
    views = await asyncio.gather(*asked)
    total = len(QUIZ["questions"]) + 1
    assert {view["question_count"] for view in views} == {total}
    for client in (ann, bob):
        added = (await client.next("QUESTIONS_ADDED"))["payload"]
        assert (added["added"], added["total"]) == (1, total)
    for instance, client in ((one, ann), (other, bob)):
        questions = (await asyncio.to_thread(game.call, instance, "GET", f"/{game.id}/questions"))["questions"]
        assert questions[-1]["again_of"] == "q1"
        right = questions[-1]["correct_answers"][0]
        told = await client.ask("SUBMIT_ANSWER", session_id=game.id, question_id="q1.2", answer=right)
        assert told["payload"]["new_score"] == 10
    # Who comes over finds that it is answered.
    back = await open_client(one, "bob")
    joined = await back.join(game.id, "Bob", session_token=bob.token)
    assert (joined["question_count"], joined["your_score"]) == (total, 10)
    assert "q1.2" in joined["answered"]
    results = await asyncio.to_thread(game.call, other, "GET", f"/{game.id}/results?wait=true")
    again = [row for row in results["answers"] if row["question_id"] == "q1.2"]
    assert sorted((row["user_id"], row["points"]) for row in again) == [("ann", 10), ("bob", 10)]
    for client in (ann, back):
        await client.close()


def told_of(message: dict[str, Any]) -> tuple[str, str | None, int | None]:
    """Whom a message says to have come or gone, and how many that makes."""
    payload = message["payload"]
    return message["type"], payload.get("user_id"), payload.get("participant_count")


async def arrival(watcher: Client, user: str) -> None:
    """The watcher hears of it."""
    await watcher.get(lambda message: told_of(message)[:2] == ("USER_JOINED", user), f"the arrival of {user}")


async def test_of_the_players_of_an_instance_that_stops_those_leave_who_do_not_come_back(
    cluster: Cluster, tmp_path: Path
) -> None:
    one, _ = cluster.instances
    game = Game(cluster, one)
    stopping = await another(cluster, tmp_path)
    watcher = await game.player(one, "cat")
    ann, bob = await game.player(stopping, "ann"), await game.player(stopping, "bob")
    for user in ("cat", "ann", "bob"):
        await arrival(watcher, user)
    await stopping.terminate()
    assert (await ann.closed())[0] == (await bob.closed())[0] == 1012
    back = await game.player(one, "bob", bob.token)
    # Who came back was never away; of the other everybody hears.
    coming_and_going = {"USER_JOINED", "USER_LEFT", "PARTICIPANTS_CHANGED"}
    told = await watcher.get(lambda message: message["type"] in coming_and_going, "news of who is there")
    assert told_of(told) == ("USER_LEFT", "ann", 2)
    await watcher.close()
    await back.close()


def new_database(cluster: Cluster, name: str) -> str:
    """The address of another database of the cluster's PostgreSQL, with all that is in its own."""
    with psycopg.connect(cluster.postgres.url, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}")
    head, _, tail = cluster.postgres.url.partition("?")
    made = f"{head.rpartition('/')[0]}/{name}?{tail}"
    dump, psql = (str(cluster.postgres.programs / program) for program in ("pg_dump", "psql"))
    # Other instances are no part of what plays there.
    options = ["--no-owner", "--exclude-table-data=server_instances"]
    copied = subprocess.run([dump, *options, cluster.postgres.url], capture_output=True, check=True)
    subprocess.run([psql, "--quiet", made], input=copied.stdout, stdout=subprocess.DEVNULL, check=True)
    return made


async def test_results_are_read_from_the_replica(cluster: Cluster, tmp_path: Path) -> None:
    one, _ = cluster.instances
    game = Game(cluster, one)
    ann = await game.player(one, "ann")
    await game.answer(ann, "q1")
    results = await asyncio.to_thread(game.call, one, "GET", f"/{game.id}/results?wait=true")
    assert results["answers"][0]["points"] == 10
    replica = await asyncio.to_thread(new_database, cluster, "replica")
    with psycopg.connect(replica) as connection:
        connection.execute("UPDATE answer_submissions SET points = 7")
    instance = await another(cluster, tmp_path, DATABASE_REPLICA_URL=replica)
    try:
        told = await asyncio.to_thread(game.call, instance, "GET", f"/{game.id}/results")
        assert told["answers"][0]["points"] == 7
        waited = await asyncio.to_thread(game.call, instance, "GET", f"/{game.id}/results?wait=true")
        assert waited["answers"][0]["points"] == 10
    finally:
        await instance.terminate()
        await ann.close()


async def test_play_goes_on_when_sentinel_puts_a_replica_in_the_place_of_the_master(
    cluster: Cluster, tmp_path: Path
) -> None:
    watched = WatchedRedis()
    await asyncio.to_thread(watched.start)
    instance = None
    try:
        own = await asyncio.to_thread(new_database, cluster, "watched")
        instance = await another(cluster, tmp_path, REDIS_URL=watched.url, DATABASE_URL=own)
        game = Game(cluster, instance)
        ann = await game.player(instance, "ann")
        assert (await game.answer(ann, "q1"))["new_score"] == 10
        await asyncio.to_thread(watched.fail_over)
        assert (await game.answer(ann, "q2"))["new_score"] == 20
        with redis.Redis(port=watched.replica.port) as client:
            # Played on the replica that was, with what it had not received.
            await eventually(lambda: client.hlen(KEYS(game.id).answers_to("q1")) == 1)
            await game.answer(ann, "q3")
            await eventually(lambda: client.hlen(KEYS(game.id).answers_to("q3")) == 1)
        results = await asyncio.to_thread(game.call, instance, "GET", f"/{game.id}/results?wait=true")
        assert [(line["user_id"], line["score"]) for line in results["participants"]] == [("ann", 30)]
        await ann.close()
    finally:
        if instance is not None:
            await instance.terminate()
        await asyncio.to_thread(watched.stop)


async def test_a_start_without_redis_plays_from_the_database_until_redis_is_there(
    cluster: Cluster, tmp_path: Path
) -> None:
    valkey = Valkey()
    own = await asyncio.to_thread(new_database, cluster, "degraded")
    instance = await another(cluster, tmp_path, REDIS_URL=valkey.url, DATABASE_URL=own)
    try:
        game = Game(cluster, instance)
        ann = await game.player(instance, "ann")
        assert (await game.answer(ann, "q1"))["new_score"] == 10
        await asyncio.to_thread(valkey.start)
        with redis.Redis.from_url(valkey.url) as client:
            await eventually(lambda: client.hlen(KEYS(game.id).answers_to("q1")) == 1)
        assert (await game.answer(ann, "q2"))["new_score"] == 20
        await ann.close()
    finally:
        await instance.terminate()
        await asyncio.to_thread(valkey.stop)


async def refusal(cluster: Cluster, **environment: str) -> list[str]:
    """What an instance says that does not start."""
    env = {**cluster.environment(), "PORT": str(free_port()), "BIND": "127.0.0.1", **environment}
    arguments = [sys.executable, "manage.py", "serve"]
    done = await asyncio.to_thread(
        subprocess.run,
        arguments,
        cwd=BASE_DIR,
        env=env,
        capture_output=True,
        text=True,
        timeout=PATIENCE,
    )
    assert done.returncode not in {0, None}
    return (done.stdout + done.stderr).strip().splitlines()


@pytest.mark.parametrize(
    ("variable", "address", "reason"),
    [
        ("REDIS_URL", "http://localhost", "unknown scheme 'http'"),
        ("REDIS_URL", "redis://localhost:port/0", "Port could not be cast"),
        ("REDIS_URL", "sentinel://localhost", "a sentinel address has hosts and a name"),
        ("REDIS_URL", "redis+cluster://host:6379/3", "a cluster address has some of its servers"),
        ("DATABASE_URL", "mysql://localhost/quiz", "unknown scheme 'mysql'"),
        ("DATABASE_URL", "postgres://127.0.0.1:1/quiz", "Connection refused"),
    ],
)
async def test_a_wrong_address_is_one_line(cluster: Cluster, variable: str, address: str, reason: str) -> None:
    [line] = await refusal(cluster, **{"REDIS_URL": "", variable: address})
    assert variable in line
    assert reason in line


async def test_another_number_of_shards_than_the_data_has_is_refused(cluster: Cluster) -> None:
    lines = await refusal(cluster, REDIS_URL=cluster.valkey.url, REDIS_SHARDS="16")
    [error] = [json.loads(line)["message"] for line in lines if "REDIS_SHARDS" in line]
    assert "spread over 1, the settings say 16" in error


@pytest.mark.parametrize(
    ("key", "reason"), [("quizserver:layout", "keys have layout 0"), ("servers", "keys of another program")]
)
async def test_the_redis_of_something_else_is_refused(cluster: Cluster, key: str, reason: str) -> None:
    with redis.Redis.from_url(cluster.valkey.url.replace("/0", "/1")) as client:
        client.flushdb()
        client.set(key, "0")
    lines = await refusal(cluster, REDIS_URL=cluster.valkey.url.replace("/0", "/1"))
    [error] = [json.loads(line)["message"] for line in lines if "REDIS_URL" in line]
    assert reason in error

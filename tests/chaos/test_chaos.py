"""Sessions that are played while parts of a cluster die: whatever was acknowledged is stored, once, and counted."""

from __future__ import annotations

import asyncio
import time
from collections import Counter

import psycopg
import pytest

from quizserver.cluster.cluster import Cluster
from simulation.check import check
from simulation.host import read_record
from simulation.play import Plan, Played, Simulation
from simulation.rest import RestClient
from tests.chaos.conftest import LONG, Loop
from tests.chaos.faults import LONG as ALL_FAULTS
from tests.chaos.faults import SHORT, Fault, an_instance_is_killed, redis_is_killed, redis_loses_its_data
from tests.support.small_quiz import store_small_quiz

PLAYERS = 400 if LONG else 200
#: Seconds after the end of a fault in which every client is back.
BACK_SECONDS = 15


def plan(pace: str, seed: int) -> Plan:
    """A session that lasts as long as a fault and its end do."""
    return Plan(
        "vocab-101",
        pace=pace,  # type: ignore[arg-type]
        players=PLAYERS,
        sessions=1,
        questions=9 if LONG else 3,
        seconds=2 if LONG else 1.5,
        seed=seed,
    )


async def play(cluster: Cluster, fault: Fault, pace: str, of: Plan | None = None) -> tuple[Played, float]:
    """Play a session with a fault in its middle; with the seconds until everybody was back."""
    back = 0.0

    async def strike() -> None:
        nonlocal back
        await fault(cluster)
        began = time.monotonic()
        away = [player for player in simulation.players if player.playing and not player.present]
        # Others come and go meanwhile, as people do; these were away when the fault ended.
        while away := [player for player in away if not player.present and not player.done]:
            assert time.monotonic() - began < BACK_SECONDS, f"{len(away)} clients are not back"
            await asyncio.sleep(0.02)
        back = time.monotonic() - began

    rest = RestClient(cluster.url, cluster.api_key, patience=60)
    simulation = Simulation(rest, of or plan(pace, seed=len(fault.__name__)), strike)
    (played,) = await simulation.run()
    return played, back


def stored_twice(cluster: Cluster, session_id: str) -> int:
    """Answers that the database has more than once. Its constraint forbids it; this looks."""
    with psycopg.connect(cluster.postgres.url) as connection:
        row = connection.execute(
            "SELECT count(*) FROM (SELECT 1 FROM answer_submissions WHERE session_id = %s "
            "GROUP BY user_id, question_id HAVING count(*) > 1) AS twice",
            [session_id],
        ).fetchone()
    assert row is not None
    return int(row[0])


@pytest.mark.timeout(240)
@pytest.mark.parametrize("pace", ["host", "self"] if LONG else ["host"])
@pytest.mark.parametrize("fault", ALL_FAULTS if LONG else SHORT, ids=lambda fault: fault.__name__)
def test_nothing_acknowledged_is_lost_when(cluster: Cluster, loop: Loop, fault: Fault, pace: str) -> None:
    played, back = loop.run(play(cluster, fault, pace))
    counts: Counter[str] = played.table.counts
    print(  # noqa: T201 - the report of a run with -s, and of `make chaos`
        f"\n{fault.__name__} ({pace} pace, {PLAYERS} players): {counts['acknowledged']} acknowledged, "
        f"{counts['refused']} refused, {counts['retried']} retried, {counts['resumed']} resumed, "
        f"everybody back after {back:.1f} s"
    )
    assert played.findings == [], [str(finding) for finding in played.findings[:20]]
    assert counts["acknowledged"] > PLAYERS
    assert stored_twice(cluster, played.table.session_id) == 0


@pytest.mark.timeout(240)
@pytest.mark.parametrize("fault", [an_instance_is_killed, redis_loses_its_data], ids=lambda fault: fault.__name__)
def test_nothing_is_lost_of_what_was_asked_again_a_moment_before(cluster: Cluster, loop: Loop, fault: Fault) -> None:
    async def asked_again() -> Played:
        rest = RestClient(cluster.url, cluster.api_key, patience=60)
        await store_small_quiz(rest)
        again = Plan("small", "host", players=PLAYERS, sessions=1, questions=None, seconds=1.5, seed=5, asks_again=True)
        return (await play(cluster, fault, "host", again))[0]

    played = loop.run(asked_again())
    counts: Counter[str] = played.table.counts
    assert played.findings == [], [str(finding) for finding in played.findings[:20]]
    assert counts["asked again"] > 0
    assert {answer.question_id for answer in played.record.answers} > {"q1", "q2", "q3"}
    assert stored_twice(cluster, played.table.session_id) == 0


def test_a_planted_loss_is_found(cluster: Cluster, loop: Loop) -> None:
    """The negative control: an answer vanishes from the database, and the check says so."""
    played, _ = loop.run(play(cluster, redis_is_killed, "self"))
    session_id = played.table.session_id
    assert played.findings == []
    lost = played.table.ledger.accepted[0]
    with psycopg.connect(cluster.postgres.url) as connection:
        connection.execute(
            "DELETE FROM answer_submissions WHERE session_id = %s AND user_id = %s AND question_id = %s",
            [session_id, lost.user_id, lost.question_id],
        )
    record = loop.run(read_record(RestClient(cluster.url, cluster.api_key), session_id))
    rules = {finding.rule for finding in check(played.table.ledger, record, played.quiz)}
    assert "answer lost" in rules

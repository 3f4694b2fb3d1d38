"""The short form of ``make nemesis``: one seed, and that a planted loss is found."""

from __future__ import annotations

import psycopg
import pytest

from quizserver.cluster.cluster import Cluster
from simulation.check import check
from simulation.host import read_record
from simulation.rest import RestClient
from tests.chaos.conftest import Loop
from tests.chaos.nemesis import GROUPS, draw, findings, play

_SEED = 4


@pytest.mark.timeout(120)
def test_random_faults_at_once_lose_nothing_and_a_planted_loss_is_found(cluster: Cluster, loop: Loop) -> None:
    strike = draw(_SEED, players=15)
    played = loop.run(play(cluster, strike))
    assert list(findings(played)) == [], f"`make nemesis SEED={_SEED}`: {strike}"
    table = played[0].table
    lost = table.ledger.accepted[0]
    with psycopg.connect(cluster.postgres.url) as connection:
        connection.execute(
            "DELETE FROM answer_submissions WHERE session_id = %s AND user_id = %s AND question_id = %s",
            [table.session_id, lost.user_id, lost.question_id],
        )
    record = loop.run(read_record(RestClient(cluster.url, cluster.api_key), table.session_id))
    assert "answer lost" in {finding.rule for finding in check(table.ledger, record, played[0].quiz)}


def test_a_seed_stands_for_the_same_faults_and_every_fault_comes_up() -> None:
    assert [str(draw(seed)) for seed in range(20)] == [str(draw(seed)) for seed in range(20)]
    struck = {fault for seed in range(200) for _, fault in draw(seed).faults}
    assert struck == {fault for group in GROUPS.values() for fault in group}

"""The short form of ``make nemesis``: one seed, and that a planted loss is found."""

from __future__ import annotations

from types import SimpleNamespace
from typing import TYPE_CHECKING, cast

import psycopg
import pytest

from quizserver.cluster.cluster import Cluster
from simulation.check import RecordedAnswer, ServerRecord, check
from simulation.host import read_record
from simulation.ledger import AcceptedAnswer, BoardLine, Ledger, SentAnswer, ToldScore
from simulation.play import Played
from simulation.quiz import Question, Quiz
from simulation.rest import RestClient
from tests.chaos.conftest import Loop
from tests.chaos.nemesis import GROUPS, draw, findings, play

if TYPE_CHECKING:
    from simulation.table import Table

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


def _answer(points: int, question_id: str) -> RecordedAnswer:
    return RecordedAnswer("ann", question_id, "a", "correct", True, points, 0)


def _history(*, told_before: bool) -> Played:
    """Redis took Ann's second answer, and its reply was lost; a score that lacks it was told, before she heard that it
    counts or after that."""
    sent = [SentAnswer("ann", name, "a", right=True) for name in ("q1", "q2")]
    lacking = ToldScore("ann", 15, "question_closed", "q2")
    ledger = Ledger(sent=sent, accepted=[AcceptedAnswer("ann", "q1", first=True)], joined={"ann"})
    ledger.scores.append(lacking if told_before else ToldScore("ann", 15, "question_closed", "q1"))
    ledger.accepted.append(AcceptedAnswer("ann", "q2", first=False, scores=len(ledger.scores)))
    if not told_before:
        ledger.scores.append(lacking)
    board = [BoardLine(1, "ann", 30)]
    record = ServerRecord([_answer(15, "q1"), _answer(15, "q2")], ["ann"], board, board)
    quiz = Quiz("quiz", tuple(Question(name, "choice", ("a", "b"), ("a",)) for name in ("q1", "q2")))
    table = cast("Table", SimpleNamespace(ledger=ledger))
    return Played(quiz, table, [], record, check(ledger, record, quiz))


def test_a_score_lacks_an_answer_that_was_acknowledged_later_and_none_that_was_before() -> None:
    assert [finding.rule for finding in _history(told_before=True).findings] == ["wrong score told"]
    assert list(findings([_history(told_before=True)])) == []
    assert len(list(findings([_history(told_before=False)]))) == 1

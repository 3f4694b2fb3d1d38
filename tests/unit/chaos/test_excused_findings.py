"""What the check of ``make nemesis`` excuses: what lacks an answer that came to count without a reply, and no more."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace
from typing import Any

from simulation.check import ServerRecord, check
from simulation.ledger import ToldScore
from tests.chaos.nemesis import findings
from tests.unit.simulation.test_check import QUIZ, Case, example


def played(case: Case) -> Any:
    record = ServerRecord(case.answers, case.participants, case.results, case.leaderboard)
    table = SimpleNamespace(ledger=case.ledger)
    return SimpleNamespace(table=table, record=record, quiz=QUIZ, findings=check(case.ledger, record, QUIZ))


def without_a_reply() -> Case:
    """The second player's last answer counts, and was told to nobody before the end."""
    case = example()
    [first, *_] = [answer for answer in case.answers if answer.user_id == "u0"]
    lacking = case.ledger
    lacking.accepted[:] = [each for each in lacking.accepted if (each.user_id, each.question_id) != ("u0", "q1")]
    lacking.results[:] = [each for each in lacking.results if (each.user_id, each.question_id) != ("u0", "q1")]
    lacking.scores[:] = [
        replace(each, score=each.score - first.points) if each.user_id == "u0" else each
        for each in lacking.scores
        if (each.user_id, each.upto) != ("u0", "q1")
    ]
    return case


def test_a_score_that_lacks_an_answer_without_a_reply_is_excused() -> None:
    case = without_a_reply()
    assert "wrong score told" in {finding.rule for finding in played(case).findings}
    assert [text for text in findings([played(case)]) if "wrong score told" in text] == []


def test_a_score_that_no_answer_explains_is_found_beside_it() -> None:
    case = without_a_reply()
    case.ledger.scores.append(ToldScore("u1", 12_345, "ended"))
    found = [text for text in findings([played(case)]) if "wrong score told" in text]
    assert len(found) == 1
    assert "u1: 12345" in found[0]


def test_the_results_are_excused_by_nothing() -> None:
    case = without_a_reply()
    case.results[0] = replace(case.results[0], score=1)
    assert any("results: place 1" in text for text in findings([played(case)]))


def test_without_such_an_answer_nothing_is_excused() -> None:
    case = example()
    case.ledger.scores.append(ToldScore("u0", 12_345, "ended"))
    assert [text for text in findings([played(case)]) if "u0: 12345" in text]

"""The checker finds nothing in a session that was kept right, and every way in which one can be wrong."""

from __future__ import annotations

from collections.abc import Callable
from copy import deepcopy
from dataclasses import dataclass, replace
from typing import Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulation.check import RecordedAnswer, ServerRecord, Terms, check
from simulation.expectation import expected, expected_points
from simulation.ledger import AcceptedAnswer, BoardLine, Ledger, Resumed, SentAnswer, ToldResult, ToldScore, round_of
from simulation.quiz import Question, Quiz

QUIZ = Quiz(
    id="small",
    questions=(
        Question("q1", "choice", options=("a", "b"), correct_answers=("a",)),
        Question("q2", "typed", correct_answers=("delighted",), points=5),
        Question("q3", "multi", options=("a", "b", "c", "d"), correct_answers=("a", "b")),
    ),
)
VERDICTS: dict[str, list[tuple[str | list[str], str]]] = {
    "q1": [("a", "correct"), ("b", "wrong")],
    "q2": [("delighted", "correct"), ("delihgted", "almost"), ("sad", "wrong")],
    "q3": [(["b", "a"], "correct"), (["a"], "almost"), (["c", "d"], "wrong")],
}


@dataclass
class Case:
    """A whole session: what the players were told, and what the server has."""

    ledger: Ledger
    answers: list[RecordedAnswer]
    participants: list[str]
    results: list[BoardLine]
    leaderboard: list[BoardLine]

    def findings(self) -> set[str]:
        record = ServerRecord(self.answers, self.participants, self.results, self.leaderboard)
        return {finding.rule for finding in check(self.ledger, record, QUIZ)}


#: For each player, for each question: the answer's number and its time in milliseconds, or nothing.
Plays = list[list[tuple[int, int] | None]]
plays: st.SearchStrategy[Plays] = st.lists(
    st.lists(
        st.none() | st.tuples(st.integers(0, 5), st.integers(0, 20_000)),
        min_size=len(QUIZ.questions),
        max_size=len(QUIZ.questions),
    ),
    min_size=1,
    max_size=6,
)


def session(played: Plays) -> Case:
    """A session in which everything went right."""
    ledger = Ledger()
    answers: list[RecordedAnswer] = []
    sums: dict[str, int] = {}
    for number, row in enumerate(played):
        user_id = f"u{number}"
        ledger.joined.add(user_id)
        score = 0
        for question, play in zip(QUIZ.questions, row, strict=True):
            if play is None:
                continue
            choices = VERDICTS[question.id]
            answer, verdict = choices[play[0] % len(choices)]
            points = expected_points(question, verdict, expected(question, answer)[verdict], play[1])
            score += points
            ledger.sent.append(SentAnswer(user_id, question.id, answer, right=verdict == "correct"))
            ledger.accepted.append(AcceptedAnswer(user_id, question.id, first=True))
            ledger.results.append(ToldResult(user_id, question.id, verdict == "correct", points))
            ledger.scores.append(ToldScore(user_id, score, "score_updated", question.id))
            answers.append(
                RecordedAnswer(
                    user_id, question.id, answer, verdict, verdict == "correct", points, time_taken_ms=play[1]
                )
            )
        ledger.scores.append(ToldScore(user_id, score, "ended"))
        sums[user_id] = score
    participants = list(sums)
    order = sorted(participants, key=lambda user_id: (-sums[user_id], participants.index(user_id)))
    board = [BoardLine(rank, user_id, sums[user_id]) for rank, user_id in enumerate(order, start=1)]
    ledger.ended = {line.user_id: (line.rank, line.score) for line in board}
    ledger.final_boards.add(tuple(board[:3]))
    return Case(ledger, answers, participants, board, list(board))


def example() -> Case:
    """Three players; the second and the third end with the same score."""
    return session([[(0, 500), (0, 500), None], [(0, 500), (1, 500), (2, 500)], [(0, 500), (1, 500), (2, 500)]])


@given(plays)
def test_it_finds_nothing_where_all_is_well(played: Plays) -> None:
    assert session(played).findings() == set()


@given(plays, st.data())
def test_it_finds_every_acknowledged_answer_that_is_lost(played: Plays, data: st.DataObject) -> None:
    case = session(played)
    if case.answers:
        case.answers.pop(data.draw(st.integers(0, len(case.answers) - 1)))
        assert "answer lost" in case.findings()


@given(plays, st.data())
def test_it_finds_every_answer_that_is_stored_twice(played: Plays, data: st.DataObject) -> None:
    case = session(played)
    if case.answers:
        case.answers.append(data.draw(st.sampled_from(case.answers)))
        assert "answer doubled" in case.findings()


@given(plays, st.data(), st.integers(-20, 20).filter(bool))
def test_it_finds_every_score_that_is_not_the_sum(played: Plays, data: st.DataObject, error: int) -> None:
    case = session(played)
    place = data.draw(st.integers(0, len(case.ledger.scores) - 1))
    told = case.ledger.scores[place]
    case.ledger.scores[place] = replace(told, score=told.score + error)
    assert case.findings() == {"wrong score told"}


@given(plays, st.data(), st.integers(-20, 20).filter(bool))
def test_it_finds_every_answer_with_points_off_the_rule(played: Plays, data: st.DataObject, error: int) -> None:
    case = session(played)
    if case.answers:
        place = data.draw(st.integers(0, len(case.answers) - 1))
        case.answers[place] = replace(case.answers[place], points=case.answers[place].points + error)
        assert "wrong points" in case.findings()


def _swap(lines: list[BoardLine]) -> None:
    """Two players with the same score, the one who joined later first: the lines are right but for the order."""
    second, third = lines[1], lines[2]
    lines[1], lines[2] = replace(third, rank=2), replace(second, rank=3)


PLANTED: list[tuple[str, Callable[[Case], object]]] = [
    ("player in trouble", lambda case: case.ledger.troubles.append("u0: the connection was closed with 4029")),
    ("player lost", lambda case: case.ledger.joined.add("u9")),
    ("player doubled", lambda case: case.participants.append("u0")),
    ("accepted twice", lambda case: case.ledger.accepted.append(AcceptedAnswer("u0", "q1", first=True))),
    ("answer from nowhere", lambda case: case.answers.append(replace(case.answers[0], question_id="q3"))),
    ("no answer", lambda case: case.answers.__setitem__(0, replace(case.answers[0], answer="neither"))),
    ("answer changed", lambda case: case.answers.__setitem__(0, replace(case.answers[0], answer="neither"))),
    ("answer changed", lambda case: case.answers.__setitem__(0, replace(case.answers[0], answer="b"))),
    ("wrong verdict", lambda case: case.answers.__setitem__(0, replace(case.answers[0], verdict="wrong"))),
    (
        "wrong verdict",
        lambda case: case.answers.__setitem__(4, replace(case.answers[4], verdict="correct", is_correct=True)),
    ),
    ("wrong verdict", lambda case: case.answers.__setitem__(0, replace(case.answers[0], is_correct=False))),
    ("wrong verdict", lambda case: case.answers.__setitem__(4, replace(case.answers[4], verdict="almost"))),
    ("refused answer counts", lambda case: case.ledger.refused.append(("u0", "q1"))),
    (
        "answer forgotten",
        lambda case: case.ledger.resumed.append(Resumed("u0", frozenset({"q1", "q2"}), frozenset({"q1"}))),
    ),
    ("answer lost", lambda case: case.ledger.resumed.append(Resumed("u0", frozenset(), frozenset({"q3"})))),
    ("wrong result told", lambda case: case.ledger.results.append(ToldResult("u0", "q1", True, 99))),
    ("wrong ranking", lambda case: _swap(case.results)),
    ("wrong ranking", lambda case: _swap(case.leaderboard)),
    ("wrong ranking", lambda case: case.leaderboard.pop()),
    ("wrong ranking", lambda case: case.ledger.final_boards.add((BoardLine(1, "u1", 30),))),
    ("wrong place told", lambda case: case.ledger.ended.__setitem__("u0", (2, 30))),
    ("deadline moved", lambda case: case.ledger.deadlines.__setitem__("q1", {"10:00", "10:01"})),
]


@pytest.mark.parametrize(("rule", "plant"), PLANTED)
def test_it_finds_what_was_planted(rule: str, plant: Callable[[Case], object]) -> None:
    case = example()
    untouched = deepcopy(case)
    plant(case)
    assert rule in case.findings()
    assert untouched.findings() == set()


def test_it_leaves_open_when_a_leaderboard_was_sent() -> None:
    case = example()
    case.ledger.scores.append(ToldScore("u0", 15, "leaderboard"))
    assert case.findings() == set()
    case.ledger.scores.append(ToldScore("u0", 14, "leaderboard"))
    assert case.findings() == {"wrong score told"}


@pytest.mark.parametrize(
    ("elapsed_ms", "points"), [(0, 15), (1_999, 15), (2_000, 14), (9_999, 11), (10_000, 10), (60_000, 10)]
)
def test_its_rule_of_points_is_the_contracts(elapsed_ms: int, points: int) -> None:
    assert expected_points(QUIZ.questions[0], "correct", 1, elapsed_ms) == points


def test_it_knows_sessions_without_speed_points() -> None:
    case = session([[(0, 500), None, None]])
    record = ServerRecord(case.answers, case.participants, case.results, case.leaderboard)
    assert {finding.rule for finding in check(case.ledger, record, QUIZ, Terms(speed_step_ms=0))} == {"wrong points"}


def homework(*points: int) -> Ledger:
    """What a player was told who did a homework as often, each time with one answer of so many points."""
    ledger = Ledger(joined={"u0"})
    for attempt in range(1, len(points) + 1):
        ledger.rounds |= {round_of("u0", attempt)} if attempt > 1 else set()
        ledger.sent.append(SentAnswer(round_of("u0", attempt), "q1", "a" if points[attempt - 1] else "b", right=False))
    return ledger


def record_of(points: tuple[int, ...], counts: int, score: int) -> ServerRecord:
    answers = [
        RecordedAnswer(
            "u0",
            "q1",
            "a" if one else "b",
            "correct" if one else "wrong",
            one > 0,
            one,
            60_000,
            number,
            number == counts,
        )
        for number, one in enumerate(points, start=1)
    ]
    board = [BoardLine(1, "u0", score)]
    return ServerRecord(answers, ["u0"], board, board)


@pytest.mark.parametrize(
    ("counts", "points", "attempt"),
    [("best", (10, 0), 1), ("best", (0, 10), 2), ("last", (10, 0), 2), ("last", (0, 10), 2)],
)
def test_it_knows_which_attempt_is_the_result(
    counts: Literal["best", "last"], points: tuple[int, ...], attempt: int
) -> None:
    def rules(counted: int) -> set[str]:
        record = record_of(points, counted, points[counted - 1])
        return {finding.rule for finding in check(homework(*points), record, QUIZ, Terms(counts=counts))}

    assert rules(attempt) == set()
    assert rules(3 - attempt) == {"wrong attempt counts", "wrong ranking"}


def test_a_second_attempt_is_no_answer_twice_and_one_that_was_begun_and_left_is_the_last() -> None:
    ledger = homework(10, 10)
    ledger.rounds.add(round_of("u0", 3))
    [found] = {finding.rule for finding in check(ledger, record_of((10, 10), 2, 10), QUIZ, Terms(counts="last"))} - {
        "wrong ranking"
    }
    assert found == "wrong attempt counts"
    assert check(ledger, record_of((10, 10), 1, 10), QUIZ, Terms(counts="best")) == []


@pytest.mark.parametrize(("goal", "reached"), [("points", 45), ("right", 3)])
def test_it_finds_a_goal_that_is_not_what_all_came_to(goal: Literal["points", "right"], reached: int) -> None:
    case = session([[(0, 500), None, None]] * 3)
    case.ledger.ended = {user: (None, score) for user, (_, score) in case.ledger.ended.items()}
    case.ledger.final_boards = {()}
    record = ServerRecord(case.answers, case.participants, case.results, case.leaderboard)
    case.ledger.goals = {reached}
    assert check(case.ledger, record, QUIZ, Terms(goal=goal)) == []
    case.ledger.goals = {reached - 1}
    assert [finding.rule for finding in check(case.ledger, record, QUIZ, Terms(goal=goal))] == ["wrong goal told"]


def test_it_finds_speed_that_was_lost_by_who_should_lose_none() -> None:
    case = session([[(0, 500), None, None]])
    case.ledger.sent = [replace(sent, timeless=True) for sent in case.ledger.sent]
    assert case.findings() == {"speed lost"}
    case.answers = [replace(answer, time_taken_ms=0) for answer in case.answers]
    assert case.findings() == set()

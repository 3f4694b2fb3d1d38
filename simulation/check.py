"""Compares what players were told with what the server stored. Pure: finding nothing means the promise was kept.

The promise: an acknowledged answer is in the database exactly once, and the score a player was told is the sum of the
player's answers' points. What an answer should come to is the simulation's own reading of the contract
(:mod:`simulation.expectation`).
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from simulation.expectation import NotAnAnswer, expected, expected_points, expected_shares, is_same
from simulation.ledger import AnswerValue, BoardLine, Ledger, SentAnswer, attempt_of, player_of, round_of
from simulation.quiz import Question, Quiz


@dataclass(frozen=True, slots=True)
class RecordedAnswer:
    """An answer as ``GET sessions/ID/results`` tells it."""

    user_id: str
    question_id: str
    answer: AnswerValue
    verdict: str
    is_correct: bool
    points: int
    time_taken_ms: int
    attempt: int = 1
    #: Whether the attempt is the player's result.
    counts: bool = True

    @property
    def round(self) -> str:
        """As the ledger has it."""
        return round_of(self.user_id, self.attempt)


@dataclass(frozen=True, slots=True)
class ServerRecord:
    """What the server has of a session that is over."""

    answers: Sequence[RecordedAnswer]
    #: User ids in the order of joining, from ``GET sessions/ID/participants``.
    participants: Sequence[str]
    #: The ranking as ``results`` tells it, and as ``leaderboard`` does.
    results: Sequence[BoardLine]
    leaderboard: Sequence[BoardLine]


@dataclass(frozen=True, slots=True)
class Terms:
    """How the session was played, as far as points and places depend on it."""

    #: How long each speed point lasted; 0 where there were none.
    speed_step_ms: int = 2_000
    #: Which attempt at a homework is the result.
    counts: Literal["best", "last"] = "best"
    goal: Literal["none", "points", "right"] = "none"


@dataclass(frozen=True, slots=True)
class Finding:
    """A broken rule: its name, and a sentence about the case."""

    rule: str
    text: str


#: As sessions are played by default.
TERMS = Terms()


def check(ledger: Ledger, record: ServerRecord, quiz: Quiz, terms: Terms = TERMS) -> list[Finding]:
    """Everything that is wrong, in no particular order of weight; empty when all is well."""
    book = _Book(ledger, record, quiz, terms)
    return [
        *book.troubles(),
        *book.players(),
        *book.acknowledged(),
        *book.stored(),
        *book.attempts(),
        *book.goals(),
        *book.refused(),
        *book.resumes(),
        *book.results(),
        *book.points(),
        *book.scores(),
        *book.standings(),
        *book.deadlines(),
    ]


class _Book:
    def __init__(self, ledger: Ledger, record: ServerRecord, quiz: Quiz, terms: Terms) -> None:
        self._ledger = ledger
        self._record = record
        self._quiz = quiz
        self._terms = terms
        self._stored = {(answer.round, answer.question_id): answer for answer in record.answers}
        #: Points by round, and of each player those of the round that is the result.
        self._sums: Counter[str] = Counter()
        for answer in record.answers:
            self._sums[answer.round] += answer.points
        self._rounds: defaultdict[str, set[str]] = defaultdict(set)
        for name in [*self._sums, *ledger.joined, *ledger.rounds]:
            self._rounds[player_of(name)].add(name)
        self._results = Counter({player: self._result(names) for player, names in self._rounds.items()})
        self._first_sent: dict[tuple[str, str], SentAnswer] = {}
        self._order: defaultdict[str, list[str]] = defaultdict(list)
        for sent in ledger.sent:
            if (sent.user_id, sent.question_id) not in self._first_sent:
                self._first_sent[sent.user_id, sent.question_id] = sent
                self._order[sent.user_id].append(sent.question_id)

    def _result(self, rounds: set[str]) -> int:
        if self._terms.counts == "last":
            return self._sums[max(rounds, key=attempt_of)]
        return max(self._sums[name] for name in rounds)

    def attempts(self) -> Iterator[Finding]:
        sums: Counter[str] = Counter()
        for answer in self._record.answers:
            sums[answer.user_id] += answer.points if answer.counts else 0
        for player, score in self._results.items():
            if sums[player] != score:
                yield Finding(
                    "wrong attempt counts", f"{player}: answers that count come to {sums[player]}, not {score}"
                )

    def goals(self) -> Iterator[Finding]:
        ranked, kind = set(self._record.participants), self._terms.goal
        if kind == "points":
            reached = sum(self._results[player] for player in ranked)
        else:
            reached = sum(
                answer.verdict == "correct" and answer.counts and answer.user_id in ranked
                for answer in self._record.answers
            )
        for told in self._ledger.goals:
            if kind == "none" or told != reached:
                yield Finding("wrong goal told", f"{told} {kind} at the end, not {reached}")

    def troubles(self) -> Iterator[Finding]:
        for text in self._ledger.troubles:
            yield Finding("player in trouble", text)

    def players(self) -> Iterator[Finding]:
        known = Counter(self._record.participants)
        for user_id in sorted(self._ledger.joined - known.keys()):
            yield Finding("player lost", f"{user_id} was let in and is not among the participants")
        for user_id, times in known.items():
            if times > 1:
                yield Finding("player doubled", f"{user_id} is among the participants {times} times")

    def acknowledged(self) -> Iterator[Finding]:
        firsts: Counter[tuple[str, str]] = Counter()
        for accepted in self._ledger.accepted:
            key = (accepted.user_id, accepted.question_id)
            firsts[key] += accepted.first
            if key not in self._stored:
                yield Finding("answer lost", f"{_name(key)} was acknowledged and is not in the database")
        for key, times in firsts.items():
            if times > 1:
                yield Finding("accepted twice", f"{_name(key)} was accepted {times} times")

    def stored(self) -> Iterator[Finding]:
        for key, times in Counter((answer.round, answer.question_id) for answer in self._record.answers).items():
            if times > 1:
                yield Finding("answer doubled", f"{_name(key)} is in the database {times} times")
        for key, stored in self._stored.items():
            sent = self._first_sent.get(key)
            question = self._quiz.question(stored.question_id)
            if sent is None or question is None:
                yield Finding("answer from nowhere", f"{_name(key)} is in the database and nobody sent it")
            elif not is_same(question, sent.answer, stored.answer):
                yield Finding("answer changed", f"{_name(key)}: sent {sent.answer!r}, stored {stored.answer!r}")
            elif sent.right and stored.verdict != "correct":
                yield Finding("wrong verdict", f"{_name(key)}: {sent.answer!r} is right, stored as {stored.verdict}")
            elif sent.timeless and self._earns_speed(question, stored) and stored.time_taken_ms:
                yield Finding("speed lost", f"{_name(key)}: counted as {stored.time_taken_ms} ms, not as none")

    def _earns_speed(self, question: Question, stored: RecordedAnswer) -> bool:
        speeds = self._terms.speed_step_ms > 0 and question.points > 0 and question.kind != "poll"
        return speeds and stored.verdict == "correct"

    def refused(self) -> Iterator[Finding]:
        for key in self._ledger.refused:
            if key in self._stored:
                yield Finding("refused answer counts", f"{_name(key)} was refused and is in the database")

    def resumes(self) -> Iterator[Finding]:
        for resumed in self._ledger.resumed:
            forgotten = resumed.acknowledged - resumed.answered
            if forgotten:
                yield Finding("answer forgotten", f"{resumed.user_id} came back without {', '.join(sorted(forgotten))}")
            for question_id in sorted(resumed.answered):
                if (resumed.user_id, question_id) not in self._stored:
                    yield Finding("answer lost", f"{_name((resumed.user_id, question_id))} was listed as answered")

    def results(self) -> Iterator[Finding]:
        for told in self._ledger.results:
            key = (told.user_id, told.question_id)
            stored = self._stored.get(key)
            if stored is not None and (told.is_correct, told.points) != (stored.is_correct, stored.points):
                yield Finding(
                    "wrong result told",
                    f"{_name(key)}: told {told.is_correct} and {told.points} points, "
                    f"stored {stored.is_correct} and {stored.points}",
                )

    def points(self) -> Iterator[Finding]:
        for stored in self._record.answers:
            question = self._quiz.question(stored.question_id)
            if question is None:
                continue
            key = (stored.round, stored.question_id)
            elapsed = stored.time_taken_ms
            try:
                shares = expected(question, stored.answer)
            except NotAnAnswer:
                yield Finding("no answer", f"{_name(key)}: {stored.answer!r} is none that the question takes")
                continue
            if stored.verdict not in shares or stored.is_correct != (stored.verdict == "correct"):
                yield Finding(
                    "wrong verdict",
                    f"{_name(key)}: {stored.answer!r} is stored as {stored.verdict} (is_correct {stored.is_correct}), "
                    f"not as {' or '.join(shares)}",
                )
                continue
            points = {
                expected_points(question, stored.verdict, share, elapsed, self._terms.speed_step_ms)
                for share in expected_shares(question, stored.answer, stored.verdict)
            }
            if stored.points not in points:
                told = " or ".join(map(str, sorted(points)))
                yield Finding(
                    "wrong points",
                    f"{_name(key)}: {stored.points} points for {stored.answer!r} after {elapsed} ms, not {told}",
                )

    def scores(self) -> Iterator[Finding]:
        for told in self._ledger.scores:
            sums = self._prefix_sums(told.user_id, told.upto)
            if told.source == "ended":
                sums = {self._results[told.user_id]}
            elif told.source == "leaderboard":
                # That of the attempt that counts.
                sums = set().union(*(self._prefix_sums(name, "") for name in self._rounds[told.user_id]))
            if told.score not in sums:
                after = f" after {told.upto}" if told.upto else ""
                expected = " or ".join(map(str, sorted(sums)))
                yield Finding(
                    "wrong score told", f"{told.user_id}: {told.score} by {told.source}{after}, not {expected}"
                )

    def _prefix_sums(self, user_id: str, upto: str) -> set[int]:
        """What the player's score has been after each answer; only after ``upto`` when that is named."""
        total, sums = 0, set() if upto else {0}
        for question_id in self._order[user_id]:
            stored = self._stored.get((user_id, question_id))
            total += stored.points if stored else 0
            if not upto or question_id == upto:
                sums.add(total)
        # A question closed that this player never answered: the score stands between two answers.
        return sums or self._prefix_sums(user_id, "")

    def standings(self) -> Iterator[Finding]:
        joined = {user_id: place for place, user_id in enumerate(self._record.participants)}
        order = sorted(joined, key=lambda user_id: (-self._results[user_id], joined[user_id]))
        expected = [BoardLine(rank, user_id, self._results[user_id]) for rank, user_id in enumerate(order, start=1)]
        yield from _compare("results", self._record.results, expected)
        yield from _compare("leaderboard", self._record.leaderboard, expected)
        for board in self._ledger.final_boards:
            yield from _compare("SESSION_ENDED", board, expected[: len(board)])
        # With a goal of all nobody has a rank.
        ranks = {line.user_id: line.rank for line in expected} if self._terms.goal == "none" else {}
        for user_id, (rank, score) in self._ledger.ended.items():
            if rank != ranks.get(user_id) or score != self._results[user_id]:
                yield Finding(
                    "wrong place told",
                    f"{user_id}: rank {rank} with {score} at the end, not {ranks.get(user_id)} "
                    f"with {self._results[user_id]}",
                )

    def deadlines(self) -> Iterator[Finding]:
        for question_id, told in self._ledger.deadlines.items():
            if len(told) > 1:
                yield Finding("deadline moved", f"{question_id}: told {' and '.join(sorted(told))}")


def _compare(where: str, told: Iterable[BoardLine], expected: Sequence[BoardLine]) -> Iterator[Finding]:
    lines = list(told)
    if len(lines) != len(expected):
        yield Finding("wrong ranking", f"{where}: {len(lines)} players, not {len(expected)}")
    for line, right in zip(lines, expected, strict=False):
        if line != right:
            yield Finding(
                "wrong ranking",
                f"{where}: place {right.rank} is {line.user_id} (rank {line.rank}) with {line.score}, "
                f"not {right.user_id} with {right.score}",
            )


def _name(key: tuple[str, str]) -> str:
    return f"the answer of {key[0]} to {key[1]}"

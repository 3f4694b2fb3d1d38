"""What one simulated player is told, put into the ledger, and what there is to do about it."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterable
from dataclasses import dataclass
from random import Random

from simulation import wire
from simulation.client import Client
from simulation.habits import Habits
from simulation.ledger import BoardLine, Resumed, SentAnswer, ToldResult, ToldScore, round_of
from simulation.quiz import Quiz
from simulation.table import Table
from simulation.watch import Watch


@dataclass(slots=True)
class Kept:
    """An answer the server has not told the fate of yet."""

    sent: SentAnswer
    first_sent_at: float
    attempts: int = 0


class Witness(Client):
    """Hears what a player of one session hears."""

    def __init__(self, table: Table, habits: Habits, quiz: Quiz) -> None:
        super().__init__(
            table,
            Random(habits.seed),
            user_id=habits.user_id,
            username=habits.username,
            leaderboard=habits.leaderboard,
        )
        self.habits = habits
        self.watch = Watch(table.arrangement, limit_ms=table.limit_ms)
        self.finished = False
        #: Homework: which attempt is under way.
        self.attempt = 1
        #: Questions whose answer was acknowledged, and those whose answer was refused or given up; of this attempt.
        self.acknowledged: set[str] = set()
        self.passed: set[str] = set()
        self._ledger = table.ledger
        self._quiz = quiz
        self._kept: Kept | None = None
        self._closed: set[str] = set()
        self._ended = False
        #: Questions to play; an empty one stands for "whatever is next".
        self._turns: asyncio.Queue[str] = asyncio.Queue()

    @property
    def round(self) -> str:
        """The attempt under way, as the ledger has it."""
        return round_of(self.user_id, self.attempt)

    def event(self, message: wire.Incoming, payload: wire.Payload, *, live: bool) -> None:
        self._note(self.watch.troubles(message, payload))
        match message.type:
            case "SESSION_STARTED" if live and self.table.pace == "self":
                self._turns.put_nowait("")
            case "SESSION_RESUMED" if self.table.pace == "self":
                # Whoever asked for the next question during the pause was told that there is none.
                self._turns.put_nowait("")
            case "QUESTION_OPENED":
                self._deadline(payload.question_id, payload.deadline)
                self._listen(payload)
                if live:
                    self.table.question_arrived(payload.question_id)
                    self._turns.put_nowait(payload.question_id)
            case "QUESTIONS_ADDED":
                self.table.questions = max(self.table.questions, payload.total)
                # Who had finished has more to answer.
                self.finished = False
                if self.table.pace == "self":
                    self._turns.put_nowait("")
            case "QUESTION_CLOSED":
                self._closed.add(payload.question_id)
                self._question_closed(payload, live=live)
            case "SESSION_ENDED":
                self._session_ended(message, payload)

    def _listen(self, payload: wire.Payload) -> None:
        """Hear a question that is heard; nobody may read it before the close."""
        question = self._quiz.question(payload.question_id)
        if question is None or not question.heard:
            return
        self.table.counts["heard"] += 1
        reads = self.watch.needs.get("text_for_sound")
        if reads and not payload.text:
            self.trouble(f"had nothing to read of {question.id}")
        if payload.text and not reads:
            self.trouble(f"could read {question.id}, which is to be heard only")
        if self.table.pace == "self" and not payload.sound:
            self.trouble(f"had nothing to hear of {question.id}")

    def _note(self, troubles: Iterable[str]) -> None:
        for text in troubles:
            self.trouble(text)

    def noticed(self, message: wire.Incoming, payload: wire.Payload) -> None:
        self._note(self.watch.troubles(message, payload))
        if message.type == "LEADERBOARD_UPDATED" and payload.your_score is not None:
            self._ledger.scores.append(ToldScore(self.user_id, payload.your_score, "leaderboard"))

    def joined(self, payload: wire.Payload) -> None:
        self._note(self.watch.joined(payload))
        self.table.latency("resume" if self.token else "join", time.perf_counter() - self.connecting_at)
        if self.token and not payload.resumed:
            self.trouble("came back by token as somebody new")
        if payload.attempt == self.attempt + 1:
            # The reply to its beginning was lost.
            self.begun(payload.attempt)
        elif payload.attempt != self.attempt:
            self.trouble(f"came in to attempt {payload.attempt}, not {self.attempt}")
        if payload.resumed:
            self.table.counts["resumed"] += 1
            self._ledger.resumed.append(Resumed(self.round, frozenset(self.acknowledged), frozenset(payload.answered)))
        self._ledger.joined.add(self.user_id)
        if payload.status == "completed" and self.token is None:
            # Who comes by a code when all is over has missed nothing, and is sent no end.
            self.over = True
        self._ledger.scores.append(ToldScore(self.round, payload.your_score or 0, "joined"))
        if self._kept is not None:
            self._turns.put_nowait(self._kept.sent.question_id)
        if payload.question is not None:
            self._deadline(payload.question.question_id, payload.question.deadline)
            self._turns.put_nowait(payload.question.question_id)
        elif self.table.pace == "self" and payload.status == "active":
            self._turns.put_nowait("")

    def _question_closed(self, payload: wire.Payload, *, live: bool) -> None:
        question_id = payload.question_id
        if payload.your_answer is not None:
            self._ledger.results.append(
                ToldResult(self.user_id, question_id, payload.is_correct, payload.points_earned)
            )
        if payload.your_score is not None:
            told = (
                ToldScore(self.user_id, payload.your_score, "question_closed", question_id)
                if live
                else ToldScore(self.user_id, payload.your_score, "history")
            )
            self._ledger.scores.append(told)

    def _session_ended(self, message: wire.Incoming, payload: wire.Payload) -> None:
        self._ledger.ended[self.user_id] = (payload.your_rank, payload.your_score)
        board = (BoardLine(line.rank, line.user_id, line.score) for line in wire.ranking(message))
        self._ledger.final_boards.add(tuple(board))
        if payload.goal is not None:
            self._ledger.goals.add(payload.goal.reached)
        self._ended = True
        # Who does not know yet what became of an answer stays to find out.
        self.over = self._kept is None

    def _deadline(self, question_id: str, deadline: str | None) -> None:
        share = self.watch.needs.get("time", 100)
        if deadline is not None:
            name = question_id if share == 100 else f"{question_id} at {share} percent of its time"
            self._ledger.deadlines.setdefault(name, set()).add(deadline)

    def begun(self, attempt: int) -> None:
        """Another attempt at a homework begins."""
        self.attempt = attempt
        self.acknowledged, self.passed = set(), set()
        self._ledger.rounds.add(self.round)
        self.table.counts["attempts begun again"] += 1

    def trouble(self, text: str) -> None:
        self._ledger.troubles.append(f"{self.user_id}: {text}")

"""One simulated player: keeps an answer until the server has said what became of it, sends it again on the next
connection, and has habits (see :mod:`simulation.habits`). What it is told goes into the ledger.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from random import Random

from simulation import wire
from simulation.answers import other_answer, right_answer
from simulation.arrangement import Watch
from simulation.client import Client, Reply
from simulation.habits import Habits, draw_mischief
from simulation.ledger import AcceptedAnswer, BoardLine, Resumed, SentAnswer, ToldResult, ToldScore
from simulation.quiz import Question, Quiz
from simulation.table import Table

#: Seconds without a word about a message after which it is sent again.
_PATIENCE = 5.0
_REFUSALS = {"QUESTION_NOT_OPEN", "SESSION_COMPLETED", "NOT_JOINED"}


@dataclass(slots=True)
class _Kept:
    """An answer the server has not told the fate of yet."""

    sent: SentAnswer
    first_sent_at: float
    attempts: int = 0


class Player(Client):
    """Plays one session from joining to its end."""

    def __init__(self, table: Table, habits: Habits, quiz: Quiz) -> None:
        super().__init__(
            table,
            Random(habits.seed),
            user_id=habits.user_id,
            username=habits.username,
            leaderboard=habits.leaderboard,
        )
        self.habits = habits
        self._watch = Watch(table.arrangement)
        self.finished = False
        #: Questions whose answer was acknowledged, and those whose answer was refused or given up.
        self.acknowledged: set[str] = set()
        self.passed: set[str] = set()
        self._ledger = table.ledger
        self._quiz = quiz
        self._kept: _Kept | None = None
        self._closed: set[str] = set()
        self._ended = False
        #: Questions to play; an empty one stands for "whatever is next".
        self._turns: asyncio.Queue[str] = asyncio.Queue()

    @property
    def playing(self) -> bool:
        """Whether the player has come and not gone, be it that the connection is lost for the moment."""
        return self.token is not None and not self.over

    @property
    def done(self) -> bool:
        """Whether the player has nothing more to do."""
        return self.over or self.finished

    @property
    def answered_all(self) -> bool:
        """At their own pace: whether the player has nothing more to do, with what was asked again."""
        return self.over or (self.finished and len(self.acknowledged) + len(self.passed) >= self.table.questions)

    def settled(self, question_id: str) -> bool:
        """Whether nothing more is to be expected from this player on the question."""
        return self.over or question_id in self.acknowledged or question_id in self.passed

    async def run(self) -> None:
        """Until the session is over or the player has gone."""
        if self.habits.late_by is not None:
            await self.table.started.wait()
            await asyncio.sleep(self.habits.late_by)
        else:
            # A class comes in over a moment, not in the same instant.
            await asyncio.sleep(self.rng.uniform(0, self.table.lobby_seconds))
        await self.stay()

    # -- what the server says -------------------------------------------------------------------------------------

    def event(self, message: wire.Incoming, payload: wire.Payload, *, live: bool) -> None:
        self._note(self._watch.troubles(message, payload))
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
        if payload.text:
            self.trouble(f"could read {question.id}, which is to be heard only")
        if self.table.pace == "self" and not payload.sound:
            self.trouble(f"had nothing to hear of {question.id}")

    def _note(self, troubles: Iterable[str]) -> None:
        for text in troubles:
            self.trouble(text)

    def noticed(self, message: wire.Incoming, payload: wire.Payload) -> None:
        self._note(self._watch.troubles(message, payload))
        if message.type == "LEADERBOARD_UPDATED" and payload.your_score is not None:
            self._ledger.scores.append(ToldScore(self.user_id, payload.your_score, "leaderboard"))

    def joined(self, payload: wire.Payload) -> None:
        self._note(self._watch.joined(payload))
        self.table.latency("resume" if self.token else "join", time.perf_counter() - self.connecting_at)
        if self.token and not payload.resumed:
            self.trouble("came back by token as somebody new")
        if payload.resumed:
            self.table.counts["resumed"] += 1
            self._ledger.resumed.append(
                Resumed(self.user_id, frozenset(self.acknowledged), frozenset(payload.answered))
            )
        self._ledger.joined.add(self.user_id)
        self._ledger.scores.append(ToldScore(self.user_id, payload.your_score or 0, "joined"))
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
        self._ended = True
        # Who does not know yet what became of an answer stays to find out.
        self.over = self._kept is None

    def _deadline(self, question_id: str, deadline: str | None) -> None:
        if deadline is not None:
            self._ledger.deadlines.setdefault(question_id, set()).add(deadline)

    def trouble(self, text: str) -> None:
        self._ledger.troubles.append(f"{self.user_id}: {text}")

    # -- what the player does -------------------------------------------------------------------------------------

    async def act(self) -> None:
        """Answer the questions that come, one after the other; in self pace ask for the next one."""
        self._turns = asyncio.Queue()
        while not self.over:
            question_id = await self._turns.get()
            question = self._quiz.question(question_id)
            if question is not None and not self.settled(question_id):
                await self._turn(question)
                if self._ended:
                    self.over = True
                    await self.socket.close(1000)
                    return
                answered = len(self.acknowledged) + len(self.passed)
                if self.habits.leaves_after is not None and answered >= self.habits.leaves_after:
                    await self._go()
                    return
            if self.table.pace == "self" and self._turns.empty():
                await self._ask_for_next()

    async def _turn(self, question: Question) -> None:
        mischief = draw_mischief(self.rng)
        kept = self._kept
        if kept is None:
            dawdles = mischief == "dawdle" and self.table.pace == "host"
            await asyncio.sleep(self.table.thinking_seconds(self.rng, dawdles=dawdles))
            if question.id in self._closed and not dawdles:
                self.passed.add(question.id)
                return
            if mischief == "refresh":
                self.table.counts["refreshed"] += 1
                await self.hang_up()
                return
            kept = self._kept = self._choose(question)
        while not await self._deliver(kept, mischief):
            mischief = None
        if mischief == "change_mind" and question.id in self.acknowledged:
            await self._deliver_second(question, other_answer(question, self.rng))

    def _choose(self, question: Question) -> _Kept:
        right = self.rng.random() < self.habits.skill
        answer = right_answer(question, self.rng) if right else other_answer(question, self.rng)
        sent = SentAnswer(self.user_id, question.id, answer, right)
        self._ledger.sent.append(sent)
        return _Kept(sent, time.perf_counter())

    async def _deliver(self, kept: _Kept, mischief: str | None) -> bool:
        """Send the kept answer once; whether the server told its fate."""
        kept.attempts += 1
        if kept.attempts > 1:
            self.table.counts["retried"] += 1
        reply = await self._send_answer(kept.sent)
        second = await self._send_answer(kept.sent) if mischief == "double_click" else None
        if mischief == "cut" and kept.attempts == 1:
            self.table.counts["connection cut"] += 1
            await self.lose_network()
        try:
            answer = await asyncio.wait_for(reply, _PATIENCE)
        except TimeoutError:
            return False
        wait = self._take(kept, answer)
        if wait is not None:
            await asyncio.sleep(wait)
            return False
        if second is not None:
            with suppress(TimeoutError):
                self._take_second(kept.sent.question_id, await asyncio.wait_for(second, _PATIENCE))
        return True

    async def _send_answer(self, sent: SentAnswer) -> asyncio.Future[Reply]:
        return await self.request("SUBMIT_ANSWER", question_id=sent.question_id, answer=sent.answer)

    def _take(self, kept: _Kept, reply: Reply) -> float | None:
        """Note the fate of an answer; the seconds to wait when it has to be sent again, else ``None``."""
        payload, question_id = reply.payload, kept.sent.question_id
        if reply.message.type in {"ANSWER_ACCEPTED", "SCORE_UPDATED"}:
            self._acknowledged(kept, first=True)
            if reply.message.type == "SCORE_UPDATED":
                self._told(question_id, payload.is_correct, payload.points_earned, payload.new_score)
        elif payload.code == "ALREADY_ANSWERED":
            self._acknowledged(kept, first=False)
            result = payload.result
            if result is not None and result.is_correct is not None:
                self._told(question_id, result.is_correct, result.points_earned or 0, result.new_score)
        elif payload.code in wire.TRY_AGAIN:
            self.table.counts[f"asked to wait ({payload.code})"] += 1
            return payload.wait_seconds
        else:
            self._kept = None
            self.passed.add(question_id)
            self.table.counts["refused"] += 1
            self._ledger.refused.append((self.user_id, question_id))
            if payload.code not in _REFUSALS:
                self.trouble(f"{question_id}: {payload.code}: {payload.message}")
        return None

    def _acknowledged(self, kept: _Kept, *, first: bool) -> None:
        question_id = kept.sent.question_id
        self._kept = None
        self._ledger.accepted.append(AcceptedAnswer(self.user_id, question_id, first))
        self.acknowledged.add(question_id)
        self.table.counts["acknowledged"] += 1
        kind = "answer" if kept.attempts == 1 else "answer, sent again"
        self.table.latency(kind, time.perf_counter() - kept.first_sent_at)

    def _told(self, question_id: str, is_correct: bool, points: int, score: int | None) -> None:
        self._ledger.results.append(ToldResult(self.user_id, question_id, is_correct, points))
        if score is not None:
            self._ledger.scores.append(ToldScore(self.user_id, score, "score_updated", question_id))

    async def _deliver_second(self, question: Question, answer: str | list[str]) -> None:
        sent = SentAnswer(self.user_id, question.id, answer, right=False)
        self._ledger.sent.append(sent)
        reply = await self._send_answer(sent)
        with suppress(TimeoutError):
            self._take_second(question.id, await asyncio.wait_for(reply, _PATIENCE))

    def _take_second(self, question_id: str, reply: Reply) -> None:
        if reply.message.type in {"ANSWER_ACCEPTED", "SCORE_UPDATED"}:
            self._ledger.accepted.append(AcceptedAnswer(self.user_id, question_id, first=True))
        elif reply.payload.code == "ALREADY_ANSWERED":
            self.table.counts["answered twice, refused"] += 1

    async def _ask_for_next(self) -> None:
        """Self pace: the next question, put among the turns; or nothing when there is none."""
        if len(self.acknowledged) >= self.table.questions:
            self.finished = True
            return
        asked_at = time.perf_counter()
        reply = await self.request("NEXT_QUESTION")
        try:
            told = await asyncio.wait_for(reply, _PATIENCE)
        except TimeoutError:
            self._turns.put_nowait("")
            return
        self._note(self._watch.troubles(told.message, told.payload))
        if told.message.type == "QUESTION_OPENED":
            self.table.latency("next question", time.perf_counter() - asked_at)
            self._listen(told.payload)
            self._offered_again(told.payload.question_id)
            self._turns.put_nowait(told.payload.question_id)
        elif told.message.type == "FINISHED":
            self.finished = True
            self._ledger.scores.append(ToldScore(self.user_id, told.payload.your_score or 0, "finished"))
        elif told.payload.code in wire.TRY_AGAIN:
            await asyncio.sleep(told.payload.wait_seconds)
            self._turns.put_nowait("")
        elif told.payload.code not in _REFUSALS:
            self.trouble(f"NEXT_QUESTION: {told.payload.code}: {told.payload.message}")

    def _offered_again(self, question_id: str) -> None:
        """A question whose answer was refused during a pause is still to be answered, by the same answer."""
        if question_id in self.passed:
            key = (self.user_id, question_id)
            self.passed.discard(question_id)
            with suppress(ValueError):
                self._ledger.refused.remove(key)
            sent = next((one for one in self._ledger.sent if (one.user_id, one.question_id) == key), None)
            if sent is not None:
                self._kept = _Kept(sent, time.perf_counter())

    async def _go(self) -> None:
        self.table.counts["left"] += 1
        self.over = True
        if self.habits.says_goodbye:
            await self.socket.send(wire.write("LEAVE_SESSION", wire.new_id(), session_id=self.table.session_id))
        await self.socket.close(1000)

"""One simulated player: keeps an answer until the server has said what became of it, sends it again on the next
connection, and has habits (see :mod:`simulation.habits`). What it is told goes into the ledger.
"""

from __future__ import annotations

import asyncio
import time
from contextlib import suppress

from simulation import wire
from simulation.answers import other_answer, right_answer
from simulation.client import Reply
from simulation.habits import Habits, draw_mischief
from simulation.ledger import AcceptedAnswer, SentAnswer, ToldResult, ToldScore
from simulation.needs import counts_no_time, without_accents
from simulation.quiz import Question, Quiz
from simulation.table import Table
from simulation.witness import Kept, Witness

#: Seconds without a word about a message after which it is sent again.
_PATIENCE = 5.0
_REFUSALS = {"QUESTION_NOT_OPEN", "SESSION_COMPLETED", "NOT_JOINED"}


class Player(Witness):
    """Plays one session from joining to its end."""

    def __init__(self, table: Table, habits: Habits, quiz: Quiz) -> None:
        super().__init__(table, habits, quiz)
        #: Whether the browser's data was lost already.
        self._forgot = False

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

    @property
    def needs_told(self) -> bool:
        """Whether the player knows what the host arranged last, if anything."""
        return self.watch.arranged is None or self.watch.needs == self.watch.arranged

    @property
    def standing(self) -> str:
        """How the player stands, for a trouble."""
        there = "connected" if self.present else "not connected"
        waits = (
            f", with an answer to {self._kept.sent.question_id} that was sent {self._kept.attempts} times"
            if self._kept
            else ""
        )
        return f"{there}, place {'moving' if self.moving else 'kept'}{waits}"

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
                if self.habits.forgets_after == answered and self.table.arrangement.people and not self._forgot:
                    await self._forget()
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

    def _choose(self, question: Question) -> Kept:
        right = self.rng.random() < self.habits.skill
        answer = right_answer(question, self.rng) if right else other_answer(question, self.rng)
        needs = self.watch.needs
        if needs.get("ignore_accents") and question.kind == "typed" and isinstance(answer, str):
            answer = without_accents(answer)
        sent = SentAnswer(self.round, question.id, answer, right, timeless=counts_no_time(needs))
        self._ledger.sent.append(sent)
        return Kept(sent, time.perf_counter())

    async def _deliver(self, kept: Kept, mischief: str | None) -> bool:
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
        more = {"attempt": self.attempt} if self.table.arrangement.attempts > 1 else {}
        return await self.request("SUBMIT_ANSWER", question_id=sent.question_id, answer=sent.answer, **more)

    def _take(self, kept: Kept, reply: Reply) -> float | None:
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
            self._ledger.refused.append((self.round, question_id))
            if payload.code not in _REFUSALS:
                self.trouble(f"{question_id}: {payload.code}: {payload.message}")
        return None

    def _acknowledged(self, kept: Kept, *, first: bool) -> None:
        question_id = kept.sent.question_id
        self._kept = None
        self._ledger.accepted.append(AcceptedAnswer(self.round, question_id, first, len(self._ledger.scores)))
        self.acknowledged.add(question_id)
        self.table.counts["acknowledged"] += 1
        kind = "answer" if kept.attempts == 1 else "answer, sent again"
        self.table.latency(kind, time.perf_counter() - kept.first_sent_at)

    def _told(self, question_id: str, is_correct: bool, points: int, score: int | None) -> None:
        self._ledger.results.append(ToldResult(self.round, question_id, is_correct, points))
        if score is not None:
            self._ledger.scores.append(ToldScore(self.round, score, "score_updated", question_id))

    async def _deliver_second(self, question: Question, answer: str | list[str]) -> None:
        sent = SentAnswer(self.round, question.id, answer, right=False)
        self._ledger.sent.append(sent)
        reply = await self._send_answer(sent)
        with suppress(TimeoutError):
            self._take_second(question.id, await asyncio.wait_for(reply, _PATIENCE))

    def _take_second(self, question_id: str, reply: Reply) -> None:
        if reply.message.type in {"ANSWER_ACCEPTED", "SCORE_UPDATED"}:
            self._ledger.accepted.append(AcceptedAnswer(self.round, question_id, first=True))
        elif reply.payload.code == "ALREADY_ANSWERED":
            self.table.counts["answered twice, refused"] += 1

    async def _ask_for_next(self) -> None:
        """Self pace: the next question, put among the turns; or nothing when there is none."""
        if len(self.acknowledged) >= self.table.questions:
            await self._finish()
            return
        asked_at = time.perf_counter()
        reply = await self.request("NEXT_QUESTION")
        try:
            told = await asyncio.wait_for(reply, _PATIENCE)
        except TimeoutError:
            self._turns.put_nowait("")
            return
        self._note(self.watch.troubles(told.message, told.payload))
        if told.message.type == "QUESTION_OPENED":
            self.table.latency("next question", time.perf_counter() - asked_at)
            self._listen(told.payload)
            self._offered_again(told.payload.question_id)
            self._turns.put_nowait(told.payload.question_id)
        elif told.message.type == "FINISHED":
            self._ledger.scores.append(ToldScore(self.round, told.payload.your_score or 0, "finished"))
            await self._finish()
        elif told.payload.code in wire.TRY_AGAIN:
            await asyncio.sleep(told.payload.wait_seconds)
            self._turns.put_nowait("")
        elif told.payload.code not in _REFUSALS:
            self.trouble(f"NEXT_QUESTION: {told.payload.code}: {told.payload.message}")

    def _offered_again(self, question_id: str) -> None:
        """A question whose answer was refused during a pause is still to be answered, by the same answer."""
        if question_id in self.passed:
            key = (self.round, question_id)
            self.passed.discard(question_id)
            with suppress(ValueError):
                self._ledger.refused.remove(key)
            sent = next((one for one in self._ledger.sent if (one.user_id, one.question_id) == key), None)
            if sent is not None:
                self._kept = Kept(sent, time.perf_counter())

    async def _finish(self) -> None:
        """Every question is answered: begin another attempt, where there is one."""
        if self.attempt >= min(self.table.arrangement.attempts, self.habits.attempts):
            self.finished = True
            return
        reply = await self.request("START_ATTEMPT", attempt=self.attempt + 1)
        try:
            told = await asyncio.wait_for(reply, _PATIENCE)
        except TimeoutError:
            self._turns.put_nowait("")
            return
        if told.message.type == "ATTEMPT_STARTED":
            self.begun(self.attempt + 1)
            self._turns.put_nowait("")
        elif told.payload.code in wire.TRY_AGAIN:
            await asyncio.sleep(told.payload.wait_seconds)
            self._turns.put_nowait("")
        else:
            self.finished = True
            # Of an answer that was refused there is none.
            if told.payload.reason != "unfinished" or not self.passed:
                self.trouble(f"START_ATTEMPT: {told.payload.code}: {told.payload.message}")

    async def _forget(self) -> None:
        """Lose what the browser knew; the host gives the place back."""
        self._forgot = True
        self.table.counts["places moved"] += 1
        self.come_by_code(await self.table.place_code(self.user_id))
        await self.hang_up()

    async def _go(self) -> None:
        self.table.counts["left"] += 1
        self.over = True
        if self.habits.says_goodbye:
            await self.socket.send(wire.write("LEAVE_SESSION", wire.new_id(), session_id=self.table.session_id))
        await self.socket.close(1000)

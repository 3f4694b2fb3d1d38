"""One simulated player: a WebSocket client that behaves as docs/protocol.md asks of clients.

It keeps an answer until the server has said what became of it, connects again with full jitter, resumes by its token,
and sends the kept answer again. Beside that it has habits (see :mod:`sessions.simulation.habits`).
"""

from __future__ import annotations

import asyncio
import time
from contextlib import suppress
from dataclasses import dataclass
from random import Random

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, WebSocketException

from quizzes.content import QuestionContent, QuizContent
from sessions.simulation import wire
from sessions.simulation.answers import other_answer, right_answer
from sessions.simulation.habits import Habits, draw_mischief
from sessions.simulation.ledger import AcceptedAnswer, BoardLine, Resumed, SentAnswer, ToldResult, ToldScore
from sessions.simulation.table import Table

#: Seconds without a word about an answer after which it is sent again.
_PATIENCE = 5.0
#: Seconds a heartbeat may be ahead of the events before the player asks for what it missed.
_GAP_PATIENCE = 1.0
#: Errors after which the same message may be sent again.
_TRY_AGAIN = {"RATE_LIMITED", "SERVICE_UNAVAILABLE", "INTERNAL_ERROR"}
_REFUSALS = {"QUESTION_NOT_OPEN", "SESSION_COMPLETED", "NOT_JOINED"}


@dataclass(slots=True)
class _Kept:
    """An answer the server has not told the fate of yet."""

    sent: SentAnswer
    first_sent_at: float
    attempts: int = 0


@dataclass(frozen=True, slots=True)
class _Reply:
    message: wire.Incoming
    payload: wire.Payload


class Player:
    """Plays one session from joining to its end."""

    def __init__(self, table: Table, habits: Habits, quiz: QuizContent) -> None:
        self.habits = habits
        self.present = False
        self.finished = False
        #: Questions whose answer was acknowledged, and those whose answer was refused or given up.
        self.acknowledged: set[str] = set()
        self.passed: set[str] = set()
        self.table = table
        self._ledger = table.ledger
        self._quiz = quiz
        self._rng = Random(habits.seed)
        self._token: str | None = None
        self._seq: int | None = None
        #: Events up to this one were history when the player joined.
        self._joined_seq = 0
        #: Grows when the player has to come in as somebody new, because the reply to the first join was lost.
        self._identity = 0
        self._kept: _Kept | None = None
        self._closed: set[str] = set()
        self._ended = False
        self._over = False
        self._failures = 0
        self._hint_seconds: float | None = None
        self._hung_up = False
        self._opening_at = 0.0
        self._socket: ClientConnection
        self._turns: asyncio.Queue[str]
        self._replies: dict[str, asyncio.Future[_Reply]] = {}

    @property
    def user_id(self) -> str:
        """Who this is to the server."""
        return f"{self.habits.user_id}.{self._identity}" if self._identity else self.habits.user_id

    @property
    def playing(self) -> bool:
        """Whether the player has come and not gone, be it that the connection is lost for the moment."""
        return self._token is not None and not self._over

    @property
    def done(self) -> bool:
        """Whether the player has nothing more to do."""
        return self._over or self.finished

    def settled(self, question_id: str) -> bool:
        """Whether nothing more is to be expected from this player on the question."""
        return self._over or question_id in self.acknowledged or question_id in self.passed

    async def run(self) -> None:
        """Until the session is over or the player has gone."""
        if self.habits.late_by is not None:
            await self.table.started.wait()
            await asyncio.sleep(self.habits.late_by)
        else:
            # A class comes in over a moment, not in the same instant.
            await asyncio.sleep(self._rng.uniform(0, self.table.lobby_seconds))
        while not self._over:
            code = await self._connect()
            self.present = False
            if not self._over:
                if code is not None and code not in wire.RECONNECT_CODES:
                    self._trouble(f"the connection was closed with {code}")
                    self._over = True
                else:
                    await asyncio.sleep(self._backoff())

    def _backoff(self) -> float:
        if self._hint_seconds is not None:
            seconds, self._hint_seconds = self._hint_seconds, None
            return seconds
        self._failures += 1
        return self._rng.uniform(wire.BACKOFF_MIN, min(wire.BACKOFF_MAX, 2.0**self._failures / 2 + wire.BACKOFF_MIN))

    async def _connect(self) -> int | None:
        """One connection from its opening to its end; the server's close code, ``None`` when there was none."""
        self._opening_at = time.perf_counter()
        try:
            async with connect(
                f"{self.table.ws_url}?user_id={self.user_id}",
                compression=None,
                proxy=None,
                max_queue=None,
                close_timeout=2,
                open_timeout=30,
            ) as self._socket:
                self._hung_up = False
                await self._play()
                # Who closes knows why; some servers echo another code than the one they were sent.
                return None if self._hung_up else self._socket.close_code
        except (OSError, TimeoutError, WebSocketException):
            return None

    async def _play(self) -> None:
        self._turns = asyncio.Queue()
        playing = asyncio.create_task(self._play_turns())
        try:
            with suppress(ConnectionClosed):
                await self._join()
                while not self._over:
                    self._read(*wire.read(await self._socket.recv(decode=False)))
        finally:
            playing.cancel()
            with suppress(asyncio.CancelledError, ConnectionClosed):
                await playing
            self._replies.clear()

    async def _hang_up(self) -> None:
        """Close the connection to come back on another one, as a page that is loaded again."""
        self._hung_up = True
        await self._socket.close(1001)

    async def _join(self) -> None:
        await self._socket.send(
            wire.write(
                "JOIN_SESSION",
                wire.new_id(),
                # A join code is free again when the session is over; the id stays.
                session_id=self.table.session_id if self._token else self.table.join_code,
                username=f"{self.habits.username}{'*' * self._identity}",
                leaderboard=self.habits.leaderboard,
                session_token=self._token,
                last_seq=self._seq,
            )
        )

    # -- what the server says -------------------------------------------------------------------------------------

    def _read(self, message: wire.Incoming, payload: wire.Payload) -> None:
        waiting = self._replies.pop(message.reply_to, None) if message.reply_to else None
        if waiting is not None:
            if not waiting.done():
                waiting.set_result(_Reply(message, payload))
            return
        if message.seq is not None:
            self._seq = max(self._seq or 0, message.seq)
            self._event(message, payload, live=message.seq > self._joined_seq)
            return
        match message.type:
            case "SESSION_JOINED":
                self._joined(payload)
            case "LEADERBOARD_UPDATED" if payload.your_score is not None:
                self._ledger.scores.append(ToldScore(self.user_id, payload.your_score, "leaderboard"))
            case "HEARTBEAT" if payload.latest_seq > (self._seq or 0):
                asyncio.get_running_loop().call_later(_GAP_PATIENCE, self._fill_gap, payload.latest_seq, self._socket)
            case "RECONNECT":
                self._hint_seconds = payload.after_ms / 1_000
                self.table.background(self._hang_up())
            case "ERROR":
                self._refused(payload)

    def _event(self, message: wire.Incoming, payload: wire.Payload, *, live: bool) -> None:
        match message.type:
            case "SESSION_STARTED" if live and self.table.pace == "self":
                self._turns.put_nowait("")
            case "QUESTION_OPENED":
                self._deadline(payload.question_id, payload.deadline)
                if live:
                    self.table.question_arrived(payload.question_id)
                    self._turns.put_nowait(payload.question_id)
            case "QUESTION_CLOSED":
                self._closed.add(payload.question_id)
                self._question_closed(payload, live=live)
            case "SESSION_ENDED":
                self._session_ended(message, payload)

    def _joined(self, payload: wire.Payload) -> None:
        now = time.perf_counter()
        self.table.latency("resume" if self._token else "join", now - self._opening_at)
        if self._token and not payload.resumed:
            self._trouble("came back by token as somebody new")
        if payload.resumed:
            self.table.counts["resumed"] += 1
            self._ledger.resumed.append(
                Resumed(self.user_id, frozenset(self.acknowledged), frozenset(payload.answered))
            )
        self._ledger.joined.add(self.user_id)
        self._token, self._failures, self.present = payload.session_token, 0, True
        self._joined_seq = payload.seq or 0
        self._seq = max(self._seq or 0, self._joined_seq)
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
        self._over = self._kept is None

    def _refused(self, payload: wire.Payload) -> None:
        if payload.code == "SESSION_COMPLETED" or (payload.code == "INVALID_SESSION" and self._token is None):
            self.table.counts["came after the end"] += 1
            self._over = True
        elif payload.code == "INVALID_TOKEN" and self._token is None and not self._identity:
            # The server let this player in, and the reply with the token never arrived.
            self.table.counts["came in under another name"] += 1
            self._identity += 1
            self.table.background(self._hang_up())
        elif payload.code in _TRY_AGAIN:
            self.table.counts[f"asked to wait ({payload.code})"] += 1
            self.table.background(self._join_again(max(payload.retry_after_ms / 1_000, 0.2)))
        else:
            self._trouble(f"{payload.code}: {payload.message}")
            self._over = True

    async def _join_again(self, seconds: float) -> None:
        await asyncio.sleep(seconds)
        with suppress(ConnectionClosed):
            await self._join()

    def _fill_gap(self, seq: int, socket: ClientConnection) -> None:
        if (self._seq or 0) < seq and socket is self._socket and not self._over:
            self.table.counts["gaps filled"] += 1
            self.table.background(self._join_again(0))

    def _deadline(self, question_id: str, deadline: str | None) -> None:
        if deadline is not None:
            self._ledger.deadlines.setdefault(question_id, set()).add(deadline)

    def _trouble(self, text: str) -> None:
        self._ledger.troubles.append(f"{self.user_id}: {text}")

    # -- what the player does -------------------------------------------------------------------------------------

    async def _play_turns(self) -> None:
        """Answer the questions that come, one after the other; in self pace ask for the next one."""
        while not self._over:
            question_id = await self._turns.get()
            question = self._quiz.question(question_id)
            if question is not None and not self.settled(question_id):
                await self._turn(question)
                if self._ended:
                    self._over = True
                    await self._socket.close(1000)
                    return
                answered = len(self.acknowledged) + len(self.passed)
                if self.habits.leaves_after is not None and answered >= self.habits.leaves_after:
                    await self._go()
                    return
            if self.table.pace == "self" and self._turns.empty():
                await self._ask_for_next()

    async def _turn(self, question: QuestionContent) -> None:
        mischief = draw_mischief(self._rng)
        kept = self._kept
        if kept is None:
            dawdles = mischief == "dawdle" and self.table.pace == "host"
            await asyncio.sleep(self.table.thinking_seconds(self._rng, dawdles=dawdles))
            if question.id in self._closed and not dawdles:
                self.passed.add(question.id)
                return
            if mischief == "refresh":
                self.table.counts["refreshed"] += 1
                await self._hang_up()
                return
            kept = self._kept = self._choose(question)
        while not await self._deliver(kept, mischief):
            mischief = None
        if mischief == "change_mind" and question.id in self.acknowledged:
            await self._deliver_second(question, other_answer(question, self._rng))

    def _choose(self, question: QuestionContent) -> _Kept:
        right = self._rng.random() < self.habits.skill
        answer = right_answer(question, self._rng) if right else other_answer(question, self._rng)
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
            # As a phone that loses its network: nothing is said, and the reply is lost.
            self.table.counts["connection cut"] += 1
            self._socket.transport.abort()
            await self._socket.wait_closed()
            raise self._socket.protocol.close_exc
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

    async def _send_answer(self, sent: SentAnswer) -> asyncio.Future[_Reply]:
        message_id = wire.new_id()
        reply = self._replies[message_id] = asyncio.get_running_loop().create_future()
        await self._socket.send(
            wire.write(
                "SUBMIT_ANSWER",
                message_id,
                session_id=self.table.session_id,
                question_id=sent.question_id,
                answer=sent.answer,
            )
        )
        return reply

    def _take(self, kept: _Kept, reply: _Reply) -> float | None:
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
        elif payload.code in _TRY_AGAIN:
            self.table.counts[f"asked to wait ({payload.code})"] += 1
            return max(payload.retry_after_ms / 1_000, 0.2)
        else:
            self._kept = None
            self.passed.add(question_id)
            self.table.counts["refused"] += 1
            self._ledger.refused.append((self.user_id, question_id))
            if payload.code not in _REFUSALS:
                self._trouble(f"{question_id}: {payload.code}: {payload.message}")
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

    async def _deliver_second(self, question: QuestionContent, answer: str | list[str]) -> None:
        sent = SentAnswer(self.user_id, question.id, answer, right=False)
        self._ledger.sent.append(sent)
        reply = await self._send_answer(sent)
        with suppress(TimeoutError):
            self._take_second(question.id, await asyncio.wait_for(reply, _PATIENCE))

    def _take_second(self, question_id: str, reply: _Reply) -> None:
        if reply.message.type in {"ANSWER_ACCEPTED", "SCORE_UPDATED"}:
            self._ledger.accepted.append(AcceptedAnswer(self.user_id, question_id, first=True))
        elif reply.payload.code == "ALREADY_ANSWERED":
            self.table.counts["answered twice, refused"] += 1

    async def _ask_for_next(self) -> None:
        """Self pace: the next question, put among the turns; or nothing when there is none."""
        if len(self.acknowledged) >= self.table.questions:
            self.finished = True
            return
        message_id = wire.new_id()
        reply = self._replies[message_id] = asyncio.get_running_loop().create_future()
        asked_at = time.perf_counter()
        await self._socket.send(wire.write("NEXT_QUESTION", message_id, session_id=self.table.session_id))
        try:
            told = await asyncio.wait_for(reply, _PATIENCE)
        except TimeoutError:
            self._turns.put_nowait("")
            return
        if told.message.type == "QUESTION_OPENED":
            self.table.latency("next question", time.perf_counter() - asked_at)
            self._turns.put_nowait(told.payload.question_id)
        elif told.message.type == "FINISHED":
            self.finished = True
            self._ledger.scores.append(ToldScore(self.user_id, told.payload.your_score or 0, "finished"))
        elif told.payload.code in _TRY_AGAIN:
            await asyncio.sleep(max(told.payload.retry_after_ms / 1_000, 0.2))
            self._turns.put_nowait("")
        elif told.payload.code not in _REFUSALS:
            self._trouble(f"NEXT_QUESTION: {told.payload.code}: {told.payload.message}")

    async def _go(self) -> None:
        self.table.counts["left"] += 1
        self._over = True
        if self.habits.says_goodbye:
            await self._socket.send(wire.write("LEAVE_SESSION", wire.new_id(), session_id=self.table.session_id))
        await self._socket.close(1000)

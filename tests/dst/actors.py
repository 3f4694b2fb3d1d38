"""The players and the host of a history: they act on chance, try again as docs/protocol.md asks, and note what they
are told. They know the server by its messages only."""

from __future__ import annotations

import asyncio
import contextlib
import json
import random
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tests.dst.process import Connection
    from tests.dst.world import World

TRY_AGAIN = {"SERVICE_UNAVAILABLE", "INTERNAL_ERROR", "RATE_LIMITED"}
#: Share of the questions after which the host asks again what was missed so far.
_ASKS_AGAIN = 0.3
#: Seconds without a reply after which a client takes its connection for dead.
_PATIENCE = 3.0
EVENTS = {
    "SESSION_STARTED",
    "QUESTION_OPENED",
    "QUESTION_CLOSED",
    "SESSION_PAUSED",
    "SESSION_RESUMED",
    "DEADLINE_CHANGED",
    "SESSION_LOCK_CHANGED",
    "ANSWERS_REGRADED",
    "QUESTIONS_ADDED",
    "SESSION_ENDED",
}


class Player:
    """One player."""

    def __init__(self, world: World, number: int) -> None:
        self.world = world
        self.chance = random.Random(f"{world.plan.seed} player {number}")
        #: What the server calls us, once it has said so.
        self.user = self._username = f"p{number}"
        self.token: str | None = None
        self.acknowledged: set[str] = set()
        self.passed: set[str] = set()
        self.ended = False
        self.finished = False
        self._connections = 0
        self._seq: int | None = None
        self._joined_seq = 0
        self._open: asyncio.Queue[str] = asyncio.Queue()
        self._kept: tuple[str, str] | None = None
        self._replies: dict[str, asyncio.Future[tuple[str, dict[str, Any]]]] = {}
        self._name = ""
        self._number = 0

    @property
    def over(self) -> bool:
        """Whether this player has nothing more to do or to learn."""
        return self.ended and self._kept is None

    def note(self, what: str, **facts: Any) -> None:
        """Into the history."""
        self.world.note(self._name or self.user, what, **facts)

    async def run(self) -> None:
        """Until the session is over for this player."""
        await asyncio.sleep(self.chance.uniform(0, 1.5))
        while not self.over:
            connection = self.world.connect(self.chance)
            if connection is None:
                await asyncio.sleep(self.chance.uniform(0.1, 0.5))
                continue
            self._connections += 1
            self._name = f"{self._username}.{self._connections}"
            acting = asyncio.create_task(self._act(connection))
            try:
                await self._listen(connection)
            finally:
                acting.cancel()
                with contextlib.suppress(asyncio.CancelledError):
                    await acting
                connection.hang_up()
                self._replies.clear()
            if not self.over:
                await asyncio.sleep(self.chance.uniform(0.1, 0.8))
        self.finished = True

    async def _listen(self, connection: Connection) -> None:
        self._send(
            connection,
            "JOIN_SESSION",
            username=self._username,
            # By which the server knows us again when the reply to our first join was lost.
            join_key=f"the key of {self._username} in this session",
            session_token=self.token,
            last_seq=self._seq,
        )
        joined = False
        while not self.over:
            try:
                async with asyncio.timeout(_PATIENCE if not joined else 2 * _PATIENCE):
                    text = await connection.receive()
            except TimeoutError:
                if not joined:
                    return
                # Is anybody there?
                self._send(connection, "PING")
                try:
                    async with asyncio.timeout(_PATIENCE):
                        text = await connection.receive()
                except TimeoutError:
                    return
            if text is None:
                return
            message = json.loads(text)
            kind, payload = message["type"], message["payload"]
            waiting = self._replies.pop(message.get("reply_to") or "", None)
            if kind == "SESSION_JOINED":
                joined = True
                self._joined(payload)
            elif waiting is not None:
                if not waiting.done():
                    waiting.set_result((kind, payload))
            elif message.get("seq") is not None:
                self._event(kind, message["seq"], payload)
            elif kind == "LEADERBOARD_UPDATED":
                self.note("board", version=payload["version"])
                if payload.get("your_score") is not None:
                    self.note("score", user=self.user, score=payload["your_score"], board=True)
            elif kind == "HEARTBEAT" and payload["latest_seq"] > (self._seq or 0):
                # An event should come at once; a client that misses one asks by joining again.
                await asyncio.sleep(0)
            elif kind == "ERROR" and not joined:
                if payload["code"] == "INTERNAL_ERROR":
                    self.world.history.find("internal error", f"{self.user} joining: {payload['message']}")
                if payload["code"] not in TRY_AGAIN:
                    self.note("turned away", code=payload["code"])
                    if payload["code"] in ("REMOVED", "SESSION_COMPLETED"):
                        self.ended = True
                        self._kept = None
                return
            elif kind == "RECONNECT":
                return

    def _joined(self, payload: dict[str, Any]) -> None:
        self.token = payload["session_token"]
        self._joined_seq = payload["seq"]
        self.user = payload["user_id"]
        self.note(
            "joined",
            user=self.user,
            acknowledged=sorted(self.acknowledged),
            answered=payload["answered"],
        )
        self.note("connected", seq=payload["seq"])
        self.note("score", user=self.user, score=payload["your_score"])
        self._seq = max(self._seq or 0, payload["seq"])
        if payload["status"] == "completed":
            self.ended = True
        if payload["question"]:
            self._open.put_nowait(payload["question"]["question_id"])
        elif payload["pace"] == "self" and payload["status"] == "active":
            self._open.put_nowait("")

    def _event(self, kind: str, seq: int, payload: dict[str, Any]) -> None:
        again = seq <= self._joined_seq
        question = payload.get("question_id") or ""
        self.note("event", seq=seq, type=kind, question=question, again=again)
        self._seq = max(self._seq or 0, seq)
        if kind == "QUESTION_OPENED" and not again:
            self._open.put_nowait(question)
        elif kind in {"SESSION_STARTED", "QUESTIONS_ADDED"} and self.world.plan.pace == "self":
            self._open.put_nowait("")
        elif kind == "QUESTION_CLOSED" and payload.get("your_score") is not None and not again:
            points = payload["points_earned"] if payload["your_answer"] is not None else None
            self.note("closed", user=self.user, question=question, points=points, score=payload["your_score"])
        elif kind == "ANSWERS_REGRADED" and payload.get("points_earned") is not None:
            self.note("regraded", user=self.user, question=question, points=payload["points_earned"])
        elif kind == "SESSION_ENDED":
            self.ended = True
            if payload.get("your_score") is not None:
                self.note("ended", user=self.user, score=payload["your_score"])

    def _send(self, connection: Connection, kind: str, **payload: Any) -> str:
        self._number += 1
        message_id = f"{self._username}-{self._number}"
        payload["session_id"] = self.world.session_id
        connection.send(json.dumps({"type": kind, "message_id": message_id, "payload": payload}))
        return message_id

    async def _ask(self, connection: Connection, kind: str, **payload: Any) -> tuple[str, dict[str, Any]] | None:
        message_id = self._send(connection, kind, **payload)
        reply: asyncio.Future[tuple[str, dict[str, Any]]] = asyncio.get_running_loop().create_future()
        self._replies[message_id] = reply
        try:
            async with asyncio.timeout(_PATIENCE):
                return await reply
        except TimeoutError:
            return None

    async def _act(self, connection: Connection) -> None:
        self._open = asyncio.Queue()
        if self._kept is not None:
            self._open.put_nowait(self._kept[0])
        while True:
            question = await self._open.get()
            if question == "":
                question = await self._next(connection)
                if not question:
                    continue
            if question in self.acknowledged or question in self.passed:
                continue
            if self._kept is None:
                await asyncio.sleep(self.chance.uniform(0, 1.2))
                self._kept = (question, self.chance.choice(("right", "wrong", "kasa")))
            await self._deliver(connection)
            if self.world.plan.pace == "self":
                self._open.put_nowait("")

    async def _next(self, connection: Connection) -> str:
        reply = await self._ask(connection, "NEXT_QUESTION")
        if reply is None or (reply[0] == "ERROR" and reply[1]["code"] in TRY_AGAIN | {"QUESTION_NOT_OPEN"}):
            await asyncio.sleep(0.3)
            self._open.put_nowait("")
            return ""
        if reply[0] == "FINISHED":
            return ""
        return str(reply[1].get("question_id", ""))

    async def _deliver(self, connection: Connection) -> None:
        assert self._kept is not None
        question, answer = self._kept
        while self._kept is not None:
            self.note("sends", user=self.user, question=question, answer=answer)
            if self.chance.random() < 0.1:
                # A double click.
                self._send(connection, "SUBMIT_ANSWER", question_id=question, answer=answer)
            reply = await self._ask(connection, "SUBMIT_ANSWER", question_id=question, answer=answer)
            if reply is None:
                continue
            kind, payload = reply
            if kind == "SCORE_UPDATED":
                self._acknowledge(question, answer, True, payload["points_earned"], payload["new_score"])
            elif kind == "ANSWER_ACCEPTED":
                self._acknowledge(question, answer, True, None, None)
            elif payload["code"] == "ALREADY_ANSWERED":
                result = payload["result"] or {}
                self._acknowledge(question, answer, False, result.get("points_earned"), result.get("new_score"))
            elif payload["code"] in TRY_AGAIN:
                if payload["code"] == "INTERNAL_ERROR":
                    self.world.history.find("internal error", f"{self.user} answering: {payload['message']}")
                await asyncio.sleep(self.chance.uniform(0.1, 0.4))
            else:
                self._kept = None
                self.passed.add(question)
                self.note("refused", user=self.user, question=question, code=payload["code"])

    def _acknowledge(self, question: str, answer: str, first: bool, points: int | None, score: int | None) -> None:
        self._kept = None
        self.acknowledged.add(question)
        self.note(
            "acknowledged", user=self.user, question=question, answer=answer, first=first, points=points, score=score
        )


class Host:
    """Runs the session from start to end, and does now and then what hosts do."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.chance = random.Random(f"{world.plan.seed} host")
        self._again = random.Random(f"{world.plan.seed} again")
        self._asked_again = False

    async def run(self) -> None:
        """Until the session is over."""
        plan, chance = self.world.plan, self.chance
        await asyncio.sleep(chance.uniform(0.8, 1.5))
        await self._do("Start")
        for number in range(1, plan.questions + 1):
            if plan.pace == "host":
                await self._do("Next")
            await asyncio.sleep(chance.uniform(0.8, 2.0))
            if chance.random() < 0.2:
                await self._do("Pause")
                await asyncio.sleep(chance.uniform(0.1, 1))
                await self._do("Resume")
            if plan.pace == "host" and chance.random() < 0.7:
                await self._do("CloseQuestion")
                if number % 2 == 0 and chance.random() < 0.5:
                    await self._do("Accept", question_id=f"q{number}", answer="kasa")
            if chance.random() < 0.1:
                await self._do("SetLock", locked=chance.random() < 0.5)
            if self._again.random() < _ASKS_AGAIN:
                await self._ask_again()
        if self._asked_again:
            await self._play_more()
        await asyncio.sleep(chance.uniform(0.2, 1.0))
        await self._do("End")

    async def _ask_again(self) -> None:
        """What was missed comes back at the end; once in a while two hosts press at once."""
        self._asked_again = True
        times = 2 if self._again.random() < 0.3 else 1
        await asyncio.gather(*(self._do("AskAgain", share=1.0) for _ in range(times)))

    async def _play_more(self) -> None:
        """Where the host opens the questions, those that came back; a step too many ends the session."""
        for _ in range(self._again.randint(1, self.world.plan.questions)):
            if self.world.plan.pace == "host":
                await self._do("Next")
            await asyncio.sleep(self._again.uniform(0.8, 2.0))

    async def _do(self, command: str, **arguments: Any) -> None:
        self.world.note("host", "commands", command=command)
        for _ in range(100):
            told = await self.world.command(self.chance, command, arguments)
            if told is not None:
                self.world.note("host", "commanded" if told >= 0 else "not allowed", command=command, revision=told)
                return
            self.world.note("host", "unsure", command=command)
            await asyncio.sleep(self.chance.uniform(0.2, 0.6))
        self.world.history.find("hung", f"{command} never went through")

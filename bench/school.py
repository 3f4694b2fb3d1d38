"""The load client of classes: players of many sessions, who come back with their token when they lose the connection.

Driven by JSON lines like bench/client.py, of which it is a subclass. Times are of the machine's monotonic clock, so
that the driver may compare them with its own.
"""

from __future__ import annotations

import asyncio
import itertools
import json
import random
import resource
import sys
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Iterable
from typing import Any

import msgspec
import picows
import uvloop

from bench.client import Load, near_socket

#: Handshakes and joins under way at a time.
_AT_ONCE = 200
#: Seconds after which a player tries to connect again, and for which one waits for an answer.
_AGAIN = 0.25
_PATIENCE = 5.0
_KINDS = {"SCORE_UPDATED", "ANSWER_ACCEPTED"}
#: What comes of what a player sent last (in host pace a question does not, and its time says nothing).
_TIMED = {*_KINDS, "SESSION_JOINED", "QUESTION_OPENED", "ERROR"}
_decode = msgspec.json.Decoder().decode


class Pupil(picows.WSListener):
    """A player of one session, over as many connections as it takes."""

    def __init__(self, school: School, name: str, session_id: str) -> None:
        super().__init__()
        self.school = school
        self.number = len(school.pupils)
        self.name = name
        #: A word and a number: "p155" reads as an insult, which the server takes for nobody's name.
        self.called = f"Pupil {self.number}"
        self.session_id = session_id
        self.transport: Any = None
        self.connected = False
        self.token = ""
        self.seq = 0
        self.question: dict[str, Any] | None = None
        self.sent_at = 0.0
        self.waiting: tuple[set[str], asyncio.Future[str]] | None = None

    def on_ws_connected(self, transport: Any) -> None:
        self.transport, self.connected = transport, True

    def on_ws_disconnected(self, transport: Any) -> None:
        if transport is self.transport:
            self.connected = False
            self.hear("GONE")

    def on_ws_frame(self, transport: Any, frame: Any) -> None:
        if frame.msg_type == picows.WSMsgType.TEXT:
            self.school.take(self, frame)
        elif frame.msg_type == picows.WSMsgType.CLOSE:
            self.school.closes[frame.get_close_code()] += 1
            transport.disconnect()

    def hear(self, kind: str) -> None:
        """Whoever waits for this kind of message has it."""
        if self.waiting is not None and kind in self.waiting[0] and not self.waiting[1].done():
            self.waiting[1].set_result(kind)

    def send(self, kind: str, **payload: Any) -> None:
        """Send a message and remember when."""
        self.sent_at = time.perf_counter()
        message = {"type": kind, "payload": {"session_id": self.session_id, **payload}}
        self.transport.send(picows.WSMsgType.TEXT, msgspec.json.encode(message))

    async def ask(self, *kinds: str, kind: str, **payload: Any) -> str:
        """Send, and wait for one of these kinds of message; an empty string when none comes."""
        if not self.connected:
            return "GONE"
        self.waiting = {*kinds, "GONE"}, asyncio.get_running_loop().create_future()
        self.send(kind, **payload)
        try:
            return await asyncio.wait_for(self.waiting[1], _PATIENCE)
        except TimeoutError:
            return ""
        finally:
            self.waiting = None

    async def arrive(self, url: str, leaderboard: str) -> bool:
        """Connect and join, or come back with the token; whether the player is in."""
        try:
            await picows.ws_connect(
                lambda: self,
                f"{url}?user_id={self.name}",
                websocket_handshake_timeout=_PATIENCE * 4,
                use_aiofastnet=False,
                read_buffer_init_size=2048,
                socket_factory=lambda _: near_socket(self.number),
            )
        except (OSError, picows.WSError, TimeoutError):
            return False
        proof = {"session_token": self.token, "last_seq": self.seq} if self.token else {"username": self.called}
        return await self.ask("SESSION_JOINED", "ERROR", kind="JOIN_SESSION", leaderboard=leaderboard, **proof) == (
            "SESSION_JOINED"
        )

    def answer(self) -> Any:
        """What this player says to the question that is open."""
        assert self.question is not None
        options = self.question["options"]
        match self.question.get("kind"):
            case "multi":
                return options[:1]
            case "order":
                return options
            case "number":
                return "1"
            case "gaps":
                return [(gap["options"] or ["no idea"])[0] for gap in self.question["gaps"]]
            case _:
                return random.choice(options) if options else "no idea"


class School(Load):
    """All players of this process, in their sessions."""

    def __init__(self) -> None:
        super().__init__()
        self.pupils: list[Pupil] = []
        self.url: list[str] = []
        self.leaderboard = "full"
        self.retries = 0

    def take(self, pupil: Pupil, frame: Any) -> None:
        """Count a message, and keep what the player needs of it."""
        now = time.perf_counter()
        body = bytes(frame.get_payload_as_memoryview())
        self.bytes += len(body)
        kind = body[9:40].split(b'"', 1)[0].decode()
        self.counts[kind] += 1
        self.first.setdefault(kind, now)
        self.last[kind] = now
        if kind in _TIMED:
            self.latencies.setdefault(kind, []).append((now - pupil.sent_at) * 1_000)
        match kind:
            case "SESSION_JOINED":
                payload = _decode(body)["payload"]
                pupil.token = payload.get("session_token") or pupil.token
                pupil.seq = payload.get("seq", 0)
                pupil.question = payload.get("question") or pupil.question
            case "QUESTION_OPENED":
                message = _decode(body)
                pupil.question = message["payload"]
                pupil.seq = message.get("seq", pupil.seq)
            case "ERROR":
                self.errors[_decode(body)["payload"].get("code", "")] += 1
        pupil.hear(kind)

    def reset(self) -> None:
        super().reset()
        self.errors: Counter[str] = Counter()

    def tally(self) -> dict[str, Any]:
        return {**super().tally(), "errors": dict(self.errors)}

    async def enrol(self, sessions: list[str], size: int, prefix: str) -> None:
        """Make the players of these sessions, in turn one of each."""
        for place in range(size):
            for number, session_id in enumerate(sessions):
                self.pupils.append(Pupil(self, f"{prefix}{number}-{place}", session_id))

    async def each(
        self, pupils: Iterable[Pupil], act: Callable[[Pupil], Awaitable[Any]], seconds: float, at_once: int
    ) -> None:
        """Let each act, evenly over the time, so many at a time."""
        gate, started, tasks = asyncio.Semaphore(at_once), time.perf_counter(), []
        pupils = list(pupils)

        async def one(pupil: Pupil) -> None:
            async with gate:
                await act(pupil)

        for index, pupil in enumerate(pupils):
            ahead = started + seconds * index / len(pupils) - time.perf_counter()
            if seconds and ahead > 0.001:
                await asyncio.sleep(ahead)
            tasks.append(asyncio.create_task(one(pupil)))
            if index % 50 == 49:
                await asyncio.sleep(0)
        await asyncio.gather(*tasks)

    async def come(self, pupil: Pupil, until: float) -> None:
        """Connect and join until that works."""
        urls = itertools.cycle(self.url)
        for _ in range(int(pupil.name.rpartition("-")[2]) % len(self.url)):
            next(urls)
        while not await pupil.arrive(next(urls), self.leaderboard) and time.perf_counter() < until:
            if pupil.connected:
                pupil.transport.disconnect(graceful=False)
            self.retries += 1
            await asyncio.sleep(_AGAIN * random.uniform(0.5, 1.5))

    async def arrive(self, url: list[str], seconds: float = 0, leaderboard: str = "full") -> dict[str, Any]:
        """Everybody who is not there yet comes: connection and join; how long it took, and how many are in."""
        self.url, self.leaderboard, self.retries = url, leaderboard, 0
        self.reset()
        new = [pupil for pupil in self.pupils if not pupil.connected]
        started = time.perf_counter()
        until = started + 120
        await self.each(new, lambda pupil: self.come(pupil, until), seconds, _AT_ONCE)
        return {"seconds": time.perf_counter() - started, "retries": self.retries, **self.tally()}

    async def back(self, since: float, over: float, *, drop: bool = False) -> dict[str, Any]:
        """Everybody who lost the connection comes back over the time; seconds from ``since`` to the last one's return.

        :param drop: cut all connections first, as a network that goes away does; ``since`` is then.
        """
        self.reset()
        self.retries = 0
        if drop:
            since = time.perf_counter()
            for pupil in self.pupils:
                pupil.transport.disconnect(graceful=False)
            await asyncio.sleep(0.01)
        until = time.perf_counter() + 120
        lost = [pupil for pupil in self.pupils if drop or not pupil.connected]
        await self.each(lost, lambda pupil: self.come(pupil, until), over, len(lost) or 1)
        return {
            "lost": len(lost),
            "back": self.counts["SESSION_JOINED"],
            "last_after": (self.last.get("SESSION_JOINED", since)) - since,
            "retries": self.retries,
            **self.tally(),
        }

    async def answers(self, seconds: float) -> dict[str, Any]:
        """Everybody answers the question they have."""
        for tally in (self.counts, self.latencies, self.errors):
            tally.clear()
        self.bytes = 0
        started = time.perf_counter()

        async def one(pupil: Pupil) -> None:
            if pupil.connected and pupil.question is not None:
                pupil.send("SUBMIT_ANSWER", question_id=pupil.question["question_id"], answer=pupil.answer())

        await self.each(self.pupils, one, seconds, len(self.pupils))
        deadline = time.perf_counter() + 30
        while sum(self.counts[kind] for kind in (*_KINDS, "ERROR")) < len(self.pupils):
            if time.perf_counter() > deadline:
                break
            await asyncio.sleep(0.002)
        return {"seconds": time.perf_counter() - started, **self.tally()}

    async def next_questions(self, seconds: float) -> dict[str, Any]:
        """Self pace: everybody asks for their next question."""
        self.reset()
        started = time.perf_counter()
        await self.each(
            self.pupils,
            lambda pupil: pupil.ask("QUESTION_OPENED", "FINISHED", "ERROR", kind="NEXT_QUESTION"),
            seconds,
            len(self.pupils),
        )
        return {"seconds": time.perf_counter() - started, **self.tally()}

    async def play(self, sessions: list[str], seconds: float, pause: float) -> dict[str, Any]:
        """Self pace: players of these sessions answer one question after the other, and come back where they are cut
        off; the longest time in which nobody got an acknowledgement.
        """
        self.reset()
        ends, acknowledged, chosen = time.perf_counter() + seconds, [], set(sessions)
        wrong: Counter[str] = Counter()

        async def one(pupil: Pupil) -> None:
            await asyncio.sleep(random.random() * pause)
            while time.perf_counter() < ends:
                if not pupil.connected:
                    await self.come(pupil, ends)
                    continue
                got = await pupil.ask("QUESTION_OPENED", "FINISHED", "ERROR", kind="NEXT_QUESTION")
                if got == "FINISHED":
                    return
                if got == "QUESTION_OPENED" and pupil.question is not None:
                    answer = {"question_id": pupil.question["question_id"], "answer": pupil.answer()}
                    got = await pupil.ask(*_KINDS, "ERROR", kind="SUBMIT_ANSWER", **answer)
                    if got in _KINDS:
                        acknowledged.append(time.perf_counter())
                if got not in _KINDS:
                    wrong[got or "no answer"] += 1
                await asyncio.sleep(pause)

        started = time.perf_counter()
        await asyncio.gather(*(one(pupil) for pupil in self.pupils if pupil.session_id in chosen))
        times = [started, *sorted(acknowledged)]
        gaps = [(later - earlier, earlier) for earlier, later in itertools.pairwise(times)]
        longest, at = max(gaps, default=(0.0, 0.0))
        return {
            "acknowledged": len(acknowledged),
            "longest_gap": longest,
            "longest_gap_at": at,
            "wrong": dict(wrong),
            **self.tally(),
        }


async def _perform(school: School, command: dict[str, Any]) -> Any:
    match command.pop("do"):
        case "enrol":
            await school.enrol(**command)
            return {"pupils": len(school.pupils)}
        case "arrive":
            return await school.arrive(**command)
        case "back":
            return await school.back(**command)
        case "answers":
            return await school.answers(**command)
        case "next":
            return await school.next_questions(**command)
        case "play":
            return await school.play(**command)
        case "given":
            for pupil in school.pupils:
                pupil.question = command["question"]
            return {}
        case "until":
            done = await school.until(command["kind"], command["count"], command["seconds"])
            return {"done": done, **school.tally()}
        case "reset":
            school.reset()
            return {"now": time.perf_counter()}
        case "tally":
            return school.tally()
        case other:
            raise ValueError(other)


async def main() -> None:
    """Until stdin ends. ``play`` and ``back`` may be asked for while the driver breaks something: it reads later."""
    resource.setrlimit(resource.RLIMIT_NOFILE, (resource.getrlimit(resource.RLIMIT_NOFILE)[1],) * 2)
    school = School()
    loop = asyncio.get_running_loop()
    while line := await loop.run_in_executor(None, sys.stdin.readline):
        try:
            result = await _perform(school, json.loads(line))
        except Exception as error:
            result = {"error": repr(error)}
        print(json.dumps(result), flush=True)


if __name__ == "__main__":
    uvloop.run(main())

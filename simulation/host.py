"""The host of a simulated session: opens it, runs it and ends it by REST, as an operator would."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any

from simulation.check import RecordedAnswer, ServerRecord
from simulation.ledger import BoardLine
from simulation.needs import Needs
from simulation.players import Player
from simulation.quiz import Quiz, read_question
from simulation.rest import CallRefused, RestClient
from simulation.table import Table

Restart = Callable[[], Awaitable[None]]

_LOOK_SECONDS = 0.05
#: Times a command is decided anew on the state that won a race against it.
_ATTEMPTS = 5
#: Seconds the host waits for a lobby to fill, and, beyond its own time, for the players of a self-paced session.
_LOBBY_PATIENCE = 60
#: Seconds in which a player is told of needs, and in which a question closes beyond twice its time.
_NEEDS_PATIENCE = 15
_CLOSE_PATIENCE = 15
SELF_PATIENCE = 60
#: Players listed by one page of the leaderboard.
_PAGE = 1_000
#: What fewer than this share of the answers had right is asked again.
_SHARE = 0.7


class Host:
    """Runs one session."""

    def __init__(
        self,
        rest: RestClient,
        table: Table,
        players: Sequence[Player],
        session: dict[str, Any],
        restart: Restart | None,
        *,
        quiz: Quiz,
        asks_again: bool,
        needs: Mapping[str, Needs],
    ) -> None:
        """:param session: as ``POST sessions`` answered it.
        :param quiz: gets the questions that are asked again.
        :param asks_again: whether the host has come back what was missed, in the middle and at the end.
        :param needs: what players need, by their names.
        :param restart: kills the server in the middle of a question and starts it again; once.
        """
        self._rest = rest
        self._table = table
        self._players = players
        self._session = session
        self._restart = restart
        self._quiz = quiz
        self._asks_again = asks_again
        self._needs = needs
        self._path = f"sessions/{session['session_id']}"

    async def run(self) -> None:
        """From the lobby to the podium.

        :raises CallRefused, Unreachable: when the server does not do as it should.
        """
        punctual = [player for player in self._players if player.habits.late_by is None]
        await self._wait(lambda: all(player.playing for player in punctual), _LOBBY_PATIENCE)
        await self._arrange(punctual)
        await self._start()
        self._table.started.set()
        await self._play()
        await self._end()

    async def _start(self) -> None:
        await self._command("start")

    async def _play(self) -> None:
        if self._table.pace == "host":
            await self._play_questions()
        else:
            await self._watch()

    async def _end(self) -> None:
        await self._command("end")

    async def _arrange(self, players: Sequence[Player]) -> None:
        """Give players what they need, and see that each of them is told."""
        needing = [player for player in players if player.playing and player.habits.username in self._needs]
        for player in needing:
            player.watch.arranged = needs = self._needs[player.habits.username]
            await self._rest.patch(f"{self._path}/participants/{player.user_id}", {"needs": dict(needs)})
        self._table.counts["players with needs"] += len(needing)
        await self._wait(lambda: all(player.needs_told for player in needing), _NEEDS_PATIENCE)
        for player in needing:
            if not player.needs_told:
                player.trouble(f"was never told of needs {player.watch.arranged}")

    async def _play_questions(self) -> None:
        last = self._table.questions
        # What comes back need not all be known by then, and is not asked a third time.
        ask_at = {max(1, last // 2), last} if self._asks_again else set()
        index = 0
        while True:
            if index in ask_at:
                await self._command("close-question")
                await self._ask_again()
            if index == self._table.questions:
                return
            await self._play_question(index)
            index += 1

    async def _ask_again(self) -> None:
        """Have what many had wrong come back, and learn how it is asked."""
        try:
            await self._command("ask-again", share=_SHARE)
        except CallRefused as refused:
            if refused.problem.get("code") != "NOTHING_TO_ASK_AGAIN":
                raise
        told = await self._rest.get(f"{self._path}/questions")
        known = len(self._quiz.questions)
        more = [read_question(question) for question in told["questions"][known:]]
        self._quiz.questions += tuple(more)
        self._table.counts["asked again"] += len(more)
        self._table.questions = max(self._table.questions, len(self._quiz.questions) if more else 0)

    async def _play_question(self, index: int) -> None:
        self._table.opening(time.perf_counter())
        await self._command("next")
        question_id = self._session["question_id"]
        reading = self._table.arrangement.reading_seconds
        seconds = self._table.seconds + reading
        if self._restart is not None and index == self._table.questions // 2:
            restart, self._restart = self._restart, None
            await asyncio.sleep(seconds * 0.4)
            await restart()
            # Everybody has to have the time to come back and answer.
            seconds = self._session["time_limit_ms"] / 1_000 + reading
        await self._wait(lambda: self._all_settled(question_id), seconds)
        # A host may close a question, open the next one at once, or let the time run out.
        match index % 3:
            case 0:
                # After an outage its options may still be to come.
                await self._look_until(lambda: self._session["phase"] != "asked", _CLOSE_PATIENCE)
                await self._command("close-question")
                await asyncio.sleep(seconds * 0.1)
                if self._table.arrangement.holds:
                    await self._hold()
            case 1 if self._session["time_limit_ms"] <= self._table.seconds * 1_000:
                await self._until_closed()

    async def _hold(self) -> None:
        """Keep the result on show; the next question would come by itself."""
        session = await self._rest.get(self._path)
        if session["phase"] == "closed" and session["advance_at"] is None and not session["held"]:
            self._table.ledger.troubles.append("host: nothing was to go on by itself")
        await self._command("hold")
        self._table.counts["held"] += 1

    def _all_settled(self, question_id: str) -> bool:
        return all(player.settled(question_id) for player in self._players if player.playing)

    async def _until_closed(self) -> None:
        def closed() -> bool:
            return self._session["phase"] not in {"asked", "open"}

        if not await self._look_until(closed, self._session["time_limit_ms"] / 500 + _CLOSE_PATIENCE):
            # Somebody who needs no limit is here and does not answer.
            await self._command("close-question")

    async def _look_until(self, condition: Callable[[], bool], seconds: float) -> bool:
        """Look at the session until it is so; whether it came to that in time."""
        until = time.monotonic() + seconds
        while not condition():
            if time.monotonic() > until:
                return False
            await asyncio.sleep(_LOOK_SECONDS)
            self._session = await self._rest.get(self._path)
        return True

    async def _watch(self) -> None:
        await self._restart_in_the_middle(len(self._players) * self._table.questions)
        longest = self._table.questions * self._table.seconds * 1.5 + SELF_PATIENCE
        await self._wait(lambda: all(player.done for player in self._players), longest)
        if self._asks_again:
            before = self._table.questions
            await self._ask_again()
            more = self._table.questions - before
            # Each of them hears of it, and is no longer done.
            longest = more * self._table.seconds * 1.5 + SELF_PATIENCE
            await self._wait(lambda: all(player.answered_all for player in self._players), longest)

    async def _restart_in_the_middle(self, answers: int) -> None:
        """Where the server is to be killed: when a third of so many answers are in."""
        if self._restart is not None:
            restart, self._restart = self._restart, None
            await self._wait(lambda: self._table.counts["acknowledged"] > answers / 3, SELF_PATIENCE)
            await restart()

    async def _command(self, name: str, **body: Any) -> None:
        # With the revision it was decided on, a command that is sent again after a lost reply happens once.
        for _ in range(_ATTEMPTS):
            try:
                self._session = await self._rest.post(
                    f"{self._path}/{name}", {**body, "revision": self._session["revision"]}
                )
            except CallRefused as refused:
                if refused.status != 409 or "session" not in refused.problem:
                    raise
                # A timer was faster, or the reply to this very command was lost.
                self._session = refused.problem["session"]
                if name == "end" and self._session["status"] == "completed":
                    return
                if name not in {"start", "end", "next"} or (
                    name == "next" and self._session["phase"] in {"asked", "open"}
                ):
                    return
            else:
                return
        raise AssertionError(f"{name} lost {_ATTEMPTS} races one after the other: {self._session}")

    @staticmethod
    async def _wait(condition: Callable[[], bool], seconds: float) -> None:
        until = time.monotonic() + seconds
        while not condition() and time.monotonic() < until:  # noqa: ASYNC110 - many players know it each for themselves
            await asyncio.sleep(_LOOK_SECONDS)


async def read_record(rest: RestClient, session_id: str) -> ServerRecord:
    """What the server has of a session: the database's answers, and the ranking as it tells it live."""
    results = await rest.get(f"sessions/{session_id}/results?wait=true")
    participants = await rest.get(f"sessions/{session_id}/participants")
    leaderboard: list[BoardLine] = []
    while True:
        page = await rest.get(f"sessions/{session_id}/leaderboard?limit={_PAGE}&offset={len(leaderboard)}")
        leaderboard += _lines(page["leaderboard"])
        if len(leaderboard) >= page["total_participants"] or not page["leaderboard"]:
            break
    return ServerRecord(
        answers=[
            RecordedAnswer(**{name: answer[name] for name in RecordedAnswer.__dataclass_fields__})
            for answer in results["answers"]
        ],
        participants=[line["user_id"] for line in participants["participants"] if line["status"] != "removed"],
        results=_lines(results["participants"]),
        leaderboard=leaderboard,
    )


def _lines(lines: Sequence[dict[str, Any]]) -> list[BoardLine]:
    return [BoardLine(line["rank"], line["user_id"], line["score"]) for line in lines]

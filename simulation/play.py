"""A whole simulation: some sessions side by side, their players and hosts, and the check of each."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from random import Random
from typing import Any, Literal

from simulation.arrangement import Arrangement, draw_arrangement
from simulation.check import Finding, ServerRecord, check
from simulation.habits import draw_habits
from simulation.homework import CLOSES_AFTER, OPENS_AFTER, HomeworkHost, clock_in
from simulation.host import Host, Restart, read_record
from simulation.needs import Needs, draw_needs
from simulation.players import Player
from simulation.quiz import Quiz, read_quiz, with_first_questions, with_heard_questions
from simulation.rest import CallRefused, RestClient
from simulation.table import Table

#: Milliseconds to answer in a session whose server is killed: time to start again and for everybody to come back.
_RESTART_LIMIT_MS = 30_000
#: The status that says that there is one of this id.
_TAKEN = 409
#: Seconds after the end in which every player has to hear of it.
_END_PATIENCE = 30
#: Players that come into a lobby each second.
_ARRIVALS_PER_SECOND = 150


@dataclass(frozen=True, slots=True)
class Plan:
    """What is to be played. ``players`` is the number in each session, ``seconds`` the time of a question.

    With ``streams`` players go without WebSockets.
    """

    quiz_id: str
    pace: Literal["self", "host"]
    players: int
    sessions: int
    questions: int | None
    seconds: float
    seed: int
    streams: bool = False
    #: Whether what many had wrong is asked again; only where all questions are played.
    asks_again: bool = False
    #: Whether a copy of the quiz is played of which every second question is heard instead of read.
    listens: bool = False
    #: Whether each session is arranged in a way of its own, drawn from the seed.
    arranged: bool = False
    #: Whether it is a homework, which opens and closes by itself; at the players' own pace.
    homework: bool = False


@dataclass(frozen=True, slots=True)
class Played:
    """A session that is over, and what the check found."""

    quiz: Quiz
    table: Table
    players: Sequence[Player]
    record: ServerRecord
    findings: Sequence[Finding]


class Simulation:
    """Plays a plan against a server."""

    def __init__(self, rest: RestClient, plan: Plan, restart: Restart | None = None) -> None:
        """:param restart: kills the server and starts it again; called once, in the middle of the first session."""
        self._rest = rest
        self._plan = plan
        self._restart = restart
        self.tables: list[Table] = []
        self.players: list[Player] = []

    async def run(self) -> list[Played]:
        """:raises CallRefused: when the server refuses what an operator may do.
        :raises Unreachable: when it does not answer.
        """
        data = await self._rest.get(f"quizzes/{self._plan.quiz_id}")
        if self._plan.listens:
            data = with_heard_questions(data)
            await self._keep(data)
        if self._plan.homework and self._plan.questions is not None:
            # An attempt is over when all is answered.
            data = with_first_questions(data, self._plan.questions)
            await self._keep(data)
        quiz = read_quiz(data)
        rng = Random(self._plan.seed)
        seeds = [rng.getrandbits(64) for _ in range(self._plan.sessions)]
        async with asyncio.TaskGroup() as group:
            played = [
                group.create_task(self._play(quiz, Random(seed), self._restart if number == 0 else None))
                for number, seed in enumerate(seeds)
            ]
        return [task.result() for task in played]

    async def _keep(self, quiz: dict[str, Any]) -> None:
        """Store a quiz; one that is there from the last time is the same."""
        try:
            await self._rest.post("quizzes", quiz)
        except CallRefused as refused:
            if refused.status != _TAKEN:
                raise

    async def _play(self, quiz: Quiz, rng: Random, restart: Restart | None) -> Played:
        plan = self._plan
        limit_ms = round(plan.seconds * 1_000) if self._restart is None else _RESTART_LIMIT_MS
        homework = plan.homework
        arrangement = draw_arrangement(rng, plan.pace, homework=homework) if plan.arranged else Arrangement()
        lobby_seconds = plan.players / _ARRIVALS_PER_SECOND
        asked = {
            "quiz_id": quiz.id,
            "pace": plan.pace,
            "max_participants": max(1_000, plan.players),
            "time_limit_ms": limit_ms,
            "scoring": arrangement.scoring,
            "options": arrangement.options,
        }
        if homework:
            asked["homework"] = arrangement.homework | {
                "opens_at": clock_in(lobby_seconds + OPENS_AFTER),
                "closes_at": clock_in(CLOSES_AFTER),
            }
        session = await self._rest.post("sessions", asked)
        questions = min(plan.questions or len(quiz.questions), len(quiz.questions))

        async def place_code(user_id: str) -> str:
            told = await self._rest.post(f"sessions/{session['session_id']}/participants/{user_id}/place")
            return str(told["code"])

        table = Table(
            place_code=place_code,
            limit_ms=limit_ms,
            ws_url=self._rest.ws_url,
            session_id=session["session_id"],
            join_code=session["join_code"],
            pace=plan.pace,
            questions=questions,
            seconds=plan.seconds,
            lobby_seconds=lobby_seconds,
            streams=plan.streams,
            arrangement=arrangement,
        )
        # Its own: another session may be asked other questions again.
        quiz = Quiz(quiz.id, quiz.questions)
        players = [
            Player(table, draw_habits(number, rng, questions=questions, seconds=plan.seconds), quiz)
            for number in range(plan.players)
        ]
        self.tables.append(table)
        self.players += players
        tasks = {asyncio.create_task(player.run()): player for player in players}
        try:
            host = HomeworkHost if homework else Host
            await host(
                self._rest,
                table,
                players,
                session,
                restart,
                quiz=quiz,
                asks_again=plan.asks_again and not homework and questions == len(quiz.questions),
                needs=_needs(players, rng) if arrangement.people else {},
            ).run()
            done, hanging = await asyncio.wait(tasks, timeout=_END_PATIENCE)
        finally:
            for task in tasks:
                task.cancel()
        for task in done:
            task.result()
        table.ledger.troubles += [
            f"{tasks[task].user_id}: never heard of the end ({tasks[task].standing})" for task in hanging
        ]
        table.finish()
        record = await read_record(self._rest, table.session_id)
        return Played(
            quiz,
            table,
            players,
            record,
            check(table.ledger, record, quiz, arrangement.terms(limit_ms)),
        )


def _needs(players: Sequence[Player], rng: Random) -> dict[str, Needs]:
    """What each player needs who needs something, by the name the player comes under."""
    drawn = {player.habits.username: draw_needs(rng) for player in players if player.habits.late_by is None}
    return {name: needs for name, needs in drawn.items() if needs}


async def watched(simulation: Simulation, look: Callable[[], Any]) -> list[Played]:
    """Run a simulation and call ``look`` a few times a second while it runs."""

    async def watch() -> None:
        while True:
            look()
            await asyncio.sleep(0.2)

    watching = asyncio.create_task(watch())
    try:
        return await simulation.run()
    finally:
        watching.cancel()
        look()

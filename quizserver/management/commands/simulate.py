"""`manage.py simulate`: whole sessions, played by real clients, and the check of what they were told."""

from __future__ import annotations

import asyncio
import random
import signal
from typing import Any

import uvloop
from django.core.management.base import BaseCommand, CommandError, CommandParser
from rich.console import Console

from common.config import CONFIG
from quizserver.credentials import read_credentials
from simulation.play import Plan, Played, Simulation, watched
from simulation.report import Bars, report
from simulation.rest import CallRefused, RestClient, Unreachable
from simulation.server import OwnServer, ServerFailed


class Command(BaseCommand):
    help = (
        "Plays whole sessions with real WebSocket clients, against a server of its own or the one at --url, and checks "
        "that every acknowledged answer is in the database exactly once and every score is the sum of its points. "
        "Exit status 1 when it is not. docs/simulate.md explains the figures."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--players", type=int, default=100, help="players in each session, 1 to 10,000")
        parser.add_argument("--pace", choices=["host", "self", "homework"], default="host")
        parser.add_argument("--quiz", default="vocab-101", help="id of the quiz")
        parser.add_argument("--sessions", type=int, default=1, help="sessions played side by side")
        parser.add_argument("--questions", type=int, help="play only the first so many")
        parser.add_argument("--seconds", type=float, default=2.0, help="seconds a question takes, at least 1")
        parser.add_argument("--seed", type=int, help="play the same players again; without it, others each time")
        parser.add_argument("--url", help="a running server instead of one of our own, e.g. http://127.0.0.1:8000")
        parser.add_argument("--api-key", help="its API key; without it OPERATOR_API_KEY, or the one `prepare` made")
        parser.add_argument(
            "--streams", action="store_true", help="play without WebSockets, as where a network cuts them"
        )
        parser.add_argument(
            "--listen", action="store_true", help="play a copy of the quiz whose every second question is heard only"
        )
        parser.add_argument(
            "--plain", action="store_true", help="arrange nothing: every session as it is played by default"
        )
        parser.add_argument(
            "--restart", action="store_true", help="kill our own server with -9 during a question, and start it again"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        if options["restart"] and options["url"]:
            raise CommandError("--restart kills the server: it works with a server of the simulation's own only.")
        for name, least, most in (("players", 1, 10_000), ("sessions", 1, 1_000), ("seconds", 1, 600)):
            if not least <= options[name] <= most:
                raise CommandError(f"--{name}: {least} to {most}")
        if options["questions"] is not None and options["questions"] < 1:
            raise CommandError("--questions: at least 1")
        seed = options["seed"] if options["seed"] is not None else random.SystemRandom().getrandbits(32)
        plan = Plan(
            quiz_id=options["quiz"],
            pace="host" if options["pace"] == "host" else "self",
            homework=options["pace"] == "homework",
            players=options["players"],
            sessions=options["sessions"],
            questions=options["questions"],
            seconds=options["seconds"],
            seed=seed,
            streams=options["streams"],
            listens=options["listen"],
            # The first so many questions of a quiz are not its end.
            asks_again=options["questions"] is None,
            arranged=not options["plain"],
        )
        console = Console(soft_wrap=True)
        console.print(f"{plan.players} players, {options['pace']} pace, {plan.quiz_id}, seed {plan.seed}")
        try:
            played = self._run(console, plan, options)
        except (KeyboardInterrupt, asyncio.CancelledError):
            raise CommandError("Stopped before the end; nothing was checked.") from None
        if not report(console, played):
            raise SystemExit(1)

    def _run(self, console: Console, plan: Plan, options: dict[str, Any]) -> list[Played]:
        try:
            return uvloop.run(self._play(console, plan, options))
        except* (CallRefused, Unreachable, ServerFailed, ValueError) as group:
            raise CommandError("; ".join(str(error) for error in group.exceptions)) from None

    async def _play(self, console: Console, plan: Plan, options: dict[str, Any]) -> list[Played]:
        main = asyncio.current_task()
        assert main is not None
        # As for Ctrl-C: our own server must not outlive us.
        asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, main.cancel)
        if options["url"]:
            simulation = Simulation(RestClient(options["url"], options["api_key"] or self._known_key()), plan)
            return await self._watch(console, plan, simulation)
        async with OwnServer() as server:

            async def restart() -> None:
                await asyncio.to_thread(server.kill)
                console.print("The server was killed with -9 and starts again.")
                await server.start()

            simulation = Simulation(
                RestClient(server.url, server.api_key), plan, restart if options["restart"] else None
            )
            return await self._watch(console, plan, simulation)

    @staticmethod
    async def _watch(console: Console, plan: Plan, simulation: Simulation) -> list[Played]:
        with Bars(console, plan) as bars:
            return await watched(simulation, lambda: bars.show(simulation))

    @staticmethod
    def _known_key() -> str:
        key = CONFIG.operator_api_key or read_credentials().get("api_key", "")
        if not key:
            raise CommandError("No API key is known here: --api-key, or OPERATOR_API_KEY.")
        return key

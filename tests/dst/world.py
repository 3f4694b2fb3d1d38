"""The world of one history: instances of the server with everything of theirs but sockets, Redis and PostgreSQL, which
are simulated (redis_server.py, redis_client.py, database.py), on one seeded loop."""

from __future__ import annotations

import asyncio
import contextlib
import contextvars
import random
from dataclasses import dataclass
from typing import Any

from common.config import CONFIG
from quizzes.rules.content import QuestionContent, QuizContent
from quizzes.rules.phrases import Phrases
from scoring.ports import ServiceUnavailable
from sessions.protocol.errors import SessionError
from sessions.rules import lifecycle
from sessions.rules.lifecycle import NotAllowed
from sessions.services.asking_again import NothingToAsk
from sessions.services.hosting import StaleRevision
from sessions.wiring.runtime import Runtime
from tests.dst import redis_client
from tests.dst.actors import Host, Player
from tests.dst.database import SimulatedDatabase
from tests.dst.faults import strike
from tests.dst.history import QUESTION_SECONDS, Finding, History, Told, check
from tests.dst.loop import Clocks, Hung, VirtualLoop, running
from tests.dst.plan import Plan
from tests.dst.process import Connection, Layer, Life
from tests.dst.redis_client import Link
from tests.dst.redis_server import SimulatedRedis, missing
from tests.dst.stand_ins import simulated

#: Seconds from the end of the last fault in which a history has to come to its end.
_PATIENCE = 60.0
#: Seconds in which a store that forgot something is noticed and repaired.
_NOTICED = 5.0
_NAMES = "abcdefgh"

QUESTIONS = tuple(
    QuestionContent(
        id=f"q{number}",
        kind="typed" if number % 2 == 0 else "choice",
        text="?",
        options=() if number % 2 == 0 else ("right", "wrong", "kasa"),
        correct_answers=("right",),
    )
    for number in range(1, 10)
)


class World:
    """Everything of one history."""

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self.chance = random.Random(f"world {plan.seed}")
        self.loop = VirtualLoop(self.chance)
        self.clocks = Clocks(self.loop)
        self.history = History(
            redis_failed=any(fault.kind.startswith("redis_") for fault in plan.faults),
            # A frozen instance, or a slow server, tells late of what was in time.
            clocks_step={fault.kind for fault in plan.faults} == {"clock_stepped"},
        )
        self.database = SimulatedDatabase(self.chance)
        self.redis = self.new_redis("R")
        self.links: dict[str, Link] = {}
        self.layers: list[Layer] = []
        self.layer_loss = 0.0
        self.lives: dict[str, Life] = {}
        #: The process that now bears an instance's name.
        self.instances: dict[str, Life] = {}
        self.players: list[Player] = []
        self.session_id = ""
        self._births = 0

    def new_redis(self, name: str) -> SimulatedRedis:
        """Another Redis server."""
        server = SimulatedRedis(name, lambda: self.clocks.wall("R"), self.new_run())

        def publish(channel: str, data: str) -> int:
            return sum(layer.link.server is server and layer.deliver(channel, data) for layer in self.layers)

        server.publish = publish
        return server

    def new_run(self) -> str:
        """What a Redis that starts calls itself."""
        return f"run-{self.chance.getrandbits(32):08x}"

    def note(self, who: str, what: str, **facts: Any) -> None:
        """Into the history."""
        self.history.told.append(Told(self.loop.time(), who, what, facts))

    # -- instances ------------------------------------------------------------------------------------------------

    async def gate(self) -> None:
        """Whatever leaves or reaches a process: a frozen one waits here, a dead one for ever."""
        life = self.lives.get(running.get())
        if life is None:
            return
        while life.frozen:
            await life.moved.wait()
        if life.dead:
            await asyncio.get_running_loop().create_future()

    def run_in(self, life: Life, work: Any) -> asyncio.Task[Any]:
        """Run a coroutine as a part of a process."""
        context = contextvars.copy_context()
        context.run(running.set, life.name)
        task: asyncio.Task[Any] = self.loop.create_task(work, context=context)
        life.tasks.add(task)
        task.add_done_callback(life.tasks.discard)
        return task

    async def start(self, name: str) -> None:
        """Start an instance, or another process in the place of one that is gone."""
        self._births += 1
        life = Life(f"{name}{self._births}")
        self.lives[life.name] = self.instances[name] = life
        self.note(life.name, "starts")

        async def begin() -> None:
            while True:
                runtime = Runtime(self._config(name))
                try:
                    await runtime.start()
                except ServiceUnavailable:
                    await asyncio.sleep(1)
                    continue
                life.runtime = runtime
                return

        task = self.run_in(life, begin())
        while not task.done() and not life.dead:
            await asyncio.sleep(0.05)
        if task.done():
            task.result()

    def _config(self, name: str) -> Any:
        return CONFIG.model_copy(
            update={
                "redis_url": f"redis://{name}:6379/0",
                "redis_timeout_seconds": 0.5,
                "breaker_seconds": 2.0,
                "takeover_seconds": 2.0,
                "server_silence_seconds": 6.0,
                "drain_seconds": 0.5,
                "rate_joins_per_minute": 0,
                "rate_lookups_per_minute": 0,
                "rate_failed_keys_per_minute": 0,
                "presence_grace_ms": 500,
                "heartbeat_seconds": 2.0,
            }
        )

    def kill(self, name: str) -> None:
        """As a power cut would."""
        life = self.instances[name]
        life.dead, life.frozen = True, False
        life.moved.set()
        self.note(life.name, "dies")
        for connection in life.connections:
            connection.cut()

    async def deploy(self, name: str) -> None:
        """As SIGTERM would."""
        life = self.instances[name]
        if not life.serves:
            return
        life.stopping = True
        self.note(life.name, "stops")

        async def end() -> None:
            await life.runtime.drain()
            await life.runtime.stop()

        task = self.run_in(life, end())
        await asyncio.wait([task], timeout=20)
        life.dead = True
        for connection in life.connections:
            connection.cut()

    def connect(self, chance: random.Random) -> Connection | None:
        """A connection to some instance, as a balancer has it."""
        serving = [life for life in self.instances.values() if life.serves]
        return Connection(self, chance.choice(serving), chance) if serving else None

    async def command(self, chance: random.Random, name: str, arguments: dict[str, Any]) -> int | None:
        """A host's command to some instance: the revision it made, -1 when it is not allowed, ``None`` for no word."""
        serving = [life for life in self.instances.values() if life.serves]
        if not serving:
            return None
        life = chance.choice(serving)

        async def apply() -> int:
            await self.gate()
            hosting = life.runtime.sessions
            if name == "AskAgain":
                view = await hosting.ask_again(self.session_id, phrases=Phrases(), actor="host", **arguments)
            else:
                view = await hosting.command(self.session_id, getattr(lifecycle, name)(**arguments), actor="host")
            await self.gate()
            return int(view.state.revision)

        task: asyncio.Task[int] = self.run_in(life, apply())
        await asyncio.wait([task], timeout=5)
        if not task.done():
            return None
        try:
            return task.result()
        except (NotAllowed, NothingToAsk, StaleRevision):
            return -1
        except (ServiceUnavailable, SessionError):
            return None

    # -- the history ----------------------------------------------------------------------------------------------

    async def play(self) -> None:
        """From the start of the instances to the check."""
        for name in _NAMES[: self.plan.instances]:
            self.links[name] = Link(self.redis, self.chance)
        redis_client.links.clear()
        redis_client.links.update(self.links)
        for name in self.links:
            await self.start(name)
        quiz = QuizContent(id="quiz", title="A quiz", questions=QUESTIONS[: self.plan.questions])
        life = self.instances["a"]
        view = await self.run_in(
            life,
            life.runtime.sessions.create(
                quiz, pace=self.plan.pace, reveal=self.plan.reveal, time_limit_ms=QUESTION_SECONDS * 1_000, actor="host"
            ),
        )
        self.session_id = view.setup.id
        self.players = [Player(self, number) for number in range(self.plan.players)]
        actors = [self.loop.create_task(player.run()) for player in self.players]
        actors.append(self.loop.create_task(Host(self).run()))
        faults = [self.loop.create_task(strike(self, fault)) for fault in self.plan.faults]
        if faults:
            _, unending = await asyncio.wait(faults, timeout=_PATIENCE)
            for _ in unending:
                self.history.find("hung", "an instance that was to start again did not")
        await asyncio.wait(actors, timeout=_PATIENCE)
        for player in self.players:
            if not player.finished:
                self.history.find("hung", f"{player.user} never learnt that the session is over")
        for task in (*faults, *actors):
            if not task.done():
                task.cancel()
            elif not task.cancelled() and (error := task.exception()) is not None:
                raise error
        await self._settle()

    async def _settle(self) -> None:
        """Until everything is written, and whoever lost something had the time to notice."""
        await asyncio.sleep(_NOTICED)
        for _ in range(100):
            rows = self.database.sessions.get(self.session_id)
            waiting = any(life.runtime._live._writer.depth for life in self.instances.values() if life.serves)
            if rows is not None and rows.standings is not None and not waiting and not self.redis.holds("streams:*"):
                return
            await asyncio.sleep(0.5)
        self.history.find("hung", "records wait for the database for ever")

    def close(self) -> None:
        """End what still runs, without letting it do anything."""
        for life in self.lives.values():
            life.dead = True
        tasks = asyncio.all_tasks(self.loop)
        for _ in range(3):
            for task in tasks:
                task.cancel()
            with contextlib.suppress(Hung, RuntimeError):
                self.loop.run_until_complete(asyncio.wait(tasks, timeout=1) if tasks else asyncio.sleep(0))
            tasks = asyncio.all_tasks(self.loop)
            if not tasks:
                break
        self.loop.close()


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a history came to."""

    plan: Plan
    findings: list[Finding]
    told: list[Told]
    #: Seconds of the virtual clock.
    seconds: float

    @property
    def digest(self) -> str:
        """The whole history in one text: two that are the same make the same."""
        return "\n".join(map(str, self.told))


def run(plan: Plan, *, verbose: bool = False) -> Outcome:
    """Play one history, and check it."""
    world = World(plan)
    with simulated(world, verbose=verbose):
        try:
            world.loop.run_until_complete(world.play())
        except Hung as error:
            world.history.find("hung", str(error))
        except Exception as error:
            # What no player or host can be told, such as an instance that does not start.
            world.history.find("broken", repr(error))
        finally:
            seconds = world.loop.time()
            told = list(world.history.told)
            world.close()
    world.history.told = told
    if missing:
        raise NotImplementedError(f"The simulated Redis needs {', '.join(sorted(missing))}.")
    return Outcome(plan, check(world.history, world.database.sessions.get(world.session_id)), told, seconds)

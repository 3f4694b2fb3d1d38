"""The world of one history: instances of the server with everything of theirs but sockets, Redis and PostgreSQL, which
are simulated (redis_server.py, redis_client.py, database.py), on one seeded loop."""

from __future__ import annotations

import asyncio
import contextlib
import contextvars
import logging
import random
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any
from unittest import mock

import common.database
import common.redis
import sessions.stores.redis.database_sink
import sessions.websocket.connection
import sessions.wiring.live_state
import sessions.wiring.runtime
from common.config import CONFIG
from quizzes.rules.content import QuestionContent, QuizContent
from scoring.ports import ServiceUnavailable
from sessions.protocol.errors import SessionError
from sessions.rules import lifecycle
from sessions.rules.lifecycle import NotAllowed
from sessions.services.hosting import StaleRevision
from sessions.services.tokens import TokenSigner
from sessions.websocket.consumer import QuizConsumer
from sessions.wiring.runtime import Runtime
from tests.dst import redis_client
from tests.dst.actors import Host, Player
from tests.dst.database import SimulatedDatabase, SimulatedRegister, SimulatedSessionLog, SimulatedThread
from tests.dst.faults import strike
from tests.dst.history import Finding, History, Told, check
from tests.dst.loop import Clocks, Hung, VirtualLoop, running, seeded
from tests.dst.plan import Plan
from tests.dst.redis_client import Client, Link, Pool
from tests.dst.redis_server import SimulatedRedis

#: Seconds from the end of the last fault in which a history has to come to its end.
_PATIENCE = 60.0
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


@dataclass(slots=True)
class Life:
    """One process: from its start to its death."""

    name: str
    runtime: Any = None
    dead: bool = False
    frozen: bool = False
    stopping: bool = False
    moved: asyncio.Event = field(default_factory=asyncio.Event)
    connections: list[Connection] = field(default_factory=list)
    tasks: set[asyncio.Task[Any]] = field(default_factory=set)

    @property
    def serves(self) -> bool:
        """Whether it takes connections."""
        return self.runtime is not None and not self.dead and not self.stopping


class Connection:
    """A client's connection to an instance; each way takes its time, and what is sent stays in order."""

    def __init__(self, world: World, life: Life, chance: random.Random) -> None:
        self._world = world
        self._life = life
        self._chance = chance
        self._to_server: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
        self._to_client: asyncio.Queue[str | None] = asyncio.Queue()
        self._last = [0.0, 0.0]
        self.closed = False
        self._to_server.put_nowait({"type": "websocket.connect"})
        life.connections.append(self)
        consumer: Any = QuizConsumer()
        scope = {"type": "websocket", "query_string": b"", "headers": [], "client": ("127.0.0.1", 1)}
        world.run_in(life, consumer(scope, self._receive, self._send))

    def _way(self, direction: int, work: Callable[..., None], *arguments: Any) -> None:
        loop = asyncio.get_running_loop()
        # Timers of one moment come in any order.
        at = max(self._last[direction] + 1e-6, loop.time() + self._chance.uniform(0.0005, 0.01))
        self._last[direction] = at
        loop.call_at(at, work, *arguments)

    async def _receive(self) -> dict[str, Any]:
        message = await self._to_server.get()
        await self._world.gate()
        return message

    async def _send(self, event: Mapping[str, Any]) -> None:
        await self._world.gate()
        if event["type"] == "websocket.send":
            self._way(1, self._to_client.put_nowait, event["text"])
        elif event["type"] == "websocket.close":
            self._way(1, self.cut)

    def send(self, text: str) -> None:
        """From the client."""
        if not self.closed:
            self._way(0, self._to_server.put_nowait, {"type": "websocket.receive", "text": text})

    async def receive(self) -> str | None:
        """For the client: the next message, ``None`` when the connection is over."""
        return await self._to_client.get()

    def hang_up(self) -> None:
        """The client goes."""
        if not self.closed:
            self.closed = True
            self._way(0, self._to_server.put_nowait, {"type": "websocket.disconnect", "code": 1006})

    def cut(self) -> None:
        """It breaks: both sides hear of it."""
        if not self.closed:
            self.hang_up()
            self._to_client.put_nowait(None)


class Layer:
    """A channel layer over the Redis of an instance: it may lose messages, and let one overtake another."""

    def __init__(self, world: World, link: Link) -> None:
        self._world = world
        self.link = link
        self._queue: asyncio.Queue[Mapping[str, Any]] = asyncio.Queue()
        self._groups: set[str] = set()
        world.layers.append(self)

    def _check(self) -> None:
        if not self.link.server.up or self.link.cut:
            raise ConnectionError("The layer is away.")

    async def new_channel(self, prefix: str) -> str:
        await self._world.gate()
        self._check()
        return prefix

    async def receive(self, channel: str) -> Mapping[str, Any]:
        message = await self._queue.get()
        await self._world.gate()
        return message

    async def group_add(self, group: str, channel: str) -> None:
        await self._world.gate()
        self._check()
        self._groups.add(group)

    async def group_discard(self, group: str, channel: str) -> None:
        await self._world.gate()
        self._groups.discard(group)

    async def group_send(self, group: str, message: Mapping[str, Any]) -> None:
        await self._world.gate()
        self._check()
        loop, chance = asyncio.get_running_loop(), self._world.chance
        for layer in self._world.layers:
            if group in layer._groups and layer.link.server is self.link.server and not layer.link.cut:
                if self._world.layer_loss and chance.random() < self._world.layer_loss:
                    continue
                slowest = 0.05 if self._world.layer_loss else 0.004
                loop.call_later(chance.uniform(0.0005, slowest), layer._queue.put_nowait, message)

    async def close_pools(self) -> None:
        """As channels_redis has it."""


class World:
    """Everything of one history."""

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self.chance = random.Random(f"world {plan.seed}")
        self.loop = VirtualLoop(self.chance)
        self.clocks = Clocks(self.loop)
        self.history = History(redis_failed=any(fault.kind.startswith("redis_") for fault in plan.faults))
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
        return SimulatedRedis(name, lambda: self.clocks.wall("R"), self.new_run())

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

        await self.run_in(life, begin())

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
            view = await life.runtime.sessions.command(
                self.session_id, getattr(lifecycle, name)(**arguments), actor="host"
            )
            await self.gate()
            return int(view.state.revision)

        task: asyncio.Task[int] = self.run_in(life, apply())
        await asyncio.wait([task], timeout=5)
        if not task.done():
            return None
        try:
            return task.result()
        except (NotAllowed, StaleRevision):
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
                quiz, pace=self.plan.pace, reveal=self.plan.reveal, time_limit_ms=3_000, actor="host"
            ),
        )
        self.session_id = view.setup.id
        self.players = [Player(self, number) for number in range(self.plan.players)]
        actors = [self.loop.create_task(player.run()) for player in self.players]
        actors.append(self.loop.create_task(Host(self).run()))
        faults = [self.loop.create_task(strike(self, fault)) for fault in self.plan.faults]
        if faults:
            await asyncio.wait(faults)
        await asyncio.wait(actors, timeout=_PATIENCE)
        for player in self.players:
            if not player.finished:
                self.history.find("hung", f"{player.user} never learnt that the session is over")
        for task in (*faults, *actors):
            if task.done() and (error := task.exception()) is not None:
                raise error
        await self._settle()

    async def _settle(self) -> None:
        """Until everything is written."""
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


class _Errors(logging.Handler):
    """Notes what the server itself takes for a mistake of its own."""

    def __init__(self, world: World) -> None:
        super().__init__(logging.WARNING)
        self._world = world

    def emit(self, record: logging.LogRecord) -> None:
        error = record.exc_info[1] if record.exc_info else None
        about = getattr(record, "error", "") if error is None else repr(error)
        self._world.note(running.get(), "logs", message=record.getMessage(), error=about)
        if record.getMessage() in _NEVER:
            self._world.history.find(record.getMessage(), repr(error))


#: Log lines that no fault of a server excuses.
_NEVER = {"record_set_aside", "message_failed", "upkeep_failed"}


class _Transactions:
    """Stands for django.db.transaction: a unit of work is one anyway."""

    @staticmethod
    def atomic() -> contextlib.AbstractContextManager[None]:
        return contextlib.nullcontext()


class _NoConnections:
    """Stands for Django's connections."""

    vendor = "postgresql"

    @staticmethod
    def close_all() -> None:
        """There are none."""


@contextlib.contextmanager
def simulated(world: World, *, verbose: bool = False) -> Iterator[None]:
    """Put the simulated parts in the places of the real ones.

    :param verbose: note the server's warnings too.
    """

    async def current_runtime() -> Runtime:
        runtime: Runtime = world.lives[running.get()].runtime
        return runtime

    def layer() -> Layer:
        return Layer(world, world.links[running.get()[0]])

    wiring, runtime = sessions.wiring.live_state, sessions.wiring.runtime
    places: list[tuple[Any, str, Any]] = [
        (common.redis, "Redis", Client),
        (common.redis, "BlockingConnectionPool", Pool),
        (common.database, "connections", _NoConnections),
        (common.database, "connection", _NoConnections),
        (common.database, "close_old_connections", _NoConnections.close_all),
        (wiring, "DatabaseSessionLog", SimulatedSessionLog),
        (wiring, "InstanceRegister", SimulatedRegister),
        (wiring, "get_channel_layer", layer),
        (wiring, "add_answers", world.database.add_answers),
        (runtime, "DatabaseThread", lambda name: SimulatedThread(world.database)),
        (runtime, "TokenSigner", lambda key: TokenSigner("simulated")),
        (sessions.stores.redis.database_sink, "_write", world.database.write_batches),
        (common.database, "transaction", _Transactions),
        (sessions.websocket.connection, "current_runtime", current_runtime),
        (redis_client, "gate", world.gate),
        (SimulatedThread, "gate", staticmethod(world.gate)),
    ]
    errors, root = _Errors(world), logging.getLogger()
    handlers, level, disabled = root.handlers[:], root.level, logging.root.manager.disable
    with contextlib.ExitStack() as stack:
        for place, name, stand_in in places:
            stack.enter_context(mock.patch.object(place, name, stand_in))
        stack.enter_context(seeded(world.loop, world.clocks, world.chance))
        logging.disable(logging.INFO if verbose else logging.WARNING)
        root.handlers[:] = [errors]
        try:
            yield
        finally:
            root.handlers[:] = handlers
            root.setLevel(level)
            logging.disable(disabled)


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
    return Outcome(plan, check(world.history, world.database.sessions.get(world.session_id)), told, seconds)

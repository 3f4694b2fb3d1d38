"""Puts the simulated parts in the places of the real ones, for as long as a history is played."""

from __future__ import annotations

import contextlib
import logging
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any
from unittest import mock

import common.database
import common.redis
import sessions.stores.redis.database_sink
import sessions.websocket.connection
import sessions.wiring.live_state
import sessions.wiring.runtime
from sessions.services.tokens import TokenSigner
from sessions.wiring.runtime import Runtime
from tests.dst import redis_client
from tests.dst.database import SimulatedRegister, SimulatedSessionLog, SimulatedThread
from tests.dst.loop import running, seeded
from tests.dst.process import Layer
from tests.dst.redis_client import Client, Pool
from tests.support.stores import NoWords

if TYPE_CHECKING:
    from tests.dst.world import World


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
        (runtime, "DatabaseWords", lambda thread: NoWords()),
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

"""The wiring: binds ports to adapters from the settings, and starts and stops a process's background tasks.

A runtime lives on one event loop. Under an ASGI server that is the server's; code that runs elsewhere (a view's thread,
a management command, a test client) reaches it through :func:`call`, which starts a loop on a thread of its own when no
server has started one.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import random
import threading
import time
import uuid
from collections.abc import Coroutine
from datetime import UTC, date, datetime, timedelta
from functools import partial
from typing import Any, TypeVar

from django.conf import settings
from django.db import connections
from django.utils import timezone

from common import metrics
from common.config import CONFIG, Config
from common.database import DatabaseThread
from common.files import connections_allowed
from common.limits import Buckets
from common.sampling import Sampler
from common.shared_limits import ThreadedLimit
from scoring.intake import AnswerIntake
from sessions.database.practised import practice_book
from sessions.database.pupils import DatabaseClassBook
from sessions.database.retention import delete_sign_ins, delete_unused_images, delete_unused_sounds, purge
from sessions.database.rows import probe_writing
from sessions.database.voice import DatabaseVoice
from sessions.database.words import DatabaseWords
from sessions.fanout.broadcaster import ChannelLayerBroadcaster
from sessions.fanout.hub import Hub
from sessions.fanout.sockets import Socket
from sessions.protocol import encoding, outbound
from sessions.services.hosting import SessionService
from sessions.services.people import PeopleService
from sessions.services.places import Places
from sessions.services.playing import PlayerService
from sessions.services.ports import Store
from sessions.services.presence import Presence
from sessions.services.pupils import PupilService
from sessions.services.tokens import TokenSigner
from sessions.wiring.homework_timers import HomeworkTimers
from sessions.wiring.live_state import live_state
from sessions.wiring.lookups import Lookups
from sessions.wiring.store_gauges import StoreGauges
from sessions.wiring.timers import Timers

logger = logging.getLogger(__name__)

T = TypeVar("T")

#: Seconds between two looks for what is not kept any longer.
_PURGE_SECONDS = 3_600


def _delete_expired_classes(today: date) -> None:
    # It reaches the runtime from a thread, and so is above it.
    from sessions.wiring.class_deletion import delete_expired_classes

    try:
        delete_expired_classes(today)
    finally:
        connections.close_all()


class Runtime:
    """Everything of a process that lives as long as it does."""

    store: Store

    def __init__(self, config: Config) -> None:
        self.config = config
        self.server_id = uuid.uuid4().hex[:12]
        self.started_at = time.monotonic()
        self.draining = False
        self.max_connections = connections_allowed(config.max_connections)
        self.loop: asyncio.AbstractEventLoop | None = None
        self._sockets: set[Socket] = set()
        self._emptied = asyncio.Event()
        self._tasks: list[asyncio.Task[None]] = []
        self._writer = DatabaseThread("database-writer")
        self._reader = DatabaseThread("database-reader")
        self._live = live_state(config, self.server_id, self._writer, self._reader)
        self.clock = self._live.clock
        self.store = self._live.store
        broadcaster = ChannelLayerBroadcaster(self._live.layer, server_id=self.server_id)
        self.intake = AnswerIntake(self.store, batch_size=config.answer_batch_size)
        self.sessions = SessionService(
            self.store,
            self.intake,
            broadcaster,
            self.clock,
            max_duration_ms=config.max_session_seconds * 1_000,
            lobby_ms=config.lobby_seconds * 1_000,
            words=DatabaseWords(self._reader),
            voice=DatabaseVoice(self._reader),
        )
        self.tokens = tokens = TokenSigner(settings.SECRET_KEY)
        self.players = PlayerService(self.store, self.intake, broadcaster, self.clock, tokens)
        self.people = PeopleService(self.store, broadcaster, self.clock)
        self.places = Places(self.store, self.clock, tokens)
        self.pupils = PupilService(DatabaseClassBook(self._writer, self._reader))
        self.presence = Presence(
            self.store,
            broadcaster,
            self.clock,
            window_ms=config.presence_window_ms,
            progress_ms=config.progress_window_ms,
            progress_share=config.volatile_share,
            grace_ms=config.presence_grace_ms,
            close_if_all_answered=self.sessions.close_if_all_answered,
        )
        self.hub = Hub(
            layer=self._live.layer,
            store=self.store,
            clock=self.clock,
            board_size=config.leaderboard_size,
            board_window_ms=config.leaderboard_window_ms,
            board_share=config.leaderboard_share,
            volatile_share=config.volatile_share,
            heartbeat_seconds=config.heartbeat_seconds,
        )
        self._live.join_with(
            hub=self.hub, presence=self.presence, broadcaster=broadcaster, hand_over=self._tell_to_reconnect
        )
        self._timers = Timers(self.store, self.sessions, self.clock)
        self._homeworks = HomeworkTimers(self.store, self._live.log, self.hub, self.clock)
        self.joins = self._live.limit("joins", per_minute=config.rate_joins_per_minute)
        lookups = self._live.limit("lookups", per_minute=config.rate_lookups_per_minute)
        self.lookups = Lookups(lookups, self.players, self.clock)
        self.places_tried = self._live.limit("places", per_minute=config.rate_lookups_per_minute)
        self._keys = self._live.limit("api_keys", per_minute=config.rate_failed_keys_per_minute)
        #: The limit on wrong API keys, for the threads of views; shared with the other instances once started.
        self.wrong_keys: Buckets | ThreadedLimit = Buckets(config.rate_failed_keys_per_minute, 60_000)
        self._passwords = self._live.limit("logins", per_minute=config.rate_failed_logins_per_minute)
        #: As ``wrong_keys``, of passwords.
        self.wrong_passwords: Buckets | ThreadedLimit = Buckets(config.rate_failed_logins_per_minute, 60_000)
        # A player has one connection at a time: what bounds it stays with the process, and outlasts the connection.
        self.messages = Buckets(config.rate_messages_per_second, 1_000)
        self.answers = Buckets(config.rate_answers_per_second, 1_000)
        self.boards = Buckets(config.rate_boards_per_second, 1_000)
        self._store_gauges = StoreGauges(config.redis_url, self.probe_database)
        self._sampler = Sampler(
            {
                metrics.answers_waiting: lambda: self.intake.depth,
                metrics.outbox_bytes: lambda: sum(socket.waiting_bytes() for socket in self._sockets),
                metrics.outbox_max_bytes: lambda: max((socket.waiting_bytes() for socket in self._sockets), default=0),
                metrics.uptime: lambda: time.monotonic() - self.started_at,
            },
            self._store_gauges.sample,
            seconds=config.metrics_seconds,
        )

    async def start(self) -> None:
        """Take up what the last process left, and begin to work."""
        self.loop = asyncio.get_running_loop()
        await self._live.start()
        self.wrong_keys = ThreadedLimit(self._keys, self.loop)
        self.wrong_passwords = ThreadedLimit(self._passwords, self.loop)
        await self.hub.start()
        self._tasks = [
            asyncio.create_task(self._timers.run(), name="timers"),
            asyncio.create_task(self._homeworks.run(), name="homework-timers"),
            asyncio.create_task(self._purge(), name="purge"),
        ]

    def observe(self) -> None:
        """This process serves: begin to measure it for /metrics."""
        self._sampler.start()

    async def stop(self) -> None:
        """Stop the tasks, write what waits, end the threads."""
        await self._sampler.stop()
        await self.presence.close()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self.hub.close()
        await self._live.stop()
        self._writer.close()
        self._reader.close()
        self._store_gauges.close()
        metrics.forget_process()

    async def drain(self) -> None:
        """Tell the clients to connect again, spread over the drain time, and give them that time."""
        self.draining = True
        metrics.draining.set(1)
        seconds = self.config.drain_seconds
        logger.info("draining", extra={"connections": len(self._sockets), "seconds": seconds})
        self._tell_to_reconnect()
        self._emptied.clear()
        if self._sockets:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._emptied.wait(), seconds)
        logger.info("drained", extra={"connections": len(self._sockets)})

    def _tell_to_reconnect(self) -> None:
        now = self.clock.now()
        for socket in list(self._sockets):
            after_ms = round(random.uniform(0, self.config.drain_seconds * 1_000))  # noqa: S311 - spreads load
            socket.send_own(encoding.encode(outbound.Reconnect(after_ms), at=now))

    async def settle(self, session_id: str) -> None:
        """Wait until every acknowledged answer of the session is in the database."""
        await self._live.settle(session_id)

    async def probe_database(self) -> None:
        """Make sure that the database takes what this process writes.

        :raises django.db.DatabaseError: when it does not.
        """
        # Where all is written: on a thread of its own it would wait for SQLite's one writer.
        await self._writer.run(probe_writing)

    async def _purge(self) -> None:
        hours = self.config.personal_data_hours
        while True:
            await asyncio.sleep(_PURGE_SECONDS)
            now = datetime.now(UTC)
            try:
                if hours:
                    await self._writer.run(partial(purge, now=now, ended_before=now - timedelta(hours=hours)))
                await self._writer.run(partial(delete_unused_images, now=now))
                await self._writer.run(partial(delete_unused_sounds, now=now))
                await self._writer.run(partial(delete_sign_ins, now=now, days=self.config.sign_in_log_days))
                await self._writer.run(partial(practice_book().delete_unused, now=now))
                await asyncio.to_thread(_delete_expired_classes, timezone.localdate())
            except Exception:
                logger.exception("purge_failed")

    # -- connections ----------------------------------------------------------------------------------------------

    @property
    def connection_count(self) -> int:
        """Sockets that are open in this process."""
        return len(self._sockets)

    @property
    def serving(self) -> bool:
        """Whether this instance may play at all: one that alone lost Redis may not."""
        return self._live.serving

    def admit(self) -> bool:
        """Whether another client may connect."""
        return not self.draining and self.serving and len(self._sockets) < self.max_connections

    def turn_away(self) -> bool:
        """Whether a client that wants to connect has to be refused; if so, it is counted."""
        if self.admit():
            return False
        if self.draining:
            metrics.connection_errors.labels("draining").inc()
        else:
            metrics.connection_errors.labels("capacity").inc()
            metrics.limits_hit.labels("connections").inc()
        return True

    def opened(self, socket: Socket) -> None:
        """A client connected."""
        self._sockets.add(socket)
        metrics.total_connections.inc()
        metrics.active_connections.set(len(self._sockets))

    def closed(self, socket: Socket) -> None:
        """A client is gone."""
        self._sockets.discard(socket)
        metrics.active_connections.set(len(self._sockets))
        if not self._sockets:
            self._emptied.set()


_runtime: Runtime | None = None
_starting: asyncio.Future[None] | None = None
_thread_lock = threading.Lock()


async def current_runtime() -> Runtime:
    """The process's runtime, started on this loop when there is none yet."""
    global _runtime, _starting
    if _runtime is None:
        _runtime = Runtime(CONFIG)
        _starting = asyncio.ensure_future(_runtime.start())
    if _starting is not None and not _starting.done():
        await asyncio.shield(_starting)
    return _runtime


async def stop_runtime() -> None:
    """Stop the process's runtime, if it has one."""
    global _runtime, _starting
    runtime, _runtime, _starting = _runtime, None, None
    if runtime is not None:
        await runtime.stop()


def running() -> Runtime | None:
    """The process's runtime, if it has one yet."""
    return _runtime


def runtime() -> Runtime:
    """The process's runtime, from code that is not on its event loop; started on a thread when there is none yet."""
    if _runtime is None:
        with _thread_lock:
            if _runtime is None:
                loop = asyncio.new_event_loop()
                threading.Thread(target=loop.run_forever, name="quiz-runtime", daemon=True).start()
                asyncio.run_coroutine_threadsafe(current_runtime(), loop).result()
    assert _runtime is not None
    return _runtime


def call(work: Coroutine[Any, Any, T]) -> T:
    """Run a coroutine of the services on the runtime's loop, from a thread that is not the loop's."""
    loop = runtime().loop
    assert loop is not None
    return asyncio.run_coroutine_threadsafe(work, loop).result()

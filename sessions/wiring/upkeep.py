"""What an instance among others does once in a while: say that it lives, and finish what dead ones left."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable

from common import metrics
from common.batching import chunks
from common.redis import REDIS_DOWN
from scoring.ports import ServiceUnavailable
from sessions.fanout.hub import Hub
from sessions.services.ports import Broadcaster, SessionLog
from sessions.services.presence import Presence
from sessions.stores.failover.restoring import Restorer
from sessions.stores.failover.store import FailoverStore
from sessions.stores.redis.journal import RedisJournal
from sessions.stores.redis.write_behind import Writer

logger = logging.getLogger(__name__)

#: Seconds between two rounds.
ROUND_SECONDS = 0.5
#: Rounds between two heartbeats and looks for dead instances, and between two looks at the server's clock.
_BEAT_ROUNDS = 2
_CLOCK_ROUNDS = 4
#: Rounds between two attempts to write what was set aside.
_ASIDE_ROUNDS = 120
#: Sessions that are looked at once a second for lost keys.
_VERIFIED_AT_ONCE = 50
#: Records of dead instances that are written in one transaction.
_RECORDS_AT_ONCE = 200


class Upkeep:
    """The rounds of one instance."""

    def __init__(
        self,
        *,
        store: FailoverStore,
        journal: RedisJournal,
        writer: Writer,
        log: SessionLog,
        set_clock: Callable[[], Awaitable[None]],
        restorer: Restorer,
        hub: Hub,
        presence: Presence,
        broadcaster: Broadcaster,
        takeover_ms: int,
        silence_ms: int,
    ) -> None:
        """:param set_clock: tells the time as Redis does.
        :param takeover_ms: age of a record from which on its instance is taken for dead.
        :param silence_ms: silence of an instance after which its players are disconnected.
        """
        self._store = store
        self._journal = journal
        self._writer = writer
        self._log = log
        self._set_clock = set_clock
        self._restorer = restorer
        self._hub = hub
        self._presence = presence
        self._broadcaster = broadcaster
        self._takeover_ms = takeover_ms
        self._silence_ms = silence_ms
        self._behind: dict[str, int] = {}
        self._round = 0
        self._verified = 0

    async def run(self) -> None:
        """Until cancelled."""
        while True:
            await asyncio.sleep(ROUND_SECONDS)
            try:
                await self.round()
            except REDIS_DOWN as error:
                self._store.note_failure(error)
            except ServiceUnavailable as error:
                logger.warning("upkeep_waits", extra={"error": str(error)})
            except Exception:
                logger.exception("upkeep_failed")

    async def round(self) -> None:
        """Everything that is due."""
        metrics.write_behind_queue.set(self._writer.depth)
        metrics.write_behind_lag.set(self._writer.oldest_seconds())
        self._round += 1
        if self._round % _BEAT_ROUNDS == 1:
            await self._store.exchange_heartbeat()
            await self._restorer.round()
        for session_id in await self._store.probe():
            await self._hub.refresh(session_id)
            await self._broadcaster.board_changed(session_id)
        if not self._store.on_redis:
            return
        if self._round % _CLOCK_ROUNDS == 1:
            await self._set_clock()
        if self._round % _BEAT_ROUNDS == 1:
            await self._store.beat()
            await self._verify_some()
            await self._disconnect_players_of_the_silent()
            metrics.stream_entries.set(await self._journal.total())
            await self.take_over()
        if self._round % _ASIDE_ROUNDS == 1:
            await self._writer.try_again()
        await self._catch_up()

    async def take_over(self) -> None:
        """Write the records of instances that died before they could."""
        orphans = await self._journal.orphans(older_than_ms=self._takeover_ms, held=self._writer.holds)
        for batch in chunks(orphans, _RECORDS_AT_ONCE):
            logger.warning("records_taken_over", extra={"records": len(batch)})
            await self._writer.write(batch)

    async def _verify_some(self) -> None:
        """Look whether sessions have lost keys, some at a time; those that are played in find it out themselves."""
        ids = sorted(self._hub.rooms)
        start = self._verified % len(ids) if ids else 0
        await asyncio.gather(*map(self._store.primary.verify, ids[start : start + _VERIFIED_AT_ONCE]))
        self._verified = start + _VERIFIED_AT_ONCE

    async def _disconnect_players_of_the_silent(self) -> None:
        """Of instances that died, and of those that stopped: who was there and has not come back is gone."""
        for server in await self._store.primary.claim_dead(silent_ms=self._silence_ms):
            gone = await self._store.primary.sweep(server)
            logger.warning("instance_gone", extra={"server": server, "sessions": len(gone)})
            for session_id, users in gone.items():
                for user_id in users:
                    participant = await self._store.participant(session_id, user_id)
                    if participant is not None:
                        self._presence.left(session_id, participant)

    async def _catch_up(self) -> None:
        """Bring in transitions that an instance without Redis, or one that died half way, committed to the database."""
        ids = list(self._hub.rooms)
        if not ids:
            return
        seen, self._behind = self._behind, {}
        here = await self._store.primary.revisions(ids)
        for session_id, revision in (await self._log.revisions(ids)).items():
            if here.get(session_id, revision) >= revision:
                continue
            if seen.get(session_id, revision + 1) > revision:
                # Most often a commit that is just under way.
                self._behind[session_id] = revision
                continue
            await self._store.primary.rebuild(session_id)
            await self._hub.refresh(session_id)
            await self._broadcaster.board_changed(session_id)

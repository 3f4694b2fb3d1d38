"""Reading the order of a session's players from Redis, and keeping it for as long as it is the same."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence

from common import metrics
from common.batching import chunks
from leaderboards.ranking import Standing, Standings, rank
from sessions.rules.attempts import results
from sessions.stores.redis import layout
from sessions.stores.redis.loading import RedisState

#: Lines of the orders that are kept: one of a hall's players takes megabytes, and hundreds of classes as much.
_LINES_CACHED = 100_000
#: Players up to whom an order is read without asking first whether it is another one.
_CLASS = 200
#: Players whose places are read from a reply before the event loop has a turn.
_STANDINGS_AT_ONCE = 1_000


class StandingsReader:
    """Reads whole orders. Callers that come while one is being read share the next, however many they are."""

    def __init__(self, state: RedisState) -> None:
        self._state = state
        self._cached: dict[str, Standings] = {}
        #: Of all orders that are kept.
        self._lines = 0
        #: By session: since which version the names stand, and each player's name, position and team.
        self._names: dict[str, tuple[str, dict[str, tuple[str, int, int]]]] = {}
        self._reading: dict[str, asyncio.Task[Standings]] = {}
        self._next: dict[str, asyncio.Task[Standings]] = {}

    async def read(self, session_id: str) -> Standings:
        """The order, not older than this call."""
        under_way = self._reading.get(session_id)
        if under_way is None:
            task = self._reading[session_id] = asyncio.create_task(self._read(session_id, None))
        else:
            # The one under way may have looked before the caller's own answer went in.
            task = self._next.get(session_id) or asyncio.create_task(self._read(session_id, under_way))
            self._next[session_id] = task
        return await asyncio.shield(task)

    async def _read(self, session_id: str, after: asyncio.Task[Standings] | None) -> Standings:
        try:
            if after is not None:
                await asyncio.wait([after])
                self._reading[session_id] = self._next.pop(session_id)
            return await self._fetch(session_id)
        finally:
            if self._reading.get(session_id) is asyncio.current_task():
                del self._reading[session_id]

    async def _fetch(self, session_id: str) -> Standings:
        keys = self._state.keys(session_id)
        cached = self._cached.get(session_id)
        # Of a class the order is read as fast as its version.
        if cached is not None and len(cached.order) > _CLASS:
            found = await self._state.read(session_id, ("HGET", keys.session, "version"))
            if found and int(found[0]) == cached.version:
                metrics.cache_hits.labels("standings").inc()
                return cached
        found = await self._state.read(
            session_id,
            ("HMGET", keys.session, "version", "named"),
            ("ZREVRANGE", keys.leaderboard, 0, -1, "WITHSCORES"),
        )
        if found is None:
            return Standings(0, [])
        (version, named), places = found
        if cached is not None and int(version) == cached.version:
            metrics.cache_hits.labels("standings").inc()
            return cached
        metrics.cache_misses.labels("standings").inc()
        names = await self._names_of(session_id, named or "", [user_id for user_id, _ in places])
        before = {standing.user_id: standing for standing in cached.order} if cached is not None else {}
        order: list[Standing] = []
        for some in chunks(places, _STANDINGS_AT_ONCE):
            order += (
                _standing(before.get(user_id), user_id, names[user_id], layout.score_of(place))
                for user_id, place in some
                if user_id in names
            )
            # Thousands take milliseconds, in which somebody may answer.
            await asyncio.sleep(0)
        # In order already, but for players to whom two instances without Redis gave the same position.
        order = rank(order)
        setup = await self._state.setup(session_id)
        if setup is not None and setup.options.attempts > 1:
            order = results(order, setup.options.counts)
        standings = Standings(int(version), order)
        self._keep(session_id, standings)
        return standings

    def _keep(self, session_id: str, standings: Standings) -> None:
        before = self._cached.pop(session_id, None)
        self._lines += len(standings.order) - (len(before.order) if before is not None else 0)
        self._cached[session_id] = standings
        while self._lines > _LINES_CACHED and len(self._cached) > 1:
            oldest = next(iter(self._cached))
            self._lines -= len(self._cached.pop(oldest).order)
            self._names.pop(oldest, None)

    async def _names_of(self, session_id: str, named: str, users: Sequence[str]) -> Mapping[str, tuple[str, int, int]]:
        since, names = self._names.get(session_id, ("", {}))
        if since != named:
            names = {}
        self._names[session_id] = named, names
        unknown = [user_id for user_id in users if user_id not in names]
        for some in chunks(unknown, _STANDINGS_AT_ONCE):
            # A read for each: the first board of a hall comes while the first of thousands answer.
            found = await self._state.read(session_id, ("HMGET", self._state.keys(session_id).participants, *some))
            for user_id, packed in zip(some, found[0] if found else (), strict=False):
                if packed is not None:
                    names[user_id] = layout.ranked_parts(packed)
        return names


def _standing(before: Standing | None, user_id: str, known: tuple[str, int, int], score: int) -> Standing:
    """A player's standing; the one before where it is the same, as most of thousands are from one board to the next."""
    username, position, team = known
    if before is not None and (before.score, before.username, before.position, before.team) == (score, *known):
        return before
    return Standing(user_id, username, score, position, team)

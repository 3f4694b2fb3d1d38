"""Finding a session by what a stranger names: its id or join code. Whoever guesses codes is soon told nothing.

Every face asks here (the WebSocket, the players' pages, the big screen), so that guesses count together wherever they
are made.
"""

from __future__ import annotations

from common import metrics
from common.limits import RateLimit
from sessions.protocol.errors import RateLimited, SessionError
from sessions.rules.join_codes import read_code
from sessions.rules.state import SessionSetup
from sessions.services.playing import PlayerService
from sessions.services.ports import Clock


class Lookups:
    """Looks sessions up, and counts the wrong guesses of each address."""

    def __init__(self, limit: RateLimit, players: PlayerService, clock: Clock) -> None:
        self._limit = limit
        self._players = players
        self._clock = clock

    async def find(self, id_or_code: str, *, address: str, member: bool = False) -> SessionSetup:
        """The session with this id or join code.

        :param address: who asks, as :func:`common.limits.network_of` has it.
        :param member: whoever has been in the session guesses nothing.
        :raises RateLimited: when this address has tried too many that do not exist; right or wrong tells nothing then.
        :raises SessionError: when there is none.
        """
        tried = read_code(id_or_code)
        if not member:
            self._enforce(await self._limit.peek(address, tried, self._clock.now()))
        try:
            setup = await self._players.find(id_or_code)
        except SessionError as error:
            if error.code == "INVALID_SESSION":
                # The limit decides what is told: many guesses at once would otherwise all be looked up and answered.
                self._enforce(await self._limit.take(address, self._clock.now()))
            raise
        if not member:
            self._enforce(await self._limit.enter(address, tried, self._clock.now()))
        return setup

    async def guessed(self, address: str) -> None:
        """Count a wrong guess of something else that is secret.

        :raises RateLimited: when there were too many from this address.
        """
        self._enforce(await self._limit.take(address, self._clock.now()))

    def _enforce(self, wait_ms: int) -> None:
        if wait_ms:
            metrics.limits_hit.labels("lookups").inc()
            raise RateLimited("Too many unknown sessions were tried from here; please wait.", wait_ms)

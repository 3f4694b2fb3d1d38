"""A player's place moves to another browser: of a player whose own has lost what it remembered.

The host is shown a code, which the player types in. It stands in no table: it follows from the server's secret, from
how often the place has moved, and from the time; so it holds on every instance, for a while, and once.
"""

from __future__ import annotations

import hmac
from dataclasses import dataclass

from sessions.protocol.errors import SessionError, unknown_session
from sessions.rules.attempts import is_attempt
from sessions.rules.join_codes import read_code
from sessions.rules.people import AlreadyMoved, Arrangement
from sessions.rules.state import SessionSetup
from sessions.services.ports import Clock, ParticipantState, Store
from sessions.services.tokens import Proof, TokenSigner

#: A code holds for the rest of the period in which it was shown, and for the next one.
PERIOD_MS = 600_000


@dataclass(frozen=True, slots=True)
class PlaceCode:
    """What the host is shown. ``expires_at`` is Unix milliseconds."""

    code: str
    expires_at: int


class Places:
    """Gives out place codes, and takes them."""

    def __init__(self, store: Store, clock: Clock, tokens: TokenSigner) -> None:
        self._store = store
        self._clock = clock
        self._tokens = tokens

    async def code(self, session_id: str, user_id: str) -> PlaceCode:
        """The code for a player.

        :raises SessionError: NOT_JOINED when the session has no such player, or the player was removed.
        """
        player = await self._store.participant(session_id, user_id)
        if player is None or player.status == "removed" or is_attempt(user_id):
            raise SessionError("NOT_JOINED", f"Session {session_id} has no player {user_id}")
        period = self._clock.now() // PERIOD_MS
        return PlaceCode(self._code(session_id, player, period), (period + 2) * PERIOD_MS)

    async def take(self, setup: SessionSetup, typed: str) -> Proof:
        """Move the place that a code is for to whoever typed it. Tokens that were given out before prove nothing then.

        :raises SessionError: INVALID_TOKEN with the reason ``place_code`` when it is no code, or not one any more.
        """
        code = read_code(typed)
        position = self._tokens.position_in(code)
        if position is not None:
            period = self._clock.now() // PERIOD_MS
            for player in await self._store.participants(setup.id):
                if player.position == position and player.status != "removed" and not is_attempt(player.user_id):
                    known = (self._code(setup.id, player, each) for each in (period, period - 1))
                    if any(hmac.compare_digest(code, each) for each in known):
                        return await self._move(setup, player)
        raise _refused()

    async def _move(self, setup: SessionSetup, player: ParticipantState) -> Proof:
        arrangement = Arrangement("moves", player.arranged.moves + 1)
        try:
            moved = await self._store.arrange(setup.id, player.user_id, arrangement, actor="place code")
        except AlreadyMoved:
            raise _refused() from None
        if moved is None:
            raise unknown_session(setup.id)
        return Proof(moved.user_id, moved.arranged.moves)

    def _code(self, session_id: str, player: ParticipantState, period: int) -> str:
        moves = player.arranged.moves
        return self._tokens.place_code(session_id, player.user_id, position=player.position, moves=moves, period=period)


def _refused() -> SessionError:
    return SessionError(
        "INVALID_TOKEN", "This code is not right, or not any more. Ask your host for a new one.", reason="place_code"
    )

"""What is arranged for single players: which team they are in, and what they need."""

from __future__ import annotations

from dataclasses import replace

from sessions.protocol.encoding import encode
from sessions.protocol.errors import SessionError
from sessions.protocol.outbound import TeamChanged
from sessions.rules.attempts import attempt_id
from sessions.rules.people import NO_NEEDS, Arrangement, Needs
from sessions.rules.state import SessionSetup
from sessions.services.ports import Broadcaster, Clock, Joined, ParticipantState, Store


class PeopleService:
    """Changes what is arranged for a player, and tells who has to know."""

    def __init__(self, store: Store, broadcaster: Broadcaster, clock: Clock) -> None:
        self._store = store
        self._broadcaster = broadcaster
        self._clock = clock

    async def choose_team(self, setup: SessionSetup, user_id: str, team: int) -> None:
        """A player chooses a team, until the session starts.

        :raises SessionError: INVALID_TEAM with the reason ``not_chosen`` (players choose none here), ``started`` or
            ``unknown``; NOT_JOINED.
        """
        if setup.options.teams != "chosen":
            raise SessionError("INVALID_TEAM", "Players of this session choose no team.", reason="not_chosen")
        state = await self._store.state(setup.id)
        if state is None or state.status != "waiting":
            raise SessionError("INVALID_TEAM", "The session has started; teams stay as they are.", reason="started")
        await self.set_team(setup, user_id, team, actor="player")

    async def set_needs(self, setup: SessionSetup, user_id: str, needs: Needs, *, actor: str) -> ParticipantState:
        """Arrange what a player needs, from the next answer on; nobody but the player is told. Doing it twice changes
        nothing.

        :raises SessionError: NOT_JOINED.
        """
        before = await self._store.participant(setup.id, user_id)
        participant = await self._store.arrange(setup.id, user_id, Arrangement("needs", needs), actor=actor)
        if before is None or participant is None:
            raise SessionError("NOT_JOINED", f"Session {setup.id} has no player {user_id}")
        # Second: whoever begins another attempt between the two has it from the player's own row.
        attempt = await self._store.attempts_begun(setup.id, user_id) if setup.options.attempts > 1 else 1
        if attempt > 1:
            await self._store.arrange(setup.id, attempt_id(user_id, attempt), Arrangement("needs", needs), actor=actor)
        if before.arranged.needs != needs:
            await self._broadcaster.needs_changed(setup.id, user_id, needs)
        return participant

    async def give_again(self, session_id: str, joined: Joined, needs: Needs) -> Joined:
        """Arrange for a pupil who has just come in what was arranged in the last lesson."""
        if joined.resumed or needs == NO_NEEDS:
            return joined
        change = Arrangement("needs", needs)
        player = await self._store.arrange(session_id, joined.participant.user_id, change, actor="last lesson")
        return replace(joined, participant=player) if player else joined

    async def set_team(self, setup: SessionSetup, user_id: str, team: int, *, actor: str) -> ParticipantState:
        """Put a player into a team. Doing it twice changes nothing.

        :raises SessionError: INVALID_TEAM with the reason ``none`` or ``unknown``, NOT_JOINED.
        """
        teams = setup.options.teams_of
        if not teams:
            raise SessionError("INVALID_TEAM", "This session has no teams.", reason="none")
        if not 1 <= team <= teams:
            raise SessionError("INVALID_TEAM", f"There are teams 1 to {teams}.", reason="unknown")
        before = await self._store.participant(setup.id, user_id)
        participant = await self._store.arrange(setup.id, user_id, Arrangement("team", team), actor=actor)
        if before is None or participant is None:
            raise SessionError("NOT_JOINED", f"Session {setup.id} has no player {user_id}")
        if before.arranged.team != team:
            changed = encode(TeamChanged(setup.id, user_id, team), at=self._clock.now())
            await self._broadcaster.volatile(setup.id, changed, "everyone")
            await self._broadcaster.board_changed(setup.id)
        return participant

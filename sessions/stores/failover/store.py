"""Two stores behind one port: Redis while it is there, this process's own when it is not (switching.py).

A call whose attempt before may have gone through, its reply being lost, finds that out.
"""

from __future__ import annotations

from collections.abc import Awaitable, Mapping, Sequence

from leaderboards.ranking import Standings
from scoring.ports import ServiceUnavailable
from scoring.rules.answers import Accepted, Answer, Outdated, Refused, StoredAnswer
from sessions.rules.people import Arrangement
from sessions.rules.state import SessionEvent, SessionSetup, SessionState
from sessions.services.ports import Decision, Join, Joined, JoinRefused, ParticipantState
from sessions.stores.failover.switch import AnyStore, StoreSwitch
from sessions.stores.redis.store import RedisStore


class FailoverStore(StoreSwitch):
    """See :class:`sessions.services.ports.Store` for what each method promises."""

    async def create(self, setup: SessionSetup, state: SessionState) -> None:
        return await self._call(lambda store: store.create(setup, state))

    async def erase(self, session_id: str) -> None:
        return await self._call(lambda store: store.erase(session_id))

    async def resolve(self, id_or_code: str) -> str | None:
        return await self._call(lambda store: store.resolve(id_or_code))

    async def setup(self, session_id: str) -> SessionSetup | None:
        return await self._call(lambda store: store.setup(session_id))

    async def state(self, session_id: str) -> SessionState | None:
        return await self._call(lambda store: store.state(session_id))

    async def events_since(self, session_id: str, seq: int) -> list[SessionEvent]:
        return await self._call(lambda store: store.events_since(session_id, seq))

    async def claim_due(self, now: int) -> list[str]:
        return await self._call(lambda store: store.claim_due(now))

    async def next_due(self) -> int | None:
        return await self._call(lambda store: store.next_due())

    async def arm(self, session_id: str) -> None:
        return await self._call(lambda store: store.arm(session_id))

    async def keep(self, session_id: str) -> None:
        return await self._call(lambda store: store.keep(session_id))

    async def begin_attempt(self, session_id: str, user_id: str, attempt: int) -> bool:
        return await self._call(lambda store: store.begin_attempt(session_id, user_id, attempt))

    async def attempts_begun(self, session_id: str, user_id: str) -> int:
        return await self._call(lambda store: store.attempts_begun(session_id, user_id))

    async def detach(self, session_id: str, connections: Mapping[str, str]) -> list[ParticipantState]:
        return await self._call(lambda store: store.detach(session_id, connections))

    async def leave(self, session_id: str, user_id: str) -> bool:
        return await self._call(lambda store: store.leave(session_id, user_id))

    async def remove(self, session_id: str, user_id: str, *, actor: str) -> ParticipantState | None:
        return await self._call(lambda store: store.remove(session_id, user_id, actor=actor))

    async def rename(self, session_id: str, user_id: str, username: str, *, actor: str) -> ParticipantState | None:
        return await self._call(lambda store: store.rename(session_id, user_id, username, actor=actor))

    async def arrange(
        self, session_id: str, user_id: str, arrangement: Arrangement, *, actor: str
    ) -> ParticipantState | None:
        return await self._call(lambda store: store.arrange(session_id, user_id, arrangement, actor=actor))

    async def forget_players(self, session_id: str, user_ids: Sequence[str]) -> None:
        if not self.on_redis:
            # It comes back with what it held of them, and instances write to the database what they hold.
            raise ServiceUnavailable("Redis is away, and has to forget them too.")
        return await self._call(lambda store: store.forget_players(session_id, user_ids))

    async def slow_players(self, session_id: str) -> list[ParticipantState]:
        return await self._call(lambda store: store.slow_players(session_id))

    async def participant(self, session_id: str, user_id: str) -> ParticipantState | None:
        return await self._call(lambda store: store.participant(session_id, user_id))

    async def participants(self, session_id: str) -> list[ParticipantState]:
        return await self._call(lambda store: store.participants(session_id))

    async def participant_count(self, session_id: str) -> int:
        return await self._call(lambda store: store.participant_count(session_id))

    async def show(self, session_id: str, user_id: str, question_id: str) -> None:
        return await self._call(lambda store: store.show(session_id, user_id, question_id))

    async def shown(self, session_id: str, user_id: str) -> Mapping[str, int]:
        return await self._call(lambda store: store.shown(session_id, user_id))

    async def record(self, session_id: str, answers: Sequence[Answer]) -> list[Accepted | Refused | Outdated]:
        attempts = 0

        def submitted(store: AnyStore) -> Awaitable[list[Accepted | Refused | Outdated]]:
            nonlocal attempts
            attempts += 1
            return store.record(session_id, answers)

        outcomes = await self._call(submitted)
        if attempts == 1:
            return outcomes
        return [
            await self._own(session_id, outcome)
            if isinstance(outcome, Refused) and _is_same(answer, outcome)
            else outcome
            for answer, outcome in zip(answers, outcomes, strict=True)
        ]

    async def _own(self, session_id: str, refused: Refused) -> Accepted:
        """An answer that an attempt before took, whose reply was lost."""
        assert refused.stored is not None
        count = len(await self.answers_to(session_id, refused.stored.question_id))
        return Accepted(refused.stored, refused.score, count)

    async def answers_of(self, session_id: str, user_id: str) -> list[StoredAnswer]:
        return await self._call(lambda store: store.answers_of(session_id, user_id))

    async def answers_to(self, session_id: str, question_id: str) -> Mapping[str, StoredAnswer]:
        return await self._call(lambda store: store.answers_to(session_id, question_id))

    async def standings(self, session_id: str) -> Standings:
        return await self._call(lambda store: store.standings(session_id))

    async def score(self, session_id: str, user_id: str) -> int:
        return await self._call(lambda store: store.score(session_id, user_id))

    async def join(self, session_id: str, joins: Sequence[Join]) -> list[Joined | JoinRefused]:
        attempts = 0

        def joined(store: AnyStore) -> Awaitable[list[Joined | JoinRefused]]:
            nonlocal attempts
            attempts += 1
            if isinstance(store, RedisStore):
                return store.join(session_id, joins, again=attempts > 1)
            return store.join(session_id, joins)

        return await self._call(joined)

    async def commit(self, session_id: str, decision: Decision) -> bool:
        attempts = 0

        def committed(store: AnyStore) -> Awaitable[bool]:
            nonlocal attempts
            attempts += 1
            return store.commit(session_id, decision)

        taken = await self._call(committed)
        # An attempt whose reply was lost may have been taken.
        return taken or (attempts > 1 and await self.state(session_id) == decision.state)


def _is_same(answer: Answer, refused: Refused) -> bool:
    """Whether an answer was refused for itself: the same one of the same millisecond."""
    stored = refused.stored
    return stored is not None and (stored.submitted_at, stored.answer) == (answer.received_at, answer.answer)

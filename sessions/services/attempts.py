"""What players do again: further attempts at a homework (sessions/rules/attempts.py)."""

from __future__ import annotations

from dataclasses import replace

from sessions.protocol.errors import SessionError
from sessions.rules.attempts import attempt_id, counting
from sessions.rules.state import SessionSetup, SessionState, is_open
from sessions.services.ports import Clock, Joined, Store


class Attempts:
    """Which attempt a player is at, and the beginning of another."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock

    async def entered(self, setup: SessionSetup, joined: Joined) -> tuple[Joined, int]:
        """What a player who came in is told of the attempt under way, and which one that is."""
        if setup.options.attempts == 1:
            return joined, 1
        user_id = joined.participant.user_id
        attempt = await self._store.attempts_begun(setup.id, user_id) if joined.resumed else 1
        standings = await self._store.standings(setup.id)
        own = standings.own(user_id)
        row = attempt_id(user_id, attempt)
        answered = {answer.question_id for answer in await self._store.answers_of(setup.id, row)}
        told = replace(
            joined,
            rank=own[0] if own else None,
            place=standings.places()[own[1]] if own else None,
            score=await self._store.score(setup.id, row),
            answered=tuple(question.id for question in setup.quiz.questions if question.id in answered),
            shown=await self._store.shown(setup.id, row),
        )
        return told, attempt

    async def begin(self, setup: SessionSetup, *, user_id: str, attempt: int) -> None:
        """Another attempt, from its first question. Beginning one that was begun changes nothing.

        :param user_id: the player's own.
        :raises SessionError: ATTEMPT_REFUSED with the reason ``none_left``, ``unfinished`` (the attempt before is) or
            ``not_next``; SESSION_COMPLETED; QUESTION_NOT_OPEN before and after its time; NOT_JOINED.
        """
        if attempt > setup.options.attempts:
            raise SessionError("ATTEMPT_REFUSED", "There is no attempt left.", reason="none_left")
        begun = await self._store.attempts_begun(setup.id, user_id)
        if attempt == begun:
            return
        if attempt != begun + 1:
            raise SessionError("ATTEMPT_REFUSED", f"The next attempt is number {begun + 1}.", reason="not_next")
        state = await self._store.state(setup.id)
        require_open(setup, state, user_id, self._clock.now())
        answered = await self._store.answers_of(setup.id, attempt_id(user_id, begun))
        if len(answered) < len(setup.quiz.questions):
            raise SessionError("ATTEMPT_REFUSED", "Answer all questions of this attempt first.", reason="unfinished")
        if not await self._store.begin_attempt(setup.id, user_id, attempt):
            raise SessionError("NOT_JOINED", "You are not in this session.")

    async def told_at_end(self, setup: SessionSetup, user_id: str) -> str:
        """The id of the attempt whose answers are told when all is over: the one that counts."""
        if setup.options.attempts == 1:
            return user_id
        begun = await self._store.attempts_begun(setup.id, user_id)
        rows = [attempt_id(user_id, attempt) for attempt in range(1, begun + 1)]
        scores = [await self._store.score(setup.id, row) for row in rows]
        return rows[counting(scores, setup.options.counts) - 1]


def require_open(setup: SessionSetup, state: SessionState | None, user_id: str, now: int) -> SessionState:
    """The state, if players may work on their own.

    :raises SessionError: SESSION_COMPLETED; QUESTION_NOT_OPEN before the start, in a pause and (``late``) after a
        homework's time.
    """
    if state is None or state.status == "completed":
        raise SessionError("SESSION_COMPLETED", "The session is over.")
    if state.status == "waiting" or state.paused_at:
        raise SessionError("QUESTION_NOT_OPEN", "The session is not running; please wait for it.")
    if not is_open(setup, state, "", now, user_id):
        raise SessionError("QUESTION_NOT_OPEN", "Too late: the homework is closed.", reason="late")
    return state

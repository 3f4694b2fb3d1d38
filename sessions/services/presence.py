"""Who comes and goes, and how many have answered: told in batches, so that a rush is a few messages."""

from __future__ import annotations

import asyncio
import logging
import time
from collections import Counter, deque
from collections.abc import Awaitable, Callable, Mapping, Sequence

from common.held import Held
from leaderboards.windows import Windows
from scoring.ports import ServiceUnavailable
from sessions.protocol import encoding, outbound
from sessions.protocol.errors import SessionError
from sessions.services.ports import Broadcaster, Clock, ParticipantState, Store

logger = logging.getLogger(__name__)

#: Changes in one window up to which each is told by name.
_BY_NAME = 10
#: Answers a host sees in the distribution, and players named to a host as not having answered.
_DISTRIBUTION_LINES = 50
_WAITING_NAMES = 200
#: Players whose connections are gone that one call of the store takes; the least seconds to another try.
_DETACHED_AT_ONCE = 500
_AGAIN_SECONDS = 1.0


class Presence:
    """Gathers the arrivals, departures and answers that this process sees, and publishes them per window."""

    def __init__(
        self,
        store: Store,
        broadcaster: Broadcaster,
        clock: Clock,
        *,
        window_ms: int,
        progress_ms: int,
        progress_share: float,
        grace_ms: int,
        close_if_all_answered: Callable[[str], Awaitable[None]],
    ) -> None:
        """:param window_ms: window of arrivals and departures.
        :param progress_ms: window of ANSWERS_PROGRESS.
        :param progress_share: share of the process's time that counting answers may take; 0 lets it take any.
        :param grace_ms: how long a player may be without a connection before it counts as a departure.
        :param close_if_all_answered: closes the open question of a session that wants that, once all have answered.
        """
        self._close_if_all_answered = close_if_all_answered
        self._store = store
        self._broadcaster = broadcaster
        self._clock = clock
        self._grace = grace_ms / 1_000
        self._changes: dict[str, dict[str, tuple[bool, ParticipantState]]] = {}
        self._windows = Windows(self._publish, window_ms=window_ms, share=0)
        # Reading all answers to a question takes tens of milliseconds when there are thousands.
        self._progress = Windows(self._publish_progress, window_ms=progress_ms, share=progress_share)
        #: Lost connections in the order in which their grace ends: when, session, user and connection.
        self._lost: deque[tuple[float, str, str, str]] = deque()
        self._detaching: asyncio.Task[None] | None = None

    def joined(self, session_id: str, participant: ParticipantState) -> None:
        """A player is there who was not before."""
        self._changes.setdefault(session_id, {})[participant.user_id] = (True, participant)
        self._windows.touch(session_id)

    def left(self, session_id: str, participant: ParticipantState) -> None:
        """A player is no longer there."""
        self._changes.setdefault(session_id, {})[participant.user_id] = (False, participant)
        self._windows.touch(session_id)

    def answered(self, session_id: str) -> None:
        """An answer came in, in host pace."""
        self._progress.touch(session_id)

    def disconnected(self, session_id: str, user_id: str, connection: str) -> None:
        """A connection broke; the player has the grace to come back on another one."""
        self._lost.append((time.monotonic() + self._grace, session_id, user_id, connection))
        if self._detaching is None or self._detaching.done():
            self._detaching = asyncio.create_task(self._detach())

    async def close(self) -> None:
        """Stop, without telling anybody that the players of this process left: they come back elsewhere, and another
        instance tells of those who do not (:mod:`sessions.wiring.upkeep`)."""
        self._lost.clear()
        if self._detaching is not None:
            self._detaching.cancel()
            await asyncio.gather(self._detaching, return_exceptions=True)
        await self._windows.close()
        await self._progress.close()

    async def _detach(self) -> None:
        """Until nobody's grace is left. A hall that loses its network is thousands of players in one moment."""
        while self._lost:
            await asyncio.sleep(self._lost[0][0] - time.monotonic())
            over: dict[str, dict[str, str]] = {}
            for _ in range(_DETACHED_AT_ONCE):
                if not self._lost or self._lost[0][0] > time.monotonic():
                    break
                _, session_id, user_id, connection = self._lost.popleft()
                over.setdefault(session_id, {})[user_id] = connection
            for session_id, connections in over.items():
                try:
                    for participant in await self._store.detach(session_id, connections):
                        self.left(session_id, participant)
                except ServiceUnavailable:
                    # They are gone all the same, and count as here until somebody can be told.
                    again = time.monotonic() + max(self._grace, _AGAIN_SECONDS)
                    self._lost += [(again, session_id, *lost) for lost in connections.items()]
                except Exception:
                    logger.exception("detach_failed", extra={"session_id": session_id})

    async def _publish(self, session_ids: Sequence[str]) -> None:
        counts = await asyncio.gather(*map(self._store.participant_count, session_ids), return_exceptions=True)
        for session_id, count in zip(session_ids, counts, strict=True):
            changes = self._changes.pop(session_id, {})
            if isinstance(count, BaseException):
                logger.warning("presence_not_told", extra={"session_id": session_id, "error": repr(count)})
                continue
            for message in _presence_messages(session_id, changes, count):
                body = encoding.encode(message, at=self._clock.now())
                await self._broadcaster.volatile(session_id, body, "everyone")
            if not all(arrived for arrived, _ in changes.values()) and await self._closes_early(session_id):
                # Perhaps nobody is left who has yet to answer.
                self._progress.touch(session_id)

    async def _publish_progress(self, session_ids: Sequence[str]) -> float:
        """Tell the progress of these sessions; the processor time of it, in seconds.

        Together: of each the store is asked several things, one after the other, and with Redis a hundred classes then
        share the trips of one.
        """
        spent = 0.0
        for outcome in await asyncio.gather(*map(self._timed_progress, session_ids), return_exceptions=True):
            if isinstance(outcome, BaseException):
                logger.error("progress_failed", exc_info=outcome)
            else:
                spent += outcome
        return spent

    async def _timed_progress(self, session_id: str) -> float:
        telling = Held(self._publish_progress_of(session_id))
        await telling
        return telling.seconds

    async def _publish_progress_of(self, session_id: str) -> None:
        try:
            nobody_waits = await self._tell_progress(session_id)
        except ServiceUnavailable as error:
            logger.warning("progress_not_told", extra={"session_id": session_id, "error": repr(error)})
            nobody_waits = True
        if nobody_waits and await self._closes_early(session_id):
            try:
                await self._close_if_all_answered(session_id)
            except (ServiceUnavailable, SessionError) as error:
                logger.info("close_waits", extra={"session_id": session_id, "error": repr(error)})
                # No other answer will come that could bring it about.
                self._progress.touch(session_id)

    async def _closes_early(self, session_id: str) -> bool:
        try:
            setup = await self._store.setup(session_id)
        except ServiceUnavailable:
            return False
        return setup is not None and setup.options.close_when_all_answered

    async def _tell_progress(self, session_id: str) -> bool:
        """Whether nobody who is connected has yet to answer the open question."""
        state = await self._store.state(session_id)
        if state is None or state.phase != "open":
            return False
        question_id = state.question_id
        progress = await host_progress(self._store, session_id, question_id)
        message = outbound.AnswersProgress(session_id, question_id, progress.answered_count, progress.participant_count)
        now = self._clock.now()
        await self._broadcaster.volatile(session_id, encoding.encode(message, at=now), "everyone")
        await self._broadcaster.volatile(session_id, encoding.encode(progress, at=now), "hosts")
        return progress.waiting == []


def _presence_messages(
    session_id: str, changes: Mapping[str, tuple[bool, ParticipantState]], count: int
) -> list[outbound.Outbound]:
    """What the others are told of those who came (``True``) and went, by user."""
    if len(changes) > _BY_NAME:
        joined = sum(arrived for arrived, _ in changes.values())
        return [outbound.ParticipantsChanged(session_id, joined, len(changes) - joined, count)]
    return [
        (outbound.UserJoined if arrived else outbound.UserLeft)(session_id, user_id, player.username, count)
        for user_id, (arrived, player) in changes.items()
    ]


async def host_progress(store: Store, session_id: str, question_id: str) -> outbound.HostProgress:
    """What a host may know of an open question."""
    answers = await store.answers_to(session_id, question_id)
    count = await store.participant_count(session_id)
    waiting = None
    # Reading all players costs with their number, and hundreds of names help nobody.
    if count - len(answers) <= _WAITING_NAMES:
        waiting = [
            outbound.WaitingPlayer(player.user_id, player.username)
            for player in await store.participants(session_id)
            if player.status == "connected" and player.user_id not in answers
        ][:_WAITING_NAMES]
    return outbound.HostProgress(
        session_id=session_id,
        question_id=question_id,
        answered_count=len(answers),
        correct_count=sum(answer.verdict == "correct" for answer in answers.values()),
        participant_count=count,
        distribution=dict(Counter(answer.answer for answer in answers.values()).most_common(_DISTRIBUTION_LINES)),
        waiting=waiting,
    )

"""The host of a simulated homework: it opens by itself, somebody is given longer, and it closes by itself."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from simulation.host import SELF_PATIENCE, Host

#: Seconds from the time in which everybody comes to the opening, and from now to the first close that is told.
OPENS_AFTER, CLOSES_AFTER = 6, 86_400
#: Seconds to the close once everybody is done.
_LAST_SECONDS = 2
#: Seconds in which a homework has to open and to close after its time.
_TIMER_PATIENCE = 30


def clock_in(seconds: float) -> str:
    """The time in so many seconds, as the API takes it."""
    return (datetime.now(UTC) + timedelta(seconds=seconds)).isoformat(timespec="milliseconds")


class HomeworkHost(Host):
    """Sets the times, and lets them come."""

    async def _start(self) -> None:
        await self._until("active")

    async def _play(self) -> None:
        questions = self._table.questions * self._table.arrangement.attempts
        punctual = [player for player in self._players if player.playing]
        for player in punctual[:1]:
            await self._close_at(CLOSES_AFTER + 3_600, user_id=player.user_id)
        longest = questions * self._table.seconds * 1.5 + SELF_PATIENCE
        await self._restart_in_the_middle(len(self._players) * questions)
        await self._wait(lambda: all(player.done for player in self._players), longest)
        for player in punctual[:1]:
            await self._close_at(_LAST_SECONDS, user_id=player.user_id)
        await self._close_at(_LAST_SECONDS)

    async def _end(self) -> None:
        await self._until("completed")

    async def _close_at(self, seconds: float, **whom: str) -> None:
        await self._rest.post(f"{self._path}/closing", {"closes_at": clock_in(seconds), **whom})

    async def _until(self, status: str) -> None:
        def reached() -> bool:
            return bool(self._session["status"] == status)

        waits = OPENS_AFTER + self._table.lobby_seconds + _TIMER_PATIENCE
        if not await self._look_until(reached, waits):
            self._table.ledger.troubles.append(f"host: the homework is {self._session['status']}, not {status}")

"""What scoring needs of the outside: where answers are recorded, and where they are kept for good."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from scoring.rules.answers import Accepted, Answer, Outdated, Refused, StoredAnswer


class ServiceUnavailable(Exception):
    """No durable place can be reached; nothing was counted and the client may try again."""


class AnswerStore(Protocol):
    """Records answers: checks the phase, refuses a second answer, gives the points, moves the leaderboard."""

    async def record(self, session_id: str, answers: Sequence[Answer]) -> list[Accepted | Refused | Outdated]:
        """Record a batch of one session; the results stand in the order of the answers.

        :raises ServiceUnavailable: when no durable place took the batch; then none of it counts.
        """
        ...


class AnswerLog(Protocol):
    """The durable place of answers."""

    async def append(
        self, session_id: str, answers: Sequence[StoredAnswer], *, revision: int | None = None
    ) -> set[tuple[str, str]] | None:
        """Commit answers and the players' scores with them. Answers that are there already are left alone.

        Where the host accepted an answer that the grading did not know of, they are graded again as they go in.

        :param revision: where the session stood when they were taken; to be given where others may move it on.
        :returns: ``(user_id, question_id)`` of the answers that were not there before; ``None``, and nothing is
            committed, when the session has been moved on from there.
        :raises ServiceUnavailable: when nothing could be committed.
        """
        ...

"""What is practised at home, as far as sessions have to know of it: the port to the app above, which keeps it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple, Protocol

from django.db.models import QuerySet

from classes.models import Pupil, SchoolClass
from sessions.models import QuizSession


class PractisedAnswer(NamedTuple):
    """An answer of a pupil at home that counts into the growth of the class. ``at`` is Unix milliseconds."""

    pupil_id: str
    session_id: str
    question_id: str
    answer: str
    verdict: str
    at: int


@dataclass(frozen=True, slots=True)
class Kept:
    """How much is kept: decks of players, and when the first and the last of them were used."""

    decks: int = 0
    used_first: datetime | None = None
    used_last: datetime | None = None


class PracticeBook(Protocol):
    """Reads and deletes what is practised. What hangs on a session, a player or a pupil goes with it by itself."""

    def counting(self, school_class: SchoolClass, pupil: Pupil | None) -> Iterable[PractisedAnswer]:
        """What counts of all pupils of a class, or of one; nothing where its host has not said that it does."""
        ...

    def export(self, session_id: str, user_id: str) -> list[dict[str, Any]]:
        """All that is kept of what a player of a session practises, as plain data."""
        ...

    def export_pupil(self, pupil: Pupil) -> list[dict[str, Any]]:
        """The same of a pupil, in all sessions."""
        ...

    def kept(self, sessions: QuerySet[QuizSession]) -> Kept:
        """How much is kept of the players of these sessions."""
        ...

    def delete_all(self, sessions: QuerySet[QuizSession]) -> int:
        """Delete what the players of these sessions practise; how many decks."""
        ...

    def delete_unused(self, *, now: datetime) -> int:
        """Delete what nobody has practised for longer than it is kept; how many decks."""
        ...


class _Nothing:
    """Where nobody practises."""

    def counting(self, school_class: SchoolClass, pupil: Pupil | None) -> Iterable[PractisedAnswer]:
        return ()

    def export(self, session_id: str, user_id: str) -> list[dict[str, Any]]:
        return []

    def export_pupil(self, pupil: Pupil) -> list[dict[str, Any]]:
        return []

    def kept(self, sessions: QuerySet[QuizSession]) -> Kept:
        return Kept()

    def delete_all(self, sessions: QuerySet[QuizSession]) -> int:
        return 0

    def delete_unused(self, *, now: datetime) -> int:
        return 0


_book: PracticeBook = _Nothing()


def keep_book(book: PracticeBook) -> None:
    """From now on this is where practice is kept: called once, as the process starts."""
    global _book
    _book = book


def practice_book() -> PracticeBook:
    """Where practice is kept."""
    return _book

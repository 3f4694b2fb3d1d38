"""Who a player is in the session of a class: a pupil who picked the name or showed a card, or a guest.

The class itself is behind a port: services know no database.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Literal, Protocol

from classes.rules.names import InvalidName, tidy_name
from sessions.protocol.errors import SessionError, invalid_pupil
from sessions.rules.people import NO_NEEDS, Needs
from sessions.rules.player_names import username_key
from sessions.rules.state import SessionSetup

Refusal = Literal["card_invalid", "unknown", "taken", "class_deleted"]


@dataclass(frozen=True, slots=True)
class Seat:
    """The place of a pupil in a session, and the name the class has for the pupil."""

    user_id: str
    name: str
    #: What the host arranged for the pupil in the last lesson.
    needs: Needs = NO_NEEDS


@dataclass(frozen=True, slots=True)
class Claim:
    """Who somebody says to be: by a card, or by a name that was picked, with a digest of the join key."""

    card: str = ""
    pupil_id: str = ""
    picked_by: str = ""


@dataclass(frozen=True, slots=True)
class Name:
    """A pupil as the join page offers the name. ``taken``: somebody plays under it."""

    id: str
    name: str
    taken: bool


@dataclass(frozen=True, slots=True)
class Greeting:
    """Whose card it is, and what the class plays right now: join codes and titles, the newest first."""

    name: str
    sessions: list[tuple[str, str]]


class ClassBook(Protocol):
    """The classes, as sessions need them."""

    async def seat(self, session_id: str, class_id: str, claim: Claim) -> Seat | Refusal:
        """The place in the session of the pupil who is claimed; made when there is none.

        :raises scoring.ports.ServiceUnavailable: when the database cannot be reached.
        """
        ...

    async def names(self, session_id: str, class_id: str) -> list[Name]:
        """All pupils of the class, by name."""
        ...

    async def greet(self, card: str) -> Greeting | None:
        """Whose card this is, or ``None``."""
        ...

    async def has_name(self, class_id: str, key: str) -> bool:
        """Whether a pupil of the class has a name with this key (:func:`sessions.rules.player_names.username_key`)."""
        ...


class PupilService:
    """Lets pupils into the sessions of their class."""

    def __init__(self, book: ClassBook) -> None:
        self._book = book

    async def seat(
        self,
        setup: SessionSetup,
        *,
        pupil_id: str | None,
        card: str | None,
        join_key: str | None,
        username: str | None,
    ) -> Seat | None:
        """The pupil's place, proven; or ``None`` for a guest.

        :param join_key: by which whoever picked a name is known again if the first answer never arrived.
        :raises SessionError: INVALID_PUPIL with a reason, or USERNAME_TAKEN for a guest under a pupil's name.
        """
        options = setup.options
        if not options.class_id:
            if pupil_id is None and card is None:
                return None
            raise invalid_pupil("card_invalid" if card is not None else "unknown")
        if card is None and pupil_id is None:
            await self._check_guest(setup, username)
            return None
        if card is None and options.cards_only:
            raise invalid_pupil("card_needed")
        picked_by = hashlib.sha256(f"{setup.id}\0{join_key}".encode(errors="replace")).hexdigest() if join_key else ""
        claim = Claim(card=card) if card is not None else Claim(pupil_id=pupil_id or "", picked_by=picked_by)
        seat = await self._book.seat(setup.id, options.class_id, claim)
        if isinstance(seat, str):
            raise invalid_pupil(seat)
        return seat

    async def names(self, setup: SessionSetup) -> list[Name]:
        """The names that the join page offers: none where a card is needed."""
        if not setup.options.class_id or setup.options.cards_only:
            return []
        return await self._book.names(setup.id, setup.options.class_id)

    async def greet(self, card: str) -> Greeting | None:
        """Whose card this is, or ``None`` when it opens nothing."""
        return await self._book.greet(card)

    async def _check_guest(self, setup: SessionSetup, username: str | None) -> None:
        if not setup.options.guests:
            raise invalid_pupil("card_needed" if setup.options.cards_only else "needed")
        try:
            key = username_key(tidy_name(username or ""))
        except InvalidName:
            # Refused where all names are looked at.
            return
        if await self._book.has_name(setup.options.class_id, key):
            raise SessionError("USERNAME_TAKEN", "A pupil of the class has this name; please choose another one.")

"""Classes in the database, as sessions need them: behind :class:`sessions.services.pupils.ClassBook`."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping
from typing import NamedTuple, TypeVar

from django.db import transaction
from django.db.models import QuerySet

from classes.cards import SECRET, card_hash
from classes.models import Pupil, SchoolClass
from classes.rules.names import sorting_key
from common.database import UNREACHABLE, DatabaseThread
from scoring.ports import ServiceUnavailable
from sessions.models import Participant, PupilPlace, QuizSession
from sessions.rules.people import NO_NEEDS, Needs, unpack_needs
from sessions.rules.player_names import username_key
from sessions.services.pupils import Claim, Greeting, Name, Refusal, Seat

T = TypeVar("T")
#: Sessions of a class among which a card lets choose.
_SESSIONS_TOLD = 10
#: Lessons among which the last one is looked for that a pupil came to.
_LESSONS_BACK = 5


class DatabaseClassBook:
    """Reads classes and writes places, on the threads that the sessions have for the database."""

    def __init__(self, writer: DatabaseThread, reader: DatabaseThread) -> None:
        self._writer = writer
        self._reader = reader

    async def seat(self, session_id: str, class_id: str, claim: Claim) -> Seat | Refusal:
        """See :meth:`sessions.services.pupils.ClassBook.seat`."""
        return await _run(self._writer, lambda: take_seat(session_id, class_id, claim))

    async def names(self, session_id: str, class_id: str) -> list[Name]:
        """See :meth:`sessions.services.pupils.ClassBook.names`."""

        def read() -> list[Name]:
            taken = set(_counting(session_id).values_list("pupil_id", flat=True))
            pupils = Pupil.objects.filter(school_class=class_id).values_list("id", "name")
            found = [Name(pupil_id, name, pupil_id in taken) for pupil_id, name in pupils]
            return sorted(found, key=lambda each: sorting_key(each.name))

        return await _run(self._reader, read)

    async def greet(self, card: str) -> Greeting | None:
        """See :meth:`sessions.services.pupils.ClassBook.greet`."""

        def read() -> Greeting | None:
            pupil = Pupil.objects.filter(card_hash=card_hash(card)).first() if SECRET.match(card) else None
            if pupil is None:
                return None
            sessions = QuizSession.objects.filter(class_id=pupil.school_class_id).exclude(status="completed")
            return Greeting(pupil.name, list(sessions.values_list("join_code", "title")[:_SESSIONS_TOLD]))

        return await _run(self._reader, read)

    async def has_name(self, class_id: str, key: str) -> bool:
        """See :meth:`sessions.services.pupils.ClassBook.has_name`."""
        names = Pupil.objects.filter(school_class=class_id).values_list("name", flat=True)
        return key in map(username_key, await _run(self._reader, lambda: list(names)))


class KnownPupil(NamedTuple):
    """A player who is a pupil, as the class has the pupil today."""

    id: str
    name: str


def known_pupils(session_id: str, classes: QuerySet[SchoolClass]) -> dict[str, KnownPupil]:
    """The pupils in a session by user id.

    :param classes: those that whoever asks may see.
    """
    places = PupilPlace.objects.filter(session_id=session_id, pupil__school_class__in=classes)
    rows = places.values_list("user_id", "pupil_id", "pupil__name")
    return {user_id: KnownPupil(pupil_id, name) for user_id, pupil_id, name in rows}


def name_of(player: Participant, pupils: Mapping[str, KnownPupil]) -> str:
    """What a player is called: as the class has it, or as the player joined."""
    pupil = pupils.get(player.user_id)
    return player.username if pupil is None else pupil.name


@transaction.atomic
def take_seat(session_id: str, class_id: str, claim: Claim) -> Seat | Refusal:
    """See :meth:`sessions.services.pupils.ClassBook.seat`."""
    pupils = Pupil.objects.select_for_update().filter(school_class=class_id)
    # What can be no card is not asked for: a database may refuse its characters.
    if claim.card:
        pupil = pupils.filter(card_hash=card_hash(claim.card)).first() if SECRET.match(claim.card) else None
    else:
        pupil = pupils.filter(id=claim.pupil_id).first() if claim.pupil_id.isalnum() else None
    if pupil is None:
        if not SchoolClass.objects.filter(id=class_id).exists():
            return "class_deleted"
        return "card_invalid" if claim.card else "unknown"
    place = _counting(session_id).filter(pupil=pupil).first()
    if place is None:
        place = PupilPlace.objects.create(
            session_id=session_id, pupil=pupil, user_id=secrets.token_hex(16), picked_by=claim.picked_by
        )
    elif claim.card:
        # From now on the name is the card's, not that of whoever was first to pick it.
        PupilPlace.objects.filter(pk=place.pk).update(picked_by="")
    elif not (claim.picked_by and place.picked_by == claim.picked_by):
        return "taken"
    return Seat(place.user_id, pupil.name, _last_needs(place))


def _last_needs(place: PupilPlace) -> Needs:
    """What was arranged for the pupil where the pupil played last before."""
    before = PupilPlace.objects.filter(pupil=place.pupil_id, pk__lt=place.pk).order_by("-pk")
    for session_id, user_id in before.values_list("session_id", "user_id")[:_LESSONS_BACK]:
        known = Participant.objects.filter(session_id=session_id, user_id=user_id).values_list("needs", flat=True)
        for packed in known:
            return unpack_needs(packed)
    return NO_NEEDS


def _counting(session_id: str) -> QuerySet[PupilPlace]:
    """The places that count: not those of players whom the host took out."""
    removed = Participant.objects.filter(session_id=session_id, status="removed").values("user_id")
    return PupilPlace.objects.filter(session_id=session_id).exclude(user_id__in=removed)


async def _run(thread: DatabaseThread, function: Callable[[], T]) -> T:
    try:
        return await thread.run(function)
    except UNREACHABLE as error:
        raise ServiceUnavailable("The database cannot be reached.") from error

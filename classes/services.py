"""What is done with classes and their pupils. Deleting them is in sessions/wiring: their names are in sessions, too."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime

from django.db import transaction

from classes.cards import card_hash, card_secret
from classes.models import Pupil, SchoolClass, new_id
from classes.rules.names import name_key, sorting_key, tidy_name
from classes.rules.roll import Roll, sort_names


class PupilNameTaken(Exception):
    """The class has a pupil of this name."""


def create_class(name: str, *, owner_id: int | None, keep_until: date | None = None) -> SchoolClass:
    """A class without pupils."""
    school_class = SchoolClass(name=name, owner_id=owner_id)
    if keep_until is not None:
        school_class.keep_until = keep_until
    school_class.save()
    return school_class


def let_practice_count(school_class: SchoolClass, counts: bool, *, now: datetime) -> None:
    """Say whether what pupils practise at home counts into the growth of the class. What they practised before never
    does: nobody had told them."""
    if counts == (school_class.practice_counts_since is not None):
        return
    school_class.practice_counts_since = now if counts else None
    school_class.save(update_fields=["practice_counts_since"])


def pupils_by_name(school_class: SchoolClass) -> list[Pupil]:
    """The pupils as people look for them in a list."""
    return sorted(school_class.pupils.all(), key=lambda pupil: sorting_key(pupil.name))


def name_keys(school_class: SchoolClass) -> set[str]:
    """The keys of the names that the class has."""
    return set(school_class.pupils.values_list("name_key", flat=True))


@transaction.atomic
def add_pupils(school_class: SchoolClass, names: Sequence[str]) -> Roll:
    """Add pupils. Nobody is added when a name is there twice or cannot be one: it has to be asked about first.

    :raises classes.rules.roll.TooMany: when they would be too many.
    """
    # Two colleagues may add at the same time.
    SchoolClass.objects.select_for_update().get(pk=school_class.pk)
    roll = sort_names(names, name_keys(school_class))
    if not roll.twice and not roll.wrong:
        Pupil.objects.bulk_create(_pupil(school_class, name) for name in roll.fresh)
    return roll


def _pupil(school_class: SchoolClass, name: str) -> Pupil:
    pupil_id = new_id()
    return Pupil(
        id=pupil_id,
        school_class=school_class,
        name=name,
        name_key=name_key(name),
        card_hash=card_hash(card_secret(pupil_id, 1)),
    )


@transaction.atomic
def rename_pupil(pupil: Pupil, name: str) -> None:
    """Give a pupil another name.

    :raises classes.rules.names.InvalidName: when it can be no name.
    :raises PupilNameTaken: when another pupil has it.
    """
    tidy = tidy_name(name)
    SchoolClass.objects.select_for_update().get(pk=pupil.school_class_id)
    others = Pupil.objects.filter(school_class=pupil.school_class_id, name_key=name_key(tidy)).exclude(pk=pupil.pk)
    if others.exists():
        raise PupilNameTaken
    pupil.name, pupil.name_key = tidy, name_key(tidy)
    pupil.save(update_fields=["name", "name_key"])


def replace_card(pupil: Pupil) -> str:
    """The secret of a new card; the one before opens nothing any more."""
    pupil.card_number += 1
    return card_of(pupil)


def card_of(pupil: Pupil) -> str:
    """The secret of the pupil's card. After a change of the server's key, the card that is shown is what counts."""
    secret = card_secret(pupil.id, pupil.card_number)
    hashed = card_hash(secret)
    if pupil.card_hash != hashed:
        pupil.card_hash = hashed
        pupil.save(update_fields=["card_number", "card_hash"])
    return secret

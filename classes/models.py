"""A class and its pupils. A pupil's name is here and, while a session is fresh, with its players; nowhere else."""

from __future__ import annotations

import secrets
from datetime import date, timedelta

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from classes.rules.names import NAME_LENGTH

TITLE_LENGTH = 80
#: Characters of a name's key at most: a character may fold to several.
_KEY_LENGTH = 18 * NAME_LENGTH


def new_id() -> str:
    """An id that tells nothing."""
    return secrets.token_hex(8)


def default_keep_until() -> date:
    """A school year from now, and a little."""
    return timezone.localdate() + timedelta(days=400)


class SchoolClass(models.Model):
    """A list of pupils, whose it is, with whom it is shared, and until when it is kept."""

    id = models.CharField(primary_key=True, max_length=36, default=new_id, editable=False)
    name = models.CharField(_("name of the class"), max_length=TITLE_LENGTH)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("owner"),
        null=True,
        on_delete=models.SET_NULL,
        related_name="classes",
    )
    shared_with = models.ManyToManyField(settings.AUTH_USER_MODEL, related_name="shared_classes")
    #: The last day the names are kept; the day after, the class is deleted.
    keep_until = models.DateField(_("names are kept until"), default=default_keep_until)
    created_at = models.DateTimeField(_("created"), auto_now_add=True)
    #: Since when what pupils practise at home counts into the growth of the class; null while it does not.
    practice_counts_since = models.DateTimeField(null=True)

    class Meta:
        db_table = "classes"
        ordering = ["name", "id"]
        verbose_name = _("class")
        verbose_name_plural = _("classes")

    def __str__(self) -> str:
        return self.name


class Pupil(models.Model):
    """A pupil: the same one in every session, on every device, in every year."""

    id = models.CharField(primary_key=True, max_length=36, default=new_id, editable=False)
    school_class = models.ForeignKey(SchoolClass, on_delete=models.CASCADE, related_name="pupils")
    name = models.CharField(max_length=NAME_LENGTH)
    #: See :func:`classes.rules.names.name_key`: two pupils of a class can be told apart.
    name_key = models.CharField(max_length=_KEY_LENGTH)
    #: The number of the card that counts, and what it is found by; see classes/cards.py.
    card_number = models.PositiveIntegerField(default=1)
    card_hash = models.CharField(max_length=64, unique=True)

    class Meta:
        db_table = "pupils"
        ordering = ["name_key", "id"]
        constraints = [models.UniqueConstraint(fields=["school_class", "name_key"], name="pupil_name_once")]

    def __str__(self) -> str:
        # Not the name: this is what admin pages and error reports write down.
        return self.id

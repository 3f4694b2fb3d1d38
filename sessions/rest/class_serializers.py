"""Shapes of the REST API for classes."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from classes.models import TITLE_LENGTH
from classes.rules.roll import PUPILS_MOST

#: Longer than any name, so that one that is too long is named as such.
_RAW_NAME = 300


class PupilOut(serializers.Serializer[dict[str, Any]]):
    """A pupil."""

    id = serializers.CharField()
    name = serializers.CharField()


class ClassSummary(serializers.Serializer[dict[str, Any]]):
    """A class."""

    id = serializers.CharField()
    name = serializers.CharField()
    owner = serializers.CharField(allow_null=True)
    shared_with = serializers.ListField(child=serializers.CharField())
    keep_until = serializers.DateField(help_text="The last day of the names; the day after, the class is deleted.")
    practice_counts = serializers.BooleanField(
        help_text="Whether what pupils practise at home counts into growth, from the moment this was set on."
    )
    pupil_count = serializers.IntegerField()


class ClassOut(ClassSummary):
    """A class with its pupils."""

    pupils = PupilOut(many=True)


class ClassPage(serializers.Serializer[dict[str, Any]]):
    """A page of classes."""

    count = serializers.IntegerField()
    next = serializers.CharField(allow_null=True)
    previous = serializers.CharField(allow_null=True)
    results = ClassSummary(many=True)


def _names(**options: Any) -> serializers.ListField:
    child = serializers.CharField(max_length=_RAW_NAME, trim_whitespace=False)
    return serializers.ListField(child=child, max_length=PUPILS_MOST, **options)


class NewClass(serializers.Serializer[dict[str, Any]]):
    """Body of POST classes."""

    name = serializers.CharField(max_length=TITLE_LENGTH)
    keep_until = serializers.DateField(required=False)
    pupils = _names(required=False, help_text="Names, each once.")


class ChangeClass(serializers.Serializer[dict[str, Any]]):
    """Body of PATCH classes/ID."""

    name = serializers.CharField(max_length=TITLE_LENGTH, required=False)
    keep_until = serializers.DateField(required=False)
    practice_counts = serializers.BooleanField(required=False)


class NewPupils(serializers.Serializer[dict[str, Any]]):
    """Body of POST classes/ID/pupils."""

    names = _names()


class ChangePupil(serializers.Serializer[dict[str, Any]]):
    """Body of PATCH classes/ID/pupils/PUPIL."""

    name = serializers.CharField(max_length=_RAW_NAME)


class Card(serializers.Serializer[dict[str, Any]]):
    """A pupil's card. Whoever has the secret is the pupil."""

    id = serializers.CharField()
    name = serializers.CharField()
    card = serializers.CharField(help_text="The secret, as JOIN_SESSION takes it.")
    url = serializers.CharField(help_text="What the QR code on the card holds.")


class Cards(serializers.Serializer[dict[str, Any]]):
    """The cards of a class."""

    cards = Card(many=True)


class ClassColleague(serializers.Serializer[dict[str, Any]]):
    """Body of POST classes/ID/shares."""

    username = serializers.CharField(max_length=150)


class ClassExport(ClassOut):
    """All that is kept of a class."""

    answers = serializers.ListField(child=serializers.DictField())
    practice = serializers.ListField(child=serializers.DictField(), required=False, help_text="Of one pupil.")

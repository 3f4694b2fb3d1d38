"""What practice sends and takes over HTTP, for its document. Times are Unix milliseconds."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from practice.rules.reviews import AT_ONCE


@extend_schema_field({"oneOf": [{"type": "string"}, {"type": "array", "items": {"type": "string"}}], "nullable": True})
class GivenAnswer(serializers.Field):  # type: ignore[type-arg]
    """A text, a list of texts for ``multi`` and ``order``, or null."""


class Proof(serializers.Serializer[dict[str, Any]]):
    """Who asks for a deck."""

    session_id = serializers.CharField()
    session_token = serializers.CharField(help_text="The `session_token` of SESSION_JOINED.")


class MadeDeck(serializers.Serializer[dict[str, Any]]):
    """A deck, and how it is opened."""

    token = serializers.CharField(help_text="For the header `Authorization: Practice TOKEN`. Whoever has it has all.")
    url = serializers.CharField(help_text="The page, with the token behind the #.")
    qr = serializers.CharField(help_text="The address as a QR code: SVG.")


class DeckOut(serializers.Serializer[dict[str, Any]]):
    """A deck without its cards."""

    title = serializers.CharField()
    language = serializers.CharField(help_text="BCP 47 tag of the quiz.")
    created_at = serializers.IntegerField()
    used_at = serializers.IntegerField()
    kept_until = serializers.IntegerField(allow_null=True, help_text="If nobody uses it before.")
    kept_days = serializers.FloatField(help_text="0: for as long as its session.")
    counts_for_class = serializers.BooleanField(help_text="Whether what is practised from now on counts into growth.")
    class_name = serializers.CharField(allow_null=True)


class Solution(serializers.Serializer[dict[str, Any]]):
    """What is right."""

    accepted = serializers.ListField(child=serializers.CharField())
    tolerance = serializers.FloatField()


class DueAfter(serializers.Serializer[dict[str, Any]]):
    """When the card would come again after an answer that is wrong, almost right or right, were it given now."""

    again = serializers.IntegerField()
    hard = serializers.IntegerField()
    good = serializers.IntegerField()


class CardOut(serializers.Serializer[dict[str, Any]]):
    """A card."""

    id = serializers.CharField()
    kind = serializers.CharField()
    text = serializers.CharField()
    options = serializers.ListField(child=serializers.CharField())
    media = serializers.CharField(allow_null=True)
    listen = serializers.CharField(allow_null=True)
    sound = serializers.CharField(allow_null=True)
    listen_language = serializers.CharField(allow_null=True)
    language = serializers.CharField(help_text="BCP 47 tag of the answer.")
    explanation = serializers.CharField()
    answer = Solution()
    missed = serializers.BooleanField()
    due = serializers.IntegerField()
    reviews = serializers.IntegerField()
    after = DueAfter()


class DeckWithCards(serializers.Serializer[dict[str, Any]]):
    """A deck with its cards, those that were missed first."""

    deck = DeckOut()
    cards = CardOut(many=True)
    server_time = serializers.IntegerField()


class ReviewIn(serializers.Serializer[dict[str, Any]]):
    """An answer at home."""

    id = serializers.UUIDField(help_text="The client's own: sent again, it is stored once.")
    card = serializers.CharField()
    at = serializers.IntegerField(required=False, help_text="Brought between the making of the deck and now.")
    answer = GivenAnswer(required=False)
    provisional = serializers.BooleanField(
        required=False, help_text="false without an answer: it is not known. Beside an answer it says nothing."
    )
    took_ms = serializers.IntegerField(required=False)


class ReviewsIn(serializers.Serializer[dict[str, Any]]):
    """Body of POST reviews."""

    reviews = serializers.ListField(child=ReviewIn(), min_length=1, max_length=AT_ONCE)


class ReviewResult(serializers.Serializer[dict[str, Any]]):
    """What came of a review."""

    id = serializers.UUIDField()
    status = serializers.ChoiceField(["stored", "known", "unknown_card", "refused"])
    correct = serializers.BooleanField(allow_null=True)
    verdict = serializers.CharField(allow_null=True)
    difference = serializers.ListField(
        child=serializers.ListField(child=serializers.CharField()), allow_null=True, help_text="As in SCORE_UPDATED."
    )
    detail = serializers.CharField(allow_null=True, help_text="Why it was refused.")


class ReviewsOut(serializers.Serializer[dict[str, Any]]):
    """What came of reviews, in their order, and the cards as they stand now."""

    results = ReviewResult(many=True)
    cards = CardOut(many=True)
    server_time = serializers.IntegerField()

"""Shapes of homework: what the API takes for moments, and what they mean for a session."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from django.conf import settings
from rest_framework import serializers

from sessions.rules.attempts import MAX_ATTEMPTS
from sessions.rules.homework import moment
from sessions.rules.options import SessionOptions

#: What a homework's solutions are called, as the reveal of its session.
REVEAL_OF = {"at_once": "immediately", "after_deadline": "on_close"}


class Moment(serializers.CharField):
    """A date and a time in ISO 8601, with an offset or as a clock in a zone shows it."""

    def run_validation(self, data: Any = serializers.empty) -> Any:
        text = super().run_validation(data)
        try:
            return datetime.fromisoformat(text)
        except ValueError:
            raise serializers.ValidationError("A date and a time, please, as 2026-12-01T20:00.") from None


class Closing(serializers.Serializer[dict[str, Any]]):
    """A moment at which a homework closes."""

    closes_at = Moment(max_length=40, help_text="ISO 8601, with an offset or as a clock in the time zone shows it.")
    time_zone = serializers.CharField(
        required=False, max_length=64, help_text="As Europe/Berlin; by default the server's."
    )


class Homework(Closing):
    """A session that opens and closes by itself, and may be done several times."""

    opens_at = Moment(max_length=40, required=False, help_text="By default at once.")
    attempts = serializers.IntegerField(default=1, min_value=1, max_value=MAX_ATTEMPTS)
    counts = serializers.ChoiceField(["best", "last"], default="best", help_text="Which attempt is the result.")
    solutions = serializers.ChoiceField(
        list(REVEAL_OF), default="at_once", help_text="When players learn what was right."
    )


def closing(given: Mapping[str, Any]) -> int:
    """When it closes; Unix milliseconds.

    :raises sessions.rules.homework.InvalidHomework: for a time that does not exist.
    """
    return moment(given["closes_at"], _zone(given), field="closes_at", latest=True)


def arranged(homework: Mapping[str, Any], session: Mapping[str, Any], asked: Any) -> dict[str, Any]:
    """What a homework means for the session's own fields.

    :param session: as it was asked for besides.
    :param asked: the request's body, which tells what of that was left out.
    :raises sessions.rules.homework.InvalidHomework: for a time that does not exist.
    """
    opens_at = homework.get("opens_at")
    options = replace(
        session.get("options", SessionOptions()),
        opens_at=moment(opens_at, _zone(homework), field="opens_at", latest=False) if opens_at else 0,
        closes_at=closing(homework),
        attempts=homework["attempts"],
        counts=homework["counts"],
    )
    # Whoever works at home may take their time.
    scoring = session["scoring"] if "scoring" in asked else "flat"
    return {"options": options, "reveal": REVEAL_OF[homework["solutions"]], "scoring": scoring}


def _zone(given: Mapping[str, Any]) -> str:
    return str(given.get("time_zone") or settings.TIME_ZONE)

"""What a pupil needs comes along to the next lesson, and that of others goes with their names."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from django.contrib.auth.models import User

from classes.models import Pupil, SchoolClass
from sessions.database.pupils import take_seat
from sessions.database.retention import purge_sessions
from sessions.models import Participant, PupilPlace, QuizSession
from sessions.rules.people import NO_NEEDS, Needs
from sessions.services.pupils import Claim, Seat

NOW = datetime(2026, 11, 1, tzinfo=UTC)
pytestmark = pytest.mark.django_db


def lesson(number: int) -> str:
    row = QuizSession.objects.create(
        id=f"lesson-{number}",
        quiz_id="q",
        title="Lesson",
        content={"questions": []},
        join_code=f"CODE{number}",
        pace="host",
        reveal="on_close",
        scoring="flat",
        state={},
        created_at=NOW,
    )
    return str(row.id)


def player(session_id: str, user_id: str, position: int, needs: str) -> None:
    Participant.objects.create(
        session_id=session_id,
        user_id=user_id,
        username=user_id,
        position=position,
        joined_at=NOW,
        last_active_at=NOW,
        status="connected",
        needs=needs,
    )


def test_a_pupil_is_given_the_same_again_and_a_guest_loses_it_with_the_name() -> None:
    owner = User.objects.create_user("host")
    school_class = SchoolClass.objects.create(name="7a", owner=owner)
    pupil = Pupil.objects.create(school_class=school_class, name="Ann")
    claim = Claim(pupil_id=str(pupil.id), picked_by="browser")
    first = lesson(1)
    seat = take_seat(first, str(school_class.id), claim)
    assert isinstance(seat, Seat)
    assert seat.needs == NO_NEEDS
    player(first, seat.user_id, 1, "150a")
    player(first, "guest", 2, "200")
    purge_sessions([first], now=NOW)
    kept = dict(Participant.objects.filter(session_id=first).values_list("position", "needs"))
    assert kept == {1: "150a", 2: ""}
    assert PupilPlace.objects.count() == 1
    again = take_seat(lesson(2), str(school_class.id), claim)
    assert isinstance(again, Seat)
    assert again.needs == Needs(150, ignore_accents=True)

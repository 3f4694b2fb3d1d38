"""Statements that are written out for their price find what the ORM would find."""

from __future__ import annotations

from typing import Any

import pytest
from django.db.models import Q

from sessions.database.rows import _accepting_or_over, revisions_of, to_datetime
from sessions.models import QuizSession

pytestmark = pytest.mark.django_db

QUOTED = 'it\'s "quoted"'


@pytest.fixture(autouse=True)
def _sessions() -> None:
    def row(session_id: str, revision: int = 0, status: str = "active", **state: Any) -> QuizSession:
        times = {"created_at": to_datetime(0)}
        return QuizSession(
            id=session_id, join_code=session_id[:12], content={}, state=state, status=status, revision=revision, **times
        )

    QuizSession.objects.bulk_create(
        [
            row("plain", 3),
            row(QUOTED, 4, accepted=[["q", ["a"]]]),
            row("over", 5, status="completed"),
            row("not asked for", 6, accepted=[]),
            row("none", 7, accepted=None),
        ]
    )


ASKED = ["plain", QUOTED, "over", "none", "unknown"]


def test_revisions_are_those_of_the_sessions_that_are_there() -> None:
    by_orm = dict(QuizSession.objects.filter(id__in=ASKED).values_list("id", "revision"))
    assert revisions_of(ASKED) == by_orm == {"plain": 3, QUOTED: 4, "over": 5, "none": 7}
    assert revisions_of([]) == {}


def test_sessions_with_accepted_answers_or_an_end_are_found() -> None:
    by_orm = QuizSession.objects.filter(Q(state__has_key="accepted") | Q(status="completed")).in_bulk(ASKED)
    assert _accepting_or_over(ASKED) == by_orm
    assert by_orm.keys() == {QUOTED, "over", "none"}

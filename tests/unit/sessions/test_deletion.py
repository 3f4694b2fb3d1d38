"""A session that is still written to is deleted all the same, or the caller is told to come again."""

from __future__ import annotations

from unittest import mock

import pytest
from django.db import IntegrityError

from scoring.ports import ServiceUnavailable
from sessions.wiring import deletion

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(("times", "deleted"), [(1, True), (4, True), (100, False)])
def test_what_comes_in_while_it_is_deleted_is_deleted_too(times: int, deleted: bool) -> None:
    rows = mock.Mock()
    rows.objects.filter.return_value.delete.side_effect = [IntegrityError("a player's answer")] * times + [None]
    with (
        mock.patch.object(deletion, "QuizSession", rows),
        mock.patch.object(deletion, "call") as call,
        mock.patch.object(deletion, "runtime") as runtime,
    ):
        if deleted:
            deletion.delete_session("s", actor="a test")
        else:
            with pytest.raises(ServiceUnavailable):
                deletion.delete_session("s", actor="a test")
    # Each time what is on its way is waited for first; what the store holds goes last, and only with the row.
    assert runtime().settle.call_count == min(times, 4) + 1
    assert runtime().store.erase.called is deleted
    assert call.called

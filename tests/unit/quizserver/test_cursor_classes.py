"""django_prometheus counts what each cursor does, by a class that is made once."""

from __future__ import annotations

import pytest
from django.db import connection


@pytest.mark.django_db
def test_the_class_of_a_cursor_is_made_once() -> None:
    with connection.cursor() as first, connection.cursor() as second:
        assert type(first.cursor) is type(second.cursor)

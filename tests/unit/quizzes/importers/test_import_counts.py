"""Two hundred files with known content come back whole."""

from __future__ import annotations

from bench.imports import COUNT, count, make_files


def test_all_entries_and_columns_of_two_hundred_files_are_right() -> None:
    told: list[str] = []
    counts = count(make_files(), told.append)
    assert counts.files == COUNT == 200
    assert told == []
    assert counts.passed

"""Log lines are bounded by rate: what fails for every player at once is said often enough, and no oftener."""

from __future__ import annotations

import io
import json
import logging
from collections.abc import Callable
from typing import Any

import pytest

from quizserver.logs import Bounded, formatter


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Callable[[float], None]:
    """Moves the time on by seconds."""
    now = 1_000_000_000_000
    monkeypatch.setattr("time.monotonic_ns", lambda: now)

    def advance(seconds: float) -> None:
        nonlocal now
        now += round(seconds * 1e9)

    return advance


class Log:
    """A logger with the bound, and what it wrote."""

    def __init__(self, per_minute: int) -> None:
        self._stream = io.StringIO()
        handler = logging.StreamHandler(self._stream)
        handler.setFormatter(formatter("json"))
        handler.addFilter(Bounded(per_minute))
        self.logger = logging.Logger("quiz")
        self.logger.addHandler(handler)

    def lines(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self._stream.getvalue().splitlines()]


def test_lines_of_one_kind_are_bounded_and_the_next_says_how_many_were_not_written(
    clock: Callable[[float], None],
) -> None:
    log = Log(3)
    for _ in range(10_000):
        log.logger.error("message_failed")
        log.logger.warning("another kind")
    clock(60)
    log.logger.error("message_failed")
    failed = [line for line in log.lines() if line["message"] == "message_failed"]
    assert [line.get("suppressed") for line in failed] == [None, None, None, 9_997]
    assert sum(line["message"] == "another kind" for line in log.lines()) == 3


def test_what_is_no_warning_is_not_bounded(clock: Callable[[float], None]) -> None:
    log = Log(3)
    for _ in range(10):
        log.logger.info("http_request")
    assert len(log.lines()) == 10


def test_a_traceback_is_written_once_a_minute(clock: Callable[[float], None]) -> None:
    log = Log(100)

    def fail() -> None:
        try:
            raise OSError("the disk is full")
        except OSError:
            log.logger.exception("message_failed")

    for _ in range(5):
        fail()
    clock(60)
    fail()
    lines = log.lines()
    assert ["exception" in line for line in lines] == [True, False, False, False, False, True]
    assert lines[1]["error"] == "OSError('the disk is full')"


def test_without_a_bound_everything_is_written(clock: Callable[[float], None]) -> None:
    log = Log(0)
    for _ in range(500):
        log.logger.error("message_failed")
    assert len(log.lines()) == 500

"""Time goes on evenly, whatever is done to the clock of a machine."""

from __future__ import annotations

import pytest

from common.clock import SharedClock, SystemClock

HOUR = 3_600_000


class Machine:
    """A machine whose clock can be set; milliseconds."""

    def __init__(self) -> None:
        self.wall = 1_800_000_000_000
        self.running = 5_000

    def run(self, ms: int) -> None:
        self.wall += ms
        self.running += ms

    def clock(self) -> SystemClock:
        return SystemClock(wall=lambda: self.wall * 1_000_000, monotonic=lambda: self.running * 1_000_000)

    def shared(self) -> SharedClock:
        return SharedClock(wall=lambda: self.wall * 1_000_000, monotonic=lambda: self.running * 1_000_000)


@pytest.mark.parametrize("step", [30_000, -30_000, HOUR, -HOUR])
def test_a_step_of_the_machine_s_clock_moves_nothing_and_is_told_once(step: int) -> None:
    machine = Machine()
    clock = machine.clock()
    began = clock.now()
    assert began == machine.wall
    machine.run(1_000)
    machine.wall += step
    assert clock.now() == began + 1_000
    assert (clock.stepped(), clock.stepped()) == (step, 0)
    machine.run(500)
    assert clock.now() == began + 1_500


def test_what_a_time_service_corrects_gently_is_no_step() -> None:
    machine = Machine()
    clock = machine.clock()
    machine.wall += 300
    assert clock.stepped() == 0


def test_the_first_time_that_is_agreed_on_is_taken_as_it_is() -> None:
    machine = Machine()
    clock = machine.shared()
    clock.set_by(machine.wall - HOUR, asked_at=clock.now(), answered_at=clock.now())
    assert clock.now() == machine.wall - HOUR
    assert clock.agreed

"""The clock: steady whatever the wall clock does, forward when the machine has slept."""

from __future__ import annotations

from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from bot.clock import SystemClock

START = 1_700_000_000.0


class Machine:
    """A wall clock that can be set, and a monotonic one that cannot."""

    def __init__(self) -> None:
        self.wall = START
        self.steady = 50.0
        self.clock = SystemClock(wall=lambda: self.wall, monotonic=lambda: self.steady)

    def passes(self, seconds: float) -> None:
        self.wall += seconds
        self.steady += seconds

    def now(self) -> float:
        return self.clock.now().timestamp() - START


def test_now_is_aware_utc() -> None:
    now = Machine().clock.now()
    assert now == datetime.fromtimestamp(START, UTC)
    assert now.tzinfo is UTC


def test_a_wall_clock_set_back_an_hour_stalls_nothing() -> None:
    machine = Machine()
    machine.wall -= 3600
    machine.passes(5)
    assert machine.now() == 5
    assert machine.clock.wall() == START - 3595


def test_a_machine_that_slept_wakes_up_later() -> None:
    machine = Machine()
    machine.wall += 3600  # the monotonic clock stands still while a machine sleeps
    assert machine.now() == 3600
    machine.passes(5)
    assert machine.now() == 3605


def test_a_small_correction_forward_is_not_followed() -> None:
    machine = Machine()
    machine.wall += 0.9
    assert machine.now() == 0


@given(st.lists(st.tuples(st.floats(0, 1e4), st.floats(-1e5, 1e5)), max_size=20))
def test_time_never_goes_back_and_never_slower_than_the_steady_clock(steps: list[tuple[float, float]]) -> None:
    machine = Machine()
    before = machine.now()
    for seconds, jump in steps:
        machine.passes(seconds)
        machine.wall += jump
        now = machine.now()
        assert now >= before + seconds - 1e-3
        assert now >= machine.wall - START - 1.001
        before = now


async def test_a_sleep_of_nothing_ends() -> None:
    await SystemClock().sleep(0)

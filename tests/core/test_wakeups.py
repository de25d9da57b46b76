"""What makes the runner tick, on the real scheduler: waits here are for something to happen, never for time to pass."""

from __future__ import annotations

import asyncio
import math
from collections.abc import AsyncIterator, Callable
from datetime import datetime, timedelta, tzinfo

import apscheduler.schedulers.base
import pytest

from bot import wakeups
from bot.wakeups import Wakeups
from tests.core.world import Scripted, Time

Begin = Callable[[float], Wakeups]


class Ticks(Scripted):
    """A tick that is asked to come again after `wait` seconds."""

    def __init__(self, time: Time) -> None:
        super().__init__()
        self.time = time
        self.wait = math.inf
        self.running = 0
        self.most = 0
        self.ended = 0

    async def __call__(self) -> float:
        self.running += 1
        self.most = max(self.most, self.running)
        try:
            await self.act("tick")
        finally:
            self.running -= 1
        self.ended += 1
        return self.time.now().timestamp() + self.wait

    async def reach(self, number: int) -> None:
        """Wait until so many ticks began."""
        await self.begun("tick", number)


@pytest.fixture
def ticks(time: Time) -> Ticks:
    return Ticks(time)


@pytest.fixture
async def alarm(ticks: Ticks, time: Time) -> AsyncIterator[Wakeups]:
    made = Wakeups(ticks, clock=time)
    yield made
    await made.stop()


@pytest.fixture
def attentive(monkeypatch: pytest.MonkeyPatch) -> None:
    """A watchdog that looks often and forgives nothing."""
    monkeypatch.setattr(wakeups, "_WATCH", 0.001)
    monkeypatch.setattr(wakeups, "_LATE", 0.0)


async def test_the_first_tick_comes_at_once_and_each_next_one_when_it_asked_for_it(
    alarm: Wakeups, ticks: Ticks
) -> None:
    ticks.wait = 0.0
    alarm.start()
    await ticks.reach(3)
    assert ticks.most == 1


async def test_a_nudge_brings_the_next_tick_forward(alarm: Wakeups, ticks: Ticks) -> None:
    alarm.start()
    await ticks.reach(1)
    alarm.nudge()
    alarm.nudge()
    await ticks.reach(2)


async def test_a_nudge_during_a_tick_makes_another_follow(alarm: Wakeups, ticks: Ticks) -> None:
    async def nudge() -> None:
        alarm.nudge()

    ticks.then("tick", nudge)
    alarm.start()
    await ticks.reach(2)


async def test_a_tick_that_breaks_is_not_the_last(alarm: Wakeups, ticks: Ticks) -> None:
    ticks.then("tick", ZeroDivisionError("ours"))
    alarm.start()
    await ticks.reach(1)
    alarm.nudge()
    await ticks.reach(2)
    assert ticks.ended == 1


async def test_no_tick_begins_while_another_is_under_way(alarm: Wakeups, ticks: Ticks) -> None:
    gate = asyncio.Event()
    ticks.then("tick", gate.wait)
    alarm.start()
    await ticks.reach(1)
    await alarm._fire()
    gate.set()
    assert ticks.calls["tick"] == 1


@pytest.mark.usefixtures("attentive")
async def test_a_tick_that_the_scheduler_misses_is_fired_by_the_watchdog(alarm: Wakeups, ticks: Ticks) -> None:
    ticks.wait = 0.0
    alarm.start()
    alarm._scheduler.pause()
    await ticks.reach(3)
    assert ticks.most == 1


@pytest.mark.usefixtures("attentive")
async def test_a_wall_clock_that_is_set_back_an_hour_stalls_nothing(
    alarm: Wakeups, ticks: Ticks, monkeypatch: pytest.MonkeyPatch
) -> None:
    class SetBack(datetime):
        @classmethod
        def now(cls, tz: tzinfo | None = None) -> datetime:  # type: ignore[override]
            return datetime.now(tz) - timedelta(hours=1)

    ticks.wait = 0.0
    alarm.start()
    await ticks.reach(1)
    monkeypatch.setattr(apscheduler.schedulers.base, "datetime", SetBack)
    began = ticks.calls["tick"]
    await ticks.reach(began + 3)


@pytest.mark.usefixtures("attentive")
async def test_the_watchdog_leaves_alone_what_is_not_due(alarm: Wakeups, ticks: Ticks) -> None:
    alarm.start()
    await ticks.reach(1)
    for _ in range(20):
        await asyncio.sleep(wakeups._WATCH)
    assert ticks.calls["tick"] == 1


async def test_a_loop_that_hangs_is_not_alive_and_one_that_was_stopped_is_not_dead(
    alarm: Wakeups, ticks: Ticks, monkeypatch: pytest.MonkeyPatch
) -> None:
    gate = asyncio.Event()
    ticks.then("tick", gate.wait)
    assert alarm.is_alive()
    alarm.start()
    await ticks.reach(1)
    assert alarm.is_alive()
    monkeypatch.setattr(wakeups, "_HUNG", 0.0)
    assert not alarm.is_alive()
    gate.set()
    await alarm.stop()
    assert alarm.is_alive()


async def test_housekeeping_comes_again_and_again_even_if_it_breaks(alarm: Wakeups) -> None:
    chores = Scripted()
    chores.then("sweep", ZeroDivisionError("ours"))

    async def sweep() -> None:
        await chores.act("sweep")

    alarm.every(0.001, sweep, name="sweep")
    alarm.start()
    await chores.begun("sweep", 2)


async def test_stopping_waits_for_the_tick_under_way_and_lets_none_follow(alarm: Wakeups, ticks: Ticks) -> None:
    gate = asyncio.Event()
    ticks.then("tick", gate.wait)
    alarm.start()
    await ticks.reach(1)
    stopping = asyncio.create_task(alarm.stop())
    await asyncio.sleep(0)
    gate.set()
    await stopping
    alarm.nudge()
    await alarm._fire()
    assert (ticks.calls["tick"], ticks.ended) == (1, 1)


@pytest.mark.usefixtures("attentive")
async def test_stopping_waits_for_a_tick_of_the_watchdogs_too(alarm: Wakeups, ticks: Ticks) -> None:
    gate = asyncio.Event()
    ticks.then("tick", gate.wait)
    alarm.start()
    alarm._scheduler.pause()
    await ticks.reach(1)
    assert alarm._current is alarm._watchdog
    stopping = asyncio.create_task(alarm.stop())
    await asyncio.sleep(0)
    gate.set()
    await stopping
    assert (ticks.calls["tick"], ticks.ended) == (1, 1)


async def test_what_was_never_started_can_be_stopped(alarm: Wakeups, ticks: Ticks) -> None:
    await alarm.stop()
    assert ticks.calls["tick"] == 0

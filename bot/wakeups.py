"""What makes the runner tick: APScheduler's `poll` job, re-armed each time to the moment when something is due.

APScheduler holds none of our jobs and is not the clock (measured: it waits out a wall clock that was set back, skips
late runs by default, and cancels coroutines at shutdown). So: no misfire limit, runs coalesced, and a monotonic
watchdog that fires what the scheduler missed.
"""

from __future__ import annotations

import asyncio
import math
import time
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta

import structlog
from apscheduler.events import EVENT_JOB_ERROR, EVENT_JOB_MISSED, JobEvent
from apscheduler.schedulers.asyncio import AsyncIOScheduler
from apscheduler.triggers.date import DateTrigger

from bot.clock import Clock

_log = structlog.get_logger(__name__)

SWEEP = 15.0
"""Seconds at most between two ticks, whatever the plan says."""
_WATCH = 1.0
_LATE = 1.0
_HUNG = 60.0


class Wakeups:
    """Fires `tick` when it is due, one at a time; `tick` gives the Unix time of the next."""

    def __init__(self, tick: Callable[[], Awaitable[float]], *, clock: Clock) -> None:
        self._tick = tick
        self._clock = clock
        self._scheduler = AsyncIOScheduler(
            timezone=UTC, job_defaults={"misfire_grace_time": None, "coalesce": True, "max_instances": 1}
        )
        self._scheduler.add_listener(_note, EVENT_JOB_MISSED | EVENT_JOB_ERROR)
        self._due = math.inf  # monotonic; when the next tick is due, or the current one was
        self._again = False
        self._stopped = False
        self._watchdog: asyncio.Task[None] | None = None
        self._current: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Begin; the first tick comes at once."""
        self._scheduler.start()
        self._watchdog = asyncio.create_task(self._watch(), name="watchdog")
        self.nudge()

    def every(self, seconds: float, work: Callable[[], Awaitable[None]], *, name: str) -> None:
        """Do housekeeping now and then; it may be late or lost, nothing depends on it."""
        self._scheduler.add_job(work, "interval", seconds=seconds, id=name, name=name)

    def is_alive(self) -> bool:
        """Whether ticks come as they should; a loop that hangs, or a tick that never ends, is not alive."""
        return self._stopped or time.monotonic() < self._due + _HUNG

    def nudge(self) -> None:
        """Something may be due now."""
        if self._stopped:
            return
        if self._current is not None:
            self._again = True
            return
        if self._due > time.monotonic():
            self._arm(0.0)

    def _arm(self, seconds: float) -> None:
        self._due = time.monotonic() + seconds
        when = datetime.now(UTC) + timedelta(seconds=seconds)
        # Two instances: a run arms the next one while it is still ending, and `_fire` lets only one tick at a time.
        self._scheduler.add_job(
            self._fire, DateTrigger(run_date=when), id="poll", name="poll", replace_existing=True, max_instances=2
        )

    async def _fire(self) -> None:
        if self._current is not None or self._stopped:
            return
        self._current = asyncio.current_task()
        self._again = False
        wake_at = 0.0
        try:
            wake_at = await self._tick()
        except Exception:  # noqa: BLE001 - the loop must outlive whatever one tick met (a database that is away)
            _log.exception("tick_broke")
            wake_at = self._clock.now().timestamp() + 1.0
        finally:
            self._current = None
            if not self._stopped:
                wait = 0.0 if self._again else wake_at - self._clock.now().timestamp()
                self._arm(min(max(wait, 0.0), SWEEP))

    async def _watch(self) -> None:
        while not self._stopped:
            await asyncio.sleep(_WATCH)
            if self._current is None and time.monotonic() > self._due + _LATE:
                _log.warning("tick_missed", late=round(time.monotonic() - self._due, 1))
                self._arm(0.0)
                await self._fire()

    async def stop(self) -> None:
        """No tick begins any more; the one under way ends first (the scheduler would cancel it)."""
        self._stopped = True
        if self._current is not None:  # perhaps the watchdog's own, so that one is cancelled only afterwards
            await asyncio.wait([self._current], timeout=5.0)
        if self._watchdog is not None:
            self._watchdog.cancel()
            await asyncio.gather(self._watchdog, return_exceptions=True)
        if self._scheduler.running:
            self._scheduler.shutdown(wait=False)


def _note(event: JobEvent) -> None:
    _log.error("scheduler", job=event.job_id, code=event.code)

"""The only `now`.

A wall clock that is set back must not stall what is due (measured: a scheduler that trusts it waits out the whole
jump), so time here is the monotonic clock, anchored to the wall clock at the start and moved forward, never back, when
the wall clock is ahead (a machine that slept).
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Protocol

_AHEAD = 1.0  # seconds the wall clock may be ahead before it is believed


class Clock(Protocol):
    """Time as the bot knows it."""

    def now(self) -> datetime:
        """Aware UTC; never goes back within a process."""

    def wall(self) -> float:
        """What others' clocks say: Unix seconds for signatures."""

    async def sleep(self, seconds: float) -> None:
        """Let that many seconds pass."""


class SystemClock:
    """The machine's clock, made steady."""

    def __init__(self, wall: Callable[[], float] = time.time, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._wall = wall
        self._monotonic = monotonic
        self._anchor = wall() - monotonic()

    def now(self) -> datetime:
        """Aware UTC, steady."""
        steady = self._monotonic() + self._anchor
        ahead = self._wall() - steady
        if ahead > _AHEAD:
            self._anchor += ahead
            steady += ahead
        return datetime.fromtimestamp(steady, UTC)

    def wall(self) -> float:
        """Unix seconds as the machine has them now."""
        return self._wall()

    async def sleep(self, seconds: float) -> None:
        """Let that many seconds pass on the event loop."""
        await asyncio.sleep(seconds)

"""What the local Slack will do later: late shares, retried events, discarded uploads."""

from __future__ import annotations

import asyncio
import heapq
import itertools
from collections.abc import Callable

Action = Callable[[], None]


class Schedule:
    """Runs actions when the clock reaches them, by a timer and at every look (`run_due`), whichever comes first.

    The look makes a moved test clock work without waiting: move it, call `run_due`, see the effect.
    """

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._waiting: list[tuple[float, int, Action]] = []
        self._numbers = itertools.count()
        self._timer: asyncio.TimerHandle | None = None

    def later(self, seconds: float, action: Action) -> None:
        """Do `action` once the clock has moved by `seconds`, never before the caller is done."""
        heapq.heappush(self._waiting, (self._clock() + seconds, next(self._numbers), action))
        self._arm()

    def run_due(self) -> None:
        """Do whatever is due now."""
        now = self._clock()
        while self._waiting and self._waiting[0][0] <= now:
            heapq.heappop(self._waiting)[2]()
        self._arm()

    def close(self) -> None:
        """Forget everything that waits."""
        self._waiting.clear()
        self._arm()

    def _arm(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if self._waiting:
            wait = max(0.0, self._waiting[0][0] - self._clock())
            self._timer = asyncio.get_running_loop().call_later(wait, self.run_due)

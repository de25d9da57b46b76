"""What a lane learned of the time between a job's end and the release of its slot. Pure. Times are Unix seconds.

The provider may refuse with "too many jobs" for as long as half a minute after a job is done (seen by peers on the same
platform).
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from statistics import median

_KEPT_LAGS = 20
MOST_LAG = 60.0
"""Seconds; peers saw a slot freed half a minute late, and nobody knows of longer."""
_AT_ONCE = 2.0
_LONGEST_PAUSE = 60.0
_OF_A_CYCLE = 0.02  # how long a free slot may idle between two tries, on the average half of it
_RETRY_BUSY = 0.5
_RETRY_SOONEST = 0.05
_RETRY_BUSY_LONG = 5.0
_BUSY_FOR_LONG = 600.0
_PROMPT = 0.01  # of a run time; a slot that is freed so soon is as good as free at once


@dataclass(frozen=True, slots=True)
class Refill:
    """`lags` are the last waits in seconds that ended with an accepted submit; `freed` the ends not refilled yet."""

    lags: tuple[float, ...] = ()
    freed: tuple[float, ...] = ()
    refused_since: float | None = None
    failures: int = 0
    closed_until: float = -math.inf
    run: float = 10.0

    @property
    def not_before(self) -> float:
        """When the next submit makes sense: the shortest lag that was seen lately after the oldest end."""
        wait = 0.9 * min(self.lags, default=0.0)
        return max(self.closed_until, self.freed[0] + wait) if self.freed else self.closed_until

    @property
    def is_prompt(self) -> bool:
        """Whether slots are freed when jobs end, as far as is known."""
        return not self.lags or median(self.lags) <= _PROMPT * self.run

    def ended(self, now: float) -> Refill:
        """Note that a job ended whose slot was not refilled yet."""
        return replace(self, freed=(*self.freed, now), refused_since=self.refused_since if self.freed else None)

    def refused(self, now: float) -> Refill:
        """Note that the slot is still taken: try again soon, and slowly only if somebody else must be holding it.

        A slot that idles for half of two hundredths of a cycle costs one hundredth of what the lane can do.
        """
        since = self.refused_since if self.refused_since is not None else now
        cycle = self.run + (median(self.lags) if self.lags else 0.0)
        gap = min(max(_OF_A_CYCLE * cycle, _RETRY_SOONEST), _RETRY_BUSY)
        gap = gap if now - since < _BUSY_FOR_LONG else _RETRY_BUSY_LONG
        return replace(self, refused_since=since, closed_until=now + gap)

    def accepted(self, now: float) -> Refill:
        """Note that a submit was taken: learn the lag; one that was not refused at all may be shorter than we think."""
        lag = self._lag(now)
        lags = self.lags if lag is None else (*self.lags, lag)[-_KEPT_LAGS:]
        return Refill(lags=lags, freed=self.freed[1:], run=self.run)

    def _lag(self, now: float) -> float | None:
        """What this submit tells of the lag: nothing, if nobody tried when the slot should have been free."""
        if not self.freed or now < self.freed[0]:
            return None
        least = min(self.lags, default=0.0)
        if self.refused_since is None:
            return 0.8 * min(now - self.freed[0], least)
        expected = self.freed[0] + least
        return min(now - self.freed[0], MOST_LAG) if self.refused_since <= expected + _AT_ONCE else None

    def failed(self, now: float) -> Refill:
        """Note that the provider could not be reached or stumbled: the whole lane tries less and less often."""
        gap = min(_LONGEST_PAUSE, 2.0 ** min(self.failures, 10))
        return replace(self, failures=self.failures + 1, closed_until=now + gap)

    def closed(self, until: float) -> Refill:
        """Note that the provider told us to wait."""
        return replace(self, closed_until=until)

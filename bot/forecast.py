"""How long jobs take, as far as their history tells: when to look, when they will be done. Pure.

A look costs a request, and a job that is done waits for the next look. If `h` is the hazard (the chance that a job ends
now, given that it has not yet), the density of looks that buys the least waiting for a number of looks goes with the
square root of `h`: 1.7 times fewer requests than any fixed interval for the same wait, with log-normal run times.
The integral of that root since the last look is the *urge* to look again. Times are seconds.
"""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import accumulate, pairwise

from bot.lognormal import Times
from bot.ports import Run
from bot.runtimes import KEPT, TYPICAL, History
from bot.runtimes import Key as Key  # noqa: PLC0414 - it is part of what a forecast is asked

LONGEST_GAP = 3.0
LEAST_HOLD = 60.0
RELEASE_LAG = 30.0
"""How late after a job's end peers saw a slot freed."""
POLITE = 23.8
"""Looks at a job that are enough where the account has few slots: 2 requests a second of 20 with one slot."""
KEEN = 36.0
"""With several slots the wait for looks and the round trips idle them all; more looks than this help little."""
_SHARE = 1.4  # of the requests that the rate allows a job: more are due than may leave, and the most urgent go
_LEAST_LOOKS = 1.2
_SOONEST = 0.005  # no look before one job in two hundred is done
_LATEST = 0.9995  # one job in two thousand takes longer
_TABLE_SIZE = 120
_FIRST = 1.5  # urges before the first look: it comes when few can be done, so it can wait a little
_FLOOR = 0.02  # hazard per second that is always reckoned with, one second after the submit
_TAIL_GROWTH = 0.03  # of the time that an overdue job has taken; what it waits for a look is little beside that
_LEAST_GAP = 0.1  # seconds, or a hundredth of the time that such jobs take


class Forecast:
    """Run times learned by kind of job, and what follows from them for a lane of so many slots and so fast a rate."""

    def __init__(
        self, *, typical: float = TYPICAL, slots: int = 1, rate: float = 20.0, looks: float | None = None
    ) -> None:
        """`typical`: the run time of one plain picture, believed as long as there is no history.

        `looks`: how many a job may cost; it follows from the slots and the rate unless it is given.
        """
        self._typical = typical
        self._history = History(typical=typical)
        self._slots = slots
        self._rate = rate
        self._looks = looks
        self._outlooks: dict[Key, _Outlook] = {}

    def learn(self, runs: Sequence[Run]) -> None:
        """Take finished runs in, oldest first; may be called again with what came since."""
        known = {self._history.add(run) for run in runs}
        known.update(key for key in self._outlooks if self._history.known(key) < KEPT)
        for key in known:
            self._outlooks.pop(key, None)

    def relearn(self, runs: Sequence[Run]) -> None:
        """Forget what was learned, and take these runs in."""
        self._history = History(typical=self._typical)
        self._outlooks.clear()
        self.learn(runs)

    def known(self, key: Key) -> int:
        """How many runs of the kind count."""
        return self._history.known(key)

    def times(self, key: Key) -> Times:
        """How long such a job takes."""
        return self._outlook(key).times

    def mean(self, key: Key) -> float:
        """The expected run time."""
        return self._outlook(key).times.mean

    def quantile(self, key: Key, q: float) -> float:
        """The time within which a part `q` of the jobs end."""
        return self._outlook(key).times.quantile(q)

    def cdf(self, key: Key, t: float) -> float:
        """The probability that a job is done `t` seconds after its submit."""
        return 1.0 - self._outlook(key).times.survival(t)

    def hazard(self, key: Key, t: float) -> float:
        """The chance per second that a job ends at `t`, given that it has not yet; never nothing after one second."""
        return max(self._outlook(key).times.hazard(t), _floor(t))

    def risk(self, key: Key, t: float) -> tuple[float, float]:
        """The hazard that a job has lived through in `t` seconds, and the hazard then: a quick reading of a table."""
        return self._outlook(key).risk(t)

    def remaining(self, key: Key, elapsed: float) -> float:
        """The expected seconds still to go for a job that has taken `elapsed` seconds."""
        return self._outlook(key).times.remaining(elapsed)

    def longest(self, key: Key, *, lag: float = RELEASE_LAG, least: float = LEAST_HOLD) -> float:
        """How long a submit of unknown outcome may hold its slot, if it went through."""
        return max(self.quantile(key, 0.99) + lag, least)

    def urge(self, key: Key, *, looked_at: float, now: float) -> float:
        """How much there is to say for a look `now`, if the last one was at `looked_at`; 1: it is due."""
        outlook = self._outlook(key)
        return (outlook.area(now) - outlook.area(max(looked_at, outlook.grid[0]))) / outlook.unit

    def next_look(self, key: Key, *, since_submit: float) -> float:
        """The next look, in seconds after the submit, if the last one was at `since_submit` (0: none yet)."""
        return self._outlook(key).next_look(since_submit)

    def _outlook(self, key: Key) -> _Outlook:
        outlook = self._outlooks.get(key)
        if outlook is None:
            times = self._history.times(key)
            outlook = self._outlooks[key] = _outlook(times, self._looks or self.budget(times.mean))
        return outlook

    def budget(self, mean: float) -> float:
        """Looks that a job of that run time may cost: nearly its share of the requests, never more than help."""
        share = _SHARE * self._rate * mean / self._slots
        return min(max(share, _LEAST_LOOKS), POLITE if self._slots == 1 else KEEN)


def _floor(t: float) -> float:
    """The hazard that is reckoned with in any case."""
    return _FLOOR if t >= 1.0 else 0.0


@dataclass(frozen=True, slots=True)
class _Outlook:
    """Run times, and over a grid of times the integrals of the hazard and of its root; a look is due each `unit`."""

    times: Times
    grid: tuple[float, ...]
    mass: tuple[float, ...]
    roots: tuple[float, ...]
    unit: float
    least_gap: float

    def area(self, t: float) -> float:
        """The integral of the root of the hazard up to `t`."""
        return _interpolate(self.grid, self.roots, t)

    def risk(self, t: float) -> tuple[float, float]:
        """The integral of the hazard up to `t`, and the hazard."""
        if t <= self.grid[0]:
            return 0.0, 0.0
        i = min(bisect_right(self.grid, t), len(self.grid) - 1)
        soon, late = self.grid[i - 1], self.grid[i]
        hazard = (self.mass[i] - self.mass[i - 1]) / (late - soon)
        return self.mass[i - 1] + hazard * (t - soon), hazard

    def next_look(self, last: float) -> float:
        """The look after one at `last`, when a unit of urge has built up."""
        begin, end = self.grid[0], self.grid[-1]
        if last < begin:
            return min(self._until(begin, _FIRST * self.unit), begin + LONGEST_GAP)
        gap = self._until(last, self.unit) - last if last < end else self._until(end, self.unit) - end
        if last >= end:
            gap = max(gap, _TAIL_GROWTH * last)
        return last + min(max(gap, self.least_gap), LONGEST_GAP)

    def _until(self, last: float, urge: float) -> float:
        return _interpolate(self.roots, self.grid, self.area(last) + urge)

    def calls(self) -> float:
        """How many looks a job costs, the one that sees it done included."""
        at, count = self.next_look(0.0), 1.0
        while at <= self.grid[-1]:
            count += math.exp(-self.risk(at)[0])
            at = self.next_look(at)
        return count


def _outlook(times: Times, budget: float) -> _Outlook:
    soon, late = times.quantile(_SOONEST), times.quantile(_LATEST)
    step = (late / soon) ** (1 / _TABLE_SIZE)
    grid = tuple(soon * step**i for i in range(_TABLE_SIZE + 1))
    hazards = [max(times.hazard(t), _floor(t)) for t in grid]
    roots = _integral(grid, [math.sqrt(hazard) for hazard in hazards])
    mass = _integral(grid, hazards)
    unit = _cost(roots, mass) / max(budget - 0.5, budget / 2)
    first = _Outlook(times, grid, mass, roots, unit, min(_LEAST_GAP, times.mean / 100))
    return replace(first, unit=unit * _correction(first.calls(), budget))


def _integral(grid: Sequence[float], values: Sequence[float]) -> tuple[float, ...]:
    areas = ((late - soon) * (a + b) / 2 for (soon, late), (a, b) in zip(pairwise(grid), pairwise(values), strict=True))
    return tuple(accumulate(areas, initial=0.0))


def _cost(roots: Sequence[float], mass: Sequence[float]) -> float:
    """The looks that a job costs if one is due at each unit of one: those that it lives to see."""
    steps = zip(pairwise(roots), pairwise(mass), strict=True)
    return sum((late - soon) * math.exp(-(a + b) / 2) for (soon, late), (a, b) in steps)


def _correction(calls: float, budget: float) -> float:
    """What makes the looks of a plan as many as the budget; the last one is the one that sees the job done."""
    return min(max((calls - 0.5) / max(budget - 0.5, 0.5), 0.5), 2.0)


def _interpolate(xs: Sequence[float], ys: Sequence[float], x: float) -> float:
    """The value at `x` of the line through the points, drawn on straight beyond its end."""
    i = min(max(bisect_right(xs, x), 1), len(xs) - 1)
    return ys[i - 1] + (ys[i] - ys[i - 1]) * (x - xs[i - 1]) / (xs[i] - xs[i - 1])

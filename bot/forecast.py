"""How long jobs take, as far as their history tells: when to look, when they will be done. Pure.

A look costs a request, and a job that is done waits for the next look. If `h` is the hazard (the chance that a job ends
now, given that it has not yet), the density of looks that buys the least waiting for a number of looks goes with the
square root of `h`: 1.7 times fewer requests than any fixed interval for the same wait, with log-normal run times.
Times are seconds.
"""

from __future__ import annotations

import heapq
import math
import operator
from bisect import bisect_right
from collections import defaultdict, deque
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate, pairwise

from bot.job import TeamId, UserId
from bot.lognormal import LogNormal
from bot.ports import Person, Run
from bot.prompt import Clarity

KEPT = 40  # runs of a kind that are remembered; what is older weighs nothing
LONGEST_GAP = 3.0
LEAST_GAP = 0.1
LEAST_HOLD = 60.0
TYPICAL = 10.0
RELEASE_LAG = 30.0  # how late after a job's end peers saw a slot freed
_NOT_BEFORE = -2.575829303548901  # the standard score of the 0.5 % quantile
_TABLE_END = 3.3  # one job in two thousand takes longer
_TABLE_SIZE = 120
_FLOOR = 0.02  # hazard per second that is always reckoned with, one second after the submit
_TAIL_GROWTH = 0.03  # of the time that an overdue job has taken; what it waits for a look is little beside that
_NO_SOONER = 0.05  # seconds to the next look; one that would come sooner is left out


@dataclass(frozen=True, slots=True)
class Key:
    """What a run time depends on."""

    count: int
    clarity: Clarity | None
    raw: bool


class Forecast:
    """Run times learned by kind of job, and what follows from them."""

    def __init__(self, *, typical: float = TYPICAL) -> None:
        """`typical`: the run time of one plain picture, believed as long as there is no history."""
        self._shift = math.log(typical / TYPICAL)
        self._logs: defaultdict[Key, deque[float]] = defaultdict(lambda: deque(maxlen=KEPT))
        self._offs: deque[float] = deque(maxlen=KEPT)
        self._curves: dict[Key, _Curve] = {}
        self._plans: defaultdict[Key, dict[float, _Plan]] = defaultdict(dict)

    def learn(self, runs: Sequence[Run]) -> None:
        """Take finished runs in, oldest first; may be called again with what came since."""
        for run in runs:
            key = Key(run.count, run.clarity, run.raw)
            log = math.log(min(max(run.seconds, 0.01), 86_400.0))
            self._logs[key].append(log)
            self._offs.append(log - _prior(key) - self._shift)
        known = {Key(run.count, run.clarity, run.raw) for run in runs}
        known.update(key for key in self._curves if len(self._logs.get(key, ())) < KEPT)
        for key in known:
            self._curves.pop(key, None)
            self._plans.pop(key, None)

    def mean(self, key: Key) -> float:
        """The expected run time."""
        return self._curve(key).times.mean

    def quantile(self, key: Key, q: float) -> float:
        """The time within which a part `q` of the jobs end."""
        return self._curve(key).times.quantile(q)

    def cdf(self, key: Key, t: float) -> float:
        """The probability that a job is done `t` seconds after its submit."""
        return 1.0 - self._curve(key).times.survival(t)

    def hazard(self, key: Key, t: float) -> float:
        """The chance per second that a job ends at `t`, given that it has not yet; never nothing after one second."""
        return max(self._curve(key).times.hazard(t), _floor(t))

    def remaining(self, key: Key, elapsed: float) -> float:
        """The expected seconds still to go for a job that has taken `elapsed` seconds."""
        return self._curve(key).times.remaining(elapsed)

    def longest(self, key: Key, *, lag: float = RELEASE_LAG, least: float = LEAST_HOLD) -> float:
        """How long a submit of unknown outcome may hold its slot, if it went through."""
        return max(self.quantile(key, 0.99) + lag, least)

    def budget(self, slots: int, rate: float, *, mean: float) -> float:
        """Looks that a job may cost: half of its share of the requests, and never more than help."""
        share = rate * mean / slots - 1
        return min(max(0.5 * share, 1.2), 24.0)

    def poll_offsets(self, key: Key, *, budget: float) -> tuple[float, ...]:
        """When to look, in seconds after the submit, until all but one in two thousand are done."""
        return self._plan(key, budget).offsets

    def next_poll(self, key: Key, *, since_submit: float, budget: float) -> float:
        """The next look, in seconds after the submit, later than `since_submit`."""
        plan = self._plan(key, budget)
        place = bisect_right(plan.offsets, since_submit + _NO_SOONER)
        if place < len(plan.offsets):
            return plan.offsets[place]
        return since_submit + min(max(plan.tail_gap, _TAIL_GROWTH * since_submit), LONGEST_GAP)

    def _curve(self, key: Key) -> _Curve:
        curve = self._curves.get(key)
        if curve is None:
            level = _fit(self._offs, LogNormal(0.0, _SPREAD)).mu
            curve = _curve(_fit(self._logs.get(key, ()), LogNormal(_prior(key) + self._shift + level, _SPREAD)))
            self._curves[key] = curve
        return curve

    def _plan(self, key: Key, budget: float) -> _Plan:
        plan = self._plans[key].get(budget)
        if plan is None:
            plan = self._plans[key][budget] = _plan(self._curve(key), budget)
        return plan


def eta(place: int, remaining: Sequence[float], slots: int, mean: float) -> float:
    """Seconds until the job at `place` (1 is next) is done, if those before it take `mean` seconds each.

    `remaining` are the seconds that the jobs at the provider still need.
    """
    busy = sorted(remaining)[-slots:]
    free = [0.0] * (slots - len(busy)) + busy
    settled, left = free[-1], place - 1
    while left and free[0] < settled:
        heapq.heapreplace(free, free[0] + mean)
        left -= 1
    rounds, rest = divmod(left, slots)  # from here on each slot takes one job in each `mean` seconds
    return sorted(free)[rest] + (rounds + 1) * mean


def place(people: Sequence[Person], *, person: tuple[TeamId, UserId], own_ahead: int) -> int:
    """The place in line (1 is next) of the job of `person` that has `own_ahead` of their own before it.

    Each turn goes to whoever was served least lately (of equals to the first in `people`), so people take turns in one
    order: everybody before `person` has one turn more before that job than those behind. Somebody who is not among
    `people` comes last.
    """
    order = {(one.team_id, one.user_id): (*_turn(one), rank) for rank, one in enumerate(people)}
    mine = order.pop(person, (2, 0.0, 0.0, 0))
    pending = {(one.team_id, one.user_id): one.pending for one in people}
    return own_ahead + 1 + sum(min(pending[other], own_ahead + (turn < mine)) for other, turn in order.items())


def _turn(person: Person) -> tuple[int, float, float]:
    served = person.served_at
    return served is not None, served.timestamp() if served else 0.0, person.waiting_since.timestamp()


_SPREAD = 0.35
_LATE = 12  # runs that count in full; what is older fades
_FADING = 0.75
_WEIGHTS = tuple(_FADING ** max(0, age + 1 - _LATE) for age in range(KEPT + 10))
_HALF_NORMAL = 0.6745  # the median distance of a normal distribution from its middle, in standard deviations
_BELIEVED = 2.5  # standard deviations; what is farther off counts as no farther
_LEAST_SPREAD = 0.05


def _prior(key: Key) -> float:
    """The logarithm of the median run time as long as nothing is known: 10 s, more for more and larger pictures."""
    larger = {None: 1.0, Clarity.X2: 1.5, Clarity.X4: 2.0}[key.clarity]
    return math.log((TYPICAL + 3.0 * (key.count - 1)) * larger)


def _fit(logs: Sequence[float], prior: LogNormal) -> LogNormal:
    """The distribution of the run times, given that ten runs as in `prior` came before them."""
    weights = _WEIGHTS[: len(logs)][::-1]
    before = sum(_WEIGHTS[len(logs) : len(logs) + 10])
    middle = _median([(prior.mu, before), *zip(logs, weights, strict=True)])
    distances = [(abs(log - middle), weight) for log, weight in zip(logs, weights, strict=True)]
    spread = _median([(_HALF_NORMAL * prior.sigma, before + 1), *distances]) / _HALF_NORMAL
    reach = _BELIEVED * max(spread, _LEAST_SPREAD)
    believed = [min(max(log, middle - reach), middle + reach) for log in logs]
    total = sum(weights)
    mu = (before * prior.mu + sum(map(operator.mul, weights, believed))) / (before + total)
    squares = sum(weight * (log - mu) ** 2 for log, weight in zip(believed, weights, strict=True))
    return LogNormal(mu, math.sqrt(((before + 1) * prior.sigma**2 + squares) / (before + 1 + total)))


def _median(weighted: list[tuple[float, float]]) -> float:
    """The value with half of the weight on either side."""
    ranked = sorted(weighted)
    sums = list(accumulate(weight for _, weight in ranked))
    return ranked[bisect_right(sums, sums[-1] / 2)][0]


def _floor(t: float) -> float:
    """The hazard that is reckoned with in any case."""
    return _FLOOR if t >= 1.0 else 0.0


@dataclass(frozen=True, slots=True)
class _Curve:
    """Run times, with the integral of the root of the hazard over a grid of times, and what a look each unit costs."""

    times: LogNormal
    grid: tuple[float, ...]
    urge: tuple[float, ...]
    cost: float


@dataclass(frozen=True, slots=True)
class _Plan:
    """When to look, and how often once all that was expected is over."""

    offsets: tuple[float, ...]
    tail_gap: float


_SCORES = tuple(_NOT_BEFORE + (_TABLE_END - _NOT_BEFORE) * i / _TABLE_SIZE for i in range(_TABLE_SIZE + 1))
_STANDARD = LogNormal(0.0, 1.0)
_ALIVE = tuple(_STANDARD.survival(math.exp(z)) for z in _SCORES)
_STEEP = tuple(_STANDARD.hazard(math.exp(z)) * math.exp(z) for z in _SCORES)  # any hazard, times sigma and the time


def _curve(times: LogNormal) -> _Curve:
    grid = tuple(map(times.at, _SCORES))
    roots = [math.sqrt(max(steep / (times.sigma * t), _floor(t))) for steep, t in zip(_STEEP, grid, strict=True)]
    areas = [(late - soon) * (a + b) / 2 for (soon, late), (a, b) in zip(pairwise(grid), pairwise(roots), strict=True)]
    cost = sum(area * (a + b) / 2 for area, (a, b) in zip(areas, pairwise(_ALIVE), strict=True))
    return _Curve(times, grid, tuple(accumulate(areas, initial=0.0)), cost)


def _plan(curve: _Curve, budget: float) -> _Plan:
    """Spread the looks of a budget, of which the last one is the one that sees the job done."""
    unit = curve.cost / max(budget - 1, budget / 2)
    end = curve.grid[-1]
    offsets: list[float] = []
    at = curve.grid[0]
    gap = _gap(curve, at, unit / 2)
    while at + gap <= end:
        at += gap
        offsets.append(at)
        gap = max(_gap(curve, at, unit), LEAST_GAP)
    tail = unit / math.sqrt(max(curve.times.hazard(end), _floor(end)))
    return _Plan(tuple(offsets), min(max(tail, LEAST_GAP), LONGEST_GAP))


def _gap(curve: _Curve, at: float, urge: float) -> float:
    """How long it takes from `at` until so much urge to look has built up."""
    until = _interpolate(curve.urge, curve.grid, _interpolate(curve.grid, curve.urge, at) + urge)
    return min(until - at, LONGEST_GAP)


def _interpolate(xs: Sequence[float], ys: Sequence[float], x: float) -> float:
    """The value at `x` of the line through the points, drawn on straight beyond its end."""
    i = min(max(bisect_right(xs, x), 1), len(xs) - 1)
    return ys[i - 1] + (ys[i] - ys[i - 1]) * (x - xs[i - 1]) / (xs[i] - xs[i - 1])

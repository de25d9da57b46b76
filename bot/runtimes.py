"""What is learned of run times: how long a kind of job takes, from the last runs of that kind and of the others. Pure.

Times are seconds; everything is reckoned in their logarithms. All runs since the last change count in full, which makes
the estimate sharp; a change (all jobs suddenly take twice as long) is noticed within a few runs, and what came before
it is forgotten, which keeps it quick.
"""

from __future__ import annotations

import math
from collections import defaultdict, deque
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import accumulate

from bot.lognormal import LogNormal, Mixture, Times
from bot.ports import Run
from bot.request import Clarity

KEPT = 200
"""Runs of a kind that are remembered at most."""
TYPICAL = 10.0
_SPREAD = 0.35
_SURE_OF_SPREAD = 10  # runs that the spread above is worth
_SURE_OF_TYPICAL = 1  # runs that the typical time from the settings is worth
_SURE_OF_OTHERS = 3  # runs that the level of all kinds together is worth for one of them
_HALF_NORMAL = 0.6745  # the median distance of a normal distribution from its middle, in standard deviations
_BELIEVED = 2.5  # standard deviations; what is farther off counts as no farther
_NOT_STRANGE = 5.0  # standard deviations; far enough to hold a second kind of jobs
_LEAST_SPREAD = 0.05
_SOONEST_CHANGE = 3  # runs in a row that can tell of a change
_SLOWEST_CHANGE = 20
_SURPRISE = 3.6  # standard deviations between before and since that no chance explains
_LEAST_HALVES = 16
_TWO_KINDS = 0.42  # of the spread is left within two halves: a single normal distribution leaves 0.6 at least


@dataclass(frozen=True, slots=True)
class Key:
    """What a run time depends on."""

    count: int
    clarity: Clarity | None
    raw: bool
    _hash: int = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        """Reckon the hash once: a busy lane looks its kinds of jobs up some hundred times a second."""
        object.__setattr__(self, "_hash", hash((self.count, self.clarity, self.raw)))

    def __hash__(self) -> int:
        return self._hash


class History:
    """Run times by kind of job."""

    def __init__(self, *, typical: float = TYPICAL) -> None:
        """`typical`: the run time of one plain picture, believed as long as there is no history."""
        self._shift = math.log(typical / TYPICAL)
        self._logs: defaultdict[Key, deque[float]] = defaultdict(lambda: deque(maxlen=KEPT))
        self._offs: deque[float] = deque(maxlen=KEPT)

    def add(self, run: Run) -> Key:
        """Take a finished run in; runs come oldest first."""
        key = Key(run.count, run.clarity, run.raw)
        log = math.log(min(max(run.seconds, 0.01), 86_400.0))
        _note(self._logs[key], log, _prior(key) + self._shift)
        _note(self._offs, log - _prior(key) - self._shift, 0.0)
        return key

    def known(self, key: Key) -> int:
        """How many runs of the kind count."""
        return len(self._logs.get(key, ()))

    def times(self, key: Key) -> Times:
        """How long such a job takes, as far as is known."""
        level = _fit(self._offs, 0.0, sure=_SURE_OF_TYPICAL).mu
        sure = _SURE_OF_OTHERS if self._offs else _SURE_OF_TYPICAL
        logs = self._logs.get(key, deque())
        return _two_kinds(logs) or _fit(logs, _prior(key) + self._shift + level, sure=sure)


def _prior(key: Key) -> float:
    """The logarithm of the median run time as long as nothing is known: 10 s, more for more and larger pictures."""
    larger = {None: 1.0, Clarity.X2: 1.5, Clarity.X4: 2.0}[key.clarity]
    return math.log((TYPICAL + 3.0 * (key.count - 1)) * larger)


def _note(logs: deque[float], log: float, prior: float) -> None:
    """Append it, and forget what was before a change that it makes certain."""
    logs.append(log)
    since = _since_change(logs, prior)
    while len(logs) > since:
        logs.popleft()


def _since_change(logs: Sequence[float], prior: float) -> int:
    """How many of the last runs are of today's kind: all of them, unless the last few are too far from those before."""
    every = list(logs)
    far_back = _usual(every[:-_SLOWEST_CHANGE], prior) if len(every) > 2 * _SLOWEST_CHANGE else None
    for recent in range(_SOONEST_CHANGE, min(_SLOWEST_CHANGE, len(every) - 1) + 1):
        before = len(every) - recent
        middle, spread = far_back or _usual(every[:before], prior)
        reach = _BELIEVED * spread
        off = sum(min(max(log - middle, -reach), reach) for log in every[before:]) / recent
        if abs(off) > _SURPRISE * spread * math.sqrt(1 / recent + 1 / (before + 1)):
            return recent
    return len(every)


def _usual(logs: Sequence[float], prior: float) -> tuple[float, float]:
    """The mean and the spread of all runs but the strangest: two kinds of jobs in turn are no change."""
    middle, spread = _middle(logs, prior)
    reach = _NOT_STRANGE * spread
    offs = [min(max(log - middle, -reach), reach) for log in logs]
    mean = sum(offs) / (len(offs) + 1)
    squares = sum((off - mean) ** 2 for off in offs) + _SURE_OF_SPREAD * _SPREAD**2
    return middle + mean, max(math.sqrt(squares / (len(offs) + _SURE_OF_SPREAD)), _LEAST_SPREAD)


def _middle(logs: Sequence[float], prior: float) -> tuple[float, float]:
    """The median, and the spread around it that the median distance tells, each with a prior."""
    ranked = sorted([prior, *logs]) if len(logs) < _SOONEST_CHANGE else sorted(logs)
    middle = (ranked[(len(ranked) - 1) // 2] + ranked[len(ranked) // 2]) / 2
    usual = [_HALF_NORMAL * _SPREAD] * (_SURE_OF_SPREAD // (1 + len(logs) // _SURE_OF_SPREAD))
    distances = sorted([*usual, *(abs(log - middle) for log in logs)])
    return middle, max(distances[len(distances) // 2] / _HALF_NORMAL, _LEAST_SPREAD)


def _fit(logs: Sequence[float], prior: float, *, sure: int) -> LogNormal:
    """The distribution of the run times, if what was believed before is worth `sure` runs.

    It is wider by what the few runs leave unsure.
    """
    middle, spread = _middle(logs, prior)
    reach = _BELIEVED * spread
    believed = [min(max(log, middle - reach), middle + reach) for log in logs]
    count = len(logs)
    mu = (sure * prior + sum(believed)) / (sure + count)
    squares = sum((log - mu) ** 2 for log in believed)
    variance = (_SURE_OF_SPREAD * _SPREAD**2 + squares) / (_SURE_OF_SPREAD + count)
    return LogNormal(mu, math.sqrt(variance * (1 + 1 / (count + sure)) if count else variance))


def _two_kinds(logs: Sequence[float]) -> Mixture | None:
    """Two distributions, if the runs fall into two heaps so clearly that one distribution would be wrong."""
    count = len(logs)
    if count < _LEAST_HALVES:
        return None
    ranked = sorted(logs)
    sums = list(accumulate(ranked))
    squares = list(accumulate(log * log for log in ranked))
    least = max(3, count // 8)

    def within(cut: int) -> float:
        low = squares[cut - 1] - sums[cut - 1] ** 2 / cut
        high = squares[-1] - squares[cut - 1] - (sums[-1] - sums[cut - 1]) ** 2 / (count - cut)
        return low + high

    cut = min(range(least, count - least + 1), key=within)
    total = squares[-1] - sums[-1] ** 2 / count
    if total < count * _LEAST_SPREAD**2 or within(cut) > _TWO_KINDS**2 * total:
        return None
    halves = (ranked[:cut], ranked[cut:])
    return Mixture(tuple((len(half) / count, _alone(half)) for half in halves))


def _alone(logs: Sequence[float]) -> LogNormal:
    """The distribution of one heap, with a little doubt."""
    count = len(logs)
    mu = sum(logs) / count
    squares = sum((log - mu) ** 2 for log in logs)
    return LogNormal(mu, max(math.sqrt((squares + _SPREAD**2) / (count + 1)) * (1 + 1 / count), _LEAST_SPREAD))

"""What came of a run: how busy the slots were, how late an end was known, what it cost."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from bench.slots.provider import Drawing, Provider


@dataclass(frozen=True, slots=True)
class Outcome:
    """`busy`: share of the slots' time in use; lags in seconds; `calls` a job; `peak`: most requests in a second."""

    busy: float
    lag50: float
    lag95: float
    calls: float
    peak: int
    jobs: int

    def __str__(self) -> str:
        return f"{self.busy:.1%}, {self.lag50:.2f} / {self.lag95:.2f} s, {self.calls:.1f} calls"


def tally(provider: Provider, *, skip: int) -> Outcome:
    """Count from the `skip`-th job on, until the last one began."""
    jobs = provider.jobs
    begin, end = jobs[skip].began, jobs[-1].began
    used = sum(max(0.0, min(job.ended, end) - max(job.began, begin)) for job in jobs)
    lags = sorted(job.known - job.ended for job in jobs[skip:] if job.known <= end)
    peak = max(most_in_a_second(times) for times in provider.arrivals.values())
    counted = sum(1 for times in provider.arrivals.values() for at in times if begin <= at < end)
    busy = used / ((end - begin) * provider.world.slots)
    return Outcome(busy, part(lags, 0.5), part(lags, 0.95), counted / len(jobs[skip:]), peak, len(jobs) - skip)


def part(ranked: Sequence[float], q: float) -> float:
    """The value that a part `q` of them does not exceed."""
    return ranked[min(len(ranked) - 1, int(q * len(ranked)))]


def most_in_a_second(times: Iterable[float]) -> int:
    """The most of them in any sliding second."""
    window: deque[float] = deque()
    most = 0
    for at in sorted(times):
        window.append(at)
        while window[0] <= at - 1.0:
            window.popleft()
        most = max(most, len(window))
    return most


def mean_lag(jobs: Sequence[Drawing]) -> float:
    """Seconds from an end to its being known, on the average."""
    return sum(job.known - job.ended for job in jobs) / len(jobs)

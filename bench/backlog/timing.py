"""Times calls in rounds, so that whatever else the machine does meets all of them alike."""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable, Mapping
from statistics import median

Call = Callable[[], Awaitable[object]]


async def interleaved(
    calls: Mapping[str, Call], *, rounds: int, each: int, in_a_row: int = 1
) -> dict[str, list[float]]:
    """For each call the median seconds of each round, in which each is called `each` times.

    They take turns after `in_a_row` calls: one, if they are alike; more, if one of them sweeps the processor's caches.
    """
    medians: dict[str, list[float]] = {name: [] for name in calls}
    for _ in range(rounds):
        times: dict[str, list[float]] = {name: [] for name in calls}
        for _ in range(0, each, in_a_row):
            for name, call in calls.items():
                times[name] += [await _timed(call) for _ in range(in_a_row)]
        for name, seconds in times.items():
            medians[name].append(median(seconds))
    return medians


async def _timed(call: Call) -> float:
    began = time.perf_counter()
    await call()
    return time.perf_counter() - began


def typical(rounds: list[float]) -> float:
    """Milliseconds in the middle round."""
    return median(rounds) * 1000


def quietest(rounds: list[float]) -> float:
    """Milliseconds in the round that was disturbed least."""
    return min(rounds) * 1000


def ratio(these: list[float], those: list[float]) -> float:
    """How often `those` go into `these`, in the middle of the rounds, each compared within itself."""
    return median(a / b for a, b in zip(these, those, strict=True))

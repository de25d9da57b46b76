"""Counts calls in sliding seconds: to refuse what is too much, and to say later how much it was at most."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass, field


@dataclass(slots=True)
class SlidingSecond:
    """Admits at most `rate` calls of an action in any second; what was refused does not count."""

    _admitted: dict[str, deque[float]] = field(default_factory=dict)

    def admit(self, action: str, *, now: float, rate: int) -> bool:
        """Count one call at `now` if there is room for it, and say whether there was."""
        times = self._admitted.setdefault(action, deque())
        while times and times[0] <= now - 1.0:
            times.popleft()
        if len(times) >= rate:
            return False
        times.append(now)
        return True


def peak_per_second(times: Iterable[float]) -> int:
    """Return the most of these times that lie within one second; two that are a full second apart do not."""
    window: deque[float] = deque()
    peak = 0
    for at in sorted(times):
        window.append(at)
        while window[0] <= at - 1.0:
            window.popleft()
        peak = max(peak, len(window))
    return peak

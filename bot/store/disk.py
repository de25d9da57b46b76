"""Whether to wait for the disk on the loop or in a thread, by how long the last waits took."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from statistics import median

QUICK = 0.0025
"""Seconds. Waiting less than this costs less than the way to a thread and back, which is two changes of the thread that
holds the interpreter, each up to 5 ms behind whatever the other is at."""
SLOW = 0.025
"""Seconds that the loop may once stand still; after that it does not wait for this disk for a while."""
LAST = 15
"""Waits of which the median counts: some in a thread are long because somebody else held the interpreter."""
DISTRUST = 16
"""Waits in a thread after one that was slow on the loop."""


class Disk:
    """Remembers its waits. It is not trusted before it has shown how quick it is."""

    def __init__(self) -> None:
        self._waits: deque[float] = deque(maxlen=LAST)
        self._distrust = DISTRUST

    @property
    def is_quick(self) -> bool:
        """Whether the next wait may be on the loop."""
        return self._distrust == 0 and median(self._waits) < QUICK

    @contextmanager
    def wait(self) -> Iterator[None]:
        """Wait for it inside."""
        began = time.perf_counter()
        try:
            yield
        finally:
            self.note(time.perf_counter() - began)

    def note(self, seconds: float) -> None:
        """One wait took so long."""
        self._waits.append(seconds)
        self._distrust = DISTRUST if seconds > SLOW else max(0, self._distrust - 1)

"""What happened in the sandbox, in order: both fakes write it, the page and the timeline read it."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Happening:
    """One thing that was seen from outside, at a Unix time in seconds."""

    number: int
    at: float
    kind: str
    data: dict[str, Any]


@dataclass(slots=True)
class Feed:
    """Keeps the last `keep` happenings and tells each listener of every new one, at once and in order."""

    keep: int = 20_000
    clock: Callable[[], float] = time.time
    happenings: deque[Happening] = field(default_factory=deque)
    _listeners: list[Callable[[Happening], None]] = field(default_factory=list)
    _count: int = 0

    def publish(self, kind: str, **data: Any) -> Happening:
        """Write down that `kind` happened, and tell the listeners. `data` must be plain JSON values."""
        self._count += 1
        happening = Happening(self._count, self.clock(), kind, data)
        self.happenings.append(happening)
        while len(self.happenings) > self.keep:
            self.happenings.popleft()
        for listener in tuple(self._listeners):
            listener(happening)
        return happening

    def listen(self, listener: Callable[[Happening], None]) -> Callable[[], None]:
        """Call `listener` with each new happening until the returned function is called."""
        self._listeners.append(listener)
        return lambda: self._listeners.remove(listener) if listener in self._listeners else None

    def of(self, *kinds: str) -> list[Happening]:
        """The kept happenings of these kinds, oldest first."""
        return [h for h in self.happenings if h.kind in kinds]

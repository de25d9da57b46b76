"""What is asked for with every ask and hardly ever changes, remembered in this process."""

from __future__ import annotations

import time
from collections.abc import Callable, Hashable
from typing import Generic, TypeVar

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")

MOST = 10_000
"""Answers that are kept: some 200 bytes each. When there are more, all are forgotten, which costs each one question."""


class Remembered(Generic[K, V]):
    """Answers by what was asked for, each for `life` seconds.

    An answer that was read before a change and comes after it is not kept: `version` tells.
    """

    def __init__(self, life: float, *, clock: Callable[[], float] = time.monotonic) -> None:
        self.version = 0
        self._life = life
        self._clock = clock
        self._answers: dict[K, tuple[float, V]] = {}

    def get(self, key: K) -> V | None:
        """The answer, if it is known."""
        found = self._answers.get(key)
        return found[1] if found is not None and self._clock() < found[0] else None

    def keep(self, key: K, answer: V, *, version: int) -> None:
        """Remember what was read when the version was this one."""
        if version != self.version:
            return
        if len(self._answers) >= MOST:
            self._answers.clear()
        self._answers[key] = (self._clock() + self._life, answer)

    def forget(self, key: K) -> None:
        """It changed, or may have."""
        self.version += 1
        self._answers.pop(key, None)

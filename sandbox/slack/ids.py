"""Ids and message timestamps that look like Slack's."""

from __future__ import annotations

import secrets
import string
from collections.abc import Callable

LETTERS = string.ascii_uppercase + string.digits


def new_id(prefix: str) -> str:
    """A fresh id such as `F0Q2J5K7M1A`: the kind's letter, a zero and nine letters or digits."""
    return f"{prefix}0" + "".join(secrets.choice(LETTERS) for _ in range(9))


def new_block_id() -> str:
    """The short id Slack gives to a block that came without one."""
    return "".join(secrets.choice(string.ascii_letters + string.digits) for _ in range(5))


class Stamps:
    """Hands out message timestamps: the clock with six decimals, never the same twice and never backwards."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._last = 0

    def next(self) -> str:
        """The next `seconds.microseconds`."""
        self._last = max(int(self._clock() * 1_000_000), self._last + 1)
        return f"{self._last // 1_000_000}.{self._last % 1_000_000:06d}"

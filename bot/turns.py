"""How many turns come before a job, and how long they take: a line in which people take turns. Pure.

Each turn goes to whoever was served least lately, so people take turns in one order: everybody before a person has one
turn more before that person's job than those behind.
"""

from __future__ import annotations

import heapq
from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise

COUNTED = 250
"""People, or jobs of one person, that are counted one by one; how many there are beyond is reckoned."""

Turn = tuple[datetime, datetime, int]
"""Who goes first: when somebody was served last, since when they wait, and what came into the store first."""


@dataclass(frozen=True, slots=True)
class Ahead:
    """What stands before a job: jobs of its own person, and the turns of others (None: too many to be counted)."""

    own: int
    others: int | None
    turn: Turn

    @property
    def is_rough(self) -> bool:
        """Whether a place from this is reckoned, not counted."""
        return self.others is None or self.own >= COUNTED


@dataclass(frozen=True, slots=True)
class Crowd:
    """A long line, summed up.

    `marks` are the turns of the first and of each `step`-th person after that. `sums` tells how many turns there are if
    everybody takes at most so many: some points of a line that bends down until everybody has had all they wait for.
    """

    people: int
    step: int
    marks: tuple[Turn, ...]
    sums: tuple[tuple[int, int], ...]

    def people_before(self, turn: Turn) -> float:
        """About how many people come before that turn."""
        passed = bisect_left(self.marks, turn)
        return min(max(0.0, (passed - 0.5) * self.step), self.people)

    def turns(self, most: int) -> float:
        """About how many turns there are if everybody takes `most` at most."""
        for (few, low), (many, high) in pairwise(((0, 0), *self.sums)):
            if few <= most < many:
                return low + (high - low) * (most - few) / (many - few)
        return self.sums[-1][1] if self.sums else 0


def place(ahead: Ahead, crowd: Crowd | None = None) -> int:
    """The place in line (1 is next): exact where all that is ahead was counted, else reckoned from the crowd."""
    if ahead.others is not None:
        return ahead.own + 1 + ahead.others
    if crowd is None:
        raise ValueError("what was not counted is reckoned from a crowd")
    return max(_reckoned(ahead.own, ahead.turn, crowd), ahead.own + COUNTED)


def _reckoned(own: int, turn: Turn, crowd: Crowd) -> int:
    """Everybody, this person too, has at most `own` turns before this job; those before this person may have one more.

    How many of those have so many jobs is taken to be the same everywhere in the line.
    """
    eager = crowd.turns(own + 1) - crowd.turns(own)
    return 1 + round(crowd.turns(own) + crowd.people_before(turn) * eager / max(crowd.people, 1))


def rounded(place: int) -> int:
    """Two figures of it: all that a reckoned place is worth."""
    unit = int(10 ** max(0, len(str(place)) - 2))
    return round(place / unit) * unit


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

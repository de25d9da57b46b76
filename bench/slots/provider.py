"""The provider as an event-driven simulation: slots, their late release, the limit of requests a second, the way there.

Nothing sleeps: time jumps from one event to the next, and all that is drawn comes from one seed. Times are seconds.
"""

from __future__ import annotations

import heapq
import itertools
import math
import random
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum
from statistics import NormalDist

MEDIAN = 11.0
SPREAD = 0.35
MEAN = MEDIAN * math.exp(SPREAD**2 / 2)
ROUND_TRIP = 0.1
RATE = 20

_STRATA = 40
_NORMAL = NormalDist()

Draw = Callable[[random.Random, int], float]
"""The run time of the n-th job."""


def usual(chance: random.Random, number: int) -> float:
    """Log-normal run times of about 12 s: 6 to 20 s, 11.7 s on the average."""
    return MEDIAN * math.exp(SPREAD * score(chance, number))


def score(chance: random.Random, number: int) -> float:
    """A standard score, drawn from each of 40 equal parts in turn (in an order without a pattern): a few hundred jobs
    then have the mean that thousands would have.
    """
    part = (number * 17 + number // _STRATA * 11) % _STRATA
    return _NORMAL.inv_cdf(min(max((part + chance.random()) / _STRATA, 1e-9), 1 - 1e-9))


def scaled(factor: float) -> Draw:
    """The usual run times, so many times as long."""
    return lambda chance, number: usual(chance, number) * factor


def bimodal(chance: random.Random, number: int) -> float:
    """Half of the jobs take about 5 s, the others about 20 s."""
    return (5.0 if chance.random() < 0.5 else 20.0) * math.exp(0.15 * score(chance, number))


@dataclass(frozen=True, slots=True)
class World:
    """What a lane meets. `lag` is how late a slot is freed, drawn evenly; `jitter` is a part of the round trip."""

    slots: int = 1
    lag: tuple[float, float] = (0.0, 0.0)
    draw: Draw = usual
    jitter: float = 0.0


class Answer(StrEnum):
    """What the provider says."""

    TAKEN = "taken"
    BUSY = "busy"
    TOO_FAST = "too fast"
    RUNNING = "running"
    DONE = "done"


@dataclass(slots=True)
class Drawing:
    """A job that was taken: when, when it ends, when its slot is free again, when its end was known to the client."""

    began: float
    ended: float
    freed: float
    known: float = math.inf
    calls: int = 0


@dataclass(slots=True)
class Provider:
    """Takes jobs while slots are free, and at most `RATE` requests of an action in any second."""

    world: World
    chance: random.Random
    jobs: list[Drawing] = field(default_factory=list)
    arrivals: dict[str, list[float]] = field(default_factory=lambda: {"submit": [], "query": []})
    _freed: list[float] = field(default_factory=list)
    _admitted: dict[str, deque[float]] = field(default_factory=lambda: {"submit": deque(), "query": deque()})

    def submit(self, now: float) -> tuple[Answer, int]:
        """Take a job, or say why not; the number of the job."""
        if not self._admit("submit", now):
            return Answer.TOO_FAST, -1
        while self._freed and self._freed[0] <= now:
            heapq.heappop(self._freed)
        if len(self._freed) >= self.world.slots:
            return Answer.BUSY, -1
        ended = now + self.world.draw(self.chance, len(self.jobs))
        freed = ended + self.chance.uniform(*self.world.lag)
        self.jobs.append(Drawing(now, ended, freed))
        heapq.heappush(self._freed, freed)
        return Answer.TAKEN, len(self.jobs) - 1

    def query(self, number: int, now: float) -> Answer:
        """Say how a job is."""
        self.jobs[number].calls += 1
        if not self._admit("query", now):
            return Answer.TOO_FAST
        return Answer.DONE if self.jobs[number].ended <= now else Answer.RUNNING

    def _admit(self, action: str, now: float) -> bool:
        self.arrivals[action].append(now)
        times = self._admitted[action]
        while times and times[0] <= now - 1.0:
            times.popleft()
        if len(times) >= RATE:
            return False
        times.append(now)
        return True


class Events:
    """What happens next, in the order of time."""

    def __init__(self, seed: int) -> None:
        self.now = 0.0
        self.chance = random.Random(seed)
        self._heap: list[tuple[float, int, Callable[[], None]]] = []
        self._order = itertools.count()

    def at(self, moment: float, deed: Callable[[], None]) -> None:
        """Do that then."""
        heapq.heappush(self._heap, (max(moment, self.now), next(self._order), deed))

    def run(self, until: Callable[[], bool]) -> None:
        """Go on until that holds."""
        while not until():
            self.now, _, deed = heapq.heappop(self._heap)
            deed()


class Way:
    """The way to the provider and back: half a round trip each."""

    def __init__(self, events: Events, provider: Provider) -> None:
        self._events = events
        self._provider = provider

    def submit(self, heard: Callable[[Answer, int], None]) -> None:
        """Send a job; `heard` is called with the answer when it is back."""

        def arrive() -> None:
            answer, number = self._provider.submit(self._events.now)
            self._events.at(self._events.now + self._way(), lambda: heard(answer, number))

        self._events.at(self._events.now + self._way(), arrive)

    def query(self, number: int, heard: Callable[[Answer], None]) -> None:
        """Ask about a job."""

        def arrive() -> None:
            answer = self._provider.query(number, self._events.now)
            self._events.at(self._events.now + self._way(), lambda: heard(answer))

        self._events.at(self._events.now + self._way(), arrive)

    def _way(self) -> float:
        jitter = self._provider.world.jitter
        return ROUND_TRIP / 2 * (1.0 + (self._events.chance.expovariate(1 / jitter) if jitter else 0.0))

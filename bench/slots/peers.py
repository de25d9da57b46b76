"""The loops of the peers in the same simulated provider, as their sources have them (`docs/performance.md`)."""

from __future__ import annotations

from collections.abc import Callable, Generator
from dataclasses import dataclass
from itertools import chain, repeat

from bench.slots.provider import Answer, Events, Provider, Way, World
from bench.slots.tally import Outcome, tally

_DELIVERY = 2.0
"""Seconds that download and upload take, in the thread that polled: no new job until then."""


@dataclass(frozen=True, slots=True)
class Sleep:
    """Do nothing for so long."""

    seconds: float


@dataclass(frozen=True, slots=True)
class Submit:
    """Send a job; the answer is its number, or None."""


@dataclass(frozen=True, slots=True)
class Query:
    """Ask about a job; the answer is whether it is done."""

    number: int


Deed = Sleep | Submit | Query
Script = Generator[Deed, float | None, None]
Gaps = Callable[[], Generator[float, None, None]]


def every(seconds: float) -> Gaps:
    """The same pause again and again."""

    def gaps() -> Generator[float, None, None]:
        yield from repeat(seconds)

    return gaps


def backing_off(first: float, factor: float, cap: float) -> Gaps:
    """A pause that grows."""

    def gaps() -> Generator[float, None, None]:
        pause = first
        while True:
            yield min(pause, cap)
            pause *= factor

    return gaps


def ladder(*steps: float) -> Gaps:
    """Pauses one after another; the last one stays."""

    def gaps() -> Generator[float, None, None]:
        yield from chain(steps, repeat(steps[-1]))

    return gaps


_ONE_SECOND = every(1.0)
"""Until a script tries a refused submit again."""


def thread(polls: Gaps, busy: Gaps, *, delivery: float) -> Script:
    """One thread for each slot: submit, poll with a sleep between, deliver, and again."""
    while True:
        pauses = busy()
        number = yield Submit()
        while number is None:
            yield Sleep(next(pauses))
            number = yield Submit()
        pauses, done = polls(), False
        while not done:
            yield Sleep(next(pauses))
            done = bool((yield Query(int(number))))
        yield Sleep(delivery)


def tick(seconds: float, slots: int) -> Script:
    """One loop that asks about every job in flight, one after another, then fills what is free, then sleeps."""
    flying: list[int] = []
    while True:
        for number in tuple(flying):
            if (yield Query(number)):
                flying.remove(number)
        while len(flying) < slots:
            taken = yield Submit()
            if taken is None:
                break
            flying.append(int(taken))
        yield Sleep(seconds)


class Cast:
    """Plays scripts in one simulated provider."""

    def __init__(self, world: World, *, seed: int) -> None:
        self._events = Events(seed)
        self.provider = Provider(world, self._events.chance)
        self.way = Way(self._events, self.provider)

    def play(self, script: Script, *, at: float) -> None:
        """Have it begin then."""
        self._events.at(at, lambda: self._go(script, None))

    def run(self, jobs: int) -> None:
        """Until so many jobs were taken."""
        self._events.run(lambda: len(self.provider.jobs) >= jobs)

    def _go(self, script: Script, heard: float | None) -> None:
        match script.send(heard):
            case Sleep(seconds=seconds):
                self._events.at(self._events.now + seconds, lambda: self._go(script, None))
            case Submit():
                self.way.submit(lambda answer, number: self._go(script, number if answer is Answer.TAKEN else None))
            case Query(number=number):
                self.way.query(number, lambda answer: self._told(script, number, done=answer is Answer.DONE))

    def _told(self, script: Script, number: int, *, done: bool) -> None:
        if done:
            self.provider.jobs[number].known = self._events.now
        self._go(script, float(done))


def threads(
    polls: Gaps,
    world: World,
    *,
    jobs: int,
    seed: int,
    busy: Gaps = _ONE_SECOND,
    delivery: float = _DELIVERY,
) -> Outcome:
    """A thread for each slot, begun one after another."""
    cast = Cast(world, seed=seed)
    for slot in range(world.slots):
        cast.play(thread(polls, busy, delivery=delivery), at=12.0 * slot / world.slots)
    return _outcome(cast, world, jobs)


def ticks(seconds: float, world: World, *, jobs: int, seed: int) -> Outcome:
    """One loop for all slots."""
    cast = Cast(world, seed=seed)
    cast.play(tick(seconds, world.slots), at=0.0)
    return _outcome(cast, world, jobs)


def _outcome(cast: Cast, world: World, jobs: int) -> Outcome:
    skip = 2 * world.slots
    cast.run(jobs + skip)
    return tally(cast.provider, skip=skip)

"""What is measured in each round: every server gets the same arrivals, one after another, in a turning order."""

from __future__ import annotations

import asyncio
import os
import random
from collections.abc import Coroutine, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median
from typing import Any

from bench.acks import load
from bench.acks.bare import Kind
from bench.acks.commands import Addressee, Command, commands
from bench.acks.databases import Databases
from bench.acks.load import Outcome
from bench.acks.servers import Fakes, bot

STEADY = 200.0
"""Commands a second."""
BURST = 1000
WARM = 120
FASTEST = 6000.0
"""So many commands are signed for each second; where a server takes more of them, it is done sooner."""


@dataclass(frozen=True, slots=True)
class Effort:
    """How long it is measured: rounds, and seconds for each window."""

    rounds: int
    steady: float
    flat_out: float
    busy_rounds: int
    busy: float
    waiting: int
    kinds: tuple[Kind, ...]


@dataclass(slots=True)
class Figures:
    """One server's figures, one of each kind a round. Milliseconds, but for `rate` (a second)."""

    p50: list[float] = field(default_factory=list)
    p99: list[float] = field(default_factory=list)
    rate: list[float] = field(default_factory=list)
    slowest: list[float] = field(default_factory=list)
    failed: int = 0
    lost: int = 0

    def add_steady(self, outcome: Outcome) -> None:
        """Latencies at a steady rate."""
        self.p50.append(outcome.quantile(0.5))
        self.p99.append(outcome.quantile(0.99))
        self.failed += outcome.failed

    def add_flat_out(self, outcome: Outcome) -> None:
        """How many a second at most."""
        self.rate.append(outcome.rate)
        self.failed += outcome.failed

    def add_burst(self, outcome: Outcome) -> None:
        """The slowest of a burst."""
        self.slowest.append(outcome.slowest)
        self.failed += outcome.failed


def ratio(ours: Sequence[float], theirs: Sequence[float]) -> float:
    """The median of the rounds' ratios: both sides of each were measured within the same seconds."""
    return median(mine / other for mine, other in zip(ours, theirs, strict=True))


class Round:
    """One round's load, the same for every server."""

    def __init__(self, effort: Effort, seed: int) -> None:
        self._effort = effort
        self._seed = seed
        self._arrivals = load.arrivals(STEADY, effort.steady, random.Random(seed))

    def steady(self, server: Addressee) -> Outcome:
        """At a steady rate, after a few to warm up."""
        chance = random.Random(self._seed)
        warm_up(server, chance)
        return run(load.at_times(server.port, self._signed(len(self._arrivals), server, chance), self._arrivals))

    def flat_out(self, server: Addressee) -> Outcome:
        """As fast as it goes."""
        seconds = self._effort.flat_out
        signed = self._signed(int(FASTEST * seconds), server, random.Random(self._seed + 1))
        return run(load.flat_out(server.port, signed, seconds=seconds))

    def burst(self, server: Addressee) -> Outcome:
        """A thousand in one second."""
        times = [number / BURST for number in range(BURST)]
        signed = self._signed(BURST, server, random.Random(self._seed + 2))
        return run(load.at_times(server.port, signed, times, lines=200))

    @staticmethod
    def _signed(count: int, server: Addressee, chance: random.Random) -> Sequence[Command]:
        return commands(count, server, chance=chance)


def warm_up(server: Addressee, chance: random.Random) -> None:
    """The first of each kind are slow everywhere: statements are compiled, people looked up."""
    times = [number / STEADY for number in range(WARM)]
    run(load.at_times(server.port, commands(WARM, server, chance=chance), times))


def run(work: Coroutine[Any, Any, Outcome]) -> Outcome:
    """In a loop with a fine clock, on time."""
    with asyncio.Runner(loop_factory=load.open_loop) as runner, _on_time():
        return runner.run(work)


@contextmanager
def _on_time() -> Iterator[None]:
    """Before everything else on this machine, where that is allowed: who asks has a machine of their own.

    Without it, on two cores, one request in a hundred is sent 2.5 ms late, and that would be counted as the server's.
    """
    usual, first = os.sched_getscheduler(0), os.SCHED_FIFO | os.SCHED_RESET_ON_FORK
    try:
        os.sched_setscheduler(0, first, os.sched_param(1))
    except PermissionError:
        yield
        return
    try:
        yield
    finally:
        os.sched_setscheduler(0, usual, os.sched_param(0))


def measure_bare(figures: Figures, server: Addressee, this: Round) -> None:
    """One peer in one round."""
    figures.add_steady(this.steady(server))
    figures.add_flat_out(this.flat_out(server))


def measure_bot(figures: Figures, databases: Databases, fakes: Fakes, this: Round, folder: Path) -> None:
    """The bot in one round, from a fresh start to a kill; what it acknowledged must be on the disk then."""
    url = databases.fresh()
    outcomes: list[Outcome] = []
    with bot(fakes.fresh(), folder, database=url) as server:
        for add, window in (
            (figures.add_steady, this.steady),
            (figures.add_flat_out, this.flat_out),
            (figures.add_burst, this.burst),
        ):
            outcomes.append(window(server))
            add(outcomes[-1])
    stored = databases.stored(url)
    figures.lost += sum(trigger not in stored for outcome in outcomes for trigger in outcome.accepted)

"""What is simulated: our lane and the peers' loops, each in the same provider, one task after another."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from statistics import fmean

from bench.slots.ours import OurLane, ours
from bench.slots.peers import backing_off, every, ladder, threads, ticks
from bench.slots.provider import MEAN, ROUND_TRIP, Draw, Drawing, World, bimodal, scaled, usual
from bench.slots.tally import Outcome

SLOTS = (1, 5, 20, 100)
LAGS = ((0.0, 3.0), (5.0, 15.0), (25.0, 35.0))
CHANGES = (2.0, 0.5, 3.0)
SOON = 15
"""Jobs after a change within which a lane is to be as good as before."""
_AFTER = 30  # jobs that are counted from there on

PEERS: dict[str, Callable[[World, int, int], Outcome]] = {
    "SDK, polled each 1 s": lambda world, jobs, seed: threads(every(1.0), world, jobs=jobs, seed=seed),
    "SDK, polled each 5 s": lambda world, jobs, seed: threads(every(5.0), world, jobs=jobs, seed=seed),
    "2 s × 1.5, cap 30 s": lambda world, jobs, seed: threads(backing_off(2.0, 1.5, 30.0), world, jobs=jobs, seed=seed),
    "tick of 2 s": lambda world, jobs, seed: ticks(2.0, world, jobs=jobs, seed=seed),
    "tick of 3 s": lambda world, jobs, seed: ticks(3.0, world, jobs=jobs, seed=seed),
}
"""The loops of others; the threads deliver for 2 s before they go on."""


@dataclass(frozen=True, slots=True)
class Extent:
    """How many jobs are simulated: by slots, with late slots, and how many lanes meet which changes."""

    jobs: tuple[int, ...]
    late: int
    lanes: int
    changes: tuple[float, ...] = CHANGES


FULL = Extent(jobs=(1200, 500, 800, 1400), late=200, lanes=8)
QUICK = Extent(jobs=(240, 80, 150, 250), late=60, lanes=3, changes=CHANGES[:1])


@dataclass(frozen=True, slots=True)
class Late:
    """Slots that are freed late: what the lag allows, and the shares of that which we and a back-off reach."""

    allowed: float
    ours: float
    peer: float


@dataclass(frozen=True, slots=True)
class Change:
    """Lag and queries a job, as parts of those of a lane that never knew anything else: at once, and 15 jobs later."""

    at_once: tuple[float, float]
    later: tuple[float, float]


def our_slots(slots: int, jobs: int, seed: int) -> Outcome:
    """Our lane with that many slots, told that the account has no more of them."""
    return ours(World(slots=slots), jobs=jobs, seed=seed)[0]


def untold(slots: int, jobs: int, seed: int) -> Outcome:
    """The same if nobody said how many slots the account has."""
    return ours(World(slots=slots), jobs=jobs, seed=seed, exact=None)[0]


def peers(slots: int, seed: int) -> dict[str, Outcome]:
    """The loops of others with that many slots."""
    world = World(slots=slots)
    return {name: run(world, max(300, 12 * slots), seed) for name, run in PEERS.items()}


def late(lag: tuple[float, float], jobs: int, seed: int) -> Late:
    """One slot that is freed late; both are measured against what the drawn lags and run times allow."""
    world = World(lag=lag)
    outcome, lane = ours(world, jobs=jobs, seed=seed)
    peer = threads(every(1.0), world, jobs=jobs, seed=seed, busy=ladder(20.0, 40.0, 60.0, 80.0), delivery=0.0)
    drawn = lane.provider.jobs[-jobs:]
    run, wait = fmean(job.ended - job.began for job in drawn), fmean(job.freed - job.ended for job in drawn)
    allowed = MEAN / (MEAN + sum(lag) / 2 + ROUND_TRIP)
    return Late(allowed, outcome.busy * (run + wait + ROUND_TRIP) / run, peer.busy / allowed)


def change(factor: float, lanes: int, seed: int) -> Change:
    """All run times are suddenly others."""
    world = World(draw=scaled(factor))
    tuned = _lag_and_queries([job for n in range(lanes) for job in _jobs(world, world.draw, seed + n)[SOON:]])
    changed = [_jobs(world, usual, seed + n) for n in range(lanes)]
    at_once = _lag_and_queries([job for jobs in changed for job in jobs[:SOON]])
    later = _lag_and_queries([job for jobs in changed for job in jobs[SOON:]])
    return Change(_parts(at_once, tuned), _parts(later, tuned))


def two_kinds(jobs: int, seed: int) -> Outcome:
    """Half of the jobs take 5 s, the others 20 s."""
    return ours(World(draw=bimodal), jobs=jobs, seed=seed)[0]


def jitter(slots: int, jobs: int, seed: int) -> Outcome:
    """A way that takes longer by chance, half as long again on the average."""
    return ours(World(slots=slots, jitter=0.5), jobs=jobs, seed=seed)[0]


def _jobs(world: World, known: Draw, seed: int) -> list[Drawing]:
    lane = OurLane(world, seed=seed, exact=True, known=known)
    lane.run(lambda done: len(done) > SOON + _AFTER + 1)
    return lane.provider.jobs[:-2]


def _lag_and_queries(jobs: Sequence[Drawing]) -> tuple[float, float]:
    return fmean(job.known - job.ended for job in jobs), fmean(job.calls for job in jobs)


def _parts(of: tuple[float, float], whole: tuple[float, float]) -> tuple[float, float]:
    return of[0] / whole[0], of[1] / whole[1]

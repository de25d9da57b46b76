"""Real runs, a group of lanes at a time: ours beside the vendor's SDK, each on an account of its own."""

from __future__ import annotations

import asyncio
import math
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from statistics import fmean, pstdev

from bench.slots.accounts import Seen, Terms, serving
from bench.slots.provider import MEAN
from bench.slots.real import RealLane, work
from bench.slots.sdk import Script, running
from bench.slots.tally import Outcome, most_in_a_second, part

SUBMIT = "SubmitHunyuanImageJob"


@dataclass(frozen=True, slots=True)
class Group:
    """So many lanes of so many slots, so many times faster than in life, for so many seconds here."""

    slots: int
    lanes: int
    speed: float
    seconds: float
    polls: tuple[float, ...] = ()


@dataclass(frozen=True, slots=True)
class Measured:
    """What came of a real run. `jobs`: how many were finished; `spread`: of the waits between two jobs, in seconds;
    `calls_spread`: of the looks at a job.
    """

    outcome: Outcome
    jobs: int
    spread: float
    calls_spread: float

    @property
    def busy_error(self) -> float:
        """The standard error of the share of the time in use: that of the mean wait."""
        return self.spread / MEAN / math.sqrt(self.jobs)

    @property
    def lag_error(self) -> float:
        """The standard error of the median wait, in seconds; that of the 95th percentile is about twice as large."""
        return 1.25 * self.spread / math.sqrt(self.jobs)

    @property
    def calls_error(self) -> float:
        """The standard error of the calls a job."""
        return self.calls_spread / math.sqrt(self.jobs)


Ran = tuple[Measured, dict[str, Measured]]


@dataclass(frozen=True, slots=True)
class Ends:
    """What a client knows: when it heard of each end, in Unix seconds, and how often it had asked, if it counted."""

    known: Mapping[str, float]
    looks: Mapping[str, int]


def run(group: Group, seed: int) -> Ran:
    """Our lanes, and scripts that poll the SDK each so many seconds, at the same time."""
    ours = [Terms(group.slots, group.speed, seed + n) for n in range(group.lanes)]
    theirs = [Terms(group.slots, group.speed, seed + 100 + n) for n in range(len(group.polls))]
    lanes = [RealLane(terms, exact=True, seconds=group.seconds) for terms in ours]
    with ExitStack() as stack:
        accounts = stack.enter_context(serving([*ours, *theirs]))
        urls = accounts.urls
        scripts = [
            Script(url, poll, group.speed, group.slots)
            for url, poll in zip(urls[len(ours) :], group.polls, strict=True)
        ]
        sdk = stack.enter_context(running(scripts))
        stretch = asyncio.run(work(lanes, urls[: len(ours)]))
        known = sdk.known()
        seen = accounts.seen()
    heard = [Ends(lane.far.known, lane.far.looks) for lane in lanes if lane.far is not None]
    mine = measured(list(zip(seen, heard, strict=False)), stretch, group)
    peers = zip(group.polls, seen[len(ours) :], known, strict=True)
    return mine, {
        f"SDK, polled each {poll:g} s": measured([(one, Ends(ends, {}))], stretch, group) for poll, one, ends in peers
    }


def measured(runs: Sequence[tuple[Seen, Ends]], stretch: tuple[float, float], group: Group) -> Measured:
    """All lanes together, in seconds as if nothing had been speeded up."""
    begin, end = stretch
    used = sum(max(0.0, min(ended, end) - max(began, begin)) for seen, _ in runs for began, ended in seen.jobs.values())
    taken = sum(begin <= began < end for seen, _ in runs for began, _ in seen.jobs.values())
    finished = [
        (ends, job, ended)
        for seen, ends in runs
        for job, (_, ended) in seen.jobs.items()
        if begin <= ended < end and job in ends.known
    ]
    if not finished or not taken:
        raise RuntimeError("no job was finished in the time that is counted")
    lags = sorted((ends.known[job] - ended) * group.speed for ends, job, ended in finished)
    looks = [float(ends.looks.get(job, 0)) for ends, job, _ in finished]
    arrivals = [[at * group.speed for at in times] for seen, _ in runs for times in seen.calls.values()]
    submits = sum(begin <= at < end for seen, _ in runs for at in seen.calls[SUBMIT])
    busy = used / ((end - begin) * group.slots * len(runs))
    peak = max(map(most_in_a_second, arrivals))
    calls = fmean(looks) + submits / taken
    outcome = Outcome(busy, part(lags, 0.5), part(lags, 0.95), calls, peak, len(lags))
    return Measured(outcome, len(lags), pstdev(lags), pstdev(looks))

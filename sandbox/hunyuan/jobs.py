"""The life of a job at the provider, computed from the clock: waiting, running, done or failed, and its slot freed."""

from __future__ import annotations

import math
import random
from dataclasses import dataclass, field

from sandbox.hunyuan.catalogue import Status
from sandbox.hunyuan.faults import Fault, Trouble
from sandbox.hunyuan.parameters import Order
from sandbox.hunyuan.refusals import Refusal
from sandbox.hunyuan.settings import ImageApiSettings

SLOWER = 6.0
"""What the trouble SLOW multiplies the running time by."""


@dataclass(slots=True)
class Job:
    """One accepted submit. Times are Unix seconds; infinity where the job is stuck."""

    id: str
    order: Order
    seeds: tuple[int, ...]
    revised: tuple[str, ...]
    submitted_at: float
    running_at: float
    ended_at: float
    freed_at: float
    troubles: dict[Trouble, Fault] = field(default_factory=dict)
    digests: list[str] = field(default_factory=list)
    """SHA-256 of each picture, once they are drawn."""
    done_answers: int = 0
    """How often a query was answered while the job was done."""
    downloads: dict[int, int] = field(default_factory=dict)
    told: Status = Status.WAITING
    """The last status that the feed has heard of."""

    def status(self, now: float) -> Status:
        """Return the job's true status at `now`, whatever a trouble makes the answer say."""
        if now >= self.ended_at:
            return Status.FAILED if Trouble.FAIL in self.troubles else Status.DONE
        return Status.RUNNING if now >= self.running_at else Status.WAITING

    @property
    def error_code(self) -> str:
        """The code of the failure the job ends in; empty if it ends well."""
        fault = self.troubles.get(Trouble.FAIL)
        return fault.code if fault else ""

    def next_moment(self, now: float) -> float:
        """Return when its status changes next; infinity if it does not."""
        return next((at for at in (self.running_at, self.ended_at) if at > now), math.inf)


@dataclass(slots=True)
class Desk:
    """Takes jobs while slots are free, and finds them again."""

    settings: ImageApiSettings
    jobs: dict[str, Job] = field(default_factory=dict)
    peak: int = 0
    """The most jobs that were unfinished at the same time."""
    _alive: list[Job] = field(default_factory=list)

    def check_slot(self, now: float) -> None:
        """Refuse with `RequestLimitExceeded.JobNumExceed` if every slot is taken."""
        self._alive = [job for job in self._alive if job.freed_at > now]
        if len(self._alive) >= self.settings.slots:
            raise Refusal("RequestLimitExceeded.JobNumExceed")

    def take(self, job: Job, *, now: float) -> None:
        """Keep an accepted job; it holds a slot until `freed_at`."""
        self.jobs[job.id] = job
        self._alive.append(job)
        self.peak = max(self.peak, sum(each.ended_at > now for each in self._alive))

    def unstick(self, now: float) -> None:
        """Let stuck jobs go on: those that wait begin to run, those that run end, at `now`."""
        for job in self._alive:
            if not math.isinf(job.ended_at):
                continue
            if math.isinf(job.running_at):
                job.running_at, job.ended_at = now, now + self.settings.running / self.settings.speed
            else:
                job.ended_at = max(now, job.running_at)
            job.freed_at = job.ended_at


@dataclass(frozen=True, slots=True)
class Times:
    """When a job starts to run, ends and frees its slot."""

    running_at: float
    ended_at: float
    freed_at: float


def draw_times(
    order: Order, troubles: dict[Trouble, Fault], *, now: float, settings: ImageApiSettings, chance: random.Random
) -> Times:
    """Draw how long a job waits and runs and how late it frees its slot, from the settings."""
    waiting = chance.uniform(*settings.waiting)
    running = settings.running + settings.running_extra * (order.num - 1)
    running *= settings.clarity_factors.get(order.clarity, 1.0) * chance.lognormvariate(0.0, settings.running_spread)
    running *= SLOWER if Trouble.SLOW in troubles else 1.0
    lag = chance.uniform(*settings.release_lag)
    running_at = math.inf if Trouble.STUCK_WAITING in troubles else now + waiting / settings.speed
    ended_at = math.inf if Trouble.STUCK_RUNNING in troubles else running_at + running / settings.speed
    return Times(running_at, ended_at, ended_at + lag / settings.speed)

"""Claim what is due, do one step, write down what came of it.

No job lives here longer than its steps: what is not written down did not happen, so a restart needs no code of its own.
"""

from __future__ import annotations

import asyncio
import math
import time
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

import structlog

from bot.clock import Clock
from bot.errors import STEADY, Cause, Fault, Gone, Rejected, Stale, Unavailable
from bot.events import Event, Faulted
from bot.job import Job, JobId, State
from bot.lifecycle import IllegalTransition, advance
from bot.ports import Chat, Images, Measures, Spool, Standing, Store
from bot.steps import EFFECTS, Effect, Work, faulted

_log = structlog.get_logger(__name__)

STEP_LIMIT = 100.0
"""Seconds one step may take; well inside the lease."""
LEASE = timedelta(seconds=120)


class Lane(Protocol):
    """What the runner needs of a lane: it decides about jobs in line and at the provider."""

    async def drive(self, now: datetime) -> float:
        """Start what is due; the Unix time at which to be called again at the latest."""

    def take(self, job: Job) -> None:
        """Note a job that came in line, or that left the provider."""

    async def standing(self, job: Job) -> Standing:
        """Where the job stands, or would stand."""


@dataclass(frozen=True, slots=True)
class Width:
    """How much is done at once."""

    steps: int = 8
    claims: int = 32


class Runner:
    """Does the steps of jobs, each in a tracked task, and hands the ones that wait for the provider to their lane."""

    def __init__(
        self,
        *,
        store: Store,
        chat: Chat,
        images: Images,
        spool: Spool,
        clock: Clock,
        measures: Measures,
        owner: str,
        width: Width = Width(),
    ) -> None:
        self._store = store
        self._work = Work(chat, images, spool, clock, self._standing)
        self._clock = clock
        self._measures = measures
        self._owner = owner
        self._width = width
        self._lanes: dict[str, Lane] = {}
        self._tasks: dict[JobId, asyncio.Task[None]] = {}
        self._next: deque[tuple[Job, bool]] = deque()
        self._stopping = False
        self.nudge: Callable[[], None] = lambda: None

    def add_lane(self, lane_id: str, lane: Lane) -> None:
        """Let this lane decide about its jobs."""
        self._lanes[lane_id] = lane

    async def _standing(self, job: Job) -> Standing:
        return await self._lanes[job.lane].standing(job)

    async def tick(self) -> float:
        """Start whatever is due now; the Unix time at which to tick again at the latest."""
        if self._stopping:
            return math.inf
        now = self._clock.now()
        wakes = [await lane.drive(now) for lane in self._lanes.values()]
        wakes.append(await self._claim(now))
        return min(wakes)

    async def _claim(self, now: datetime) -> float:
        room = min(self._width.claims, self._width.steps - len(self._tasks) - len(self._next))
        if room <= 0:
            return math.inf  # a step that ends nudges
        jobs = await self._store.claim(now, owner=self._owner, lease=LEASE, limit=room)
        for job in jobs:
            self.start(job)
        if len(jobs) == room:
            return math.inf
        due = await self._store.next_due()
        return due.timestamp() if due is not None else math.inf

    def start(self, job: Job, *, fresh: bool = False) -> None:
        """Carry the job on from where it is. `fresh`: this process itself has just written its state."""
        if self._stopping or job.id in self._tasks or any(job.id == other.id for other, _ in self._next):
            return
        if len(self._tasks) >= self._width.steps:
            self._next.append((job, fresh))
            return
        task = asyncio.create_task(self._carry(job, fresh=fresh), name=f"job {job.id}")
        self._tasks[job.id] = task
        task.add_done_callback(lambda _: self._ended(job.id))

    def _ended(self, job_id: JobId) -> None:
        self._tasks.pop(job_id, None)
        if self._next:
            job, fresh = self._next.popleft()
            self.start(job, fresh=fresh)
        self.nudge()

    async def _carry(self, job: Job, *, fresh: bool) -> None:
        while (effect := EFFECTS.get(job.state)) is not None and not self._stopping:
            now = self._clock.now()
            if job.due_at > now:
                break
            job, fresh = await self.perform(job, _bound(effect, self._work, fresh=fresh)), True
            if job.attempts:
                break
        await self._hand_over(job)

    async def _hand_over(self, job: Job) -> None:
        if job.root_ts and job.state is not State.QUEUED:
            self._work.chat.show(job, Standing())
        if job.is_final and job.pictures and not self._stopping:
            await self._forget_bytes(job)
        lane = self._lanes.get(job.lane)
        if lane is not None:
            lane.take(job)
        self.nudge()

    async def _forget_bytes(self, job: Job) -> None:
        try:
            await self._work.spool.drop(job.id)
        except Fault as fault:
            _log.warning("spool_not_emptied", job=job.id, code=fault.code)

    async def perform(self, job: Job, effect: Callable[[Job], Awaitable[Event | None]]) -> Job:
        """Do one effect, write down what came of it, say so in one line; the job as it is now stored.

        An effect that reports nothing (`None`) leaves the row as it is.
        """
        began = time.monotonic()
        event: Event | None
        try:
            async with asyncio.timeout(STEP_LIMIT):
                event = await effect(job)
        except Fault as fault:
            event = faulted(fault, job.state)
            if fault.detail:
                _log.info("fault", job=job.id, code=fault.code, detail=fault.detail, reference=fault.reference)
        except TimeoutError:
            event = _unless_submitting(
                job, faulted(Unavailable("step_timeout", cause=Cause.PROVIDER_STUMBLED), job.state)
            )
        except Exception:  # noqa: BLE001 - a defect of ours must cost one job some time, not the loop its life
            _log.exception("step_broke", job=job.id, state=job.state)
            event = _unless_submitting(job, Faulted("defect", Cause.UNEXPECTED, STEADY))
        after = job if event is None else await self.settle(job, event)
        self._say(job, after, event, seconds=time.monotonic() - began)
        return after

    def _say(self, before: Job, after: Job, event: Event | None, *, seconds: float) -> None:
        outcome = type(event).__name__ if event is not None else "Nothing"
        code = event.code if isinstance(event, Faulted) else None
        step = before.step or "none"
        self._measures.step(step, outcome=outcome, seconds=seconds)
        _log.info(
            "step", job=before.id, team=before.team_id, step=str(step), was=str(before.state), state=str(after.state),
            outcome=outcome, code=code, attempts=after.attempts, ms=round(seconds * 1000, 1),
        )  # fmt: skip

    async def settle(self, job: Job, event: Event) -> Job:
        """Write down what came of a step, whoever else wrote to the row, however long the database is away.

        An event that means nothing to the row any more (its owner cancelled it) is dropped.
        """
        pause, stale = 0.1, False
        now = self._clock.now()  # one moment for every try: a commit whose answer was lost is known again by it
        while True:
            try:
                if stale:
                    job, stale = await self._again(job), False
                return await self._save(advance(job, event, now), now)
            except IllegalTransition as illegal:
                _log.info("overtaken", job=job.id, state=str(illegal.state), outcome=type(event).__name__)
                return job
            except Stale:
                stale = True
            except Rejected as fault:
                event = _unstorable(job, event, fault)
            except Unavailable as fault:
                _log.error("not_written", job=job.id, code=fault.code, outcome=type(event).__name__)
                await self._clock.sleep(pause)
                pause = min(pause * 2, 5.0)

    async def _save(self, after: Job, now: datetime) -> Job:
        """Write it, and hold on to it only if `_carry` goes on with it: what has failed is left for a later claim."""
        if after.state in EFFECTS and after.due_at <= now and not after.attempts:
            return await self._store.save(after, owner=self._owner, lease_until=now + LEASE)
        return await self._store.save(after)

    async def _again(self, job: Job) -> Job:
        found = await self._store.get(job.id)
        if found is None:
            raise Gone("row_gone", f"job {job.id} was deleted from the database")
        return found

    @property
    def busy(self) -> Sequence[JobId]:
        """The jobs that have a step under way."""
        return tuple(self._tasks)

    async def stop(self, *, limit: float) -> None:
        """Take nothing new, let steps under way end within `limit` seconds, give back what is left."""
        self._stopping = True
        tasks = set(self._tasks.values())
        if tasks:
            _, late = await asyncio.wait(tasks, timeout=limit)
            for task in late:
                task.cancel()
            await asyncio.gather(*late, return_exceptions=True)
        try:
            await self._store.release(self._owner)
        except Fault as fault:
            _log.warning("leases_not_returned", code=fault.code)  # they run out by themselves


def _bound(effect: Effect, work: Work, *, fresh: bool) -> Callable[[Job], Awaitable[Event]]:
    async def run(job: Job) -> Event:
        return await effect(job, work, fresh)

    return run


def _unless_submitting(job: Job, event: Faulted) -> Faulted | None:
    """A submit that broke off proves nothing: the row stays `submitting`, and its slot is held."""
    return None if job.state is State.SUBMITTING else event


def _unstorable(job: Job, event: Event, fault: Rejected) -> Faulted:
    """Two jobs with one provider id, say: this one must not show the other's pictures, and ends."""
    _log.error("refused_by_store", job=job.id, code=fault.code, outcome=type(event).__name__)
    if isinstance(event, Faulted):
        raise fault  # not even that can be stored: nothing is left to try
    return Faulted(fault.code, Cause.UNEXPECTED)

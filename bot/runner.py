"""Claim what is due, do one step, write down what came of it.

No job lives here longer than its steps: what is not written down did not happen, so a restart needs no code of its own.
What can be had again for nothing is written down with what follows (`course`).
"""

from __future__ import annotations

import asyncio
import math
import time
from collections import deque
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import contextmanager, nullcontext
from datetime import datetime, timedelta
from typing import Any, Protocol

import structlog

from bot.book import LEASE, Book
from bot.clock import Clock
from bot.course import Course
from bot.crew import Crew, Turn, Width
from bot.errors import STEADY, Cause, Fault, Gone, Unavailable
from bot.events import Event, Faulted
from bot.job import Job, JobId, State
from bot.ports import Accepted, Chat, Images, Lease, Measures, Spool, Standing, Store
from bot.precedence import Precedence
from bot.steps import EFFECTS, Effect, faulted
from bot.work import Work

_log = structlog.get_logger(__name__)

STEP_LIMIT = 100.0
"""Seconds one step may take; well inside the lease."""
ASIDE = timedelta(seconds=30)
"""How long a job rests whose news could not be written by any means, before it is looked at again."""


class Lane(Protocol):
    """What the runner needs of a lane: it decides about jobs in line and at the provider."""

    async def drive(self, now: datetime) -> float:
        """Start what is due; the Unix time at which to be called again at the latest."""

    def take(self, job: Job) -> None:
        """Note a job that came in line, or that left the provider."""

    async def standing(self, job: Job) -> Standing:
        """Where the job stands, or would stand."""


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
        width: Width | None = None,
    ) -> None:
        self._store = store
        self._book = Book(store, clock, owner=owner)
        self.precedence = Precedence()
        self._work = Work(chat, images, spool, clock, self.standing, store.get, self.precedence.piece)
        self._clock = clock
        self._measures = measures
        self._owner = owner
        self._crew = Crew(width or Width(), carry=self._carry, put_down=self._put_down, ended=self._ended)
        self._lanes: dict[str, Lane] = {}
        self._admissions: set[asyncio.Task[Any]] = set()
        self._all_stored = asyncio.Event()
        self._all_stored.set()
        self._aside: deque[tuple[datetime, Job]] = deque()
        self._stopping = False
        self.nudge: Callable[[], None] = lambda: None

    def add_lane(self, lane_id: str, lane: Lane) -> None:
        """Let this lane decide about its jobs."""
        self._lanes[lane_id] = lane

    async def standing(self, job: Job) -> Standing:
        """Where the job stands in its lane, or would stand."""
        return await self._lanes[job.lane].standing(job)

    async def tick(self) -> float:
        """Start whatever is due now; the Unix time at which to tick again at the latest."""
        if self._stopping:
            return math.inf
        await self.precedence.give_way()
        now = self._clock.now()
        while self._aside and self._aside[0][0] <= now:
            self._give_back(self._aside.popleft()[1])
        wakes = [at.timestamp() for at, _ in self._aside]
        wakes += await self._drive(now)
        wakes.append(await self._claim(now))
        return min(wakes)

    async def _drive(self, now: datetime) -> list[float]:
        """All lanes at once, so that what they write is committed together; one that fails holds up no other."""
        drives = (lane.drive(now) for lane in self._lanes.values())
        answers = await asyncio.gather(*drives, return_exceptions=True)
        wakes = [answer for answer in answers if not isinstance(answer, BaseException)]
        for answer in answers:
            if isinstance(answer, BaseException):
                raise answer
        return wakes

    async def _claim(self, now: datetime) -> float:
        """Many in one transaction, and none where nothing is due."""
        if not self._crew.is_half_empty:
            return math.inf  # a step that ends nudges
        wake = await self._next_due()
        if wake > now.timestamp():
            return wake
        for job in await self._store.claim(now, owner=self._owner, lease=LEASE, limit=self._crew.room):
            self.start(job)
        return await self._next_due() if self._crew.is_half_empty else math.inf

    async def _next_due(self) -> float:
        due = await self._store.next_due()
        return due.timestamp() if due is not None else math.inf

    async def admit(
        self, store: Callable[[Lease | None], Awaitable[Accepted]], *, is_waited_for: bool = True
    ) -> Accepted:
        """Have an ask stored, and carry it on at once if there is room: then it is stored with our lease on it.

        `is_waited_for`: by somebody who is not acknowledged yet. If such a caller is cancelled nobody was promised
        anything, and the store drops it; one that had been stored in that very moment is carried on when its lease has
        run out.
        """
        waiting = self.precedence.asking() if is_waited_for else nullcontext()
        if not self._crew.room:
            with waiting:
                return await store(None)  # a step that ends nudges
        with self._admission(), waiting:
            accepted = await store(self._book.lease())
        if accepted.fresh:
            self.start(accepted.job, fresh=True)
        return accepted

    @contextmanager
    def _admission(self) -> Iterator[None]:
        """A place is kept, and `stop` knows whom it waits for."""
        caller = asyncio.current_task()
        assert caller is not None
        self._admissions.add(caller)
        self._crew.promised += 1
        self._all_stored.clear()
        try:
            yield
        finally:
            self._crew.promised -= 1
            self._admissions.discard(caller)
            if not self._admissions:
                self._all_stored.set()

    def start(self, job: Job, *, fresh: bool = False) -> None:
        """Carry the job on from where it is. `fresh`: this process itself has just written its state."""
        if not self._crew.holds(job.id):
            self._crew.take_on(Turn(Course.of(job), fresh))

    def carry_on(self, job: Job, event: Event) -> Job:
        """Go on from an event that need not be written down by itself; the job as it would be stored."""
        course = Course.of(job).then(event, self._clock.now())
        self._say(job, course.job, event, seconds=0.0)
        self._crew.take_on(Turn(course, fresh=True))
        return course.job

    def _ended(self, turn: Turn, error: BaseException | None) -> None:
        if error is not None:
            _log.error("not_carried", job=turn.job_id, exc_info=error)
        if error is not None and turn.is_delivery and not isinstance(error, Gone):
            # Its row still says that the provider has it, and only its lane would look there.
            self._aside.append((self._clock.now() + ASIDE, turn.course.row))
        self.nudge()

    def _give_back(self, job: Job) -> None:
        lane = self._lanes.get(job.lane)
        if lane is not None:
            lane.take(job)
        self.nudge()

    async def _put_down(self, turn: Turn) -> None:
        """Leave it to a later claim."""
        await self._book.write(turn.course, hold=False)

    async def _carry(self, turn: Turn) -> None:
        course, fresh = await self._book.look_up(turn.course), turn.fresh
        while (effect := EFFECTS.get(course.job.state)) is not None and not (self._stopping or course.overtaken):
            if course.job.due_at > self._clock.now():
                break
            course, fresh = await self._step(course, _bound(effect, self._work, fresh=fresh)), True
            if course.job.attempts:
                break
        course = await self._book.write(course)
        await self._hand_over(course)

    async def _hand_over(self, course: Course) -> None:
        job = course.job
        if job.root_ts and job.state is not State.QUEUED:
            self._work.chat.show(job, Standing())
        if job.is_final and course.spooled and not self._stopping:
            await self._forget_bytes(job)
        self._give_back(job)

    async def _forget_bytes(self, job: Job) -> None:
        try:
            await self._work.spool.drop(job.id)
        except Fault as fault:
            _log.warning("spool_not_emptied", job=job.id, code=fault.code)

    async def perform(self, job: Job, effect: Callable[[Job], Awaitable[Event | None]]) -> Job:
        """Do one effect, write down what came of it, say so in one line; the job as it is now stored.

        An effect that reports nothing (`None`) leaves the row as it is.
        """
        course = await self._step(Course.of(job), effect)
        return (await self._book.write(course)).job

    async def _step(self, course: Course, effect: Callable[[Job], Awaitable[Event | None]]) -> Course:
        """Do one effect; what came of it is written down unless it may wait."""
        announcing = course.job.state is State.ACCEPTED
        await self.precedence.give_way(long=announcing)
        began = time.monotonic()
        event = await self._event(course.job, effect)
        after = course if event is None else course.then(event, self._clock.now())
        if not after.may_wait:
            await self.precedence.give_way(long=announcing)
            after = await self._book.write(after)
        self._say(course.job, after.job, event, seconds=time.monotonic() - began)
        return after

    async def _event(self, job: Job, effect: Callable[[Job], Awaitable[Event | None]]) -> Event | None:
        """What came of the effect, be it a fault, a defect, or no end at all."""
        try:
            async with asyncio.timeout(STEP_LIMIT):
                return await effect(job)
        except Fault as fault:
            if fault.detail:
                _log.info("fault", job=job.id, code=fault.code, detail=fault.detail, reference=fault.reference)
            return faulted(fault, job.state)
        except TimeoutError:
            late = Unavailable("step_timeout", cause=Cause.PROVIDER_STUMBLED)
            return _unless_submitting(job, faulted(late, job.state))
        except Exception:  # noqa: BLE001 - a defect of ours must cost one job some time, not the loop its life
            _log.exception("step_broke", job=job.id, state=job.state)
            return _unless_submitting(job, Faulted("defect", Cause.UNEXPECTED, STEADY))

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
        """Write down an event, whoever else wrote to the row, however long the database is away.

        One that means nothing to the row any more (its owner cancelled it) is dropped.
        """
        return (await self._book.write(Course.of(job).then(event, self._clock.now()))).job

    @property
    def busy(self) -> Sequence[JobId]:
        """The jobs that have a step under way."""
        return self._crew.busy

    def carries(self, job_id: JobId) -> bool:
        """Whether the job is being carried on here, perhaps further than its row says."""
        return self._crew.holds(job_id)

    async def stop(self, *, limit: float) -> None:
        """Take nothing new, let steps under way end within `limit` seconds, give back what is left.

        What happened and can be had again for nothing is lost with what waits for room.
        """
        self._stopping = True
        storing = asyncio.create_task(self._all_stored.wait(), name="last asks")
        _, late = await asyncio.wait({*self._crew.dismiss(), storing}, timeout=limit)
        for task in (*late, *self._admissions):
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

"""Sends the jobs of one lane, one intent on disk before each.

A job that was offered and refused keeps its intent for a while and is offered again: it costs no transaction, and a
crash leaves one more submit of unknown outcome. Nothing here repeats a submit by itself: an answer with an error proves
that nothing was created, anything else is unknown, and keeps its slot.
"""

from __future__ import annotations

import math
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

import structlog

from bot.clock import Clock
from bot.errors import Cause, LaneDown, OutcomeUnknown, SlotTaken, Throttled, Unavailable
from bot.events import Event, Faulted, Intended, NotTaken, Submitted
from bot.forecast import Key
from bot.health import Health
from bot.job import Job, JobId, LaneId, State
from bot.lifecycle import MAX_SENDS
from bot.ports import Images, Store
from bot.timetable import Timetable, Unsure

_log = structlog.get_logger(__name__)

KEPT = 20.0
"""Seconds for which an intent may outlast refusals, on top of what a submit of unknown outcome holds its slot."""
_GLANCE = 0.5  # seconds between two looks at the rows of refused jobs: their owners may not want them any more


class Carrier(Protocol):
    """What a lane needs of the runner."""

    async def perform(self, job: Job, effect: Callable[[Job], Awaitable[Event | None]]) -> Job:
        """Do an effect and write down what came of it."""

    async def settle(self, job: Job, event: Event) -> Job:
        """Write down an event."""

    def carry_on(self, job: Job, event: Event) -> Job:
        """Go on from an event that need not be written down by itself; the job as it would be stored."""

    def start(self, job: Job, *, fresh: bool = False) -> None:
        """Carry the job on."""


@dataclass(frozen=True, slots=True)
class Account:
    """The provider account behind the lane. `typical`, `hold` and `deadline` are seconds.

    `exact`: the operator's word that the account refuses what is beyond its slots (or that it does not); None: nobody
    said.
    """

    lane: LaneId
    slots: int
    rate: float
    typical: float
    hold: float
    deadline: float
    probe_every: float
    exact: bool | None = None


@dataclass(slots=True)
class Sending:
    """One submit on its way: when it left, whether it is an offer, whether it was refused and its intent is `kept`."""

    sent_at: float
    offer: bool
    kept: bool = False


class Lane(Protocol):
    """What changes for the lane."""

    def arrived(self, job: Job, sent_at: float) -> None:
        """The provider took the job."""

    def spawn(self, work: Awaitable[None]) -> None:
        """Do that beside the rest."""

    def nudge(self) -> None:
        """Something may be due."""


class Submits:
    """Sends what is next in line, what was refused before, and once more what nobody heard of."""

    def __init__(
        self,
        account: Account,
        times: Timetable,
        *,
        store: Store,
        images: Images,
        clock: Clock,
        carrier: Carrier,
        health: Health,
        lane: Lane,
    ) -> None:
        self._account = account
        self._times = times
        self._store = store
        self._images = images
        self._clock = clock
        self._carrier = carrier
        self._health = health
        self._lane = lane
        self._waiting: list[Job] = []
        self._under_way: set[JobId] = set()
        self._glanced_at = -math.inf

    def knows(self, job_id: JobId) -> bool:
        """Whether this very process is about to hear, or has heard, what became of the job's submit."""
        return job_id in self._under_way or any(job.id == job_id for job in self._waiting)

    @property
    def kept(self) -> int:
        """How many jobs hold an intent and no slot."""
        return len(self._waiting)

    async def ready_at(self, now: float) -> float | None:
        """From when on there is a job to send; nobody is asked as long as none may be sent."""
        if self._waiting or not self._times.may_send(now):
            return -math.inf
        due = await self._store.next_in_line_due(self._account.lane)
        return due.timestamp() if due is not None else None

    async def tidy(self, now: float) -> float:
        """Take intents back that are no use any more; when to call again."""
        for job_id in self._times.disproved():
            del self._times.held[job_id]
            await self._put_back(await self._store.get(job_id))
        if not self._waiting:
            return math.inf
        if now >= self._glanced_at + _GLANCE:
            self._glanced_at = now
            for job in tuple(self._waiting):
                if await self._is_useless(job, now):
                    self._waiting.remove(job)
                    await self._put_back(job)
        return self._glanced_at + _GLANCE if self._waiting else math.inf

    async def _is_useless(self, job: Job, now: float) -> bool:
        if self._health.paused or not self._may_wait(job, now):
            return True
        row = await self._store.get(job.id)
        return row is None or row.version != job.version

    def _may_wait(self, job: Job, now: float) -> bool:
        """Whether the row would still hold the slot for long enough, should the next try never be heard of."""
        return job.due_at.timestamp() > now + self._hold(job)

    async def _put_back(self, job: Job | None) -> None:
        """In line again, where it was; or cancelled, if its owner said so meanwhile."""
        if job is None or job.state is not State.SUBMITTING:
            return
        after = await self._carrier.settle(job, NotTaken(self._clock.now()))
        if after.state is not State.QUEUED:
            self._carrier.start(after, fresh=True)

    async def withdraw(self) -> None:
        """Take back every intent that stands without a call under way."""
        while self._waiting:
            await self._put_back(self._waiting.pop())

    async def send_next(self, now: datetime, *, offer: bool) -> bool:
        """Send the next job; False if there is none after all."""
        job = await self._again(now.timestamp())
        if job is not None:
            self._send(job, offer=offer)
            return True
        found = await self._store.next_in_line(self._account.lane, now)
        if found is None:
            return False
        await self._intend_and_send(found, offer=offer, patient=offer or not self._times.refill.is_prompt)
        return True

    async def _again(self, now: float) -> Job | None:
        """A job that was refused before, if its owner still wants it."""
        while self._waiting:
            job = self._waiting.pop(0)
            if not await self._is_useless(job, now):
                return job
            await self._put_back(job)
        return None

    async def resend(self, job_id: JobId) -> None:
        """The slot of an unknown submit was held long enough: send it once more, or say that it cannot be known."""
        job = await self._store.get(job_id)
        del self._times.held[job_id]
        if job is None or job.state is not State.SUBMITTING:
            return
        if job.sends >= MAX_SENDS or job.dropped:
            after = await self._carrier.settle(job, Faulted("outcome_unknown", Cause.OUTCOME_UNKNOWN))
            self._carrier.start(after, fresh=True)
            return
        _log.warning("resent", job=job.id, sends=job.sends + 1)
        await self._intend_and_send(job, offer=False, patient=False)

    async def _intend_and_send(self, job: Job, *, offer: bool, patient: bool) -> None:
        """Write the intent down before the call; a crash from here on finds it."""
        hold = self._hold(job) + (KEPT if patient else 0.0)
        intended = await self._carrier.settle(job, Intended(self._clock.now() + timedelta(seconds=hold)))
        # Two tests of the driver go past this; the tracer of 3.11 loses sight once the commit was stale.
        if intended.state is State.SUBMITTING:  # pragma: no branch
            self._send(intended, offer=offer)

    def _hold(self, job: Job) -> float:
        """Seconds that a submit of unknown outcome may hold its slot."""
        lag = max(self._times.refill.lags, default=0.0)
        return self._times.forecast.longest(key_of(job), lag=lag, least=self._account.hold)

    def _send(self, job: Job, *, offer: bool) -> None:
        now = self._clock.now().timestamp()
        self._times.submit_sent(now, offer=offer)
        self._under_way.add(job.id)
        self._lane.spawn(self._sent(job, Sending(now, offer)))

    async def _sent(self, job: Job, sending: Sending) -> None:
        """See a submit through."""

        async def call(job: Job) -> Event | None:
            try:
                return await self._call(job, sending)
            finally:
                now = self._clock.now().timestamp()
                self._times.submit_answered(now, sent_at=sending.sent_at)

        try:
            after = await self._carrier.perform(job, call)
        except BaseException:
            self._hold_slot(job, sending)  # the row says `submitting`: its slot counts as taken
            raise
        finally:
            self._under_way.discard(job.id)
            self._times.submit_over(offer=sending.offer)
        self._file(after, sending)
        self._lane.nudge()

    def _file(self, job: Job, sending: Sending) -> None:
        if job.state is State.GENERATING:
            self._lane.arrived(job, sending.sent_at)
        elif job.state is not State.SUBMITTING:
            self._carrier.start(job, fresh=True)
        elif sending.kept:
            self._waiting.append(job)
        else:
            self._hold_slot(job, sending)

    def _hold_slot(self, job: Job, sending: Sending) -> None:
        resend_at = min(job.due_at.timestamp(), sending.sent_at + self._hold(job))
        intended_at = (job.sent_at or job.state_at).timestamp()
        self._times.hold(job.id, Unsure(intended_at, self._clock.now().timestamp(), resend_at))

    async def _call(self, job: Job, sending: Sending) -> Event | None:
        """The submit itself."""
        sent_at = self._clock.now()
        sending.sent_at = sent_at.timestamp()
        try:
            provider_job_id = await self._images.submit(job.request)
        except SlotTaken:
            return self._refused(job, sending)
        except Throttled as fault:
            now = self._clock.now()
            self._times.refill = self._times.refill.closed(now.timestamp() + fault.retry_after)
            return NotTaken(now)
        except LaneDown as fault:
            await self._health.stop(fault)
            return NotTaken(self._clock.now())
        except Unavailable:
            self._times.refill = self._times.refill.failed(self._clock.now().timestamp())
            raise
        except OutcomeUnknown as fault:
            _log.warning("submit_unknown", job=job.id, code=fault.code)
            return None
        now = self._clock.now()
        poll_at = sent_at + timedelta(seconds=self._times.next_look(key_of(job), since_submit=0.0))
        deadline_at = now + timedelta(seconds=self._account.deadline)
        return Submitted(provider_job_id, poll_at, deadline_at, sent_at)

    def _refused(self, job: Job, sending: Sending) -> NotTaken | None:
        now = self._clock.now()
        self._times.refused(sending.sent_at, now.timestamp(), offer=sending.offer)
        sending.kept = self._may_wait(job, now.timestamp())
        return None if sending.kept else NotTaken(now)


def key_of(job: Job) -> Key:
    """What a job's run time depends on."""
    request = job.request
    return Key(request.count, request.clarity, request.raw)

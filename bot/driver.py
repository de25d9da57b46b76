"""Drives one lane: asks `lanes.decide` what is next and does it. What it remembers may be lost: the rows tell all."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Protocol

import structlog

from bot.clock import Clock
from bot.errors import Cause, LaneDown, OutcomeUnknown, SlotTaken, Throttled, Unavailable
from bot.events import Event, Faulted, Finished, Intended, NotTaken, Submitted
from bot.forecast import Forecast, Key
from bot.health import Health
from bot.job import Job, JobId, LaneId, State
from bot.lanes import MOST_LAG, Decision, Flight, Held, Pace, Refill, View, decide
from bot.lifecycle import MAX_SENDS
from bot.looks import Look, Looks
from bot.ports import Chat, Images, Measures, Run, Standing, Store
from bot.standing import Board

_log = structlog.get_logger(__name__)

_GRACE = 0.1  # of the deadline
_AFTER_DEFECT = 5.0
_NOBODY = 0.5
_PLAIN = Key(count=1, clarity=None, raw=False)


class Carrier(Protocol):
    """What the driver needs of the runner."""

    async def perform(self, job: Job, effect: Callable[[Job], Awaitable[Event | None]]) -> Job:
        """Do an effect and write down what came of it."""

    async def settle(self, job: Job, event: Event) -> Job:
        """Write down an event."""

    def start(self, job: Job, *, fresh: bool = False) -> None:
        """Carry the job on."""


@dataclass(frozen=True, slots=True)
class Account:
    """The provider account behind the lane. `typical`, `hold` and `deadline` are seconds."""

    lane: LaneId
    slots: int
    rate: float
    typical: float
    hold: float
    deadline: float
    probe_every: float


class Driver:
    """One lane at work."""

    def __init__(
        self,
        account: Account,
        *,
        store: Store,
        images: Images,
        chat: Chat,
        clock: Clock,
        measures: Measures,
        carrier: Carrier,
    ) -> None:
        self._account = account
        self._store = store
        self._images = images
        self._chat = chat
        self._clock = clock
        self._carrier = carrier
        self._submits = Pace(account.rate)
        self._queries = Pace(account.rate)
        self._refill = Refill()
        self._looks: dict[JobId, Look] = {}
        self._held: dict[JobId, float] = {}
        self._sending = 0
        self._tasks: set[asyncio.Task[None]] = set()
        self.forecast = Forecast(typical=account.typical)
        self.health = Health(
            account.lane,
            store=store,
            images=images,
            chat=chat,
            clock=clock,
            measures=measures,
            probe_every=account.probe_every,
        )
        self._sight = self._looks_through(images)
        self.board = Board(account.lane, account.slots, store=store, chat=chat, clock=clock, lane=self)
        self.nudge: Callable[[], None] = lambda: None

    def _looks_through(self, images: Images) -> Looks:
        grace = self._account.deadline * _GRACE
        return Looks(images=images, clock=self._clock, health=self.health, grace=grace, next_look=self._next_look)

    async def load(self) -> None:
        """Learn from the rows where things stand: run times, jobs at the provider, and whether the lane is paused."""
        await self.health.load()
        self._refill = Refill(lags=tuple(min(lag, MOST_LAG) for lag in self.health.row.lags))
        self.forecast.learn(await self._store.runs(self._account.lane, 200))
        for job in await self._store.in_flight(self._account.lane):
            if job.state is State.SUBMITTING:
                self._held[job.id] = job.due_at.timestamp()
            else:
                self.take(job)

    def take(self, job: Job) -> None:
        """Look after a job that is at the provider; a queued one is found in the rows when its turn comes."""
        if job.state is State.QUEUED:
            self.board.changed()
        if job.state is State.GENERATING and job.lane == self._account.lane and job.id not in self._looks:
            since = (job.sent_at or job.state_at).timestamp()
            self._looks[job.id] = Look(job, since=since, look_at=self._clock.now().timestamp())

    async def standing(self, job: Job) -> Standing:
        """Where the job stands, or would stand if it came in line now."""
        return await self.board.standing(job)

    def remaining(self) -> list[float]:
        """Seconds that each job at the provider still needs, as far as its kind's history tells."""
        now = self._clock.now().timestamp()
        running = [
            self.forecast.remaining(key_of(look.job), max(0.0, now - look.since)) for look in self._looks.values()
        ]
        unsure = [self.forecast.mean(_PLAIN) for _ in range(len(self._held) + self._sending)]
        return running + unsure

    async def drive(self, now: datetime) -> float:
        """Start what is due; the Unix time at which to be called again at the latest."""
        moment = now.timestamp()
        decision = decide(await self._view(now), moment)
        if decision.probe:
            self._spawn(self._probe())
        sent = decision.submit and await self._submit_next(now)
        if decision.resend is not None:
            await self._resend(decision.resend)
        for job_id in decision.polls:
            self._queries = self._queries.taken(moment)
            self._looks[job_id].looking = True
            self._spawn(self._poll(self._looks[job_id]))
        return min(self._wake(decision, moment, sent=sent), self.board.refresh(moment))

    async def _probe(self) -> None:
        self._queries = self._queries.taken(self._clock.now().timestamp())
        await self.health.probe()
        self.nudge()

    def _wake(self, decision: Decision, now: float, *, sent: bool) -> float:
        if sent or decision.resend:
            return self._submits.next_at(now)
        return now + _NOBODY if decision.submit else decision.wake_at

    async def _view(self, now: datetime) -> View:
        health = self.health
        view = View(
            slots=self._account.slots,
            submits=self._submits,
            queries=self._queries,
            refill=self._refill,
            flights=[self._flight(look, now.timestamp()) for look in self._looks.values()],
            held=[Held(job_id, resend_at) for job_id, resend_at in self._held.items()],
            sending=self._sending,
            paused=health.paused,
            trying=health.trying,
            probe_at=health.probe_at,
        )
        return replace(view, ready_at=await self._ready_at())

    async def _ready_at(self) -> float | None:
        if len(self._looks) + len(self._held) + self._sending >= self._account.slots:
            return None
        due = await self._store.next_in_line_due(self._account.lane)
        return due.timestamp() if due is not None else None

    def _flight(self, look: Look, now: float) -> Flight:
        likely = self.forecast.cdf(key_of(look.job), now - look.since)
        return Flight(look.job.id, look_at=look.look_at, likely=likely, looking=look.looking)

    async def _submit_next(self, now: datetime) -> bool:
        job = await self._store.next_in_line(self._account.lane, now)
        if job is None:
            return False
        await self._intend(job)
        return True

    async def _resend(self, job_id: JobId) -> None:
        """The slot of an unknown submit was held long enough: send it once more, or say that it cannot be known."""
        job = await self._store.get(job_id)
        del self._held[job_id]
        if job is None or job.state is not State.SUBMITTING:
            return
        if job.sends >= MAX_SENDS or job.dropped:
            after = await self._carrier.settle(job, Faulted("outcome_unknown", Cause.OUTCOME_UNKNOWN))
            self._carrier.start(after, fresh=True)
            return
        _log.warning("resent", job=job.id, sends=job.sends + 1)
        await self._intend(job)

    async def _intend(self, job: Job) -> None:
        """Write the intent down before the call; a crash from here on finds it."""
        now = self._clock.now()
        hold = self.forecast.longest(key_of(job), lag=max(self._refill.lags, default=0.0), least=self._account.hold)
        intended = await self._carrier.settle(job, Intended(now + timedelta(seconds=hold)))
        if intended.state is not State.SUBMITTING:
            return
        self._submits = self._submits.taken(self._clock.now().timestamp())
        self._sending += 1
        self._spawn(self._send(intended))

    async def _send(self, job: Job) -> None:
        try:
            after = await self._carrier.perform(job, self._call)
        except Exception:
            self._held[job.id] = job.due_at.timestamp()  # the row says `submitting`: its slot counts as taken
            raise
        finally:
            self._sending -= 1
        if after.state is State.GENERATING:
            self._refill = self._refill.accepted(self._clock.now().timestamp())
            self._looks[after.id] = self._new_look(after)
            await self.health.works(lags=self._refill.lags)
            self._chat.show(after, Standing(about=self._about(after)))
        elif after.state is State.SUBMITTING:
            self._held[after.id] = after.due_at.timestamp()
        else:
            self._carrier.start(after, fresh=True)
        self.board.changed()
        self.nudge()

    def _new_look(self, job: Job) -> Look:
        since = (job.sent_at or job.state_at).timestamp()
        return Look(job, since=since, look_at=since + self._next_look(job, 0.0))

    def _next_look(self, job: Job, since_submit: float) -> float:
        key = key_of(job)
        budget = self.forecast.budget(slots=self._account.slots, rate=self._account.rate, mean=self.forecast.mean(key))
        return self.forecast.next_poll(key, since_submit=since_submit, budget=budget)

    def _about(self, job: Job) -> datetime:
        elapsed = (self._clock.now() - (job.sent_at or job.state_at)).total_seconds()
        return self._clock.now() + timedelta(seconds=self.forecast.remaining(key_of(job), max(0.0, elapsed)))

    async def _call(self, job: Job) -> Event | None:
        """The submit itself. Nothing here repeats it: an answer with an error proves that nothing was created."""
        try:
            provider_job_id = await self._images.submit(job.request)
        except SlotTaken:
            self._refill = self._refill.refused(self._clock.now().timestamp())
            return NotTaken(self._clock.now())
        except Throttled as fault:
            now = self._clock.now()
            self._refill = replace(self._refill, not_before=now.timestamp() + fault.retry_after)
            return NotTaken(now)
        except LaneDown as fault:
            await self.health.stop(fault)
            self.board.changed()
            return NotTaken(self._clock.now())
        except Unavailable:
            self._refill = self._refill.failed(self._clock.now().timestamp())
            raise
        except OutcomeUnknown as fault:
            _log.warning("submit_unknown", job=job.id, code=fault.code)
            return None
        now = self._clock.now()
        poll_at = now + timedelta(seconds=self._next_look(job, 0.0))
        return Submitted(provider_job_id, poll_at, now + timedelta(seconds=self._account.deadline))

    async def _poll(self, look: Look) -> None:
        look.look_at = self._clock.now().timestamp() + _AFTER_DEFECT
        try:
            event = await self._sight.look(look)
            if event is not None and look.given_up_at is None:
                await self._note(look, event)
                return
        finally:
            look.looking = False
        if event is not None or self._sight.is_shadow_over(look):
            self._forget(look)
        self.nudge()

    async def _note(self, look: Look, event: Event) -> None:
        """Write down what a look found, refill the slot, and let the job go on to its delivery or its apology."""
        after = await self._carrier.perform(look.job, _reporting(event))
        if isinstance(event, Faulted) and event.cause is not Cause.JOB_LOST:
            # Given up by us, not by the provider, which may be drawing it still: its slot counts as taken.
            look.given_up_at = self._clock.now()
        else:
            self._forget(look)
            self._learn(after, event)
        self._carrier.start(after, fresh=True)
        self.board.changed()
        self.nudge()

    def _forget(self, look: Look) -> None:
        """A job is off the provider's hands."""
        del self._looks[look.job.id]
        self._refill = self._refill.freed(self._clock.now().timestamp())

    def _learn(self, after: Job, event: Event) -> None:
        if isinstance(event, Finished) and after.sent_at and after.done_at:
            seconds = (after.done_at - after.sent_at).total_seconds()
            key = key_of(after)
            self.forecast.learn([Run(seconds, key.count, key.clarity, key.raw)])

    def _spawn(self, work: Awaitable[None]) -> None:
        task = asyncio.ensure_future(work)
        self._tasks.add(task)
        task.add_done_callback(self._done)

    def _done(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and task.exception() is not None:
            _log.error("driver_broke", lane=self._account.lane, exc_info=task.exception())
            self.nudge()

    async def stop(self, *, limit: float) -> None:
        """Let calls under way end within `limit` seconds, so that none is left with an unknown outcome."""
        if self._tasks:
            _, late = await asyncio.wait(self._tasks, timeout=limit)
            for task in late:
                task.cancel()
            await asyncio.gather(*late, return_exceptions=True)
        await self.board.stop()
        await self.health.remember(self._refill.lags)


def key_of(job: Job) -> Key:
    """What a job's run time depends on."""
    request = job.request
    return Key(request.count, request.clarity, request.raw)


def _reporting(event: Event) -> Callable[[Job], Awaitable[Event]]:
    async def report(_job: Job) -> Event:
        return event

    return report

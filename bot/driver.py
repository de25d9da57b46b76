"""Drives one lane: asks its timetable what is next and does it. What it remembers may be lost: the rows tell all."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

import structlog

from bot.clock import Clock
from bot.errors import Cause, Fault
from bot.events import Event, Faulted, Finished
from bot.forecast import Forecast, Key
from bot.health import Health
from bot.job import Job, JobId, State
from bot.looks import Look, Looks
from bot.ports import Chat, Images, Measures, Run, Standing, Store
from bot.refill import MOST_LAG, Refill
from bot.standing import Board
from bot.submits import Account as Account  # noqa: PLC0414 - whoever makes a driver has to say what account
from bot.submits import Carrier, Submits, key_of
from bot.timetable import Limits, Line, Timetable, Unsure

_log = structlog.get_logger(__name__)

_GRACE = 0.1  # of the deadline
_AFTER_DEFECT = 5.0
_NOBODY = 0.5
_JUST_NOW = 3.0  # seconds; what was read from the rows may be older than a submit so young
_PLAIN = Key(count=1, clarity=None, raw=False)


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
        self._chat = chat
        self._clock = clock
        self._carrier = carrier
        self._looks: dict[JobId, Look] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._driving = asyncio.Lock()
        self._stopping = False
        self.forecast = Forecast(typical=account.typical, slots=account.slots, rate=account.rate)
        self.times = Timetable(Limits(account.slots, account.rate, account.exact), self.forecast)
        every = account.probe_every
        self.health = Health(
            account.lane, store=store, images=images, chat=chat, clock=clock, measures=measures, probe_every=every
        )
        grace = account.deadline * _GRACE
        self._sight = Looks(images=images, clock=clock, health=self.health, grace=grace, times=self.times)
        self._submits = Submits(
            account, self.times, store=store, images=images, clock=clock, carrier=carrier, health=self.health, lane=self
        )
        self.board = Board(account.lane, account.slots, store=store, chat=chat, clock=clock, lane=self)
        self.nudge: Callable[[], None] = lambda: None

    async def load(self) -> None:
        """Learn from the rows where things stand: run times, jobs at the provider, and whether the lane is paused.

        May be called again: what was known of jobs is forgotten. Nothing may be under way then.
        """
        self._stopping = False
        self._looks.clear()
        self.board.forget()
        self.times.forget(self._now())
        await self.health.load()
        self.times.refill = Refill(lags=tuple(min(lag, MOST_LAG) for lag in self.health.row.lags))
        self.forecast.relearn(await self._store.runs(self._account.lane, 200))
        self._tell_cycle()
        for job in await self._store.in_flight(self._account.lane):
            self._find(job)

    def _now(self) -> float:
        return self._clock.now().timestamp()

    def _find(self, job: Job) -> None:
        """A row that somebody else wrote, or this process in an earlier life."""
        if job.state is not State.SUBMITTING:
            self.take(job)
        elif job.id not in self.times.held and not self._submits.knows(job.id):
            intended_at = (job.sent_at or job.state_at).timestamp()
            self.times.hold(job.id, Unsure(intended_at, self._now(), job.due_at.timestamp()))

    def see(self, jobs: Sequence[Job]) -> None:
        """Compare what is known with the jobs that the rows have at the provider, as they were read just now."""
        settled = self._now() - _JUST_NOW
        unsure = {job.id for job in jobs if job.state is State.SUBMITTING}
        for job_id, held in tuple(self.times.held.items()):
            if job_id not in unsure and held.since <= settled:
                del self.times.held[job_id]
        for job in jobs:
            if job.id not in unsure or job.state_at.timestamp() <= settled:
                self._find(job)
        there = {job.id for job in jobs}
        for look in tuple(self._looks.values()):
            is_new = look.since > settled
            if look.job_id not in there and not (look.looking or look.is_shadow or is_new):
                self._forget(look)

    def take(self, job: Job) -> None:
        """Look after a job that is at the provider; a queued one is found in the rows when its turn comes."""
        if job.state is State.QUEUED:
            self.board.joined()
        if job.state is State.GENERATING and job.lane == self._account.lane and job.id not in self._looks:
            since = (job.sent_at or job.state_at).timestamp()
            self._watch(Look(job.id, key_of(job), since, look_at=self._now(), is_found=True, job=job))

    def _watch(self, look: Look) -> None:
        self._looks[look.job_id] = self.times.watches[look.job_id] = look

    async def standing(self, job: Job) -> Standing:
        """Where the job stands, or would stand if it came in line now."""
        if job.id in self._looks:
            return self.board.drawn(job, self.about(job))
        return await self.board.standing(job)

    def drawing(self) -> Sequence[Job]:
        """What the provider draws now."""
        return [look.job for look in self._looks.values() if not look.is_shadow]

    def about(self, job: Job) -> datetime:
        """When that will be about ready, as far as its kind's history tells."""
        look = self._looks[job.id]
        elapsed = max(0.0, self._now() - look.since)
        return self._clock.now() + timedelta(seconds=self.forecast.remaining(look.key, elapsed))

    def remaining(self) -> list[float]:
        """Seconds that each job at the provider still needs, as far as its kind's history tells."""
        now = self._now()
        running = [self.forecast.remaining(look.key, max(0.0, now - look.since)) for look in self._looks.values()]
        unsure = self.forecast.mean(_PLAIN)
        first = min(running, default=0.0)
        return running + [unsure] * (len(self.times.held) + self.times.sending) + [first + unsure] * self._submits.kept

    async def drive(self, now: datetime) -> float:
        """Start what is due; the Unix time at which to be called again at the latest."""
        async with self._driving:
            return await self._drive(now)

    async def _react(self) -> None:
        """Do at once what an answer has made due; the tick that follows finds out what comes later."""
        try:
            if not self._stopping:
                await self.drive(self._clock.now())
        except Fault as fault:
            _log.info("not_at_once", lane=self._account.lane, code=fault.code)
        finally:
            self.nudge()

    async def _drive(self, now: datetime) -> float:
        moment = now.timestamp()
        tidy_at = await self._submits.tidy(moment)
        health = self.health
        line = Line(await self._submits.ready_at(moment), health.paused, health.trying, health.probe_at)
        decision = self.times.decide(moment, line)
        for job_id in decision.polls:
            self.times.look_sent(self._looks[job_id], moment)
            self.spawn(self._poll(self._looks[job_id]))
        if decision.probe:
            self.spawn(self._probe())
        wake = decision.wake_at
        if decision.submit or decision.offer:
            sent = await self._submits.send_next(now, offer=decision.offer)
            wake = min(wake, self.times.submits.next_at(moment) if sent else moment + _NOBODY)
        if decision.resend is not None:
            await self._submits.resend(decision.resend)
            wake = min(wake, self.times.submits.next_at(moment))
        return min(wake, tidy_at, self.board.refresh(moment))

    async def _probe(self) -> None:
        now = self._now()
        self.times.queries = self.times.queries.taken(now)
        try:
            await self.health.probe()
        finally:
            self.times.look_answered(self._now(), sent_at=now)
        self.nudge()

    def arrived(self, job: Job, sent_at: float) -> None:
        """The provider took the job."""
        look_at = sent_at + self.times.next_look(key_of(job), since_submit=0.0)
        look = Look(job.id, key_of(job), sent_at, look_at=look_at, job=job)
        self.times.taken(look, sent_at, self._now())
        self._looks[job.id] = look
        if self.health.paused:
            self.spawn(self.health.works(lags=self.times.refill.lags))
        self._chat.show(job, self.board.drawn(job, self.about(job)))
        self.board.changed()
        if self.times.over:
            self.spawn(self._react())

    async def _poll(self, look: Look) -> None:
        look.looked_at = self._now()
        look.look_at = look.looked_at + _AFTER_DEFECT
        try:
            try:
                event = await self._sight.look(look)
            finally:
                self.times.look_answered(self._now(), sent_at=look.looked_at)
            if event is not None and not look.is_shadow:
                await self._note(look, event)
                return
        finally:
            look.looking = False
        if event is not None or self._sight.is_shadow_over(look):
            self._forget(look)
        self.nudge()

    async def _note(self, look: Look, event: Event) -> None:
        """Refill the slot, and let the job go on to its delivery, which is written down when Slack has the pictures.

        Whatever else a look found is written down first.
        """
        if isinstance(event, Finished):
            self._learn(look)
            self._carrier.carry_on(look.job, event)
        else:
            after = await self._carrier.perform(look.job, _reporting(event))
            self._carrier.start(after, fresh=True)
        if isinstance(event, Faulted) and event.cause is not Cause.JOB_LOST:
            # Given up by us, not by the provider, which may be drawing it still: its slot counts as taken.
            look.given_up_at = self._clock.now()
            look.is_shadow = True
        else:
            self._forget(look)
        self.board.changed()
        await self._react()

    def _forget(self, look: Look) -> None:
        """A job is off the provider's hands."""
        if self._looks.pop(look.job_id, None) is not None:
            self.times.off(look, self._now())

    def _learn(self, look: Look) -> None:
        seconds = self.times.run_time(look, look.looked_at)
        if seconds is not None and look.job.sent_at is not None:
            self.forecast.learn([Run(seconds, look.key.count, look.key.clarity, look.key.raw)])
            self._tell_cycle()

    def _tell_cycle(self) -> None:
        self.times.refill = replace(self.times.refill, run=self.forecast.mean(_PLAIN))

    def spawn(self, work: Awaitable[None]) -> None:
        """Do that beside the rest."""
        task = asyncio.ensure_future(work)
        self._tasks.add(task)
        task.add_done_callback(self._done)

    def _done(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and task.exception() is not None:
            _log.error("driver_broke", lane=self._account.lane, exc_info=task.exception())
            self.nudge()

    async def stop(self, *, limit: float) -> None:
        """Let calls under way end within `limit` seconds, so that none is left with an unknown outcome.

        Intents of refused jobs are taken back, unless the database is away for so long.
        """
        self._stopping = True
        try:
            async with asyncio.timeout(limit):
                while self._tasks:
                    await asyncio.wait(self._tasks)
        except TimeoutError:
            for task in (late := tuple(self._tasks)):
                task.cancel()
            await asyncio.gather(*late, return_exceptions=True)
        try:
            async with asyncio.timeout(max(limit, 1.0)):
                await self._submits.withdraw()
        except TimeoutError:
            _log.warning("intents_left", lane=self._account.lane, jobs=self._submits.kept)
        await self.board.stop()
        if self.times.refill.lags != self.health.row.lags:
            await self.health.remember(self.times.refill.lags)


def _reporting(event: Event) -> Callable[[Job], Awaitable[Event]]:
    async def report(_job: Job) -> Event:
        return event

    return report

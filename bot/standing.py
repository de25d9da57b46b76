"""Where waiting jobs stand: their place in line and a clock time, told on their roots as a courtesy."""

from __future__ import annotations

import asyncio
import math
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Protocol

import structlog

from bot.clock import Clock
from bot.errors import Cause, Fault
from bot.forecast import Forecast, Key
from bot.job import Job, JobId, LaneId
from bot.ports import Chat, Store
from bot.promise import Moved, Standing, kept, remembered
from bot.turns import Ahead, Crowd, eta, place, rounded

_log = structlog.get_logger(__name__)

_SHOWN = 20  # roots kept up to date; who stands further back sees the place of the last change
_AT_ONCE = 4
_GAP = 3.0  # seconds between two rounds
_LONELY_GAP = 30.0  # the same after a round that found nobody in line
_TOLD = 12 * 3600.0  # seconds; a time without a date that is farther away would mislead
_CROWD_LASTS = 30.0  # seconds for which a long line, once summed up, is good enough
_REMEMBERED = 5000  # jobs of which it is known what was told
_OVERDUE = timedelta(minutes=1)  # how long the time told of a job that is being drawn may have passed


class _Health(Protocol):
    @property
    def cause(self) -> Cause | None: ...


class _Lane(Protocol):
    forecast: Forecast

    @property
    def health(self) -> _Health: ...

    def remaining(self) -> list[float]: ...

    def drawing(self) -> Sequence[Job]: ...

    def about(self, job: Job) -> datetime: ...


class Board:
    """Knows and shows where the jobs of one lane stand."""

    def __init__(self, lane_id: LaneId, slots: int, *, store: Store, chat: Chat, clock: Clock, lane: _Lane) -> None:
        self._lane_id = lane_id
        self._slots = slots
        self._store = store
        self._chat = chat
        self._clock = clock
        self._lane = lane
        self._changed = False
        self._is_lonely = False
        self._shown_at = -math.inf
        self._round: asyncio.Task[None] | None = None
        self._crowd: Crowd | None = None
        self._crowd_at = -math.inf
        self._count: asyncio.Task[Crowd] | None = None
        self._told: OrderedDict[JobId, Standing] = OrderedDict()
        self._since = clock.now()
        self._looked_at = -math.inf

    def forget(self) -> None:
        """Begin anew: what another process told of the jobs in line is not known here."""
        self._told.clear()
        self._since = self._clock.now()

    async def standing(self, job: Job) -> Standing:
        """Where the job stands now, or would stand if it came in line now."""
        self._is_lonely = False
        return (await self._standings([job]))[0]

    async def _standings(self, jobs: Sequence[Job]) -> list[Standing]:
        aheads = await self._store.ahead(self._lane_id, jobs)
        is_long = any(ahead.others is None for ahead in aheads)
        crowd = await self._summed_up() if is_long else None
        return [self._standing(job, ahead, crowd) for job, ahead in zip(jobs, aheads, strict=True)]

    def _standing(self, job: Job, ahead: Ahead, crowd: Crowd | None) -> Standing:
        mine = place(ahead, crowd)
        request = job.request
        mean = self._lane.forecast.mean(Key(request.count, request.clarity, request.raw))
        seconds = eta(mine, self._lane.remaining(), self._slots, mean)
        about = self._clock.now() + timedelta(seconds=seconds) if seconds < _TOLD else None
        shown = rounded(mine) if ahead.is_rough else mine
        found = Standing(place=shown, about=about, paused=self._lane.health.cause, is_rough=ahead.is_rough)
        return self._promised(job, found)

    def _promised(self, job: Job, found: Standing) -> Standing:
        """As it is to be told after what was told of this job before; if another process told it, nobody knows what."""
        told = self._told.pop(job.id, None)
        standing = kept(told, found, self._clock.now())
        if told is None and job.queued_at is not None and job.queued_at < self._since and found.paused is None:
            standing = replace(standing, moved=Moved.RESTARTED)
        self._told[job.id] = remembered(told, standing)
        if len(self._told) > _REMEMBERED:
            self._told.popitem(last=False)
        return standing

    def drawn(self, job: Job, about: datetime) -> Standing:
        """What to tell of a job that is being drawn and will be about ready then."""
        return self._promised(job, Standing(about=about))

    def _tell_overdue(self, now: float) -> None:
        """Have the roots of jobs that take longer than was told say so."""
        if now < self._looked_at + _GAP:
            return
        self._looked_at, due = now, self._clock.now() - _OVERDUE
        for job in self._lane.drawing():
            told = self._told.get(job.id)
            if told is not None and told.about is not None and told.about < due:
                self._chat.show(job, self.drawn(job, self._lane.about(job)))

    async def _summed_up(self) -> Crowd:
        """The long line: the last sum, even while a newer one is on its way."""
        is_old = self._clock.now().timestamp() >= self._crowd_at + _CROWD_LASTS
        if is_old and self._count is None:
            self._count = asyncio.create_task(self._sum_up(), name=f"crowd {self._lane_id}")
            self._count.add_done_callback(self._counted)
        if self._crowd is None and self._count is not None:
            return await asyncio.shield(self._count)
        assert self._crowd is not None
        return self._crowd

    async def _sum_up(self) -> Crowd:
        self._crowd = await self._store.crowd(self._lane_id)
        self._crowd_at = self._clock.now().timestamp()
        return self._crowd

    def _counted(self, count: asyncio.Task[Crowd]) -> None:
        self._count = None
        if not count.cancelled() and (error := count.exception()) is not None:
            _log.warning("crowd_not_counted", lane=self._lane_id, error=type(error).__name__)

    def changed(self) -> None:
        """Note that places moved; the roots are told at the next round."""
        self._changed = True

    def joined(self) -> None:
        """Note that a job came in line."""
        self._changed, self._is_lonely = True, False

    def refresh(self, now: float) -> float:
        """Begin a round of telling if places moved and the last round is a while ago; when to ask again."""
        self._tell_overdue(now)
        if not self._changed:
            return math.inf
        gap = _LONELY_GAP if self._is_lonely else _GAP
        if self._round is not None or now < self._shown_at + gap:
            return max(now, self._shown_at) + gap
        self._changed = False
        self._shown_at = now
        self._round = asyncio.create_task(self._tell(), name=f"places {self._lane_id}")
        self._round.add_done_callback(self._round_over)
        return math.inf

    def _round_over(self, _task: asyncio.Task[None]) -> None:
        self._round = None

    async def _tell(self) -> None:
        try:
            jobs = await self._store.waiting(self._lane_id, _SHOWN)
            self._is_lonely = not jobs
            await asyncio.sleep(0)  # whoever asks meanwhile is heard
            standings = await self._standings(jobs) if jobs else []
        except Fault as fault:
            _log.warning("places_not_told", lane=self._lane_id, code=fault.code)
            return
        for number, (job, standing) in enumerate(zip(jobs, standings, strict=True)):
            if number % _AT_ONCE == 0:
                await asyncio.sleep(0)
            self._chat.show(job, standing)

    async def stop(self) -> None:
        """Leave the round that is under way."""
        under_way = [task for task in (self._round, self._count) if task is not None]
        for task in under_way:
            task.cancel()
        await asyncio.gather(*under_way, return_exceptions=True)

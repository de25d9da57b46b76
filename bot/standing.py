"""Where waiting jobs stand: their place in line and a clock time, told on their roots as a courtesy."""

from __future__ import annotations

import asyncio
import math
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Protocol

import structlog

from bot.clock import Clock
from bot.errors import Cause, Fault
from bot.forecast import Forecast, Key, eta, place
from bot.job import Job, LaneId, State
from bot.ports import Chat, Person, Standing, Store

_log = structlog.get_logger(__name__)

_SHOWN = 20  # roots kept up to date; who stands further back sees the place of the last change
_GAP = 3.0  # seconds between two rounds


class _Health(Protocol):
    @property
    def cause(self) -> Cause | None: ...


class _Lane(Protocol):
    forecast: Forecast

    @property
    def health(self) -> _Health: ...

    def remaining(self) -> list[float]: ...


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
        self._shown_at = -math.inf
        self._round: asyncio.Task[None] | None = None

    async def standing(self, job: Job) -> Standing:
        """Where the job stands now, or would stand if it came in line now."""
        people = list(await self._store.people(self._lane_id))
        if job.state is State.QUEUED:
            return self._standing(job, people, own_ahead=await self._store.own_ahead(job))
        me = await self._store.person(self._lane_id, job.team_id, job.user_id)
        ahead = me.pending if me is not None else 0
        if me is None:
            me = Person(job.team_id, job.user_id, served_at=None, pending=0, waiting_since=job.asked_at)
        others = [person for person in people if (person.team_id, person.user_id) != (job.team_id, job.user_id)]
        return self._standing(job, [*others, replace(me, pending=ahead + 1)], own_ahead=ahead)

    def _standing(self, job: Job, people: Sequence[Person], *, own_ahead: int) -> Standing:
        mine = place(people, person=(job.team_id, job.user_id), own_ahead=own_ahead)
        request = job.request
        mean = self._lane.forecast.mean(Key(request.count, request.clarity, request.raw))
        seconds = eta(mine, self._lane.remaining(), self._slots, mean)
        about = self._clock.now() + timedelta(seconds=seconds)
        return Standing(place=mine, about=about, paused=self._lane.health.cause)

    def changed(self) -> None:
        """Note that places moved; the roots are told at the next round."""
        self._changed = True

    def refresh(self, now: float) -> float:
        """Begin a round of telling if places moved and the last round is a while ago; when to ask again."""
        if not self._changed:
            return math.inf
        if self._round is not None or now < self._shown_at + _GAP:
            return max(now, self._shown_at) + _GAP
        self._changed = False
        self._shown_at = now
        self._round = asyncio.create_task(self._tell(), name=f"places {self._lane_id}")
        self._round.add_done_callback(self._told)
        return math.inf

    def _told(self, _task: asyncio.Task[None]) -> None:
        self._round = None

    async def _tell(self) -> None:
        try:
            people = await self._store.people(self._lane_id)
            for job in await self._store.waiting(self._lane_id, _SHOWN):
                own_ahead = await self._store.own_ahead(job)
                self._chat.show(job, self._standing(job, people, own_ahead=own_ahead))
        except Fault as fault:
            _log.warning("places_not_told", lane=self._lane_id, code=fault.code)

    async def stop(self) -> None:
        """Leave the round that is under way."""
        if self._round is not None:
            self._round.cancel()
            await asyncio.gather(self._round, return_exceptions=True)

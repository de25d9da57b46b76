"""Who drives a lane, where there may be several replicas: the one that has its lease, and nobody else.

The rules, first:

1. A lane is driven only while its lease is surely ours: from before it was asked for, by our own clock, until some
   seconds before it can be over for others. Our clock never goes back and jumps forward with the machine's.
2. Each request to the provider asks once more, at the last moment, whether that is still so.
3. Whoever takes over waits a full second, for the one before may have used up this second's requests; then it reads
   the rows. A submit whose outcome is not in them is unknown and keeps its slot, as after a crash.
4. Whoever loses the lease sends nothing any more. What was sent ends, and is written down: the rows' versions decide
   between two who know of the same job, and whoever drives reads the rows again with each renewal.
5. Whoever does not drive says where jobs stand as the rows have it.
"""

from __future__ import annotations

import asyncio
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import BinaryIO, Protocol

import structlog

from bot.clock import Clock
from bot.errors import Fault, Throttled
from bot.job import Job, JobId, LaneId, ProviderJobId
from bot.ports import Images, Photo, Progress, Sized, Standing, Store
from bot.request import Request

_log = structlog.get_logger(__name__)

_FULL_SECOND = 1.0
_LOST_WITHIN = 10.0
_READ_LASTS = 3.0
"""Seconds for which what was read is good enough to say where a job stands."""


@dataclass(frozen=True, slots=True)
class Lease:
    """Seconds: how long it lasts, when it is renewed, how long before its end the driving ends; and how often a lane is
    looked at, be it for what others put into its line or for whether it can be had.
    """

    lasts: float = 15.0
    renewed: float = 5.0
    spare: float = 3.0
    glance: float = 1.0


class Driver(Protocol):
    """What a tenure needs of whoever drives."""

    async def load(self) -> None:
        """Read the rows."""

    def see(self, jobs: Sequence[Job]) -> None:
        """Compare what is known with the jobs that the rows have at the provider."""

    async def drive(self, now: datetime) -> float:
        """Start what is due; the Unix time at which to be called again at the latest."""

    def take(self, job: Job) -> None:
        """Note a job that came in line, or that left the provider."""

    async def standing(self, job: Job) -> Standing:
        """Where the job stands, or would stand."""

    async def stop(self, *, limit: float) -> None:
        """Let calls under way end within `limit` seconds."""


Hire = Callable[[Callable[[], bool]], Driver]
"""Makes a driver whose requests leave only while that holds."""


class Tenure:
    """A lane that is driven only while its lease is ours. `lease` is None where nobody else can want it."""

    def __init__(
        self,
        lane: LaneId,
        *,
        store: Store,
        clock: Clock,
        owner: str,
        hire: Hire,
        carries: Callable[[JobId], bool],
        lease: Lease | None,
    ) -> None:
        self._lane = lane
        self._store = store
        self._clock = clock
        self._owner = owner
        self._hire = hire
        self._carries = carries
        self._lease = lease
        self._made_at = clock.now().timestamp()
        self._driver: Driver | None = None
        self._until = -math.inf
        self._begin_at = -math.inf
        self._tend_at = -math.inf
        self._reader: Driver | None = None
        self._read_at = -math.inf
        self._reading = asyncio.Lock()
        self._leaving: set[asyncio.Task[None]] = set()

    @property
    def drives(self) -> bool:
        """Whether the lane is ours now."""
        return self._driver is not None and self._clock.now().timestamp() < self._until

    async def load(self) -> None:
        """Take the lane if it can be had; alone on a database, it can."""
        if self._lease is not None:
            await self._tend(self._lease)
            return
        await self._begin(math.inf)
        if not await self._store.in_flight(self._lane):
            self._begin_at = -math.inf  # no run before this one has just been sending

    async def drive(self, now: datetime) -> float:
        """Drive if the lane is ours; the Unix time at which to be called again at the latest."""
        moment = now.timestamp()
        if self._driver is not None and moment >= self._until:
            self._lose("not renewed in time")
        if self._lease is not None and moment >= self._tend_at:
            await self._tend(self._lease)
        if self._driver is None or moment < self._begin_at:
            return self._begin_at if self._driver is not None else self._tend_at
        wake = await self._driver.drive(now)
        return wake if self._lease is None else min(wake, self._tend_at, moment + self._lease.glance)

    async def _tend(self, lease: Lease) -> None:
        """Renew the lease, or take it if nobody has it."""
        asked_at = self._clock.now().timestamp()
        self._tend_at = asked_at + lease.glance
        try:
            if await self._is_had(lease):
                await self._go_on(asked_at + lease.lasts - lease.spare)
                self._tend_at = asked_at + lease.renewed
            elif self._driver is not None:
                self._lose("taken by another")
        except Fault as fault:
            _log.warning("lane_not_held", lane=self._lane, code=fault.code)

    async def _is_had(self, lease: Lease) -> bool:
        """Ask for it only if it may be had: a question is cheaper than a write."""
        if self._driver is None and await self._store.driver_of(self._lane) not in (None, self._owner):
            return False
        return await self._store.hold_lane(self._lane, self._owner, seconds=lease.lasts)

    async def _go_on(self, until: float) -> None:
        if self._driver is None:
            await self._begin(until)
            return
        self._until = until
        jobs = await self._store.in_flight(self._lane)
        self._driver.see([job for job in jobs if not self._carries(job.id)])

    async def _begin(self, until: float) -> None:
        driver = self._hire(lambda: self._driver is driver and self.drives)
        began_at = self._clock.now().timestamp() if self._lease is not None else self._made_at
        await driver.load()
        self._driver, self._until, self._begin_at = driver, until, began_at + _FULL_SECOND
        _log.info("driving", lane=self._lane, owner=self._owner)

    def _lose(self, why: str) -> None:
        driver, self._driver, self._until = self._driver, None, -math.inf
        assert driver is not None
        _log.warning("not_driving", lane=self._lane, owner=self._owner, why=why)
        task = asyncio.create_task(driver.stop(limit=_LOST_WITHIN), name=f"leaving {self._lane}")
        self._leaving.add(task)
        task.add_done_callback(self._left)

    def _left(self, task: asyncio.Task[None]) -> None:
        self._leaving.discard(task)
        if not task.cancelled() and task.exception() is not None:
            _log.error("driver_not_stopped", lane=self._lane, exc_info=task.exception())

    def take(self, job: Job) -> None:
        """Note a job, if the lane is ours; otherwise whoever drives finds it in the rows."""
        if self._driver is not None:
            self._driver.take(job)

    async def standing(self, job: Job) -> Standing:
        """Where the job stands, or would stand."""
        if self._driver is not None:
            return await self._driver.standing(job)
        async with self._reading:
            return await (await self._read()).standing(job)

    async def _read(self) -> Driver:
        """A driver that never drives, and has read the rows lately."""
        reader = self._reader or self._hire(lambda: False)
        now = self._clock.now().timestamp()
        if now >= self._read_at + _READ_LASTS:
            await reader.load()
            self._reader, self._read_at = reader, now
        return reader

    async def stop(self, *, limit: float) -> None:
        """Let calls under way end within `limit` seconds. The lease is kept until `leave`."""
        stopping = [each.stop(limit=limit) for each in (self._driver,) if each is not None]
        await asyncio.gather(*stopping, *self._leaving, return_exceptions=True)

    async def leave(self) -> None:
        """Let another replica drive at once: not before what ended here is delivered, or it would be fetched again."""
        if self._lease is None or self._driver is None:
            return
        self._driver, self._until = None, -math.inf
        try:
            await self._store.leave_lane(self._lane, self._owner)
        except Fault as fault:
            _log.warning("lane_not_left", lane=self._lane, code=fault.code)  # the lease runs out by itself


class Licensed:
    """The image API, to be asked only while `is_ours` says so. Pictures may be fetched by anybody."""

    def __init__(self, images: Images, is_ours: Callable[[], bool]) -> None:
        self._images = images
        self._is_ours = is_ours

    def _check(self) -> None:
        if not self._is_ours():
            raise Throttled("lane_not_ours", retry_after=_FULL_SECOND)

    async def submit(self, request: Request) -> ProviderJobId:
        """Send it; `Throttled` if the lane is another's by now, which proves that nothing was created."""
        self._check()
        return await self._images.submit(request)

    async def query(self, job: ProviderJobId) -> Progress:
        """Look; `Throttled` if the lane is another's by now."""
        self._check()
        return await self._images.query(job)

    async def fetch(self, link: str, into: BinaryIO, *, sized: Sized) -> Photo:
        """Download one picture."""
        return await self._images.fetch(link, into, sized=sized)

    async def probe(self) -> None:
        """Find out whether the account works; `Throttled` if the lane is another's by now."""
        self._check()
        await self._images.probe()

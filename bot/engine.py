"""What carries jobs on: the runner, the driver of the lane, and what makes them tick."""

from __future__ import annotations

import asyncio
import os
import secrets
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from bot.clock import Clock
from bot.driver import Account, Driver
from bot.heard import HeardStore
from bot.job import LaneId
from bot.ports import Chat, Images, Measures, Spool, Store
from bot.runner import Runner
from bot.settings import Settings
from bot.tenure import Lease, Licensed, Tenure

if TYPE_CHECKING:
    from bot.wakeups import Wakeups

LANE = LaneId("hunyuan")
STOP_WITHIN = 8.0
"""Seconds that steps under way get to end after SIGTERM."""
_HOUR = 3600.0


@dataclass(frozen=True, slots=True)
class Ports:
    """The concrete things behind the ports; a test may put others in their place."""

    store: Store
    chat: Chat
    images: Images
    spool: Spool
    heard: HeardStore


class Engine:
    """Takes jobs from the moment it is made; looks for what is due by itself once it is started."""

    def __init__(
        self, settings: Settings, ports: Ports, *, clock: Clock, measures: Measures, lease: Lease | None = None
    ) -> None:
        """`lease`: how the lane is shared with other replicas; None where the database is this process's alone."""
        self._settings = settings
        self._ports = ports
        self._clock = clock
        self._measures = measures
        self._wakeups: Wakeups | None = None
        self.owner = owner = f"{os.getpid()}-{secrets.token_hex(4)}"
        self.runner = self._running(owner)
        self.runner.nudge = self.nudge
        self._tenure = Tenure(
            LANE,
            store=ports.store,
            clock=clock,
            owner=owner,
            hire=self._hire,
            carries=self.runner.carries,
            lease=lease,
        )
        self.runner.add_lane(LANE, self._tenure)

    def _running(self, owner: str) -> Runner:
        ports = self._ports
        return Runner(
            store=ports.store,
            chat=ports.chat,
            images=ports.images,
            spool=ports.spool,
            clock=self._clock,
            measures=self._measures,
            owner=owner,
        )

    def _hire(self, may_send: Callable[[], bool]) -> Driver:
        settings = self._settings
        account = Account(
            LANE,
            slots=settings.hunyuan_slots,
            exact=settings.hunyuan_exact,
            rate=settings.hunyuan_rate,
            typical=settings.hunyuan_typical,
            hold=settings.hunyuan_hold,
            deadline=settings.hunyuan_deadline,
            probe_every=settings.hunyuan_probe,
        )
        driver = Driver(
            account,
            store=self._ports.store,
            images=Licensed(self._ports.images, may_send),
            chat=self._ports.chat,
            clock=self._clock,
            measures=self._measures,
            carrier=self.runner,
        )
        driver.nudge = self.nudge
        return driver

    async def start(self, *, hourly: Callable[[], Awaitable[None]]) -> None:
        """Learn from the rows where things stand, then tick; `hourly` is housekeeping."""
        from bot.wakeups import Wakeups  # brings APScheduler, which no acknowledgement needs

        self._wakeups = Wakeups(self.runner.tick, clock=self._clock)
        await self._tenure.load()
        self._wakeups.start()
        self._wakeups.every(_HOUR, hourly, name="hourly")

    def nudge(self) -> None:
        """Something may be due now. Before the start nobody needs to hear it: the first tick comes at once."""
        if self._wakeups is not None:
            self._wakeups.nudge()

    def is_alive(self) -> bool:
        """Whether ticks come as they should."""
        return self._wakeups is None or self._wakeups.is_alive()

    async def stop(self) -> None:
        """Nothing new; what is under way ends or is given back."""
        if self._wakeups is not None:
            await self._wakeups.stop()
        await asyncio.gather(self._tenure.stop(limit=STOP_WITHIN), self.runner.stop(limit=STOP_WITHIN))
        await self._tenure.leave()

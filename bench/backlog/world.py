"""The bot's engine over a real store, in a world in which nothing happens: jobs at the provider run for ever."""

from __future__ import annotations

import itertools
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any, cast

from bot.clock import Clock
from bot.driver import Account, Driver
from bot.job import ChannelId, Job, LaneId, ProviderJobId, Ts
from bot.ports import Chat, Images, Measures, Posted, Running, Spool, Standing
from bot.request import Request
from bot.runner import Runner
from bot.store import SqlStore, open_store

_NUMBERS = itertools.count(1)


class SilentChat:
    """Posts nothing."""

    async def announce(self, job: Job, standing: Standing) -> Posted:  # noqa: ARG002 - the port's
        """Posted, somewhere."""
        return Posted(ChannelId("C1"), Ts(f"1800000000.{next(_NUMBERS):06}"))

    def show(self, job: Job, standing: Standing) -> None:
        """Shown, nowhere."""

    async def finish(self, job: Job) -> None:
        """Said."""

    async def alert(self, lane: LaneId, **_why: Any) -> None:
        """Nobody listens."""


class EndlessImages:
    """Takes every job and never ends one; counts what it was asked."""

    def __init__(self) -> None:
        self.submits = 0
        self.looks = 0

    async def submit(self, request: Request) -> ProviderJobId:  # noqa: ARG002 - the port's
        """Taken."""
        self.submits += 1
        return ProviderJobId(f"endless{next(_NUMBERS)}")

    async def query(self, job: ProviderJobId) -> Running:  # noqa: ARG002 - the port's
        """Being drawn."""
        self.looks += 1
        return Running()

    async def probe(self) -> None:
        """All is well."""


class NoMeasures:
    """Counts nothing."""

    def step(self, name: str, **_more: Any) -> None:
        """One step was done."""

    def ask(self, outcome: str) -> None:
        """Somebody asked."""

    def lane_paused(self, lane: str, **_more: Any) -> None:
        """A lane stopped or came back."""


@dataclass(slots=True)
class World:
    """An engine at rest until it is ticked."""

    store: SqlStore
    runner: Runner
    drivers: list[Driver]
    images: EndlessImages

    async def stop(self) -> None:
        """Leave nothing under way."""
        for driver in self.drivers:
            await driver.stop(limit=2.0)
        await self.runner.stop(limit=2.0)


@asynccontextmanager
async def engine(url: str, clock: Clock, *, lanes: list[LaneId], slots: int = 1) -> AsyncIterator[World]:
    """The runner, and a driver for each lane, on that database; stopped at the end."""
    store = await open_store(url, clock=clock.now)
    images = EndlessImages()
    ports: dict[str, Any] = {
        "store": store,
        "chat": cast("Chat", SilentChat()),
        "images": cast("Images", images),
        "clock": clock,
        "measures": cast("Measures", NoMeasures()),
    }
    runner = Runner(**ports, spool=cast("Spool", None), owner="bench")
    accounts = [Account(lane, slots, 20.0, typical=10.0, hold=60.0, deadline=900.0, probe_every=60.0) for lane in lanes]
    world = World(store, runner, [Driver(account, **ports, carrier=runner) for account in accounts], images)
    try:
        for lane, driver in zip(lanes, world.drivers, strict=True):
            await driver.load()
            runner.add_lane(lane, driver)
        yield world
    finally:
        await world.stop()
        await store.close()

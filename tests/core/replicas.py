"""Several runs of the program over one database and one world, turned by hand."""

from __future__ import annotations

import asyncio
import math
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any, ClassVar, NamedTuple, cast

from bot.crew import Width
from bot.driver import Driver
from bot.intake import Intake
from bot.job import Job, ProviderJobId, State
from bot.ports import Images, Progress
from bot.request import Request
from bot.runner import Runner
from bot.store import SqlStore
from bot.tenure import Lease, Licensed, Tenure
from tests.core.engine import LANE, TURNS, Engine, an_account
from tests.core.world import FakeImages, Time

LEASE = Lease()


class Arrival(NamedTuple):
    """A request: whose, of what, when."""

    who: str
    action: str
    at: datetime


class Account(FakeImages):
    """The provider, which notes when requests come."""

    def __init__(self, time: Time, *, slots: int) -> None:
        super().__init__(time, slots=slots)
        self.arrivals: list[Arrival] = []

    def came(self, who: str) -> list[datetime]:
        """When requests of that replica came."""
        return [each.at for each in self.arrivals if each.who == who]

    def busiest(self, action: str) -> int:
        """The most requests of that kind in any sliding second."""
        times = [each.at for each in self.arrivals if each.action == action]
        return max(sum(at <= other < at + timedelta(seconds=1) for other in times) for at in times)


class Hang:
    """A call that does not end until it is let go; meanwhile the rest goes on. To be scripted for any call."""

    all: ClassVar[set[asyncio.Task[Any]]] = set()

    def __init__(self) -> None:
        self._over = asyncio.Event()

    async def __call__(self) -> None:
        task = asyncio.current_task()
        assert task is not None
        Hang.all.add(task)
        try:
            await self._over.wait()
        finally:
            Hang.all.discard(task)

    def let_go(self) -> None:
        """End it."""
        self._over.set()


class Line:
    """One replica's way to the account."""

    def __init__(self, account: Account, who: str) -> None:
        self._account = account
        self._who = who

    def __getattr__(self, name: str) -> Any:
        return getattr(self._account, name)

    async def submit(self, request: Request) -> ProviderJobId:
        self._note("submit")
        return await self._account.submit(request)

    async def query(self, job: ProviderJobId) -> Progress:
        self._note("query")
        return await self._account.query(job)

    def _note(self, action: str) -> None:
        self._account.arrivals.append(Arrival(self._who, action, self._account.time.now()))


class Replica(Engine):
    """One of several: its chat, its spool and its provider are the first one's."""

    def __init__(
        self, real: SqlStore, time: Time, *, name: str, slots: int, lease: Lease | None, first: Replica | None = None
    ) -> None:
        self.name = name
        self.account: Account = first.account if first is not None else Account(time, slots=slots)
        self._first = first
        self.lease = lease
        self.is_dead = False
        super().__init__(real, time, slots=slots, owner=name)

    def _build(self, owner: str) -> None:
        if self._first is not None:
            self.chat, self.spool = self._first.chat, self._first.spool
        self.images = self.account
        self._hired: list[Driver] = []
        width = Width(steps=8, deliveries=16, waiting=8)
        world: dict[str, Any] = {"store": self.store, "chat": self.chat, "clock": self.time, "measures": self.tally}
        line = cast("Images", Line(self.account, self.name))  # what it does not have it hands on
        self.runner = Runner(**world, images=line, spool=self.spool, owner=owner, width=width)

        def hire(may_send: Callable[[], bool]) -> Driver:
            images = Licensed(line, may_send)
            driver = Driver(an_account(slots=self.slots), **world, images=images, carrier=self.runner)
            driver.nudge = self._note
            self._hired.append(driver)
            return driver

        self.tenure = Tenure(
            LANE,
            store=self.store,
            clock=self.time,
            owner=owner,
            hire=hire,
            carries=self.runner.carries,
            lease=self.lease,
        )
        self.runner.add_lane(LANE, self.tenure)
        self.intake = Intake(
            store=self.store, chat=self.chat, clock=self.time, starter=self.runner, lane=LANE, nudge=self._note
        )
        self._nudged = True
        self.runner.nudge = self._note

    def _tasks(self) -> list[asyncio.Task[None]]:
        rounds = [driver.board._round for driver in self._hired]
        sending = [task for driver in self._hired for task in driver._tasks]
        told = [task for task in rounds if task is not None]
        return [*self.runner._crew._tasks.values(), *sending, *told]

    async def quiet(self) -> None:
        """Wait until nothing is under way but what hangs."""
        while tasks := [task for task in self._tasks() if task not in Hang.all]:
            await asyncio.wait(tasks, timeout=0.005)
            await asyncio.sleep(0)

    async def die(self) -> None:
        """As if its machine was gone: nothing is finished and nothing given back."""
        self.is_dead = True
        for task in self._tasks():
            task.cancel()
        await asyncio.gather(*self._tasks(), return_exceptions=True)

    async def leave(self) -> None:
        """It ends as after SIGTERM."""
        self.is_dead = True
        await asyncio.gather(self.tenure.stop(limit=1.0), self.runner.stop(limit=1.0))
        await self.tenure.leave()

    async def stop(self) -> None:
        if not self.is_dead:
            await self.leave()


class Troupe:
    """The replicas, and the time they share."""

    def __init__(self, store: SqlStore, time: Time, *, slots: int) -> None:
        self.store = store
        self.time = time
        self.slots = slots
        self.lease: Lease | None = LEASE
        self.all: list[Replica] = []

    async def add(self, name: str) -> Replica:
        """One more begins."""
        first = self.all[0] if self.all else None
        replica = Replica(self.store, self.time, name=name, slots=self.slots, lease=self.lease, first=first)
        self.all.append(replica)
        await replica.tenure.load()
        return replica

    @property
    def alive(self) -> Sequence[Replica]:
        return [each for each in self.all if not each.is_dead]

    @property
    def drivers(self) -> list[str]:
        """Who believes to be driving."""
        return [each.name for each in self.alive if each.tenure.drives]

    async def turn(self) -> float:
        """Do all that is due now, in every replica; when to turn again."""
        for _ in range(TURNS):
            wakes = []
            for each in self.alive:
                each._nudged = False
                wakes.append(await each.runner.tick())
            for each in self.alive:
                await each.quiet()
            if not any(each._nudged for each in self.alive) and min(wakes) > self.time.now().timestamp():
                return min(wakes)
        raise AssertionError("it never comes to rest")

    async def until(self, holds: Callable[[], bool]) -> None:
        """Turn, moving the clock to when somebody asked to be called again, until that holds."""
        for _ in range(TURNS):
            wake = await self.turn()
            assert len(self.drivers) <= 1
            if holds():
                return
            assert math.isfinite(wake), "stalled: all wait for nothing"
            self.time.reach(wake)
        raise AssertionError("it never comes to pass")

    async def for_(self, seconds: float) -> None:
        """Let so much time pass."""
        end = self.time.now().timestamp() + seconds
        while True:
            wake = await self.turn()
            assert len(self.drivers) <= 1
            if wake >= end:
                break
            self.time.reach(wake)
        self.time.reach(end)

    async def until_all(self, state: State, *jobs: Job) -> None:
        """Turn until these jobs are there."""
        for _ in range(TURNS):
            wake = await self.turn()
            assert len(self.drivers) <= 1
            found = [await self.store.get(job.id) for job in jobs]
            if all(job is not None and job.state is state for job in found):
                return
            assert math.isfinite(wake), "stalled: all wait for nothing"
            self.time.reach(wake)
        raise AssertionError("it never comes to pass")

    @contextmanager
    def nobody_else(self, *names: str) -> Iterator[None]:
        """Meanwhile the requests that come are those of these replicas alone."""
        before = len(self.all[0].account.arrivals)
        yield
        assert {each.who for each in self.all[0].account.arrivals[before:]} <= set(names)


async def two(troupe: Troupe) -> tuple[Replica, Replica]:
    """Two begin; the first one drives."""
    return await troupe.add("a"), await troupe.add("b")

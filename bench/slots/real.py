"""The real lane at work: driver, runner, SQLite store and HTTP client, against the local image API at a speed-up."""

from __future__ import annotations

import asyncio
import logging
import random
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import AsyncExitStack
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import aiohttp
import structlog

from bench.slots.accounts import Terms
from bench.slots.provider import MEAN, RATE, ROUND_TRIP, usual
from bench.slots.silence import Far, Silence, Uncounted
from bot.clock import SystemClock
from bot.driver import Account, Driver
from bot.images.hunyuan import Hunyuan
from bot.images.tc3 import Credentials
from bot.images.wire import Access
from bot.job import ChannelId, Job, JobId, LaneId, State, TeamId, Ts, UserId
from bot.ports import DeliveryKey, Run, Store
from bot.request import Request
from bot.runner import Runner
from bot.store import ObjectSpool, migrate, open_store
from bot.wakeups import Wakeups
from sandbox.hunyuan import ImageApiSettings

_LANE = LaneId("hunyuan")
_TYPICAL = 10.0
_AT_ONCE = 100
_HISTORY = 120
_FILLING = 1.0  # seconds that it takes at most
_WARM = 1.3  # run times until all slots are at work, and some for the second time


async def _fill(store: Store, clock: SystemClock, jobs: int, terms: Terms) -> None:
    """Have so many jobs stand in line, of a few people.

    The first ones come one after another in the time that a job takes, or all slots would end together for long.
    """
    gap = timedelta(seconds=MEAN / terms.speed / terms.slots)
    begin = clock.now() + timedelta(seconds=_FILLING)
    dues = [begin + gap * min(number, terms.slots) for number in range(jobs)]
    for first in range(0, jobs, _AT_ONCE):
        some = range(first, min(first + _AT_ONCE, jobs))
        await asyncio.gather(*(_queue(store, clock, number, dues[number]) for number in some))


async def _queue(store: Store, clock: SystemClock, number: int, due_at: datetime) -> None:
    now, team = clock.now(), TeamId("T1")
    job = Job(
        id=JobId(f"{number:032x}"), team_id=team, channel_id=ChannelId("C1"), user_id=UserId(f"U{number % 7}"),
        lane=_LANE, request=Request(f"fox {number}"), asked_at=now, state_at=now, due_at=now,
    )  # fmt: skip
    stored = (await store.accept(job, key=DeliveryKey(team, "bench", job.id))).job
    root = Ts(f"1.{number}")
    await store.save(replace(stored, state=State.QUEUED, root_ts=root, thread_ts=root, queued_at=now, due_at=due_at))


class RealLane:
    """One bot without Slack, on a database and an account of its own."""

    def __init__(self, terms: Terms, *, exact: bool | None, seconds: float) -> None:
        self.terms = terms
        self.seconds = seconds
        self._exact = exact
        self._clock = SystemClock()
        self.far: Far | None = None

    async def open(self, stack: AsyncExitStack, session: aiohttp.ClientSession, url: str, folder: Path) -> Wakeups:
        """Put it together, with a line that lasts; it works from its first tick on."""
        clock, terms = self._clock, self.terms
        database = f"sqlite+aiosqlite:///{folder}/{url.rpartition(':')[2]}.db"
        await migrate(database)
        store = await open_store(database, clock=clock.now)
        stack.push_async_callback(store.close)
        keys = ImageApiSettings()
        access = Access(url, Credentials(keys.secret_id, keys.secret_key, ""))
        self.far = far = Far(Hunyuan(session, access, now=clock.now, wall=clock.wall))
        await far.measure(ROUND_TRIP / terms.speed)
        world = {"store": store, "chat": Silence(), "images": far, "clock": clock, "measures": Uncounted()}
        runner = Runner(**world, spool=ObjectSpool(f"file://{folder}/spool"), owner=url)  # type: ignore[arg-type]
        account = Account(
            _LANE, terms.slots, rate=RATE * terms.speed, typical=_TYPICAL / terms.speed, hold=60.0, deadline=900.0,
            probe_every=60.0, exact=self._exact,
        )  # fmt: skip
        driver = Driver(account, **world, carrier=runner)  # type: ignore[arg-type]
        runner.add_lane(_LANE, driver)
        wakeups = Wakeups(runner.tick, clock=clock)
        runner.nudge = driver.nudge = wakeups.nudge
        stack.push_async_callback(runner.stop, limit=0.2)
        stack.push_async_callback(driver.stop, limit=0.2)
        stack.push_async_callback(wakeups.stop)
        await _fill(store, clock, self._enough, terms)
        await driver.load()
        driver.forecast.learn(list(self._history()))
        return wakeups

    def _history(self) -> Iterator[Run]:
        """What a lane knows that has been at work for a while."""
        chance = random.Random(self.terms.seed)
        for number in range(_HISTORY):
            yield Run(usual(chance, number) / self.terms.speed, 1, None, raw=False)

    @property
    def _enough(self) -> int:
        return round(self.terms.slots * (4 + 1.4 * self.seconds * self.terms.speed / MEAN)) + 10


async def work(lanes: Sequence[RealLane], urls: Sequence[str]) -> tuple[float, float]:
    """Have the lanes work; from when to when is counted, in Unix seconds: not before the first jobs are over."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    connector = aiohttp.TCPConnector(limit=0)
    async with AsyncExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        session = await stack.enter_async_context(
            aiohttp.ClientSession(connector=connector, trust_env=False, cookie_jar=aiohttp.DummyCookieJar())
        )
        wakeups = []
        for lane, url in zip(lanes, urls, strict=True):
            wakeups.append(await lane.open(stack, session, url, folder))
        for each in wakeups:
            each.start()
        warm = _WARM * MEAN / lanes[0].terms.speed
        await asyncio.sleep(warm)
        begin = time.time()
        await asyncio.sleep(lanes[0].seconds)
        end = time.time()
    return begin, end

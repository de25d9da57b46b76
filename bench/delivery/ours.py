"""Our own way from a finished job to a share, with everything real but the far ends."""

from __future__ import annotations

import itertools
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import replace
from datetime import timedelta

import aiohttp
import structlog

from bench.delivery.world import World
from bot.clock import SystemClock
from bot.events import Finished
from bot.images.hunyuan import Hunyuan
from bot.images.tc3 import Credentials
from bot.images.wire import Access
from bot.job import ChannelId, Job, JobId, LaneId, ProviderJobId, State, TeamId, Ts, UserId
from bot.measures import Meters
from bot.ports import DeliveryKey, Store
from bot.request import Request
from bot.runner import Runner
from bot.slack.client import SlackClient, open_session
from bot.slack.posting import SlackChat
from bot.store import ObjectSpool, migrate, open_store
from bot.wakeups import Wakeups

_numbers = itertools.count(1)


class Ours:
    """Jobs that are at the provider, and what happens when they finish."""

    def __init__(self, world: World, store: Store, runner: Runner) -> None:
        self._world = world
        self._store = store
        self._runner = runner
        self._clock = SystemClock()

    async def deliver(self, count: int) -> float:
        """Seconds from knowing that a job of so many pictures is finished to its share being visible."""
        job = await self.generating(count)
        began = self.finish(job)
        return await self._world.seen(str(job.thread_ts)) - began

    async def generating(self, count: int, *, channel: str | None = None) -> Job:
        """A job that the provider is drawing."""
        number, now = next(_numbers), self._clock.now()
        name = f"{number:016x}"
        job = Job(
            id=JobId(name), team_id=TeamId("T1"), channel_id=ChannelId(channel or f"C{number}"), user_id=UserId("U1"),
            lane=LaneId("hunyuan"), request=Request("a fox in the rain", count=count), asked_at=now, state_at=now,
            due_at=now + timedelta(hours=1), locale="en-US",
        )  # fmt: skip
        stored = (await self._store.accept(job, key=DeliveryKey(job.team_id, "bench", name))).job
        ts = Ts(f"{number}.000100")
        provider_job_id = ProviderJobId(f"p{number}")
        drawing = replace(stored, state=State.GENERATING, root_ts=ts, thread_ts=ts, provider_job_id=provider_job_id)
        return await self._store.save(replace(drawing, sends=1, sent_at=now))

    def finish(self, job: Job) -> float:
        """The bot learns that the job is finished; when that was, on the monotonic clock."""
        links = self._world.links(job.request.count)
        began = time.monotonic()
        self._runner.carry_on(job, Finished(links, self._clock.now() + timedelta(hours=1)))
        return began


@asynccontextmanager
async def open_ours(world: World, folder: str) -> AsyncIterator[Ours]:
    """Put the parts together as the program does."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(40))
    clock = SystemClock()
    database = f"sqlite:///{folder}/bot.db"
    await migrate(database)
    async with AsyncExitStack() as stack:
        store = await open_store(database, clock=clock.now)
        stack.push_async_callback(store.close)
        session = await stack.enter_async_context(_session())
        slack_session = await stack.enter_async_context(open_session())
        slack = SlackClient(slack_session, token="xoxb-bench", api_url=f"{world.base}/api/", now=clock.now)
        chat = SlackChat(slack, now=clock.now)
        access = Access(world.base, Credentials("id", "key"))
        runner = Runner(
            store=store, chat=chat, images=Hunyuan(session, access, now=clock.now, wall=clock.wall),
            spool=ObjectSpool(f"file://{folder}/spool"), clock=clock, measures=Meters(), owner="bench",
        )  # fmt: skip
        wakeups = Wakeups(runner.tick, clock=clock)
        runner.nudge = wakeups.nudge
        chat.start()
        stack.push_async_callback(chat.close, limit=1.0)
        stack.push_async_callback(runner.stop, limit=5.0)
        wakeups.start()
        stack.push_async_callback(wakeups.stop)
        yield Ours(world, store, runner)


def _session() -> aiohttp.ClientSession:
    """As wide as the program's own."""
    connector = aiohttp.TCPConnector(limit=100, limit_per_host=30)
    return aiohttp.ClientSession(connector=connector, trust_env=False)

"""One replica: the bot's own engine on the shared database, with the real client of the image API and no Slack."""

from __future__ import annotations

import asyncio
import logging
import signal
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import BinaryIO

import aiohttp
import structlog

from bench.replicas.far import RATE, RUNS, SLOTS, Ends
from bot.clock import SystemClock
from bot.engine import Engine, Ports
from bot.errors import Cause, Gone
from bot.images.hunyuan import Hunyuan
from bot.images.tc3 import Credentials
from bot.images.wire import Access
from bot.job import ChannelId, FileId, Job, LaneId, Ts
from bot.measures import Meters
from bot.ports import Landed, Photo, Posted, Read, Standing
from bot.settings import read_settings
from bot.store import ObjectSpool, open_store
from bot.tenure import Lease
from sandbox.hunyuan import ImageApiSettings

HOLD = 2.0
"""Seconds at least that a submit of unknown outcome keeps its slot."""


@dataclass(frozen=True, slots=True)
class Orders:
    """What a replica is to work on. `ahead`: seconds that its clock is, so as not to wait for the leases of steps."""

    database: str
    ends: Ends
    spool: str
    lease: Lease
    ahead: float = 0.0


class ClockAhead(SystemClock):
    """The machine's clock, and some."""

    def __init__(self, ahead: float) -> None:
        super().__init__()
        self._more = timedelta(seconds=ahead)

    def now(self) -> datetime:
        """Aware UTC, too late."""
        return super().now() + self._more


class Threads:
    """A chat in which only shares are real: they are the far end's, so that every replica sees them."""

    def __init__(self, session: aiohttp.ClientSession, url: str) -> None:
        self._session = session
        self._url = url

    async def announce(self, job: Job, _standing: Standing) -> Posted:
        """A root that nobody sees."""
        return Posted(job.channel_id, Ts(f"1.{job.id}"))

    async def reference(self, file_id: FileId) -> bytes:
        """No job here is drawn after a picture."""
        raise Gone("no_reference", file_id)

    async def collect(self, file_id: FileId, into: BinaryIO) -> Photo:  # noqa: ARG002 - the port's
        """No job here is a copy."""
        raise Gone("no_copy", file_id)

    async def offer_road(self, job: Job, *, joinable: bool, direct: bool) -> None:
        """Nobody has to."""

    def show(self, job: Job, standing: Standing) -> None:
        """Nobody looks."""

    async def finish(self, job: Job) -> None:
        """Nobody looks."""

    def expect(self, job: Job, *, number: int, of: int, length: int, mime: str) -> None:
        """No head start."""

    async def upload(self, job: Job, read: Read) -> tuple[FileId, ...]:
        """Read the bytes, as an upload would."""
        for picture in job.pictures:
            async for _ in read(picture):
                pass
        return tuple(FileId(f"F{picture.key}") for picture in job.pictures)

    async def share(self, job: Job) -> None:
        """Say so to the far end."""
        async with self._session.post(f"{self._url}/shares/{job.id}") as answer:
            answer.raise_for_status()

    async def displaced(self, job: Job) -> None:
        """Nobody is put out."""

    async def direct(self, job: Job) -> ChannelId:
        """The only conversation there is."""
        return job.channel_id

    async def landed(self, job: Job) -> Landed | None:
        """Ask the far end."""
        async with self._session.get(f"{self._url}/shares/{job.id}") as answer:
            return Landed(Ts(f"2.{job.id}")) if await answer.json() else None

    async def apologise(self, job: Job) -> None:
        """Nobody listens; the row tells."""

    async def complete(self, job: Job) -> None:
        """No workflow waits for it."""

    async def remove(self, job: Job) -> None:
        """Nothing to remove."""

    async def alert(self, lane: LaneId, *, cause: Cause | None, code: str) -> None:
        """Nobody listens."""


async def _work(orders: Orders) -> None:
    clock = ClockAhead(orders.ahead)
    over = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, over.set)
    store = await open_store(orders.database, clock=clock.now)
    async with aiohttp.ClientSession(trust_env=False) as session:
        account = ImageApiSettings()
        access = Access(orders.ends.images, Credentials(account.secret_id, account.secret_key, ""))
        images = Hunyuan(session, access, now=clock.now, wall=clock.wall)
        ports = Ports(store, Threads(session, orders.ends.threads), images, ObjectSpool(orders.spool), store.inbox)
        settings = read_settings(
            _env_file=None, slack_bot_token="xoxb-bench", slack_signing_secret="bench", tencentcloud_secret_id="id",
            tencentcloud_secret_key="key", database_url=orders.database, hunyuan_slots=SLOTS, hunyuan_rate=RATE,
            hunyuan_typical=RUNS, hunyuan_hold=HOLD,
        )  # fmt: skip
        engine = Engine(settings, ports, clock=clock, measures=Meters(), lease=orders.lease)
        await engine.start(hourly=_nothing)
        await over.wait()
        await engine.stop()
    await store.close()


async def _nothing() -> None:
    """There is no house to keep."""


def work(orders: Orders) -> None:
    """Work until SIGTERM, as the bot would."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    logging.disable()  # it is killed and stopped in the midst of things, and what came of it is counted
    asyncio.run(_work(orders))

"""A chat that nobody reads, and a provider that is as far away as in life: what is around the lane in a real run."""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from typing import BinaryIO

from bot.errors import Cause
from bot.job import ChannelId, FileId, Job, LaneId, ProviderJobId, Ts
from bot.ports import Done, Images, Photo, Posted, Progress, Read, Sized, Standing
from bot.request import Request


class Silence:
    """Takes every message and every file, at once."""

    async def announce(self, job: Job, _standing: Standing) -> Posted:
        """A root that nobody sees."""
        return Posted(job.channel_id, Ts(f"1.{job.id}"))

    async def offer_road(self, job: Job, *, joinable: bool, direct: bool) -> None:
        """Nobody has to."""

    def show(self, job: Job, standing: Standing) -> None:
        """Nobody looks."""

    async def finish(self, job: Job) -> None:
        """Nobody looks."""

    def expect(self, job: Job, *, number: int, of: int, length: int, mime: str) -> None:
        """No head start."""

    async def upload(self, job: Job, _read: Read) -> tuple[FileId, ...]:
        """Held already."""
        return tuple(FileId(f"F{picture.key}") for picture in job.pictures)

    async def share(self, job: Job) -> None:
        """Nobody looks."""

    async def direct(self, job: Job) -> ChannelId:
        """The only conversation there is."""
        return job.channel_id

    async def landed(self, job: Job) -> Ts | None:
        """At once."""
        return Ts(f"2.{job.id}")

    async def apologise(self, job: Job) -> None:
        """Nobody listens; the row tells."""

    async def remove(self, job: Job) -> None:
        """Nothing to remove."""

    async def alert(self, lane: LaneId, *, cause: Cause | None, code: str) -> None:
        """Nobody listens."""


class Uncounted:
    """Measures that nobody reads."""

    def step(self, name: str, *, outcome: str, seconds: float) -> None:
        """Not counted."""

    def ask(self, outcome: str) -> None:
        """Not counted."""

    def lane_paused(self, lane: str, *, paused: bool) -> None:
        """Not counted."""


class Far:
    """The image API over a long way. `known`: when each end was first heard of, in Unix seconds; `looks`: how often
    each job was asked about.
    """

    def __init__(self, images: Images) -> None:
        self._images = images
        self.way = 0.0
        self.known: dict[str, float] = {}
        self.looks: Counter[str] = Counter()

    async def measure(self, trip: float) -> None:
        """Make the way so long that a whole round trip takes `trip` seconds, with what the loopback takes."""
        took = []
        for _ in range(15):
            began = time.perf_counter()
            await self._images.probe()
            took.append(time.perf_counter() - began)
        self.way = max(trip - sorted(took)[len(took) // 2], 0.0) / 2

    async def submit(self, request: Request) -> ProviderJobId:
        """Send it."""
        await asyncio.sleep(self.way)
        try:
            return await self._images.submit(request)
        finally:
            await asyncio.sleep(self.way)

    async def query(self, job: ProviderJobId) -> Progress:
        """Look."""
        self.looks[str(job)] += 1
        await asyncio.sleep(self.way)
        progress = await self._images.query(job)
        await asyncio.sleep(self.way)
        if isinstance(progress, Done):
            self.known.setdefault(str(job), time.time())
        return progress

    async def fetch(self, _link: str, into: BinaryIO, *, sized: Sized) -> Photo:  # noqa: ARG002 - as the port has it
        """A picture of one byte: delivery is not what is measured."""
        into.write(b"x")
        return Photo("image/png", 1, 1, 1, "2d711642b726b04401627ca9fbac32f5c8530fb1903cc4db02258717921a4881")

    async def probe(self) -> None:
        """Ask for free."""
        await self._images.probe()

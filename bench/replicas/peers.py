"""The same account used by replicas that do not know of each other: each keeps to the limit by itself."""

from __future__ import annotations

import asyncio
import itertools
from contextlib import AsyncExitStack

import aiohttp

from bench.replicas.far import RATE, SLOTS, Ends
from bot.clock import SystemClock
from bot.errors import Fault, Throttled
from bot.images.hunyuan import Hunyuan
from bot.images.tc3 import Credentials
from bot.images.wire import Access
from bot.job import ProviderJobId
from bot.ports import Done
from bot.request import Request
from sandbox.hunyuan import ImageApiSettings

_LOOK = 0.5
"""Seconds between two looks at a job; the pacer makes it more where there are many."""


class Pacer:
    """Lets one through every twentieth of a second."""

    def __init__(self) -> None:
        self._next = 0.0

    async def turn(self) -> None:
        """Wait for it."""
        now = asyncio.get_running_loop().time()
        self._next = max(self._next + 1.0 / RATE, now)
        await asyncio.sleep(self._next - now)


class Peer:
    """A replica with as many workers as the account has slots, a pacer for each action, and no lease."""

    def __init__(self, images: Hunyuan, numbers: itertools.count[int]) -> None:
        self._images = images
        self._numbers = numbers
        self._submits = Pacer()
        self._looks = Pacer()

    async def work(self) -> None:
        """One job after another, in each worker."""
        await asyncio.gather(*(self._worker() for _ in range(SLOTS)))

    async def _worker(self) -> None:
        while True:
            await self._submits.turn()
            try:
                job = await self._images.submit(Request(f"peer {next(self._numbers)}"))
            except Throttled:
                await asyncio.sleep(_LOOK)
                continue
            await self._wait_for(job)

    async def _wait_for(self, job: ProviderJobId) -> None:
        while True:
            await asyncio.sleep(_LOOK)
            await self._looks.turn()
            try:
                if isinstance(await self._images.query(job), Done):
                    return
            except Fault:
                continue


async def unleash(replicas: int, ends: Ends, *, seconds: float) -> None:
    """Let so many of them work for a while."""
    clock = SystemClock()
    account = ImageApiSettings()
    access = Access(ends.images, Credentials(account.secret_id, account.secret_key, ""))
    async with AsyncExitStack() as stack:
        numbers: itertools.count[int] = itertools.count()
        peers = []
        for _ in range(replicas):
            session = await stack.enter_async_context(aiohttp.ClientSession(trust_env=False))
            peers.append(Peer(Hunyuan(session, access, now=clock.now, wall=clock.wall), numbers))
        try:
            async with asyncio.timeout(seconds):
                await asyncio.gather(*(peer.work() for peer in peers))
        except TimeoutError:
            return

"""The far ends of a delivery, in a process of their own: how fast they are, and what can be seen of them from here."""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import aiohttp

CALL = 0.12
"""Seconds that Slack takes for any call."""
PICTURE = 1_500_000
"""Bytes of a picture, about."""
SPEED = 20_000_000
"""Bytes a second on each connection, to and fro."""
PACKET = 1_400
STEP = 75_000
SIDE = 706  # of a square of noise that is as long as a picture
TURN = 1.0
"""Seconds between two messages in a conversation where Slack is strict."""
STRICT = "CSTRICT"


@dataclass(frozen=True, slots=True)
class World:
    """The fakes as seen from here."""

    base: str
    session: aiohttp.ClientSession

    def links(self, count: int) -> tuple[str, ...]:
        """Where pictures can be fetched."""
        return tuple(f"{self.base}/pictures/{number}.png" for number in range(count))

    async def state(self) -> dict[str, Any]:
        """What was seen, and counted."""
        async with self.session.get(f"{self.base}/seen") as answer:
            return dict(await answer.json())

    async def seen(self, thread: str, *, within: float = 20.0) -> float:
        """When that thread got its pictures. Raises `TimeoutError`."""
        return (await self.all_seen([thread], within=within))[0]

    async def all_seen(self, threads: list[str], *, within: float) -> list[float]:
        """When those threads got theirs."""
        async with asyncio.timeout(within):
            while True:
                found = (await self.state())["seen"]
                if all(thread in found for thread in threads):
                    return [found[thread] for thread in threads]
                await asyncio.sleep(0.05)


@asynccontextmanager
async def open_world() -> AsyncIterator[World]:
    """Start the fakes in a process of their own."""
    child = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "bench.delivery.fakes", stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE
    )
    assert child.stdout is not None
    try:
        said = json.loads(await asyncio.wait_for(child.stdout.readline(), 20))
        async with aiohttp.ClientSession() as session:
            yield World(said["base"], session)
    finally:
        child.kill()
        await child.wait()

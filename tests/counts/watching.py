"""A town whose bot is counted: its transactions, its calls of Slack, its looks at the provider."""

from __future__ import annotations

import asyncio
import dataclasses
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from bot.app import Ports
from bot.clock import SystemClock
from sandbox.feed import Happening
from tests.journeys.town import QUICK, Town, town

PATIENCE = 60.0


class Watched:
    """A spool that tells when a job's bytes are dropped: by then the last word on it is on disk."""

    def __init__(self, real: Any) -> None:
        self._real = real
        self.dropped = 0
        self.news = asyncio.Event()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._real, name)

    async def drop(self, prefix: str) -> None:
        await self._real.drop(prefix)
        self.dropped += 1
        self.news.set()


@dataclasses.dataclass
class Watch:
    """What the bot has done so far."""

    place: Town
    store: Any = None
    spool: Any = None
    looks: list[int] = dataclasses.field(default_factory=list)

    def adorned(self, ports: Ports) -> Ports:
        self.store, self.spool = ports.store, Watched(ports.spool)
        return dataclasses.replace(ports, spool=self.spool)

    @property
    def commits(self) -> int:
        count: int = self.store.commits
        return count

    @property
    def slack_calls(self) -> Counter[str]:
        """By method; `users.info` is asked once a person and day, not for a job, and is left out."""
        calls = Counter(h.data["method"] for h in self.place.feed.of("slack.api"))
        calls["upload"] = len(self.place.feed.of("slack.upload"))
        del calls["users.info"]
        return calls

    async def delivered(self, count: int) -> None:
        """Wait until so many jobs were delivered and everything about them is written down."""
        async with asyncio.timeout(PATIENCE):
            while self.spool.dropped < count:
                self.spool.news.clear()
                await self.spool.news.wait()
        await self.place.slack.settled()

    def _hear(self, happening: Happening) -> None:
        if happening.kind == "image.call" and happening.data["action"].startswith("Query"):
            self.looks.append(self.commits)


@asynccontextmanager
async def watched(tmp_path: Path, **more: Any) -> AsyncIterator[Watch]:
    """The real bot, awake, and one job behind it, so that what is asked once a person or process is known."""
    async with town(tmp_path, **{**QUICK, **more}) as place:
        watch = Watch(place)
        place.clock = SystemClock()  # a restless one's leases are renewed in the middle of a slow machine's job
        place.adorn = watch.adorned
        place.feed.listen(watch._hear)
        await place.start_bot()
        assert (await place.asks(place.ada, "the first")).ok
        await watch.delivered(1)
        yield watch

"""A story that goes on where a job is written down as delivered, not only to be seen."""

from __future__ import annotations

import dataclasses
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from bot.app import Ports
from bot.job import Job, State
from sandbox.feed import Feed, Happening
from tests.journeys.town import QUICK, Town, town

WRITTEN = "test.delivered"


class Noting:
    """The real store; it says aloud which jobs it has written down as delivered."""

    def __init__(self, real: Any, feed: Feed) -> None:
        self._real, self._feed = real, feed

    def __getattr__(self, name: str) -> Any:
        return getattr(self._real, name)

    async def save(self, job: Job, **more: Any) -> Job:
        saved: Job = await self._real.save(job, **more)
        if saved.state is State.DELIVERED:
            self._feed.publish(WRITTEN, job=saved.id, channel=saved.channel_id, thread=saved.thread_ts)
        return saved


@asynccontextmanager
async def noting_town(data: Path, **more: Any) -> AsyncIterator[Town]:
    """A town with the bot awake, whose store can be heard."""

    def adorned(ports: Ports) -> Ports:
        return dataclasses.replace(ports, store=Noting(ports.store, place.feed))

    async with town(data, **{**QUICK, **more}) as place:
        place.adorn = adorned
        await place.start_bot()
        yield place


def written(place: Town) -> list[Happening]:
    """The jobs that are written down as delivered, oldest first."""
    return list(place.feed.of(WRITTEN))


async def delivered(place: Town, who: str, text: str, *, where: str | None = None) -> Happening:
    """Somebody asks; the share that came of it, when it is written down."""
    shares, done = len(place.shares()), len(written(place))
    await place.asks(who, text, where=where)
    await place.until(lambda: len(written(place)) > done)
    return (await place.shared(shares + 1))[-1]

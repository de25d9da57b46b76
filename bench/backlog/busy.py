"""`python -m bench.backlog.busy URL WAITING`: an engine at work for a while on a filled line; prints MiB held then."""

from __future__ import annotations

import asyncio
import logging
import sys

import structlog

from bench.backlog.filling import lane
from bench.backlog.memory import resident
from bench.backlog.world import engine
from bot.clock import SystemClock
from bot.job import JobId

_TICKS = 30


async def work(url: str, waiting: int) -> float:
    """Tick, tell places all over the line, sum it up."""
    async with engine(url, SystemClock(), lanes=[lane(0)], slots=20) as world:
        (driver,) = world.drivers
        for number in range(_TICKS):
            driver.board.changed()
            await world.runner.tick()
            job = await world.store.get(JobId(f"w{1 + (waiting - 1) * number // _TICKS}"))
            if job is None:
                raise RuntimeError("a job is not there")
            await driver.standing(job)
        await world.store.crowd(lane(0))
        return resident()


if __name__ == "__main__":
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.ERROR))
    print(asyncio.run(work(sys.argv[1], int(sys.argv[2]))))

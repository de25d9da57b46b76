"""How long it takes to tell a job's place in a long line, beside counting, and beside a question that asks nothing."""

from __future__ import annotations

import itertools
import sqlite3
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from contextlib import asynccontextmanager, closing
from typing import Any, cast

import asyncpg
from sqlalchemy import make_url

from bench.backlog.filling import lane
from bench.backlog.lines import Line, opened
from bench.backlog.timing import Call, interleaved
from bot.clock import SystemClock
from bot.forecast import Forecast
from bot.job import Job, JobId
from bot.ports import Chat
from bot.standing import Board
from bot.store import SqlStore

_PROBES = 20
"""Jobs asked about, evenly over the whole line."""

_ON_SQLITE = """
    SELECT count(*) FROM jobs WHERE lane = 'lane0' AND state = 'queued'
        AND (asked_at, seq) <= (SELECT asked_at, seq FROM jobs WHERE id = ?)"""
_ON_POSTGRESQL = _ON_SQLITE.replace("?", "$1")

Count = Callable[[str], Awaitable[int]]


class _Lane:
    """A lane with one job being drawn."""

    def __init__(self) -> None:
        self.forecast = Forecast()
        self.health = self
        self.cause = None

    def remaining(self) -> list[float]:
        """Seconds that it still needs."""
        return [5.0]


async def places(lines: list[Line], *, rounds: int, each: int) -> dict[str, dict[str, list[float]]]:
    """For each line, by its name: seconds of "place", of "trivial" and of the peer's "count", for each round."""
    found = {}
    async with opened(lines) as stores:
        for line in lines:
            async with _counting(line.url) as count:
                calls = await _calls(stores[line.name], line.crowd.waiting, count)
                found[line.name] = await interleaved(calls, rounds=rounds, each=each, in_a_row=each)
    return found


async def _calls(store: SqlStore, waiting: int, count: Count) -> dict[str, Call]:
    """The three, ours and the peer's with a walk over the probes each."""
    step = max(1, waiting // _PROBES)
    jobs = [await _job(store, number) for number in range(step, waiting + 1, step)]
    board = Board(lane(0), 1, store=store, chat=cast("Chat", None), clock=SystemClock(), lane=cast("Any", _Lane()))
    ours, theirs = _over(jobs), _over(jobs)

    async def place() -> None:
        if (await board.standing(next(ours))).place is None:
            raise RuntimeError("no place was told")

    async def counted() -> None:
        await count(next(theirs).id)

    await board.standing(jobs[-1])  # the crowd is summed up once in half a minute, not by everybody who asks
    return {"place": place, "trivial": store.ping, "count": counted}


def _over(jobs: Sequence[Job]) -> Iterator[Job]:
    return itertools.cycle(jobs)


async def _job(store: SqlStore, number: int) -> Job:
    job = await store.get(JobId(f"w{number}"))
    if job is None:
        raise RuntimeError(f"w{number} is not there")
    return job


@asynccontextmanager
async def _counting(url: str) -> AsyncIterator[Count]:
    """The peer: count who asked before, on the same rows and their index, with the bare driver."""
    if make_url(url).get_backend_name() == "sqlite":
        with closing(sqlite3.connect(str(make_url(url).database))) as file:

            async def in_file(job_id: str) -> int:
                return int(file.execute(_ON_SQLITE, (job_id,)).fetchone()[0])

            yield in_file
        return
    server = await asyncpg.connect(url)

    async def at_server(job_id: str) -> int:
        return int(await server.fetchval(_ON_POSTGRESQL, job_id))

    try:
        yield at_server
    finally:
        await server.close()

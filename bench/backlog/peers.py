"""What others do with a backlog: a table without an index that fits, and a task in memory for each job."""

from __future__ import annotations

import asyncio
import sqlite3
import subprocess
import sys
from contextlib import closing

from bench.backlog.memory import resident
from bench.backlog.timing import Call, interleaved, ratio

_TASKS = 10_000


async def unindexed(waiting: int, *, rounds: int, each: int) -> float:
    """First come, first served, by a query without an index: how many times longer with a long line than with ten."""
    with closing(_table(10)) as short, closing(_table(waiting)) as long:
        calls: dict[str, Call] = {"short": _first(short), "long": _first(long)}
        times = await interleaved(calls, rounds=rounds, each=each)
    return ratio(times["long"], times["short"])


def _table(waiting: int) -> sqlite3.Connection:
    table = sqlite3.connect(":memory:")
    table.execute("CREATE TABLE jobs (id INTEGER PRIMARY KEY, state TEXT, asked_at TEXT, prompt TEXT)")
    rows = ((f"2026-03-01 {n:06}", "a fox in the rain" * 4) for n in range(waiting))
    table.executemany("INSERT INTO jobs (state, asked_at, prompt) VALUES ('queued', ?, ?)", rows)
    return table


def _first(table: sqlite3.Connection) -> Call:
    async def pick() -> None:
        table.execute("SELECT * FROM jobs WHERE state = 'queued' ORDER BY asked_at, id LIMIT 1").fetchall()

    return pick


def task_each(waiting: int) -> float:
    """MiB that a sleeping task for each waiting job would take: measured with fewer, in a process of its own."""
    command = [sys.executable, "-c", "from bench.backlog.peers import sleeping; sleeping()"]
    added = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True, timeout=60).stdout
    return float(added) * waiting / _TASKS


def sleeping() -> None:
    """Say how many MiB so many tasks add to this process."""

    async def hold() -> float:
        before = resident()
        tasks = [asyncio.create_task(asyncio.sleep(3600, f"job {n}")) for n in range(_TASKS)]
        await asyncio.sleep(0)
        added = resident() - before
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        return added

    print(asyncio.run(hold()))

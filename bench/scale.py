"""`python -m bench.scale`: an engine far beyond one team's size, without a provider; what it costs, and what grows.

100 lanes, 10,000 workspaces, 1,000,000 delivered jobs and 100,000 that wait, on SQLite (or `--postgresql`). No part of
the table: there is no goal to reach, only figures. Takes minutes and up to 4 GB of disk.
"""

from __future__ import annotations

import argparse
import asyncio
import logging
import shutil
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import structlog
from rich.console import Console
from rich.table import Table
from sqlalchemy import make_url

from bench.acks.databases import Databases, Sqlite, postgres
from bench.backlog.filling import NOON, Crowd, fill, lane
from bench.backlog.memory import resident
from bench.backlog.timing import Call, interleaved, typical
from bench.backlog.world import World, engine
from bot.clock import SystemClock
from bot.job import ChannelId, Job, JobId, TeamId, UserId
from bot.ports import DeliveryKey
from bot.request import Request
from bot.store import SqlStore, open_store

LARGE = Crowd(waiting=100_000, people=20_000, history=1_000_000, lanes=100, teams=10_000)
SMALL = Crowd(waiting=1_000, people=200, history=0, lanes=100, teams=100)
_DISK = 4 * 1024**3
_LEAST_ROUNDS = 3
_IDLE = 20.0  # seconds

Figures = dict[str, str]


@dataclass(frozen=True, slots=True)
class Subject:
    """A filled database and how it came to be."""

    crowd: Crowd
    url: str
    seconds: float


def main() -> None:
    """Fill, measure, show."""
    parser = argparse.ArgumentParser(prog="bench.scale", description=__doc__)
    parser.add_argument("--postgresql", action="store_true", help="on PostgreSQL instead of SQLite")
    parser.add_argument("--tenth", action="store_true", help="a tenth of everything, in a tenth of the time")
    wanted = parser.parse_args()
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.ERROR))
    large = replace(LARGE, waiting=10_000, people=2_000, history=100_000, teams=1_000) if wanted.tenth else LARGE
    with tempfile.TemporaryDirectory() as folder:
        if shutil.disk_usage(folder).free < _DISK:
            raise SystemExit("this takes up to 4 GB of disk")
        if wanted.postgresql:
            with postgres(Path(folder) / "server") as server:
                _run(server, large)
        else:
            _run(Sqlite(Path(folder) / "files"), large)


def _run(databases: Databases, large: Crowd) -> None:
    subjects = [_filled(databases, crowd) for crowd in (SMALL, large)]
    columns = [asyncio.run(measured(subject)) for subject in subjects]
    asked = asyncio.run(questions(subjects))
    for column, more in zip(columns, asked, strict=True):
        column.update(more)
    _show(databases.name, subjects, columns)


def _filled(databases: Databases, crowd: Crowd) -> Subject:
    url = databases.fresh()
    began = time.monotonic()
    asyncio.run(fill(url, crowd))
    return Subject(crowd, url, time.monotonic() - began)


async def measured(subject: Subject) -> Figures:
    """The engine's start, ticks, CPU and memory, with 100 lanes of 5 slots each, all of them taken."""
    began, before = time.monotonic(), resident()
    lanes = [lane(number) for number in range(subject.crowd.lanes)]
    async with engine(subject.url, SystemClock(), lanes=lanes, slots=5) as world:
        figures = {"rows filled in": f"{subject.seconds:.0f} s", "disk": _disk(subject.url)}
        figures["engine's start"] = f"{time.monotonic() - began:.2f} s"
        figures |= await _filling_slots(world, slots=5 * len(lanes))
        figures |= await _steady(world)
        figures["memory added by the engine"] = f"{resident() - before:.1f} MiB"
    return figures


async def _filling_slots(world: World, *, slots: int) -> Figures:
    """Ticks, one submit a lane each, until every slot is taken."""
    ticks: list[float] = []
    began, submits = time.monotonic(), world.images.submits
    while world.images.submits - submits < slots and time.monotonic() - began < 60.0:
        start = time.monotonic()
        await world.runner.tick()
        ticks.append(time.monotonic() - start)
        await asyncio.sleep(0.05)
    seconds = time.monotonic() - began
    sent = world.images.submits - submits
    busy = max(ticks)
    return {"submits until all slots are taken": f"{sent} in {seconds:.1f} s", "longest tick, all lanes due": _ms(busy)}


async def _steady(world: World) -> Figures:
    """What it takes to look at so many jobs again and again: ticks when told to, as the bot itself does."""
    looks, ticks, cpu, began = world.images.looks, 0, time.process_time(), time.monotonic()
    spent = 0.0
    while time.monotonic() - began < _IDLE:
        start = time.monotonic()
        wake = await world.runner.tick()
        spent += time.monotonic() - start
        ticks += 1
        await asyncio.sleep(min(max(wake - time.time(), 0.002), 0.25))
    seconds = time.monotonic() - began
    used = (time.process_time() - cpu) / seconds
    looks = world.images.looks - looks
    return {
        "ticks, all slots taken": f"{ticks / seconds:.0f}/s of {_ms(spent / ticks)}",
        "looks at the provider": f"{looks / seconds:.0f}/s",
        "CPU, all slots taken": f"{used:.0%} of a core",
    }


async def questions(subjects: Sequence[Subject]) -> list[Figures]:
    """What one pick, place, claim and ask take, the databases taking turns."""
    stores = [await open_store(subject.url, clock=lambda: NOON) for subject in subjects]
    calls = {
        (name, number): call
        for number, (store, subject) in enumerate(zip(stores, subjects, strict=True))
        for name, call in _calls(store, subject.crowd).items()
    }
    named = {f"{name} {number}": call for (name, number), call in calls.items()}
    times = await interleaved(named, rounds=_LEAST_ROUNDS, each=30)
    for store in stores:
        await store.close()
    names = list(dict.fromkeys(name for name, _ in calls))
    return [{name: _ms(typical(times[f"{name} {n}"]) / 1000) for name in names} for n in range(len(subjects))]


def _calls(store: SqlStore, crowd: Crowd) -> dict[str, Call]:
    here = lane(1)
    last = JobId(f"w{crowd.waiting - crowd.waiting % crowd.lanes + 1 - crowd.lanes}")
    fresh = iter(range(10**9))

    async def pick() -> None:
        if await store.next_in_line(here, NOON) is None:
            raise RuntimeError("nobody was picked")

    async def place() -> None:
        job = await store.get(last)
        if job is None:
            raise RuntimeError("the last in line is not there")
        await store.ahead(job.lane, [job])

    async def claim() -> None:
        await store.claim(NOON, owner="bench", lease=timedelta(seconds=60), limit=8)

    async def accept() -> None:
        job = _asked(next(fresh), crowd)
        await store.accept(job, key=DeliveryKey(job.team_id, "bench", job.id))

    return {
        "a pick": pick,
        "a place (and the row)": place,
        "next_due": store.next_due,
        "next_in_line_due": lambda: store.next_in_line_due(here),
        "runs (200)": lambda: store.runs(here, 200),
        "a claim": claim,
        "an accept": accept,
    }


def _asked(number: int, crowd: Crowd) -> Job:
    """Somebody asks for one more."""
    person = number % crowd.people
    who = {"team_id": TeamId(f"T{person % crowd.teams}"), "user_id": UserId(f"U{person}"), "lane": lane(1)}
    where = {"channel_id": ChannelId(f"C{person}"), "asked_at": NOON, "state_at": NOON, "due_at": NOON}
    given: dict[str, Any] = {**who, **where}
    return Job(id=JobId(f"fresh{number}"), request=Request("an owl"), **given)


def _ms(seconds: float) -> str:
    return f"{seconds * 1000:.2f} ms"


def _disk(url: str) -> str:
    """Bytes on disk, of a file; a server keeps that to itself."""
    parsed = make_url(url)
    if parsed.get_backend_name() != "sqlite":
        return "–"
    return f"{Path(str(parsed.database)).stat().st_size / 1024**2:.0f} MiB"


def _show(database: str, subjects: Sequence[Subject], columns: Sequence[Figures]) -> None:
    heads = [f"{each.crowd.waiting:,} waiting, {each.crowd.history:,} delivered" for each in subjects]
    table = Table(f"{database}, {LARGE.lanes} lanes", *heads)
    for name in columns[0]:
        table.add_row(name, *(column[name] for column in columns))
    Console(width=110).print(table)


if __name__ == "__main__":
    main()

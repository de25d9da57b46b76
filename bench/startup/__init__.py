"""From exec to the first acknowledgement, with its row on disk: a new database, an empty one, one where 100,000 wait.

The whole program, in HTTP mode on SQLite, against a Slack and an image API in another process. In each round a process
that does nothing but import the libraries is timed beside it.
"""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

from bench.backlog.filling import Crowd, fill
from bench.rows import Plan, Row
from bench.startup.starts import Start, fakes, floor, start
from bot.app import LANE
from bot.store import migrate

WAITING = {True: 5_000, False: 100_000}
GOAL_EMPTY, GOAL_FULL, GOAL_MEMORY = 1.0, 1.3, 95.0
USUAL_IMPORTS = 0.6
"""Seconds that the bare imports take on the machine that the goals were set on; a slower one has longer."""
_ROUNDS = {True: 1, False: 5}


@dataclass(slots=True)
class _Found:
    """What the rounds measured."""

    floors: list[float] = field(default_factory=list)
    new: list[Start] = field(default_factory=list)
    empty: list[Start] = field(default_factory=list)
    full: list[Start] = field(default_factory=list)


def measure(plan: Plan) -> Sequence[Row]:
    """Rounds of four processes each: the imports alone, and a start on each kind of database."""
    with TemporaryDirectory(prefix="imagine-bench-") as name:
        top = Path(name)
        with fakes(top) as port:
            full = _folder(top, "full")
            waiting = WAITING[plan.quick]
            asyncio.run(_fill(full / "imagine.db", waiting))
            return [_row(_rounds(top, full, port, _ROUNDS[plan.quick]), waiting)]


def _rounds(top: Path, full: Path, port: int, rounds: int) -> _Found:
    found = _Found()
    start(_folder(top, "warm"), fakes_port=port)  # byte code is written and read
    for number in range(rounds):
        found.floors.append(floor(top))
        found.new.append(start(_folder(top, f"new{number}"), fakes_port=port))
        found.empty.append(start(top / f"new{number}", fakes_port=port))
        found.full.append(start(full, fakes_port=port))
    return found


def _folder(top: Path, name: str) -> Path:
    folder = top / name
    folder.mkdir()
    return folder


async def _fill(file: Path, waiting: int) -> None:
    """A line of people, each with some jobs, in the program's own lane."""
    url = f"sqlite:///{file}"
    await migrate(url)
    await fill(url, Crowd(waiting=waiting, people=1_000))
    database = sqlite3.connect(file)
    for table in ("jobs", "people"):
        database.execute(f"UPDATE {table} SET lane = ?", (LANE,))
    database.commit()
    database.close()


def _row(found: _Found, waiting: int) -> Row:
    bare = median(found.floors)
    new, empty, full = (_middle(starts, _first) for starts in (found.new, found.empty, found.full))
    memory = max(begun.memory for begun in (*found.new, *found.empty, *found.full))
    pace = max(1.0, bare / USUAL_IMPORTS)
    return Row(
        f"start to first acknowledgement, empty / {waiting:,} waiting; memory",
        f"{USUAL_IMPORTS} s of imports; here {bare:.2f} s",
        "–",
        f"{empty:.2f} / {full:.2f} s (a new database: {new:.2f} s); {memory:.0f} MiB",
        f"≤ {GOAL_EMPTY} / {GOAL_FULL} s where the imports take {USUAL_IMPORTS} s: here "
        f"≤ {GOAL_EMPTY * pace:.2f} / {GOAL_FULL * pace:.2f} s; ≤ {GOAL_MEMORY:.0f} MiB",
        holds=max(new, empty) <= GOAL_EMPTY * pace and full <= GOAL_FULL * pace and memory <= GOAL_MEMORY,
        notes=(_ratios(bare, new, empty, full), _more(found)),
    )


def _ratios(bare: float, new: float, empty: float, full: float) -> str:
    return (
        f"the bare imports of slack_bolt, aiohttp and SQLAlchemy took {bare:.2f} s in the same rounds; a start takes "
        f"{empty / bare:.2f} × as long, on a new database {new / bare:.2f} ×, with many waiting {full / bare:.2f} ×"
    )


def _more(found: _Found) -> str:
    cpu = "/".join(f"{_middle(starts, _cpu):.2f}" for starts in (found.new, found.empty, found.full))
    ready = "/".join(f"{_middle(starts, _ready):.2f}" for starts in (found.new, found.empty, found.full))
    return (
        f"CPU to the first acknowledgement {cpu} s and ready after {ready} s (new, empty, many waiting); "
        f"medians of {len(found.empty)} starts each; memory is the most of all starts, once ready"
    )


def _middle(starts: Sequence[Start], which: Callable[[Start], float]) -> float:
    return median(which(begun) for begun in starts)


def _first(begun: Start) -> float:
    return begun.first


def _cpu(begun: Start) -> float:
    return begun.cpu


def _ready(begun: Start) -> float:
    return begun.ready

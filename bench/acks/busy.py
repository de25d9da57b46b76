"""Acknowledgements while pictures travel, every slot is polled and a crowd waits, beside those of an idle bot."""

from __future__ import annotations

import asyncio
import random
import shutil
import sqlite3
import time
from dataclasses import dataclass, field
from pathlib import Path

from bench.acks import load
from bench.acks.commands import CHANNELS, TEAM, Addressee, commands
from bench.acks.databases import Sqlite
from bench.acks.fakes import Wanted
from bench.acks.load import Outcome
from bench.acks.rounds import run, warm_up
from bench.acks.servers import Fakes, bot
from bench.backlog.filling import Crowd, fill
from bot.app import LANE

RATE = 100.0
"""Commands a second."""
SLOTS = 20
_PATIENCE = 30.0  # seconds until the first pictures must have arrived

_OURS = f"""
UPDATE jobs SET lane = '{LANE}', team_id = '{TEAM}', root_ts = NULL, thread_ts = NULL,
    request = json_set(request, '$.count', 4),
    channel_id = '{CHANNELS[0][:-2]}' || printf('%02d', seq % {len(CHANNELS)});
UPDATE people SET lane = '{LANE}', team_id = '{TEAM}';
UPDATE deliveries SET team_id = '{TEAM}';
"""


@dataclass(slots=True)
class HandsFull:
    """99th percentiles in milliseconds, one of each a round; `pictures`: what the bot delivered meanwhile."""

    idle: list[float] = field(default_factory=list)
    busy: list[float] = field(default_factory=list)
    pictures: int = 0
    polls: int = 0
    seconds: float = 0.0
    failed: int = 0


def crowded(databases: Sqlite, waiting: int) -> Path:
    """A template with so many jobs of four pictures in line, each of another person."""
    template = Path(databases.folder) / "crowd.db"
    shutil.copy(Path(databases.folder) / "template.db", template)
    asyncio.run(fill(f"sqlite:///{template}", Crowd(waiting=waiting, people=waiting)))
    with sqlite3.connect(template) as connection:
        connection.executescript(_OURS)
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    return template


def measure_busy(
    found: HandsFull, template: Path, databases: Sqlite, slack: Fakes, *, seconds: float, seed: int
) -> None:
    """One idle window and one with hands full, each with a bot of its own that has warmed up."""
    folder = Path(databases.folder)
    with bot(slack.fresh(), folder, database=databases.fresh()) as server:
        found.idle.append(_window(found, server, seconds, seed).quantile(0.99))
    crowd = shutil.copy(template, folder / f"crowd_{seed}.db")
    with bot(slack.fresh(Wanted(slots=SLOTS)), folder, database=f"sqlite:///{crowd}") as server:
        _wait_for_pictures(slack)
        before = slack.counts()
        found.busy.append(_window(found, server, seconds, seed).quantile(0.99))
        after = slack.counts()
        found.pictures += 4 * (after["slack.share"] - before["slack.share"])
        found.polls += after["image.query"] - before["image.query"]


def _window(found: HandsFull, server: Addressee, seconds: float, seed: int) -> Outcome:
    chance = random.Random(seed)
    warm_up(server, chance)
    times = load.arrivals(RATE, seconds, chance)
    signed = commands(len(times), server, chance=chance)
    outcome = run(load.at_times(server.port, signed, times))
    found.failed += outcome.failed
    found.seconds += seconds / 2
    return outcome


def _wait_for_pictures(slack: Fakes) -> None:
    deadline = time.monotonic() + _PATIENCE
    while slack.counts()["slack.share"] < 1:
        if time.monotonic() > deadline:
            raise RuntimeError("no pictures arrived")
        time.sleep(0.1)

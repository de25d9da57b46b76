"""The lines that are measured: short, long, of many people, of few, of one, and one in which all but the last sleep."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass

from bench.acks.databases import Databases
from bench.backlog.filling import NOON, Crowd, fill
from bot.store import SqlStore, open_store

SHORT = "10 waiting"
ASLEEP = "all but the last asleep"


def shapes(waiting: int) -> dict[str, Crowd]:
    """Each by its name; the short one is what the others are compared with."""
    some = waiting // 100
    return {
        SHORT: Crowd(10, 10),
        f"{waiting:,} people": Crowd(waiting, waiting),
        f"{some:,} people": Crowd(waiting, some),
        "one person": Crowd(waiting, 1),
        ASLEEP: Crowd(waiting, waiting, asleep=waiting - 1),
    }


@dataclass(frozen=True, slots=True)
class Line:
    """A filled database."""

    name: str
    crowd: Crowd
    url: str


def filled(databases: Databases, crowds: Mapping[str, Crowd]) -> list[Line]:
    """A fresh database for each crowd."""
    lines = [Line(name, crowd, databases.fresh()) for name, crowd in crowds.items()]
    for line in lines:
        asyncio.run(fill(line.url, line.crowd))
    return lines


@asynccontextmanager
async def opened(lines: list[Line]) -> AsyncIterator[dict[str, SqlStore]]:
    """All of them at once, by name."""
    async with AsyncExitStack() as stack:
        stores: dict[str, SqlStore] = {}
        for line in lines:
            stores[line.name] = await open_store(line.url, clock=lambda: NOON)
            stack.push_async_callback(stores[line.name].close)
        yield stores

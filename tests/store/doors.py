"""Ways into a store's database beside the store: to look, to overwrite, to hear what it is told."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from typing import Any, TypeVar

from sqlalchemy import URL, Connection, Engine, make_url
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine
from sqlalchemy.pool import NullPool

from bot.store import SqlStore

T = TypeVar("T")

_DRIVERS = {"sqlite": "sqlite+aiosqlite", "postgresql": "postgresql+asyncpg"}


def opened(url: str | URL) -> AsyncEngine:
    """An engine of our own."""
    parsed = make_url(url)
    return create_async_engine(parsed.set(drivername=_DRIVERS[parsed.get_backend_name()]), poolclass=NullPool)


@asynccontextmanager
async def side_door(store: SqlStore) -> AsyncIterator[AsyncConnection]:
    """A transaction of somebody else."""
    _, writing = engines_of(store)
    engine = opened(writing.url)
    async with engine.begin() as connection:
        yield connection
    await engine.dispose()


def engines_of(store: SqlStore) -> tuple[Engine, Engine]:
    """What the store reads by, and what it writes by."""
    database: Any = store._database
    if database.is_embedded:
        return database.reading, database.writing
    return database.reading.sync_engine, database.writing.sync_engine


async def with_its_pen(store: SqlStore, do: Callable[[Connection], T]) -> T:
    """What `do` finds out in a transaction on the store's own connection."""

    def action(connection: Connection, _items: Sequence[None]) -> Sequence[T]:
        return [do(connection)]

    return await store._writer.write(action, None)

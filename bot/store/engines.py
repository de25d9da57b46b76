"""From a database URL to engines: one connection that writes, a few that read."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from sqlalchemy import URL, Connection, event, make_url
from sqlalchemy.exc import ArgumentError
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine
from sqlalchemy.pool import NullPool

from bot.errors import Misconfigured

BUSY_SECONDS = 5
READERS = 4

PRAGMAS = (
    f"PRAGMA busy_timeout = {BUSY_SECONDS * 1000}",
    "PRAGMA journal_mode = WAL",
    "PRAGMA synchronous = FULL",
    "PRAGMA foreign_keys = ON",
)

DRIVERS = {"sqlite": "sqlite+aiosqlite", "postgresql": "postgresql+asyncpg", "postgres": "postgresql+asyncpg"}

POSTGRES: dict[str, Any] = {
    "timeout": BUSY_SECONDS,
    "command_timeout": BUSY_SECONDS,
    # A row that somebody else holds makes one change fail before the asks behind it run out of time.
    "server_settings": {"synchronous_commit": "on", "application_name": "imagine-bot", "lock_timeout": "1000"},
}
PATIENT: dict[str, Any] = {"timeout": BUSY_SECONDS}


def parse(url: str) -> URL:
    """`sqlite:///path` or `postgresql://...` with its async driver. Raises `Misconfigured`, never showing the URL."""
    try:
        parsed = make_url(url)
    except (ArgumentError, ValueError) as error:  # a port that is no number is a ValueError
        raise Misconfigured("database_url", "not a URL: sqlite:///path or postgresql://user@host/name") from error
    driver = DRIVERS.get(parsed.drivername, parsed.drivername)
    if driver not in DRIVERS.values():
        raise Misconfigured("database_url", f"{parsed.drivername!r} is not supported: use sqlite or postgresql")
    if driver == DRIVERS["sqlite"] and (not parsed.database or parsed.database == ":memory:"):
        raise Misconfigured("database_url", "SQLite needs a file, for example sqlite:///data/imagine.db")
    return parsed.set(drivername=driver)


def file_of(url: URL) -> Path | None:
    """The SQLite file, or None for a server."""
    return Path(url.database or "") if url.get_backend_name() == "sqlite" else None


def writing(url: URL) -> AsyncEngine:
    """An engine of one connection, its own: nobody who reads can keep an ask from being stored."""
    if file_of(url) is None:
        return create_async_engine(url, connect_args=POSTGRES, pool_size=1, max_overflow=0)
    engine = create_async_engine(url, pool_size=1, max_overflow=0, pool_reset_on_return=None)
    _prepare(engine)
    event.listen(engine.sync_engine, "begin", _begin_immediate)
    return engine


def reading(url: URL) -> AsyncEngine:
    """An engine for questions, each answered from the latest commit."""
    if file_of(url) is None:
        settings = {"isolation_level": "AUTOCOMMIT", "connect_args": POSTGRES}
        return create_async_engine(url, pool_size=READERS, max_overflow=0, **settings)
    engine = create_async_engine(url, pool_size=READERS, max_overflow=0, pool_reset_on_return=None)
    _prepare(engine, "PRAGMA query_only = ON")
    return engine


def migrating(url: URL) -> AsyncEngine:
    """An engine for one errand that may take its time."""
    if file_of(url) is None:
        return create_async_engine(url, connect_args=PATIENT, poolclass=NullPool)
    return writing(url)


def _prepare(engine: AsyncEngine, *more: str) -> None:
    """Have each new SQLite connection begin transactions only when told to, and keep its promises."""

    def prepare(connection: Any, _record: object) -> None:
        connection.isolation_level = None
        cursor = connection.cursor()
        for pragma in (*PRAGMAS, *more):
            cursor.execute(pragma)
        cursor.close()

    event.listen(engine.sync_engine, "connect", prepare)


def _begin_immediate(connection: Connection) -> None:
    """Take the write lock at once: a transaction that reads first and writes later could be refused in the middle."""
    connection.exec_driver_sql("BEGIN IMMEDIATE")

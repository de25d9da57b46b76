"""From a database URL to engines: one connection that writes, a few that read."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from sqlalchemy import URL, make_url
from sqlalchemy.exc import ArgumentError
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine
from sqlalchemy.pool import NullPool

from bot.errors import Misconfigured
from bot.store.embedded import DRIVER

BUSY_SECONDS = 5
READERS = 4
CACHE_KIB = 1000
"""Pages that a reading connection keeps; the system has the rest of the file at hand."""

PRAGMAS = ("journal_mode = WAL", "synchronous = FULL", "foreign_keys = ON")

_SERVER = "postgresql+asyncpg"
DRIVERS = {"sqlite": DRIVER, "sqlite+aiosqlite": DRIVER, "postgresql": _SERVER, "postgres": _SERVER}

POSTGRES: dict[str, Any] = {
    "timeout": BUSY_SECONDS,
    "command_timeout": BUSY_SECONDS,
    # A row that somebody else holds makes one change fail long before the asks behind it run out of time.
    # Every statement is made for an index: to plan it anew each time would take longer than to run it, and a plan must
    # not depend on how many rows there were when it was made.
    "server_settings": {
        "synchronous_commit": "on",
        "application_name": "imagine-bot",
        "lock_timeout": "400",
        "plan_cache_mode": "force_generic_plan",
        "enable_seqscan": "off",
    },
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
    """An engine for whoever keeps a connection to write on: nobody who reads can keep an ask from being stored."""
    if file_of(url) is None:
        return create_async_engine(url, connect_args=POSTGRES, poolclass=NullPool)
    return create_async_engine(url, connect_args=_embedded(inline=True, pragmas=PRAGMAS), poolclass=NullPool)


def reading(url: URL) -> AsyncEngine:
    """An engine for questions, each answered from the latest commit."""
    # The connection used last is used next: its pages and plans are at hand, and the others stay small.
    pool: dict[str, Any] = {"pool_size": READERS, "max_overflow": 0, "pool_use_lifo": True}
    if file_of(url) is None:
        return create_async_engine(url, isolation_level="AUTOCOMMIT", connect_args=POSTGRES, **pool)
    arguments = _embedded(inline=False, pragmas=(*PRAGMAS, "query_only = ON", f"cache_size = -{CACHE_KIB}"))
    return create_async_engine(url, connect_args=arguments, pool_reset_on_return=None, **pool)


def _embedded(*, inline: bool, pragmas: Sequence[str]) -> dict[str, Any]:
    return {"inline": inline, "pragmas": pragmas, "lock_seconds": BUSY_SECONDS}


def migrating(url: URL) -> AsyncEngine:
    """An engine for one errand that may take its time."""
    if file_of(url) is None:
        return create_async_engine(url, connect_args=PATIENT, poolclass=NullPool)
    return writing(url)

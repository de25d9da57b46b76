"""Which database a URL means, and what its server is told about time."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from sqlalchemy import URL, make_url
from sqlalchemy.exc import ArgumentError

from bot.errors import Misconfigured

BUSY_SECONDS = 5
READERS = 4
_FILE, _SERVER = "sqlite+pysqlite", "postgresql+asyncpg"
DRIVERS = {"sqlite": _FILE, "sqlite+aiosqlite": _FILE, "postgresql": _SERVER, "postgres": _SERVER}

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
    """`sqlite:///path` or `postgresql://...` with its driver. Raises `Misconfigured`, never showing the URL."""
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

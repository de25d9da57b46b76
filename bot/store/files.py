"""SQLite files: how they are opened, and the standard library's own connection to them."""

from __future__ import annotations

import sqlite3
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Connection, Engine, create_engine, event
from sqlalchemy.pool import NullPool

from bot.store.engines import BUSY_SECONDS

CACHE_KIB = 1000
"""Pages that a connection which reads keeps; the system has the rest of the file at hand."""

ON_DISK = "synchronous = FULL"
"""COMMIT returns when it is on the disk."""
ON_ITS_WAY = "synchronous = NORMAL"
"""It goes to the disk with the next that must be there. A crash of this process loses nothing; a power cut may."""
COMMON = ("journal_mode = WAL", ON_DISK, "foreign_keys = ON")
WRITE = (*COMMON, "wal_autocheckpoint = 0")
READ = (*COMMON, "query_only = ON", f"cache_size = -{CACHE_KIB}")
AT_ONCE = "busy_timeout = 0"


def engine_of(file: Path, *pragmas: str) -> Engine:
    """Connections without a pool; each goes from thread to thread, and begins nothing by itself."""
    arguments = {"timeout": BUSY_SECONDS, "isolation_level": None, "check_same_thread": False}
    engine = create_engine(URL.create("sqlite", database=str(file)), connect_args=arguments, poolclass=NullPool)

    def prepare(connection: sqlite3.Connection, _record: object) -> None:
        for pragma in pragmas:
            connection.execute(f"PRAGMA {pragma}")

    event.listen(engine, "connect", prepare)
    return engine


def driver_of(connection: Connection) -> sqlite3.Connection:
    """The standard library's own connection."""
    driver: Any = connection.connection.driver_connection
    return driver  # type: ignore[no-any-return]


def is_busy(error: BaseException | None) -> bool:
    """Whether somebody else has what was to be locked."""
    return isinstance(error, sqlite3.OperationalError) and error.sqlite_errorname.startswith("SQLITE_BUSY")

"""SQLite's journal, written back into the file beside the commits, and begun anew.

Left to itself SQLite writes it back within a COMMIT each thousand pages, and whoever asked in that moment waits for it.
Written back beside the commits alone it only ever grows, for there is always a commit that came meanwhile; and a COMMIT
that makes the file longer takes twice as long as one that writes over what was there (0.6 and 0.33 ms, measured). So
most of it is written back beside the commits, the rest by the writer, between two transactions; then it begins anew.
"""

from __future__ import annotations

import asyncio
from pathlib import Path

import structlog
from sqlalchemy import Connection

from bot.store.aside import Aside
from bot.store.files import WRITE, driver_of, engine_of

EVERY = 64
"""Commits between two times that it is written back."""
LONG = 2 * 1024 * 1024
"""Bytes of journal from which on it is worth it."""

_log = structlog.get_logger(__name__)


class Journal:
    """Writes it back in a thread of its own, on a connection of its own."""

    def __init__(self, file: Path) -> None:
        self._engine = engine_of(file, *WRITE)
        self._journal = file.with_name(file.name + "-wal")
        self._thread = Aside("store-journal")
        self._connection: Connection | None = None
        self._commits = 0
        self._working: asyncio.Future[None] | None = None
        self._is_nearly_back = False

    def committed(self) -> bool:
        """One commit more. Whether it is the writer's turn to `finish`: all but the last pages are written back."""
        self._commits += 1
        if self._is_nearly_back:
            self._is_nearly_back = False
            return True
        if self._commits % EVERY == 0 and (self._working is None or self._working.done()) and self._is_long():
            self._working = self._thread.do(self._write_back)
            self._working.add_done_callback(self._noted)
        return False

    def _is_long(self) -> bool:
        try:
            return self._journal.stat().st_size >= LONG
        except OSError:
            return False

    def _write_back(self) -> None:
        if self._connection is None:
            self._connection = self._engine.connect()
        try:
            finish(self._connection)
        except BaseException:
            broken, self._connection = self._connection, None
            broken.close()
            raise

    def _noted(self, working: asyncio.Future[None]) -> None:
        self._is_nearly_back = not noted(working)

    async def close(self) -> None:
        """Let it end what it is at."""
        if self._working is not None:
            await asyncio.wait([self._working])
        if self._connection is not None:
            await self._thread.do(self._connection.close)
        self._thread.end()


def finish(connection: Connection) -> None:
    """Write back what can be written back without waiting for anybody."""
    driver_of(connection).execute("PRAGMA wal_checkpoint(PASSIVE)")


def noted(working: asyncio.Future[None]) -> bool:
    """Whether it failed; then that stands in the log, and the next time comes."""
    if working.cancelled() or (error := working.exception()) is None:
        return False
    _log.warning("journal_not_written_back", error=type(error).__name__)
    return True

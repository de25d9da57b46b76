"""One process for one SQLite file: a second one is refused instead of corrupting the fair line."""

from __future__ import annotations

import fcntl
import os
from pathlib import Path

from bot.errors import Misconfigured


class FileLock:
    """A lock beside the database file, held as long as the process lives or until `release`."""

    def __init__(self, database: Path) -> None:
        self.path = database.with_name(database.name + ".lock")
        self._descriptor: int | None = None

    def acquire(self) -> None:
        """Take it, or raise `Misconfigured` with the other process's id. The folder is made if need be."""
        self.path.parent.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(self.path, os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            holder = os.pread(descriptor, 20, 0).decode(errors="replace").strip()
            os.close(descriptor)
            raise self._refused(holder) from error
        os.ftruncate(descriptor, 0)
        os.pwrite(descriptor, f"{os.getpid()}\n".encode(), 0)
        self._descriptor = descriptor

    def release(self) -> None:
        """Give it back. The file stays: removing it would let two processes lock two files of one name."""
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None

    def _refused(self, holder: str) -> Misconfigured:
        who = f"process {holder}" if holder else "another process"
        name = self.path.name.removesuffix(".lock")
        advice = "stop it first, or use PostgreSQL to run several"
        return Misconfigured("database_in_use", f"the SQLite file {name} is in use by {who}: {advice}")

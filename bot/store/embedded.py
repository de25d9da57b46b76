"""SQLite: what takes microseconds is done on the loop itself, what may wait is done in a thread.

A way to a thread and back takes longer than most statements, and under load it waits for the interpreter's lock, up to
5 ms each time that SQLite gives it up. So statements run where they are asked for: their pages come from memory. What
can wait goes to a thread: opening, COMMIT (it waits for the disk), a lock that another program holds, and questions
that read a whole line.
"""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, RowMapping
from sqlalchemy.exc import OperationalError

from bot.store.aside import Aside
from bot.store.disk import Disk
from bot.store.engines import BUSY_SECONDS
from bot.store.files import AT_ONCE, COMMON, ON_DISK, ON_ITS_WAY, READ, WRITE, driver_of, engine_of, is_busy
from bot.store.journal import Journal, finish, noted
from bot.store.questions import Question
from bot.store.queue import Action, Wording


def _begin(connection: Connection) -> None:
    """Take the write lock now: a transaction that reads first and writes later could be refused in the middle.

    SQLAlchemy joins in with its first statement, if there is one.
    """
    driver_of(connection).execute("BEGIN IMMEDIATE")


def _begin_patiently(connection: Connection) -> None:
    driver = driver_of(connection)
    driver.execute(f"PRAGMA busy_timeout = {int(BUSY_SECONDS * 1000)}")
    try:
        _begin(connection)
    finally:
        driver.execute(f"PRAGMA {AT_ONCE}")


class EmbeddedPen:
    """Writes on the loop, commits where it takes less time."""

    def __init__(self, engine: Engine, journal: Journal) -> None:
        self._engine = engine
        self._journal = journal
        self._thread = Aside("store-writer")
        self._connection: Connection | None = None
        self._finishing: asyncio.Future[None] | None = None
        self._disk = Disk()
        self._is_owed = True

    async def begin(self, *, is_owed: bool = True) -> None:
        """The lock is free but for the moments in which another program writes; only then it is waited for."""
        if self._connection is None:
            self._connection = await self._thread.do(self._engine.connect)
            self._is_owed = True
        if self._finishing is not None:
            await asyncio.wait([self._finishing])
            self._finishing = None
        if is_owed is not self._is_owed:
            driver_of(self._connection).execute(f"PRAGMA {ON_DISK if is_owed else ON_ITS_WAY}")
            self._is_owed = is_owed
        try:
            _begin(self._connection)
        except sqlite3.OperationalError as taken:
            if not is_busy(taken):
                raise
            await self._thread.do(_begin_patiently, self._connection)

    async def do(self, action: Action[Any, Any], items: Sequence[Any]) -> Sequence[Any]:
        """Here and now."""
        assert self._connection is not None
        return action(self._connection, items)

    async def do_all(
        self,
        action: Action[Any, Any],
        items: Sequence[Any],
        wording: Wording[Any] | None,  # noqa: ARG002 - to begin and to end cost but a call each
    ) -> Sequence[Any]:
        """As anything else."""
        return await self.do(action, items)

    async def commit(self) -> None:
        """Wait for the disk if that is owed: on the loop where it has been quick lately, for a thread takes longer."""
        assert self._connection is not None
        try:
            if not self._is_owed:
                _commit(self._connection)
            elif self._disk.is_quick:
                self._commit(self._connection)
            else:
                await self._thread.do(self._commit, self._connection)
        except BaseException:
            self._connection.invalidate()
            raise
        if self._journal.committed():
            self._finishing = self._thread.do(finish, self._connection)
            self._finishing.add_done_callback(noted)

    def _commit(self, connection: Connection) -> None:
        with self._disk.wait():
            _commit(connection)

    async def undo(self) -> None:
        """Roll back; without a connection there is nothing left."""
        connection = self._connection
        if connection is None:
            return
        try:
            if not connection.invalidated:
                await self._thread.do(_roll_back, connection)
        except Exception:  # noqa: BLE001 - whatever is wrong with it, it is not used again
            connection.invalidate()
        if connection.invalidated:
            await self._drop()

    async def _drop(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            await self._thread.do(connection.close)

    async def close(self) -> None:
        """Close the file when what is under way has ended."""
        await self._drop()
        await self._journal.close()
        self._thread.end()


def _commit(connection: Connection) -> None:
    if connection.in_transaction():
        connection.commit()
    else:
        connection.dialect.do_commit(connection.connection)


def _roll_back(connection: Connection) -> None:
    """Also what was begun without SQLAlchemy's knowledge."""
    connection.rollback()
    driver_of(connection).rollback()


class EmbeddedDatabase:
    """A file that this process has for itself."""

    is_embedded = True

    def __init__(self, file: Path) -> None:
        self._file = file
        self.reading = engine_of(file, AT_ONCE, *READ)
        self.writing = engine_of(file, *WRITE, AT_ONCE)
        self.pen = self.ear = EmbeddedPen(self.writing, Journal(file))
        self._eye: Connection | None = None
        self._thread = Aside("store-reader")

    async def ask(self, question: Question) -> Sequence[RowMapping]:
        """At once, or in a thread if it is long, or if another program keeps the file for itself in this moment."""
        if question.is_long:
            return await self._thread.do(self._answer_patiently, question)
        try:
            return self._answer(question)
        except OperationalError as error:
            if not is_busy(error.orig):
                raise
            return await self._thread.do(self._answer_patiently, question)

    def _answer(self, question: Question) -> Sequence[RowMapping]:
        if self._eye is None:
            self._eye = self.reading.connect()
        try:
            rows = self._eye.execute(question.statement, question.values).mappings().all()
            self._eye.rollback()
        except BaseException:
            eye, self._eye = self._eye, None
            eye.close()
            raise
        return rows

    def _answer_patiently(self, question: Question) -> Sequence[RowMapping]:
        engine = engine_of(self._file, *READ)
        with engine.connect() as connection:
            return connection.execute(question.statement, question.values).mappings().all()

    async def once(self, errand: Callable[[Connection], None]) -> None:
        """In a thread."""
        await self._thread.do(self._do, errand)

    def _do(self, errand: Callable[[Connection], None]) -> None:
        with engine_of(self._file, *COMMON).connect() as connection:
            _begin(connection)
            errand(connection)
            _commit(connection)

    async def close(self) -> None:
        """Close the file."""
        await self.pen.close()
        if self._eye is not None:
            self._eye.close()
        self._thread.end()

"""SQLite: what takes microseconds is done on the loop itself, what may wait is done in a thread.

A way to a thread and back takes longer than most statements, and under load it waits for the interpreter's lock, up to
5 ms each time that SQLite gives it up. So statements run where they are asked for: their pages come from memory. What
can wait goes to a thread: opening, COMMIT (it waits for the disk), a lock that another program holds, and questions
that read a whole line.
"""

from __future__ import annotations

import asyncio
import contextlib
import sqlite3
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from queue import SimpleQueue
from threading import Thread
from typing import Any, ParamSpec, TypeVar

import structlog
from sqlalchemy import URL, Connection, Engine, RowMapping, create_engine, event
from sqlalchemy.exc import OperationalError
from sqlalchemy.pool import NullPool

from bot.store.engines import BUSY_SECONDS
from bot.store.questions import Question
from bot.store.queue import Action

CACHE_KIB = 1000
"""Pages that a connection which reads keeps; the system has the rest of the file at hand."""

EVERY = 64
"""Commits between two looks at the length of the journal."""
LONG = 4 * 1024 * 1024
"""Bytes of journal from which on it is worth writing them back into the file; SQLite's own measure is the same."""

_COMMON = ("journal_mode = WAL", "synchronous = FULL", "foreign_keys = ON")
_WRITE = (*_COMMON, "wal_autocheckpoint = 0")
_READ = (*_COMMON, "query_only = ON", f"cache_size = -{CACHE_KIB}")
_AT_ONCE = "busy_timeout = 0"

_log = structlog.get_logger(__name__)

P = ParamSpec("P")
T = TypeVar("T")


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


class _Thread:
    """Does one thing after another, and tells the loop. An executor does the same for half as much work again."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._work: SimpleQueue[tuple[Callable[[], Any], asyncio.Future[Any]] | None] = SimpleQueue()
        self._thread: Thread | None = None

    def do(self, work: Callable[P, T], *arguments: P.args, **more: P.kwargs) -> asyncio.Future[T]:
        """Have it done after what was asked for before."""
        done: asyncio.Future[T] = asyncio.get_running_loop().create_future()
        self._work.put((partial(work, *arguments, **more), done))
        if self._thread is None:
            self._thread = Thread(target=self._run, name=self._name, daemon=True)
            self._thread.start()
        return done

    def end(self) -> None:
        """End after that."""
        self._work.put(None)

    def _run(self) -> None:
        while (item := self._work.get()) is not None:
            work, done = item
            try:
                tell = partial(_settle, done, work())
            except BaseException as broken:  # noqa: BLE001 - it belongs to whoever asked
                tell = partial(_break, done, broken)
            with contextlib.suppress(RuntimeError):  # the loop is closed: nobody wants to know
                done.get_loop().call_soon_threadsafe(tell)


def _settle(done: asyncio.Future[Any], result: object) -> None:
    if not done.done():
        done.set_result(result)


def _break(done: asyncio.Future[Any], error: BaseException) -> None:
    if not done.done():
        done.set_exception(error)


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
        driver.execute(f"PRAGMA {_AT_ONCE}")


def _is_busy(error: BaseException | None) -> bool:
    return isinstance(error, sqlite3.OperationalError) and error.sqlite_errorname.startswith("SQLITE_BUSY")


class Keeper:
    """Writes the journal back into the file, in a thread and on a connection of its own.

    Left to itself SQLite does that within a COMMIT each thousand pages, and whoever asked in that moment waits for it.
    """

    def __init__(self, file: Path) -> None:
        self._file = file
        self._journal = file.with_name(file.name + "-wal")
        self._thread = _Thread("store-keeper")
        self._commits = 0
        self._working: asyncio.Future[None] | None = None

    def committed(self) -> None:
        """One commit more; now and then that makes the journal long enough."""
        self._commits += 1
        if self._commits % EVERY == 0 and (self._working is None or self._working.done()):
            self._working = self._thread.do(self._write_back)
            self._working.add_done_callback(_noted)

    def _write_back(self) -> None:
        if self._journal.exists() and self._journal.stat().st_size >= LONG:
            with engine_of(self._file, *_WRITE).connect() as connection:
                driver_of(connection).execute("PRAGMA wal_checkpoint(PASSIVE)")

    async def close(self) -> None:
        """Let it end what it is at."""
        if self._working is not None:
            await asyncio.wait([self._working])
        self._thread.end()


def _noted(working: asyncio.Future[None]) -> None:
    if not working.cancelled() and (error := working.exception()) is not None:
        _log.warning("journal_not_written_back", error=type(error).__name__)


class EmbeddedPen:
    """Writes on the loop, commits in a thread."""

    def __init__(self, engine: Engine, keeper: Keeper) -> None:
        self._engine = engine
        self._keeper = keeper
        self._thread = _Thread("store-writer")
        self._connection: Connection | None = None

    async def begin(self) -> None:
        """The lock is free but for the moments in which another program writes; only then it is waited for."""
        if self._connection is None:
            self._connection = await self._thread.do(self._engine.connect)
        try:
            _begin(self._connection)
        except sqlite3.OperationalError as taken:
            if not _is_busy(taken):
                raise
            await self._thread.do(_begin_patiently, self._connection)

    async def do(self, action: Action[Any, Any], items: Sequence[Any]) -> Sequence[Any]:
        """Here and now."""
        assert self._connection is not None
        return action(self._connection, items)

    async def commit(self) -> None:
        """Wait for the disk."""
        assert self._connection is not None
        try:
            await self._thread.do(_commit, self._connection)
        except BaseException:
            self._connection.invalidate()
            raise
        self._keeper.committed()

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
        await self._keeper.close()
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
        self.reading = engine_of(file, _AT_ONCE, *_READ)
        self.writing = engine_of(file, *_WRITE, _AT_ONCE)
        self.pen = EmbeddedPen(self.writing, Keeper(file))
        self._eye: Connection | None = None
        self._thread = _Thread("store-reader")

    async def ask(self, question: Question) -> Sequence[RowMapping]:
        """At once, or in a thread if it is long, or if another program keeps the file for itself in this moment."""
        if question.is_long:
            return await self._thread.do(self._answer_patiently, question)
        try:
            return self._answer(question)
        except OperationalError as error:
            if not _is_busy(error.orig):
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
        engine = engine_of(self._file, *_READ)
        with engine.connect() as connection:
            return connection.execute(question.statement, question.values).mappings().all()

    async def once(self, errand: Callable[[Connection], None]) -> None:
        """In a thread."""
        await self._thread.do(self._do, errand)

    def _do(self, errand: Callable[[Connection], None]) -> None:
        with engine_of(self._file, *_COMMON).connect() as connection:
            _begin(connection)
            errand(connection)
            _commit(connection)

    async def close(self) -> None:
        """Close the file."""
        await self.pen.close()
        if self._eye is not None:
            self._eye.close()
        self._thread.end()

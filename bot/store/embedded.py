"""SQLite under SQLAlchemy's async engine: what may wait goes to a thread, the rest is done at once.

The usual driver (aiosqlite) goes to its thread and back four times a statement: cursor, execute, fetch, close. Under
load each way waits for the interpreter's lock, up to 5 ms; measured, that was most of the time of an acknowledgement.
Here a question is one way there and back. A connection that writes (`inline`) runs its statements where it is, in
microseconds: it has the write lock by then, and pages come from memory. Only what can wait is done in the thread: to
open, to wait for the lock if somebody else has it, and COMMIT, which waits for the disk.
"""

from __future__ import annotations

import asyncio
import contextlib
import sqlite3
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from queue import SimpleQueue
from threading import Thread
from typing import Any, TypeVar

from sqlalchemy import URL, pool
from sqlalchemy.dialects import registry
from sqlalchemy.dialects.sqlite.pysqlite import SQLiteDialect_pysqlite
from sqlalchemy.engine import AdaptedConnection
from sqlalchemy.util.concurrency import await_

DRIVER = "sqlite+embedded"

_BEGIN = "BEGIN IMMEDIATE"
_GLANCE = 0.005  # seconds between two tries for the lock while another program writes

T = TypeVar("T")


class _HereCursor(sqlite3.Cursor):
    """The driver's own cursor; its results are read where it is, so there is nothing to close early.

    After each statement the loop goes on for a moment, so that a transaction of many does not hold it up.
    """

    def execute(self, statement: str, parameters: Any = ()) -> _HereCursor:
        super().execute(statement, parameters)
        await_(asyncio.sleep(0))
        return self

    def executemany(self, statement: str, parameters: Iterable[Any]) -> _HereCursor:
        super().executemany(statement, parameters)
        await_(asyncio.sleep(0))
        return self

    async def _async_soft_close(self) -> None:
        """Asked for by SQLAlchemy before a result leaves its greenlet."""


class _ThereCursor:
    """Executes and fetches in the connection's thread, in one go; the rows are at hand afterwards."""

    arraysize = 1

    def __init__(self, connection: EmbeddedConnection) -> None:
        self._connection = connection
        self._cursor: sqlite3.Cursor = connection.driver_connection.cursor()
        self._rows: deque[Any] = deque()

    def execute(self, statement: str, parameters: Sequence[Any] = ()) -> _ThereCursor:
        def run() -> list[Any]:
            return self._cursor.execute(statement, parameters).fetchall()

        self._rows = deque(self._connection.elsewhere(run))
        return self

    def executemany(self, statement: str, parameters: Sequence[Sequence[Any]]) -> _ThereCursor:
        self._connection.elsewhere(lambda: self._cursor.executemany(statement, parameters))
        return self

    @property
    def description(self) -> Any:
        return self._cursor.description

    @property
    def rowcount(self) -> int:
        return self._cursor.rowcount

    @property
    def lastrowid(self) -> int | None:
        return self._cursor.lastrowid

    def fetchone(self) -> Any:
        return self._rows.popleft() if self._rows else None

    def fetchmany(self, size: int = 1) -> list[Any]:
        return [self._rows.popleft() for _ in range(min(size, len(self._rows)))]

    def fetchall(self) -> list[Any]:
        rows, self._rows = list(self._rows), deque()
        return rows

    def __iter__(self) -> Iterator[Any]:
        while self._rows:
            yield self._rows.popleft()

    def close(self) -> None:
        self._rows.clear()

    async def _async_soft_close(self) -> None:
        """Asked for by SQLAlchemy before a result leaves its greenlet."""


class _Thread:
    """Does one thing after another, and tells the loop. An executor does the same for three times the work."""

    def __init__(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._work: SimpleQueue[tuple[Callable[[], Any], asyncio.Future[Any]] | None] = SimpleQueue()
        Thread(target=self._run, name="sqlite", daemon=True).start()

    def do(self, work: Callable[[], T]) -> asyncio.Future[T]:
        """Have it done after what was asked for before."""
        done: asyncio.Future[T] = self._loop.create_future()
        self._work.put((work, done))
        return done

    def end(self) -> None:
        """End after that."""
        self._work.put(None)

    def _run(self) -> None:
        while (item := self._work.get()) is not None:
            work, done = item
            error: BaseException | None = None
            result = None
            try:
                result = work()
            except BaseException as broken:  # noqa: BLE001 - it belongs to whoever asked
                error = broken
            with contextlib.suppress(RuntimeError):  # the loop is closed: nobody wants to know
                self._loop.call_soon_threadsafe(_tell, done, result, error)


def _tell(done: asyncio.Future[Any], result: Any, error: BaseException | None) -> None:
    if done.done():
        return
    if error is None:
        done.set_result(result)
    else:
        done.set_exception(error)


class EmbeddedConnection(AdaptedConnection):
    """One connection with a thread of its own, in which it does one thing after another."""

    __slots__ = ("_inline", "_lock_seconds", "_thread")

    def __init__(self, file: str, *, inline: bool, pragmas: Sequence[str], lock_seconds: float, **more: Any) -> None:
        """Open the file. `lock_seconds`: how long to wait for others who write."""
        self._inline = inline
        self._lock_seconds = lock_seconds
        self._thread = _Thread()

        def connect() -> sqlite3.Connection:
            opened: sqlite3.Connection = sqlite3.connect(file, timeout=lock_seconds, isolation_level=None, **more)
            for pragma in pragmas:
                opened.execute(f"PRAGMA {pragma}")
            if inline:
                opened.execute("PRAGMA busy_timeout = 0")  # the loop must not wait; see `begin`
            return opened

        self._connection: Any
        try:
            self._connection = self.elsewhere(connect)
        except BaseException:
            self._thread.end()
            raise

    def elsewhere(self, work: Callable[[], T]) -> T:
        """Do it in the thread, while the loop goes on."""
        return await_(self._thread.do(work))

    def cursor(self) -> sqlite3.Cursor | _ThereCursor:
        """A cursor that works here or there."""
        if self._inline:
            return _HereCursor(self._connection)
        return _ThereCursor(self)

    def begin(self) -> None:
        """Take the write lock now: a transaction that reads first and writes later could be refused in the middle.

        It is free but for the moments in which another program writes, and only then is it waited for in the thread.
        """
        if not self._inline or self._connection.in_transaction:
            return
        try:
            self._connection.execute(_BEGIN)
        except sqlite3.OperationalError as taken:
            if not _is_busy(taken):
                raise
            self.elsewhere(self._begin_patiently)

    def _begin_patiently(self) -> None:
        until = time.monotonic() + self._lock_seconds
        while True:
            try:
                self._connection.execute(_BEGIN)
                return
            except sqlite3.OperationalError as taken:
                if not _is_busy(taken) or time.monotonic() > until:
                    raise
            time.sleep(_GLANCE)

    def commit(self) -> None:
        """Wait for the disk, in the thread."""
        if self._connection.in_transaction:
            self.elsewhere(self._connection.commit)

    def rollback(self) -> None:
        """Leave nothing open."""
        if self._connection.in_transaction:
            self.elsewhere(self._connection.rollback)

    def close(self) -> None:
        """Close it when what is under way in the thread has ended."""
        self.elsewhere(self._connection.close)
        self._thread.end()

    def terminate(self) -> None:
        """Close it without waiting; a statement whose caller went away is broken off."""
        self._connection.interrupt()
        self._thread.do(self._connection.close)
        self._thread.end()

    def create_function(self, *arguments: Any, **more: Any) -> None:
        """What SQLAlchemy adds to each connection."""
        self._connection.create_function(*arguments, **more)

    @property
    def isolation_level(self) -> str | None:
        """None: transactions begin only when they are told to."""
        level: str | None = self._connection.isolation_level
        return level


def _is_busy(error: sqlite3.OperationalError) -> bool:
    return error.sqlite_errorname.startswith("SQLITE_BUSY")


class EmbeddedDialect(SQLiteDialect_pysqlite):
    """SQLAlchemy's own dialect, but for how a connection is made, begun and given up."""

    driver = "embedded"
    supports_statement_cache = True
    is_async = True
    has_terminate = True

    @classmethod
    def get_pool_class(cls, url: URL) -> type[pool.Pool]:  # noqa: ARG003 - always a file
        """A pool for async engines."""
        return pool.AsyncAdaptedQueuePool

    def connect(self, *arguments: Any, **more: Any) -> Any:
        """Open a connection with a thread of its own."""
        return EmbeddedConnection(*arguments, **more)

    def get_driver_connection(self, connection: Any) -> Any:
        """The standard library's own connection."""
        return connection.driver_connection

    def do_begin(self, dbapi_connection: Any) -> None:
        """Take the write lock, if this connection writes."""
        dbapi_connection.begin()

    def do_terminate(self, dbapi_connection: Any) -> None:
        """Give it up."""
        dbapi_connection.terminate()


registry.register(DRIVER.replace("+", "."), __name__, EmbeddedDialect.__name__)

"""Ways to break a database, as it breaks by itself."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import asyncpg
import pytest
from sqlalchemy import make_url
from sqlalchemy.util.concurrency import await_, greenlet_spawn

from bot.job import Job
from bot.store import SqlStore
from tests.store.doors import engines_of, with_its_pen
from tests.store.samples import a_job, a_key, at

SHORT = 0.05
"""Seconds; tests wait for it to pass, never to not pass."""


@contextmanager
def in_a_hurry(store: SqlStore) -> Iterator[None]:
    """Asks give up soon."""
    patient, store._accept_seconds = store._accept_seconds, SHORT
    try:
        yield
    finally:
        store._accept_seconds = patient


def on_commit(store: SqlStore, what: Callable[[int, Callable[[], None], Any], None]) -> None:
    """Have the database driver do `what(n, real_commit, connection)` at the n-th COMMIT of this store."""
    dialect: Any = engines_of(store)[1].dialect
    real, count = dialect.do_commit, iter(range(1, 1000))
    dialect.do_commit = lambda connection: what(next(count), lambda: real(connection), connection)


def on_hearing(
    store: SqlStore, patch: pytest.MonkeyPatch, what: Callable[[int, Callable[[], None], Any], None]
) -> None:
    """The same at the n-th time that this store commits what it heard: a server does that by the statement itself."""
    if store._database.is_embedded:
        on_commit(store, what)
        return
    real, count = asyncpg.Connection.fetch, iter(range(1, 1000))

    async def fetch(self: asyncpg.Connection, query: str, *values: Any) -> None:
        await greenlet_spawn(what, next(count), lambda: await_(real(self, query, *values)), self)

    patch.setattr(asyncpg.Connection, "fetch", fetch)


class Gate:
    """Where a COMMIT stops until it is let through, be it in a thread or on the loop."""

    def __init__(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._reached, self._open = asyncio.Event(), asyncio.Event()

    def stop(self) -> None:
        """Wait until it is open."""
        try:
            asyncio.get_running_loop()
        except RuntimeError:
            asyncio.run_coroutine_threadsafe(self._pass(), self._loop).result()
        else:
            await_(self._pass())

    async def _pass(self) -> None:
        self._reached.set()
        await self._open.wait()

    async def reached(self) -> None:
        """Return when somebody stands before it."""
        await self._reached.wait()

    def let_through(self) -> None:
        """Open it for good."""
        self._open.set()


def cut(connection: Any) -> None:
    """Lose the connection, as the driver would notice it."""
    if isinstance(connection, asyncpg.Connection):
        connection.terminate()
        raise asyncpg.ConnectionDoesNotExistError("connection was closed in the middle of operation")
    if isinstance(connection.driver_connection, asyncpg.Connection):
        connection.driver_connection.terminate()
        raise connection.dbapi.InterfaceError("connection was closed in the middle of operation", None)
    raise sqlite3.OperationalError("disk I/O error")


async def accept(store: SqlStore, name: str, **more: Any) -> Job:
    accepted = await store.accept(a_job(name, **more), key=a_key(name))
    assert accepted.fresh
    return accepted.job


async def names(store: SqlStore) -> set[str]:
    """The jobs that are stored, as a writer sees them that comes after all before."""
    await store.release("nobody")
    found = await store.claim(at(999), owner="looking", lease=timedelta(seconds=0), limit=999)
    return {job.id for job in found}


class Locked:
    """Somebody else holds the database, so that nothing can be written."""

    def __init__(self, url: str) -> None:
        self.url = make_url(url)

    async def __aenter__(self) -> None:
        if self.url.get_backend_name() == "sqlite":
            self.file = sqlite3.connect(str(self.url.database), isolation_level=None)
            self.file.execute("BEGIN IMMEDIATE")
        else:
            self.server = await asyncpg.connect(self.url.render_as_string(hide_password=False))
            await self.server.execute("BEGIN; LOCK TABLE jobs, inbox IN EXCLUSIVE MODE")

    async def __aexit__(self, *_: object) -> None:
        if self.url.get_backend_name() == "sqlite":
            self.file.close()
        else:
            await self.server.close()


async def limit_pages(store: SqlStore, pages: int) -> None:
    """SQLite's own disk quota, for the connection that writes; never less than the file has."""

    await with_its_pen(store, lambda pen: pen.exec_driver_sql(f"PRAGMA max_page_count = {pages}"))

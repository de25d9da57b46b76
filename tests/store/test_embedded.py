"""SQLite beside the loop: what may wait does so in a thread, and nobody's end hurts anybody else."""

from __future__ import annotations

import asyncio
import shutil
import sqlite3
from collections.abc import AsyncIterator, Sequence
from pathlib import Path

import pytest
from sqlalchemy import Connection, text
from sqlalchemy.exc import DBAPIError

from bot.store.embedded import EmbeddedDatabase
from bot.store.questions import Question

COUNT = "WITH RECURSIVE c(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM c LIMIT {0}) SELECT count(*) AS n FROM c"
LANES = Question(text("SELECT count(*) AS n FROM lanes"), {})


def add(connection: Connection, names: Sequence[str]) -> Sequence[None]:
    lane = text("INSERT INTO lanes (id, paused_code, lags) VALUES (:id, '', '[]')")
    connection.execute(lane, [{"id": name} for name in names])
    return [None] * len(names)


async def rounds_of_the_loop() -> None:
    for _ in range(99):
        await asyncio.sleep(0)


async def number(database: EmbeddedDatabase, question: Question = LANES) -> int:
    [row] = await database.ask(question)
    return int(row["n"])


@pytest.fixture
async def file(template: Path, tmp_path: Path) -> Path:
    return Path(shutil.copy(template, tmp_path / "bot.db"))


@pytest.fixture
async def database(file: Path) -> AsyncIterator[EmbeddedDatabase]:
    opened = EmbeddedDatabase(file)
    yield opened
    await opened.close()


async def test_the_loop_goes_on_while_a_long_question_is_answered(database: EmbeddedDatabase) -> None:
    rounds = 0

    async def count() -> None:
        nonlocal rounds
        while True:
            rounds += 1
            await asyncio.sleep(0)

    counting = asyncio.create_task(count())
    assert await number(database, Question(text(COUNT.format(200_000)), {}, is_long=True)) == 200_000
    counting.cancel()
    assert rounds > 9


async def test_a_short_question_is_answered_without_a_turn_of_the_loop(database: EmbeddedDatabase) -> None:
    turned = asyncio.get_running_loop().create_future()
    asyncio.get_running_loop().call_soon(turned.set_result, None)
    assert await number(database) == 0
    assert not turned.done()
    await turned


async def test_a_question_cannot_write(database: EmbeddedDatabase) -> None:
    for is_long in (False, True):
        with pytest.raises(DBAPIError, match="readonly"):
            await database.ask(Question(text("DELETE FROM lanes"), {}, is_long=is_long))
    assert await number(database) == 0


async def test_what_was_written_is_read_after_the_commit_and_not_before(database: EmbeddedDatabase) -> None:
    await database.pen.begin()
    await database.pen.do(add, ["a", "b"])
    assert await number(database) == 0
    await database.pen.commit()
    assert await number(database) == 2


async def test_nothing_is_left_of_what_was_undone(database: EmbeddedDatabase) -> None:
    await database.pen.begin()
    await database.pen.do(add, ["a"])
    await database.pen.undo()
    await database.pen.begin()
    await database.pen.do(add, ["b"])
    await database.pen.commit()
    assert await number(database) == 1


async def test_the_loop_goes_on_while_another_program_has_the_lock(database: EmbeddedDatabase, file: Path) -> None:
    other = sqlite3.connect(file, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    waiting = asyncio.create_task(database.pen.begin())
    await rounds_of_the_loop()
    assert not waiting.done()
    other.close()
    await waiting


async def test_the_loop_goes_on_while_another_program_keeps_the_file_for_itself(
    database: EmbeddedDatabase, file: Path
) -> None:
    other = sqlite3.connect(file, isolation_level=None)
    other.execute("PRAGMA locking_mode = EXCLUSIVE")
    other.execute("BEGIN IMMEDIATE")
    asking = asyncio.create_task(number(database))
    await rounds_of_the_loop()
    assert not asking.done()
    other.close()
    assert await asking == 0


async def test_a_file_that_is_no_database_is_refused(tmp_path: Path) -> None:
    (tmp_path / "text.db").write_text("this is no database, however long one looks at it" * 99)
    database = EmbeddedDatabase(tmp_path / "text.db")
    for _ in range(2):
        with pytest.raises(DBAPIError, match="not a database"):
            await database.pen.begin()
        with pytest.raises(DBAPIError, match="not a database"):
            await database.ask(LANES)
    await database.close()

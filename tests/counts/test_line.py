"""What a question costs does not grow with the line: counted in the steps of SQLite's own machine, never in seconds."""

from __future__ import annotations

import sqlite3
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, closing
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event

from bot.job import Job, JobId
from bot.store import SqlStore, migrate, open_store
from tests.store.conftest import clock
from tests.store.crowds import fill_line, fill_people, filling
from tests.store.doors import engines_of
from tests.store.samples import LANE, NOON

SHORT, LONG = 2_000, 20_000
CROWDS = {"everybody one": 1, "five each": 5, "one person all": LONG}
"""How many jobs each person has."""

Ask = Callable[[SqlStore, int], Awaitable[object]]


@asynccontextmanager
async def line(folder: Path, waiting: int, *, each: int, **varied: str) -> AsyncIterator[SqlStore]:
    url = f"sqlite:///{folder}/{waiting}.db"
    await migrate(url)
    async with filling(url) as connection:
        await fill_line(connection, waiting, crowd=max(1, waiting // each), **varied)
        await fill_people(connection)
    store = await open_store(url, clock=clock)
    yield store
    await store.close()


async def steps(store: SqlStore, ask: Ask, waiting: int) -> int:
    """How many steps the questions of one call take, in tens."""
    asked: list[tuple[str, Any]] = []

    def see(_c: object, _cursor: object, statement: str, values: Any, *_more: object) -> None:
        asked.append((statement, values))

    engine, _ = engines_of(store)
    event.listen(engine, "before_cursor_execute", see)
    await ask(store, waiting)
    event.remove(engine, "before_cursor_execute", see)
    taken = [0]

    def tick() -> None:
        taken[0] += 1

    with closing(sqlite3.connect(str(engine.url.database))) as file:
        file.set_progress_handler(tick, 10)
        for statement, values in asked:
            file.execute(statement, values).fetchall()
    return taken[0]


async def job(store: SqlStore, number: int) -> Job:
    found = await store.get(JobId(f"w{number}"))
    assert found is not None
    return found


async def pick(store: SqlStore, _waiting: int) -> None:
    assert await store.next_in_line(LANE, NOON) is not None


async def due(store: SqlStore, _waiting: int) -> None:
    assert await store.next_in_line_due(LANE) is not None
    assert await store.next_due() is None


async def first_place(store: SqlStore, _waiting: int) -> None:
    await store.ahead(LANE, [await job(store, 1)])


async def last_place(store: SqlStore, waiting: int) -> None:
    await store.ahead(LANE, [await job(store, waiting)])


async def middle_place(store: SqlStore, waiting: int) -> None:
    await store.ahead(LANE, [await job(store, waiting // 2)])


async def told(store: SqlStore, _waiting: int) -> None:
    await store.ahead(LANE, await store.waiting(LANE, 20))


@pytest.mark.parametrize("crowd", CROWDS)
async def test_no_question_takes_more_steps_because_more_people_wait(tmp_path: Path, crowd: str) -> None:
    asks = (pick, due, first_place, middle_place, last_place, told)
    taken: list[dict[str, int]] = []
    for waiting in (SHORT, LONG):
        async with line(tmp_path, waiting, each=CROWDS[crowd]) as store:
            taken.append({ask.__name__: await steps(store, ask, waiting) for ask in asks})
    short, long = taken
    assert {name: tens for name, tens in short.items() if not 0 < tens < 5_000} == {}
    assert {name: (short[name], tens) for name, tens in long.items() if tens > 1.2 * short[name]} == {}


async def test_a_pick_passes_over_a_whole_line_of_sleepers_in_a_few_steps(tmp_path: Path) -> None:
    later = f"strftime('%Y-%m-%d %H:%M:%S.000000', '{NOON + timedelta(hours=1):%Y-%m-%d %H:%M:%S}')"
    async with line(tmp_path, LONG, each=1, due_at=f"CASE WHEN n < {LONG} THEN {later} ELSE @ END") as store:
        found = await store.next_in_line(LANE, NOON)
        assert found is not None
        assert found.id == f"w{LONG}"
        assert await steps(store, pick, LONG) < 2_000

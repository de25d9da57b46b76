"""What it takes to store asks: statements and transactions, for one and for a hundred that come together."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event

from bot.store import SqlStore, migrate, open_store
from bot.store.files import driver_of
from tests.store.breaking import accept
from tests.store.conftest import TABLES, _tell, clock, postgres
from tests.store.doors import engines_of
from tests.store.samples import a_job, a_key

__all__ = ["postgres"]

MANY = 100


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """A migrated database without a row."""
    if request.param == "sqlite":
        file = f"sqlite:///{tmp_path}/bot.db"
        asyncio.run(migrate(file))
        return file
    server: str = request.getfixturevalue("postgres")
    asyncio.run(_tell(server, f"TRUNCATE {TABLES} RESTART IDENTITY"))
    return server


@pytest.fixture
async def store(url: str) -> AsyncIterator[SqlStore]:
    """With one ask behind it: its connections are open, its statements built."""
    opened = await open_store(url, clock=clock)
    await opened.accept(a_job("warm"), key=a_key("warm"))
    yield opened
    await opened.close()


@contextmanager
def listening(store: SqlStore) -> Iterator[list[str]]:
    """Every statement that goes through SQLAlchemy."""
    heard: list[str] = []

    def hear(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        heard.append(statement)

    _, engine = engines_of(store)
    event.listen(engine, "before_cursor_execute", hear)
    yield heard
    event.remove(engine, "before_cursor_execute", hear)


@contextmanager
def traced(store: SqlStore) -> Iterator[list[str]]:
    """Every statement that SQLite itself is given on the connection that writes."""
    pen: Any = store._writer._pen
    connection = pen._connection
    assert connection is not None
    seen: list[str] = []
    trace: Callable[[Any], None] = driver_of(connection).set_trace_callback
    trace(lambda statement: seen.append(statement.split()[0]))
    yield seen
    trace(None)


async def many(store: SqlStore) -> None:
    await asyncio.gather(*(accept(store, f"job{number}") for number in range(MANY)))


async def test_one_ask_is_one_transaction(store: SqlStore) -> None:
    before = store.commits
    await accept(store, "one")
    assert store.commits - before == 1


async def test_a_hundred_asks_that_come_together_are_one_transaction(store: SqlStore) -> None:
    before = store.commits
    await many(store)
    assert store.commits - before == 1


@pytest.mark.parametrize("url", ["postgresql"], indirect=True)
async def test_a_hundred_asks_are_as_many_statements_on_a_server_as_one(store: SqlStore) -> None:
    with listening(store) as heard:
        await accept(store, "one")
        assert len(heard) == 1
        await many(store)
        assert len(heard) == 2


@pytest.mark.parametrize("url", ["sqlite"], indirect=True)
async def test_an_embedded_ask_is_two_inserts_between_begin_and_commit_and_takes_no_detour(store: SqlStore) -> None:
    with traced(store) as seen, listening(store) as heard:
        await accept(store, "one")
        assert seen == ["BEGIN", "INSERT", "INSERT", "COMMIT"]
        seen.clear()
        await many(store)
        assert seen == ["BEGIN", *["INSERT"] * (2 * MANY), "COMMIT"]
        assert heard == []


async def test_what_slack_delivers_again_costs_one_look_more_and_no_row(store: SqlStore) -> None:
    before = store.commits
    with listening(store) as heard:
        again = await store.accept(a_job("other"), key=a_key("warm"))
    assert (again.fresh, again.job.id) == (False, "warm")
    assert len([statement for statement in heard if statement.lstrip().startswith("SELECT")]) == 1
    assert store.commits - before == 1

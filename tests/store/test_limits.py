"""An ask is committed in time, or refused in time and never stored."""

from __future__ import annotations

import asyncio
import sqlite3
import time
from collections.abc import Callable
from datetime import datetime, timedelta, tzinfo
from typing import Any

import asyncpg
import pytest
from sqlalchemy import make_url

from bot.errors import NotAccepted, Unavailable
from bot.job import FileId, Kind, State
from bot.store import SqlStore, changes, open_store
from tests.store.breaking import SHORT, Gate, Locked, accept, cut, in_a_hurry, names, on_commit
from tests.store.conftest import clock
from tests.store.samples import a_job, a_key, at, moved


async def test_an_ask_whose_commit_is_slow_is_refused_in_time_and_taken_back(store: SqlStore) -> None:
    gate = Gate()

    def stall(number: int, commit: Callable[[], None], _connection: Any) -> None:
        if number == 1:
            gate.stop()
        commit()

    on_commit(store, stall)
    with in_a_hurry(store), pytest.raises(NotAccepted):
        await accept(store, "slow")
    gate.let_through()
    assert await names(store) == set()
    assert (await store.accept(a_job("again"), key=a_key("slow"))).fresh


async def test_a_copy_whose_commit_is_slow_is_taken_back_too(store: SqlStore) -> None:
    gate = Gate()

    def stall(number: int, commit: Callable[[], None], _connection: Any) -> None:
        if number == 1:
            gate.stop()
        commit()

    on_commit(store, stall)
    copy = a_job("copy", kind=Kind.COPY, source=(FileId("F1"),), state=State.READY)
    with in_a_hurry(store), pytest.raises(NotAccepted):
        await store.accept(copy, key=a_key("copy"))
    gate.let_through()
    assert await names(store) == set()


async def test_what_was_promised_to_somebody_else_is_not_taken_back(store: SqlStore) -> None:
    gate = Gate()

    def stall(_number: int, commit: Callable[[], None], _connection: Any) -> None:
        gate.stop()
        commit()

    on_commit(store, stall)
    first, second = (asyncio.create_task(store.accept(a_job(name), key=a_key("k"))) for name in ("one", "two"))
    await gate.reached()
    first.cancel()
    gate.let_through()
    assert (await second).job.id == "one"
    assert await names(store) == {"one"}


async def test_an_ask_that_a_locked_database_holds_up_is_refused_and_never_stored(store: SqlStore, url: str) -> None:
    async with Locked(url):
        with in_a_hurry(store), pytest.raises(NotAccepted) as refused:
            await accept(store, "held up")
        assert refused.value.code == "too_slow"
    assert await names(store) == set()


async def test_a_save_that_waits_beside_a_refused_ask_is_written(store: SqlStore, url: str) -> None:
    job = await accept(store, "fox")
    async with Locked(url):
        save = asyncio.create_task(moved(store, job, State.QUEUED))
        with in_a_hurry(store), pytest.raises(NotAccepted):
            await accept(store, "held up")
    assert (await save).version == 1


@pytest.mark.parametrize("database", ["postgresql"], indirect=True)
async def test_an_ask_with_time_left_outlives_one_beside_it_that_ran_out(store: SqlStore, url: str) -> None:
    async with Locked(url):
        patient = asyncio.create_task(accept(store, "patient"))
        await asyncio.sleep(0)
        with in_a_hurry(store), pytest.raises(NotAccepted):
            await accept(store, "hasty")
    assert (await patient).id == "patient"
    assert await names(store) == {"patient"}


async def test_an_ask_is_taken_back_if_its_time_ran_out_before_its_lost_commit_could_be_looked_for(
    store: SqlStore,
) -> None:
    gate = Gate()

    def stall_and_cut(number: int, commit: Callable[[], None], connection: Any) -> None:
        commit()
        if number == 1:
            gate.stop()
            cut(connection)

    on_commit(store, stall_and_cut)
    with in_a_hurry(store), pytest.raises(NotAccepted):
        await accept(store, "lost")
    gate.let_through()
    assert await names(store) == set()


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
async def test_such_an_ask_is_taken_back_before_anything_else_even_if_the_database_was_locked(
    store: SqlStore, url: str
) -> None:
    other = sqlite3.connect(str(make_url(url).database), isolation_level=None, check_same_thread=False)

    def commit_lock_and_cut(number: int, commit: Callable[[], None], connection: Any) -> None:
        commit()
        if number == 1:
            other.execute("BEGIN IMMEDIATE")
            cut(connection)

    on_commit(store, commit_lock_and_cut)
    with in_a_hurry(store), pytest.raises(NotAccepted):
        await accept(store, "lost")
    look = asyncio.create_task(store.claim(at(9), owner="me", lease=timedelta(seconds=9), limit=9))
    await asyncio.sleep(0)
    other.close()
    assert await look == []


async def test_an_ask_that_is_committed_when_its_time_runs_out_is_accepted(store: SqlStore) -> None:
    await store.release("nobody")
    ends_at = asyncio.get_running_loop().time() + 0.5

    def block_the_loop(outcome: None) -> None:
        time.sleep(max(0.0, ends_at + SHORT - time.monotonic()))

    await store._writer.write_within(
        changes.release, "nobody", seconds=0.5, take_back=changes.release, promise=block_the_loop
    )


async def test_a_refused_ask_is_not_stored_by_closing_either(url: str) -> None:
    store = await open_store(url, clock=clock)
    async with Locked(url):
        with in_a_hurry(store), pytest.raises(NotAccepted):
            await accept(store, "held up")
    await store.close()
    reopened = await open_store(url, clock=clock)
    assert await names(reopened) == set()
    await reopened.close()


class Sluggish(tzinfo):
    """UTC, but to find that out blocks the loop: as a machine does that has no time for us."""

    def utcoffset(self, _moment: datetime | None) -> timedelta:
        time.sleep(2 * SHORT)
        return timedelta(0)

    def dst(self, _moment: datetime | None) -> None:
        return None

    def tzname(self, _moment: datetime | None) -> str:
        return "UTC"


async def test_an_ask_whose_time_ran_out_is_in_no_commit_that_starts_later(store: SqlStore) -> None:
    await store.release("nobody")
    before = store.commits
    with in_a_hurry(store), pytest.raises(NotAccepted):
        await accept(store, "late", delivered_at=at(0).replace(tzinfo=Sluggish()))
    assert await names(store) == set()
    assert store.commits - before == 2


@pytest.mark.parametrize("database", ["postgresql"], indirect=True)
async def test_a_row_that_somebody_holds_keeps_no_ask_waiting(store: SqlStore, url: str) -> None:
    """Neither the asks that come with the change, nor longer than its lock may be waited for the one behind it."""
    job = await accept(store, "fox")
    server = await asyncpg.connect(url)
    await server.execute("BEGIN; SELECT 1 FROM jobs FOR UPDATE")
    save = asyncio.create_task(moved(store, job, State.QUEUED))
    await accept(store, "beside it")
    await accept(store, "behind it")
    with pytest.raises(Unavailable, match="database_busy"):
        await save
    await server.close()
    assert (await moved(store, job, State.QUEUED)).version == 1

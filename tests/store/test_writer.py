"""What is promised about commits: together, in time, or not at all."""

from __future__ import annotations

import asyncio
import os
import signal
import sqlite3
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import asyncpg
import pytest
from sqlalchemy import make_url, text
from sqlalchemy.util.concurrency import await_

from bot.errors import NotAccepted, Rejected, Unavailable
from bot.job import Job, JobId, ProviderJobId, State
from bot.prompt import Request
from bot.store import SqlStore, changes, migrate, open_store
from tests.store.conftest import clock
from tests.store.samples import LANE, a_job, a_key, at, moved, queued, stored

SHORT = 0.05
"""Seconds; tests wait for it to pass, never to not pass."""


@contextmanager
def in_a_hurry(store: SqlStore) -> Iterator[None]:
    """Asks give up soon."""
    patient, store._accept_seconds = store._accept_seconds, SHORT
    yield
    store._accept_seconds = patient


def on_commit(store: SqlStore, what: Callable[[int, Callable[[], None], Any], None]) -> None:
    """Have the database driver do `what(n, real_commit, connection)` at the n-th COMMIT of this store."""
    dialect: Any = store._writing.sync_engine.dialect
    real, count = dialect.do_commit, iter(range(1, 1000))
    dialect.do_commit = lambda connection: what(next(count), lambda: real(connection), connection)


def cut(connection: Any) -> None:
    """Lose the connection, as the driver would notice it."""
    if isinstance(connection.driver_connection, asyncpg.Connection):
        connection.driver_connection.terminate()
        raise connection.dbapi.InterfaceError("connection was closed in the middle of operation", None)
    raise sqlite3.OperationalError("disk I/O error")


async def accept(store: SqlStore, name: str, **more: Any) -> Job:
    return (await store.accept(a_job(name, **more), key=a_key(name))).job


async def names(store: SqlStore) -> set[str]:
    """The jobs that are stored, as a writer sees them that comes after all before."""
    await store.release("nobody")
    found = await store.claim(at(999), owner="looking", lease=timedelta(seconds=0), limit=999)
    return {job.id for job in found}


async def test_two_hundred_asks_at_once_share_few_commits(store: SqlStore) -> None:
    before = store.commits
    await asyncio.gather(*(accept(store, f"job{number}") for number in range(200)))
    assert store.commits - before <= 2
    assert len(await names(store)) == 200


async def test_changes_of_every_kind_share_a_commit(store: SqlStore) -> None:
    jobs = await asyncio.gather(*(accept(store, f"job{number}") for number in range(9)))
    before = store.commits
    changes = [moved(store, job, State.QUEUED) for job in jobs]
    await asyncio.gather(*changes, accept(store, "ask"), store.release("me"))
    assert store.commits - before <= 2


async def test_one_bad_write_harms_nobody_beside_it(store: SqlStore) -> None:
    jobs = await asyncio.gather(*(accept(store, f"job{number}") for number in range(9)))
    same = ProviderJobId("7")
    await moved(store, jobs[0], State.GENERATING, provider_job_id=same)
    good = [moved(store, job, State.QUEUED) for job in jobs[1:8]]
    bad = moved(store, jobs[8], State.GENERATING, provider_job_id=same)
    *saved, refused = await asyncio.gather(*good, bad, return_exceptions=True)
    assert [job.version for job in saved if isinstance(job, Job)] == [1] * 7
    assert isinstance(refused, Rejected)
    assert [person.pending for person in await store.people(LANE)] == [7]


async def test_a_bug_in_one_write_reaches_only_its_caller(store: SqlStore) -> None:
    naive = at(0).replace(tzinfo=None)
    good, bad = accept(store, "good"), accept(store, "bad", due_at=naive)
    outcomes = await asyncio.gather(good, bad, return_exceptions=True)
    assert [type(outcome).__name__ for outcome in outcomes] == ["Job", "ValueError"]


async def life(store: SqlStore) -> list[Job]:
    """Some of everything that is written, one after the other."""
    fox, hen = await asyncio.gather(accept(store, "fox"), accept(store, "hen"))
    fox = await moved(store, fox, State.QUEUED)
    fox, hen = await asyncio.gather(moved(store, fox, State.SUBMITTING), moved(store, hen, State.QUEUED))
    fox = await moved(store, fox, State.QUEUED, now=1)
    return [fox, hen, await accept(store, "owl")]


@pytest.mark.parametrize("effect", [False, True], ids=["before it is done", "after it is done"])
@pytest.mark.parametrize("nth", range(1, 6))
async def test_a_commit_that_fails_once_anywhere_changes_nothing_in_the_end(
    store: SqlStore, nth: int, effect: bool
) -> None:
    def fail(number: int, commit: Callable[[], None], connection: Any) -> None:
        if number != nth or effect:
            commit()
        if number == nth:
            cut(connection)

    on_commit(store, fail)
    jobs = await life(store)
    assert [await store.get(job.id) for job in jobs] == jobs
    assert [job.version for job in jobs] == [3, 1, 0]
    (person,) = await store.people(LANE)
    assert (person.pending, person.served_at) == (2, None)


@pytest.mark.parametrize("effect", [False, True], ids=["before they are done", "after they are done"])
async def test_what_was_not_accepted_is_not_there_when_commits_work_again(store: SqlStore, effect: bool) -> None:
    works = False

    def fail(_number: int, commit: Callable[[], None], connection: Any) -> None:
        if works or effect:
            commit()
        if not works:
            cut(connection)

    kept = await accept(store, "kept")
    on_commit(store, fail)
    with pytest.raises(NotAccepted):
        await accept(store, "lost")
    with pytest.raises(Unavailable):
        await moved(store, kept, State.FAILING)
    works = True
    assert await names(store) == {"kept"}
    assert (await store.accept(a_job("lost again"), key=a_key("lost"))).fresh


async def test_an_ask_whose_commit_is_slow_is_refused_in_time_and_taken_back(store: SqlStore) -> None:
    goes_on = asyncio.Event()

    def stall(number: int, commit: Callable[[], None], _connection: Any) -> None:
        if number == 1:
            await_(goes_on.wait())
        commit()

    on_commit(store, stall)
    with in_a_hurry(store), pytest.raises(NotAccepted):
        await accept(store, "slow")
    goes_on.set()
    assert await names(store) == set()
    assert (await store.accept(a_job("again"), key=a_key("slow"))).fresh


async def test_what_was_promised_to_somebody_else_is_not_taken_back(store: SqlStore) -> None:
    stalled, goes_on = asyncio.Event(), asyncio.Event()

    def stall(_number: int, commit: Callable[[], None], _connection: Any) -> None:
        stalled.set()
        await_(goes_on.wait())
        commit()

    on_commit(store, stall)
    first, second = (asyncio.create_task(store.accept(a_job(name), key=a_key("k"))) for name in ("one", "two"))
    await stalled.wait()
    first.cancel()
    goes_on.set()
    assert (await second).job.id == "one"
    assert await names(store) == {"one"}


class Locked:
    """Somebody else holds the database, so that nothing can be written."""

    def __init__(self, url: str) -> None:
        self.url = make_url(url)

    async def __aenter__(self) -> None:
        if self.url.get_backend_name() == "sqlite":
            self.file = sqlite3.connect(str(self.url.database), isolation_level=None)
            self.file.execute("BEGIN IMMEDIATE")
        else:
            self.server = await asyncpg.connect(self.url.render_as_string(hide_password=False))
            await self.server.execute("BEGIN; LOCK TABLE jobs IN EXCLUSIVE MODE")

    async def __aexit__(self, *_: object) -> None:
        if self.url.get_backend_name() == "sqlite":
            self.file.close()
        else:
            await self.server.close()


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


async def test_a_save_whose_caller_went_away_is_written_and_an_ask_is_not(store: SqlStore) -> None:
    job = await stored(store, a_job("fox"))
    save = asyncio.create_task(moved(store, job, State.FAILING))
    ask = asyncio.create_task(accept(store, "nobody waits"))
    other = asyncio.create_task(accept(store, "hen"))
    await asyncio.sleep(0)
    save.cancel()
    ask.cancel()
    await other
    assert await names(store) == {"fox", "hen"}
    found = await store.get(job.id)
    assert found is not None
    assert found.state is State.FAILING


async def test_close_finishes_what_was_asked(url: str) -> None:
    store = await open_store(url, clock=clock)
    asks = [asyncio.create_task(accept(store, f"job{number}")) for number in range(9)]
    await asyncio.sleep(0)
    await store.close()
    assert len(await asyncio.gather(*asks)) == 9
    with pytest.raises(NotAccepted, match="store_closed"):
        await accept(store, "too late")
    with pytest.raises(Unavailable, match="store_closed"):
        await store.release("me")


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
async def test_a_full_disk_refuses_asks_and_everything_works_when_there_is_room(store: SqlStore) -> None:
    kept = await queued(store, "kept")
    await limit_pages(store, 1)
    with pytest.raises(NotAccepted) as refused:
        await asyncio.gather(*(accept(store, f"job{number}", request=Request("x" * 9000)) for number in range(9)))
    assert refused.value.code == "disk_full"
    with pytest.raises(Unavailable) as failed:
        await moved(store, kept, State.GENERATING, links=("x" * 9000,))
    assert failed.value.code == "disk_full"
    assert await store.next_in_line(LANE, at(9)) == kept
    await limit_pages(store, 2**30)
    assert await accept(store, "room") == await store.get(JobId("room"))
    assert (await moved(store, kept, State.SUBMITTING)).version == 2


async def limit_pages(store: SqlStore, pages: int) -> None:
    """SQLite's own disk quota; never less than the file has."""
    async with store._writing.begin() as connection:
        await connection.exec_driver_sql(f"PRAGMA max_page_count = {pages}")


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
    goes_on = asyncio.Event()

    def stall_and_cut(number: int, commit: Callable[[], None], connection: Any) -> None:
        commit()
        if number == 1:
            await_(goes_on.wait())
            cut(connection)

    on_commit(store, stall_and_cut)
    with in_a_hurry(store), pytest.raises(NotAccepted):
        await accept(store, "lost")
    goes_on.set()
    assert await names(store) == set()


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
async def test_such_an_ask_is_taken_back_before_anything_else_even_if_the_database_was_locked(
    store: SqlStore, url: str
) -> None:
    other = sqlite3.connect(str(make_url(url).database), isolation_level=None)

    def commit_lock_and_cut(number: int, commit: Callable[[], None], connection: Any) -> None:
        commit()
        if number == 1:
            other.execute("BEGIN IMMEDIATE")
            cut(connection)

    on_commit(store, commit_lock_and_cut)
    with in_a_hurry(store), pytest.raises(NotAccepted):
        await accept(store, "lost")
    look = asyncio.create_task(names(store))
    other.close()
    assert await look == set()


async def test_an_ask_that_is_committed_when_its_time_runs_out_is_accepted(store: SqlStore) -> None:
    def block_the_loop(outcome: None) -> None:
        time.sleep(2 * SHORT)

    await store._writer.write_within(
        changes.release, "nobody", seconds=SHORT, take_back=changes.release, promise=block_the_loop
    )


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
async def test_a_database_that_stays_locked_is_busy(store: SqlStore, url: str) -> None:
    job = await accept(store, "fox")
    async with store._writing.begin() as connection:
        await connection.exec_driver_sql("PRAGMA busy_timeout = 1")
    async with Locked(url):
        with pytest.raises(NotAccepted, match="database_busy"):
            await accept(store, "hen")
        with pytest.raises(Unavailable, match="database_busy"):
            await moved(store, job, State.QUEUED)
    assert await names(store) == {"fox"}


async def test_a_refused_ask_is_not_stored_by_closing_either(url: str) -> None:
    store = await open_store(url, clock=clock)
    async with Locked(url):
        with in_a_hurry(store), pytest.raises(NotAccepted):
            await accept(store, "held up")
    await store.close()
    reopened = await open_store(url, clock=clock)
    assert await names(reopened) == set()
    await reopened.close()


async def test_a_database_that_lost_its_tables_is_unavailable(empty_url: str) -> None:
    await migrate(empty_url)
    store = await open_store(empty_url, clock=clock)
    async with store._writing.begin() as connection:
        await connection.execute(text("DROP TABLE lanes"))
    with pytest.raises(Unavailable) as failed:
        await store.ping()
    await store.close()
    assert failed.value.code == "database_failed"


@pytest.mark.parametrize("database", ["postgresql"], indirect=True)
async def test_a_database_that_does_not_answer_in_time_is_unavailable(
    store: SqlStore, url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.store.jobs.PING_SECONDS", SHORT)
    server = await asyncpg.connect(url)
    await server.execute("BEGIN; LOCK TABLE lanes IN ACCESS EXCLUSIVE MODE")
    with pytest.raises(Unavailable) as failed:
        await store.ping()
    await server.close()
    assert failed.value.code == "database_unreachable"


@pytest.mark.parametrize("database", ["postgresql"], indirect=True)
async def test_cut_connections_heal_without_anybody_noticing(store: SqlStore, url: str) -> None:
    job = await accept(store, "fox")
    assert await store.get(job.id) == job
    server = await asyncpg.connect(url)
    await server.execute(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'imagine-bot'"
    )
    await server.close()
    assert await store.get(job.id) == job
    assert (await moved(store, job, State.QUEUED)).version == 1


async def test_a_server_that_is_not_there_is_unavailable() -> None:
    with pytest.raises(Unavailable) as failed:
        await open_store("postgresql://bot@127.0.0.1:1/bot", clock=clock)
    assert failed.value.code == "database_unreachable"


CHILD = """
import asyncio, sys
from bot.store import open_store
from tests.store.conftest import clock
from tests.store.samples import a_job, a_key

async def main():
    store = await open_store(sys.argv[1], clock=clock)
    async def ask(number):
        job = a_job(f"job{number}")
        await store.accept(job, key=a_key(job.id))
        print(job.id, flush=True)
    for start in range(0, 10**6, 8):
        await asyncio.gather(*(ask(start + n) for n in range(8)))

asyncio.run(main())
"""


async def test_what_was_acknowledged_survives_a_kill(url: str, database: str) -> None:
    root = Path(__file__).parents[2]
    child = await asyncio.create_subprocess_exec(
        *(sys.executable, "-W", "ignore", "-c", CHILD, url),
        stdout=asyncio.subprocess.PIPE,
        cwd=root,
        env={**os.environ, "PYTHONPATH": str(root)},
    )
    assert child.stdout is not None
    told = [(await child.stdout.readline()).decode().strip() for _ in range(100)]
    child.send_signal(signal.SIGKILL)
    rest, _ = await child.communicate()
    told += [line for line in rest.decode().split("\n")[:-1] if line]
    store = await open_store(url, clock=clock)
    found = [await store.get(JobId(name)) for name in told]
    await store.close()
    assert "" not in told
    assert found == [replace(a_job(name)) for name in told]

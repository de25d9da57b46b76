"""When the database is gone, full, busy or killed: what was acknowledged stays, and everything heals."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from dataclasses import replace
from pathlib import Path

import asyncpg
import pytest
from sqlalchemy import text

from bot.errors import NotAccepted, Unavailable
from bot.job import JobId, State
from bot.request import Request
from bot.store import SqlStore, migrate, open_store
from tests.store.breaking import SHORT, Locked, accept, limit_pages, names
from tests.store.conftest import clock
from tests.store.doors import side_door
from tests.store.samples import LANE, a_job, at, moved, queued


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


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
async def test_a_database_that_stays_locked_is_busy(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bot.store.embedded.BUSY_SECONDS", 0.001)
    store = await open_store(url, clock=clock)
    job = await accept(store, "fox")
    async with Locked(url):
        with pytest.raises(NotAccepted, match="database_busy"):
            await accept(store, "hen")
        with pytest.raises(Unavailable, match="database_busy"):
            await moved(store, job, State.QUEUED)
    assert await names(store) == {"fox"}
    await store.close()


async def test_a_database_that_lost_its_tables_is_unavailable(empty_url: str) -> None:
    await migrate(empty_url)
    store = await open_store(empty_url, clock=clock)
    async with side_door(store) as connection:
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

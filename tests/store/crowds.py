"""Many rows by few statements, inside the database."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from sqlalchemy import func, insert, literal, literal_column, select, text
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.job import Job, State
from bot.store.rows import columns_of, lease_columns
from bot.store.tables import NEVER, deliveries, jobs, people
from tests.store.doors import opened
from tests.store.samples import a_job

COUNTED = {
    "sqlite": "WITH RECURSIVE c(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM c WHERE n < {0}) SELECT n FROM c",
    "postgresql": "SELECT n FROM generate_series(1, {0}) AS n",
}
MOMENTS = {
    "sqlite": "strftime('%Y-%m-%d %H:%M:%S.000000', '2026-03-01 12:00:00', (n - {0}) || ' seconds')",
    "postgresql": "timestamptz '2026-03-01 12:00:00+00' + (n - {0}) * interval '1 second'",
}


@asynccontextmanager
async def filling(url: str) -> AsyncIterator[AsyncConnection]:
    """A transaction that may take its time; a server's statistics are brought up to date after it."""
    engine = opened(url)
    try:
        async with engine.begin() as connection:
            yield connection
            if connection.dialect.name == "postgresql":
                await connection.exec_driver_sql("ANALYZE")
    finally:
        await engine.dispose()


async def fill(connection: AsyncConnection, job: Job, count: int, **varied: str) -> None:
    """`count` copies of the job by one statement, the last of them at noon, one a second.

    `varied` columns are SQL over the number `n`, from 1 on; "@" is the moment of `n`.
    """
    dialect = connection.dialect.name
    plain = columns_of(job) | lease_columns(job, owner=None, lease_until=None)
    moment = MOMENTS[dialect].format(count)
    sql = {name: expression.replace("@", moment) for name, expression in varied.items()}
    values = [literal_column(sql[k]) if k in sql else literal(v, jobs.c[k].type) for k, v in plain.items()]
    numbers = text(COUNTED[dialect].format(count)).columns(literal_column("n")).subquery("numbers")
    await connection.execute(insert(jobs).from_select(list(plain), select(*values).select_from(numbers)))


async def fill_line(connection: AsyncConnection, waiting: int, *, crowd: int, **varied: str) -> None:
    """So many jobs w1, w2, ... of so many people u0, u1, ... in line; the people's rows are not made yet."""
    names = {"id": "'w' || n", "user_id": f"'u' || (n % {crowd})", "asked_at": "@", "due_at": "@"}
    await fill(connection, a_job(state=State.QUEUED), waiting, **(names | varied))


async def fill_people(connection: AsyncConnection) -> None:
    """Everybody of whom something is in line."""
    served: Any = literal(NEVER, people.c.served_at.type)
    who = (jobs.c.lane, jobs.c.team_id, jobs.c.user_id)
    line = select(*who, served, func.count(), func.min(jobs.c.asked_at), func.min(jobs.c.seq)).group_by(*who)
    columns = ["lane", "team_id", "user_id", "served_at", "pending", "waiting_since", "first_seq"]
    await connection.execute(insert(people).from_select(columns, line.where(jobs.c.state == "queued")))


async def fill_keys(connection: AsyncConnection) -> None:
    """A delivery key for every job."""
    keys = select(jobs.c.team_id, literal("command"), jobs.c.id, jobs.c.id, jobs.c.asked_at)
    names = ["team_id", "kind", "key", "job_id", "seen_at"]
    await connection.execute(insert(deliveries).from_select(names, keys))

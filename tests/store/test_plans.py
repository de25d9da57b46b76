"""No question gets slower with the length of the line: each is an index scan among 100,000 waiting jobs."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import Connection, event

from bot.job import JobId, State, Ts
from bot.ports import LaneRow
from bot.shelf import DraftId, Mark, Reader, Scope
from bot.store import SqlStore, open_store
from tests.store.conftest import clock
from tests.store.crowds import fill, fill_keys, fill_line, fill_people, filling
from tests.store.doors import engines_of, with_its_pen
from tests.store.samples import CHANNEL, LANE, TEAM, a_job, a_key, at, moved

WAITING = 100_000
ENDED = 20_000
CROWD = 1_000
FEW = 2_000
"""Rows that a step of a plan may touch; the whole line is far more."""

Statement = tuple[str, Any]


@pytest.fixture
async def crowded(url: str) -> AsyncIterator[SqlStore]:
    """100,000 jobs of 1,000 people in line, and as many keys, among 20,000 that have ended."""
    ended = a_job(state=State.DELIVERED, done_at=at(0), sent_at=at(0), parent=JobId("p"))
    varied = {"id": "'w' || n", "user_id": f"'u' || (n % {CROWD})", "asked_at": "@", "due_at": "@"}
    marks = {"root_ts": "'r' || n", "share_ts": "'s' || n", "done_at": "@", "provider_job_id": "'p' || n"}
    async with filling(url) as connection:
        await fill_line(connection, WAITING, crowd=CROWD)
        await fill(connection, ended, ENDED, **(varied | marks | {"id": "'d' || n", "parent": "'w' || n"}))
        await fill_people(connection)
        await fill_keys(connection)
    opened = await open_store(url, clock=clock)
    yield opened
    await opened.close()


@contextmanager
def statements(store: SqlStore) -> Iterator[list[Statement]]:
    """All that reaches the database meanwhile."""
    seen: list[Statement] = []

    def see(_c: Any, _cursor: Any, statement: str, parameters: Any, _context: Any, many: bool) -> None:
        seen.append((statement, parameters[0] if many else parameters))

    engines = engines_of(store)
    for engine in engines:
        event.listen(engine, "before_cursor_execute", see)
    yield seen
    for engine in engines:
        event.remove(engine, "before_cursor_execute", see)


async def everything(store: SqlStore) -> None:
    """Each question and each change once, as a busy day has them."""
    job = (await store.accept(a_job("new", parent=JobId("w7")), key=a_key("new"), twin_after=at(-99999))).job
    await store.accept(a_job("newer"), key=a_key("w1"))
    (claimed,) = await store.claim(at(1), owner="me", lease=timedelta(seconds=9), limit=1)
    line = await moved(store, claimed, State.QUEUED)
    sent = await moved(store, line, State.SUBMITTING)
    await moved(store, sent, State.QUEUED)
    assert await store.next_due() is None
    assert await store.next_in_line(LANE, at(0)) is not None
    await store.next_in_line_due(LANE)
    await store.ahead(LANE, [line, *await store.waiting(LANE, 20)])
    await store.waiting(LANE, 10)
    await store.in_flight(LANE)
    await store.runs(LANE, 200)
    assert await store.find(TEAM, CHANNEL, Ts("r7")) is not None
    assert await store.find(TEAM, CHANNEL, Ts("s7")) is not None
    await store.save_lane(LaneRow(LANE))
    await store.lane(LANE)
    await everything_of_the_shelf(store)
    await store.release("me")
    await store.forget(at(-WAITING + 10))
    await store.get(job.id)
    await store.ping()


async def everything_of_the_shelf(store: SqlStore) -> None:
    """Each question but the one for the top, which counts all that was starred lately."""
    job = await store.get(JobId("d7"))
    assert job is not None
    reader = Reader(TEAM, job.user_id, CHANNEL)
    await store.shelf.mark(job, job.user_id, Mark.STAR, at=at(0))
    await store.shelf.marks([job.id, JobId("d8")], Mark.STAR)
    await store.shelf.unmark(job, job.user_id, Mark.STAR)
    await store.shelf.favourites(reader, limit=9)
    await store.shelf.history(reader, limit=9)
    await store.shelf.history(reader, limit=9, after=JobId("d9000"))
    await store.shelf.in_line(reader, limit=9)
    await store.shelf.find(reader, ["fox", "rain"], limit=9)
    await store.shelf.named(reader, "d777")
    await store.shelf.family(TEAM, CHANNEL, Ts("r7"))
    await store.shelf.preferences(TEAM, Scope.PERSON, job.user_id)
    await store.shelf.draft(TEAM, DraftId("d1"))
    await store.shelf.forget_drafts(at(0))


def explain_sqlite(connection: Connection, statement: Statement) -> list[str]:
    """Steps of the plan that go through a whole table, or sort."""
    sql, parameters = statement
    plan = connection.exec_driver_sql("EXPLAIN QUERY PLAN " + sql, parameters)
    bad = [f"SCAN {table}" for table in ("jobs", "people", "deliveries", "preferences", "drafts", "marks", "terms")]
    if "AS few" not in sql:  # a few rows, of which there is a limit, may be sorted
        bad.append("TEMP B-TREE FOR ORDER BY")
    return [step for step in plan.scalars("detail") if any(word in step for word in bad)]


def explain_postgresql(connection: Connection, statement: Statement) -> list[str]:
    """Steps of the plan that really touched more than a few rows."""
    sql, parameters = statement
    options = "EXPLAIN (ANALYZE, FORMAT JSON) "
    answer: Any = connection.exec_driver_sql(options + sql, parameters).scalar()
    (plan,) = json.loads(answer) if isinstance(answer, str) else answer
    return [f"{node['Node Type']}: {rows:.0f} rows" for node, rows in touched(plan["Plan"]) if rows > FEW]


def touched(node: dict[str, Any]) -> Iterator[tuple[dict[str, Any], float]]:
    rows = node["Actual Rows"] + node.get("Rows Removed by Filter", 0) + node.get("Rows Removed by Join Filter", 0)
    yield node, rows * node["Actual Loops"]
    for child in node.get("Plans", []):
        yield from touched(child)


async def test_nothing_goes_through_the_whole_line(crowded: SqlStore, database: str) -> None:
    with statements(crowded) as seen:
        await everything(crowded)
    explain = explain_sqlite if database == "sqlite" else explain_postgresql
    explainable = [each for each in seen if each[0].startswith(("SELECT", "WITH", "UPDATE", "DELETE"))]
    assert len(explainable) > 20

    def explain_all(pen: Connection) -> dict[str, list[str]]:
        bad = {}
        for statement in explainable:
            attempt = pen.begin_nested()
            bad[statement[0]] = explain(pen, statement)
            attempt.rollback()
        return {sql: steps for sql, steps in bad.items() if steps}

    assert await with_its_pen(crowded, explain_all) == {}

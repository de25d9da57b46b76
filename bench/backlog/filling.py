"""Fills a migrated database with a line of people and a history, by a few statements inside the database."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, func, insert, literal, literal_column, select, text

from bot.job import ChannelId, FileId, Job, JobId, LaneId, Picture, State, TeamId, Ts, UserId
from bot.request import Request
from bot.store import engines
from bot.store.database import open_database
from bot.store.rows import columns_of, lease_columns
from bot.store.tables import NEVER, QUEUED, deliveries, jobs, people

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
"""When the last of them asked; each of the others asked a second before the next."""

_NUMBERS = {
    "sqlite": "WITH RECURSIVE c(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM c WHERE n < {0}) SELECT n FROM c",
    "postgresql": "SELECT n FROM generate_series(1, {0}) AS n",
}
_MOMENTS = {
    "sqlite": "strftime('%Y-%m-%d %H:%M:%S.000000', '2026-03-01 12:00:00', ({0}) || ' seconds')",
    "postgresql": "(timestamptz '2026-03-01 12:00:00+00' + ({0}) * interval '1 second')",
}


@dataclass(frozen=True, slots=True)
class Crowd:
    """How many jobs wait, of how many people in how many lanes and workspaces, and how many were delivered.

    `asleep`: how many of those who wait may not be submitted for an hour yet, counted from the head of the line.
    """

    waiting: int
    people: int
    history: int = 0
    lanes: int = 1
    teams: int = 1
    asleep: int = 0


def lane(number: int) -> LaneId:
    """The id of a filled lane, from 0 on."""
    return LaneId(f"lane{number}")


async def fill(url: str, crowd: Crowd) -> None:
    """Put the crowd into the database and bring its statistics up to date, as a server does by itself."""
    database = open_database(engines.parse(url))
    try:
        await database.once(lambda connection: _fill(connection, crowd))
    finally:
        await database.close()


def _fill(connection: Connection, crowd: Crowd) -> None:
    _fill_line(connection, crowd)
    _fill_history(connection, crowd)
    _fill_people(connection)
    _fill_deliveries(connection)
    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql("ANALYZE")


def _fill_line(connection: Connection, crowd: Crowd) -> None:
    moment = _MOMENTS[connection.dialect.name]
    asked = moment.format(f"n - {crowd.waiting}")
    due = f"CASE WHEN n <= {crowd.asleep} THEN {moment.format(3600)} ELSE {asked} END" if crowd.asleep else asked
    job = replace(_delivered(), state=State.QUEUED, share_ts=None, pictures=(), file_ids=(), **_not_yet())
    times = {"asked_at": asked, "state_at": asked, "queued_at": asked, "due_at": due}
    _insert(connection, job, crowd, count=crowd.waiting, letter="w", varied=times)


def _fill_history(connection: Connection, crowd: Crowd) -> None:
    moment = _MOMENTS[connection.dialect.name]
    ended = moment.format(f"n - {crowd.waiting + crowd.history}")
    names = ("asked_at", "state_at", "queued_at", "due_at", "fetched_at", "uploaded_at", "delivered_at", "done_at")
    times = dict.fromkeys(names, ended)
    times |= {"sent_at": moment.format(f"n - {crowd.waiting + crowd.history + 12}")}
    marks = {"share_ts": "'1700000001.' || n", "provider_job_id": "'p' || n", "served_at": ended}
    _insert(connection, _delivered(), crowd, count=crowd.history, letter="d", varied=times | marks)


def _delivered() -> Job:
    who = {"team_id": TeamId("T"), "user_id": UserId("U"), "channel_id": ChannelId("C"), "lane": lane(0)}
    picture = Picture("j/0", "0" * 64, 1_500_000, 1024, 1024, "image/png")
    done = {"pictures": (picture,), "file_ids": (FileId("F0123456789"),), "root_ts": Ts("1"), "thread_ts": Ts("1")}
    times: dict[str, Any] = {"asked_at": NOON, "state_at": NOON, "due_at": NOON, "queued_at": NOON}
    given: dict[str, Any] = {**who, **done, **times, "version": 8, "sends": 1, "locale": "en-US"}
    return Job(id=JobId("j"), state=State.DELIVERED, request=Request("a fox in the rain"), **given)


def _not_yet() -> dict[str, Any]:
    return {"sends": 0, "version": 2}


def _insert(connection: Connection, job: Job, crowd: Crowd, *, count: int, letter: str, varied: dict[str, str]) -> None:
    """`count` copies of the job by one statement; `varied` columns are SQL over the number `n`, from 1 on."""
    person = f"(n % {crowd.people})"
    sql = {
        "id": f"'{letter}' || n",
        "user_id": f"'U' || {person}",
        "team_id": f"'T' || ({person} % {crowd.teams})",
        "lane": f"'lane' || ({person} % {crowd.lanes})",
        "channel_id": f"'C' || {person}",
        "root_ts": f"'1700000000.{letter}' || n",
        "thread_ts": f"'1700000000.{letter}' || n",
        **varied,
    }
    plain = columns_of(job) | lease_columns(job, owner=None, lease_until=None)
    names = list(plain | sql)
    values = [_value(name, sql, plain) for name in names]
    numbers = text(_NUMBERS[connection.dialect.name].format(count)).columns(literal_column("n")).subquery("numbers")
    if count:
        connection.execute(insert(jobs).from_select(names, select(*values).select_from(numbers)))


def _value(name: str, sql: dict[str, str], plain: dict[str, Any]) -> ColumnElement[Any]:
    return literal_column(sql[name]) if name in sql else literal(plain[name], jobs.c[name].type)


def _fill_people(connection: Connection) -> None:
    """Everybody, with what they wait for and their last turn."""
    who = (jobs.c.lane, jobs.c.team_id, jobs.c.user_id)
    waits = jobs.c.state == State.QUEUED.value
    served = func.coalesce(func.max(jobs.c.served_at), literal(NEVER, people.c.served_at.type))
    since = func.coalesce(func.min(jobs.c.asked_at).filter(waits), func.min(jobs.c.asked_at))
    first = func.coalesce(func.min(jobs.c.seq).filter(waits), func.min(jobs.c.seq))
    line = select(*who, served, func.count().filter(waits), since, first).group_by(*who)
    columns = ["lane", "team_id", "user_id", "served_at", "pending", "waiting_since", "first_seq"]
    connection.execute(insert(people).from_select(columns, line))


def _fill_deliveries(connection: Connection) -> None:
    """The keys of what waits; those of the history are forgotten after a day."""
    keys = select(jobs.c.team_id, literal("command"), jobs.c.id, jobs.c.id, jobs.c.asked_at).where(QUEUED)
    connection.execute(insert(deliveries).from_select(["team_id", "kind", "key", "job_id", "seen_at"], keys))

"""The line of people who wait, kept true in the transaction that moves a job.

Between people, whoever was served least lately is next; `served_at` says when. It is the latest turn of any of the
person's jobs, each of which remembers its own last turn and the one before: a turn that came to nothing (the slot was
taken after all) is given back by that alone, whatever happened to the person's other jobs meanwhile.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from typing import Any

from sqlalchemy import (
    Column,
    ColumnElement,
    Connection,
    Executable,
    RowMapping,
    Table,
    and_,
    bindparam,
    func,
    select,
    update,
)

from bot.job import Job, State
from bot.store.tables import NEVER, QUEUED, jobs, people
from bot.store.upsert import insert_into

TICK = timedelta(microseconds=1)
ASIDE = timedelta(minutes=10)
MOST_ASIDE = 20
"""Jobs that step aside before one pick gives up; the next goes on from there."""

PERSON: dict[str, ColumnElement[str]] = {
    "lane": bindparam("at_lane"),
    "team_id": bindparam("at_team"),
    "user_id": bindparam("at_user"),
}


def _of_person(table: Table) -> ColumnElement[bool]:
    return and_(*(table.c[name] == value for name, value in PERSON.items()))


QUEUED_THERE = select(jobs.c.asked_at).where(_of_person(jobs), QUEUED).order_by(jobs.c.asked_at, jobs.c.seq).limit(1)
LAST_TURN = select(func.max(jobs.c.served_at)).where(_of_person(jobs), jobs.c.served_at.is_not(None))
LATEST_TURN = select(func.max(people.c.served_at)).where(people.c.lane == bindparam("at_lane"))

FIRST: dict[Column[Any], ColumnElement[Any]] = {
    people.c.waiting_since: func.coalesce(QUEUED_THERE.scalar_subquery(), people.c.waiting_since),
    people.c.first_seq: func.coalesce(QUEUED_THERE.with_only_columns(jobs.c.seq).scalar_subquery(), people.c.first_seq),
}
TURN: dict[Column[Any], ColumnElement[Any]] = {people.c.served_at: func.coalesce(LAST_TURN.scalar_subquery(), NEVER)}

STEP_ASIDE = update(jobs).where(jobs.c.seq == bindparam("at_seq"), QUEUED).values(due_at=bindparam("until"))

PLACE = update(people).where(_of_person(people)).values(FIRST)
PLACE_AND_TURN = update(people).where(_of_person(people)).values(FIRST | TURN)


def turn(connection: Connection, row: RowMapping, job: Job) -> dict[str, datetime | None]:
    """The job's turn columns when it goes from the state in `row` to its new one."""
    if row["state"] == State.QUEUED and job.state is State.SUBMITTING:
        return {"served_before": row["served_at"], "served_at": _stamp(connection, job)}
    if row["state"] == State.SUBMITTING and job.state is State.QUEUED:
        return {"served_before": None, "served_at": row["served_before"]}
    return {"served_before": row["served_before"], "served_at": row["served_at"]}


def moved(connection: Connection, before: State | None, job: Job) -> None:
    """Count and place the job's person anew; the job's own row is written already."""
    delta = (job.state is State.QUEUED) - (before is State.QUEUED)
    if delta == 0:
        return
    _count(connection, job, delta)
    who = {"at_lane": job.lane, "at_team": job.team_id, "at_user": job.user_id}
    connection.execute(PLACE_AND_TURN if before in {State.QUEUED, State.SUBMITTING} else PLACE, who)


def _count(connection: Connection, job: Job, delta: int) -> None:
    """Add to what the person waits for. A statement of its own, and first: it locks the row, so that the next one
    sees what others committed before.
    """
    who = {"at_lane": job.lane, "at_team": job.team_id, "at_user": job.user_id, "at_enterprise": job.enterprise_id}
    first = {"at_first": max(delta, 0), "at_asked": job.asked_at}
    connection.execute(_counting(connection.dialect.name), who | first | {"at_delta": delta})


@cache
def _counting(dialect: str) -> Executable:
    """Built once: to build it takes ten times as long as to run it."""
    start = PERSON | {
        "enterprise_id": bindparam("at_enterprise"),
        "served_at": NEVER,
        "pending": bindparam("at_first"),
        "waiting_since": bindparam("at_asked"),
        "first_seq": 0,
    }
    key = [people.c.lane, people.c.team_id, people.c.user_id]
    more = {"pending": people.c.pending + bindparam("at_delta")}
    return insert_into(people, dialect).values(start).on_conflict_do_update(index_elements=key, set_=more)


@dataclass(frozen=True, slots=True)
class Aside:
    """A job that can't be read by this version, by its number, seen at that time."""

    seq: int
    now: datetime


def step_aside(connection: Connection, asides: Sequence[Aside]) -> Sequence[None]:
    """Let those behind it go: it is not due for a while, for any replica, and keeps its place."""
    for aside in asides:
        connection.execute(STEP_ASIDE, {"at_seq": aside.seq, "until": aside.now + ASIDE})
    return [None] * len(asides)


def _stamp(connection: Connection, job: Job) -> datetime:
    """When this turn is: now, or just after the lane's latest, so that no clock that steps back upsets the order."""
    latest = connection.scalar(LATEST_TURN, {"at_lane": job.lane})
    return job.state_at if latest is None else max(job.state_at, latest + TICK)

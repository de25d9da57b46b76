"""What is written after an ask was stored: saves, leases, the memory of lanes. Each may be done twice without harm."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import structlog
from sqlalchemy import Connection, RowMapping, bindparam, case, delete, null, select, tuple_, update

from bot.errors import Fault, Misconfigured, Stale
from bot.job import Job, State
from bot.ports import LaneRow
from bot.store import findable, inbox
from bot.store.line import moved, turn
from bot.store.rows import FIXED, columns_of, job_from, lane_columns, lease_columns, unreadable
from bot.store.tables import deliveries, jobs, lanes
from bot.store.upsert import insert_into

log = structlog.get_logger(__name__)

FORGET_AT_ONCE = 1000
"""So many keys in one transaction, so that no ask waits long behind housekeeping."""


LOCK = (
    select(jobs.c.seq, jobs.c.version, jobs.c.state, jobs.c.served_at, jobs.c.served_before)
    .where(jobs.c.id == bindparam("at_id"))
    .with_for_update()
)
WRITE = update(jobs).where(jobs.c.seq == bindparam("at_seq"), jobs.c.version == bindparam("at_version"))
"""Built once: to build a statement of fifty columns takes longer than to run it."""


@dataclass(frozen=True, slots=True)
class Save:
    """A job to be written over the version it carries, and who goes on holding it."""

    job: Job
    owner: str | None
    lease_until: datetime | None


@dataclass(frozen=True, slots=True)
class Claim:
    """Somebody who wants up to `limit` due jobs for a while."""

    now: datetime
    owner: str
    lease: timedelta
    limit: int


def save(connection: Connection, saves: Sequence[Save]) -> Sequence[Job | Fault]:
    """Write each; `Stale` for one that somebody else wrote first."""
    return [_save(connection, each) for each in saves]


def _save(connection: Connection, this: Save) -> Job | Fault:
    after = replace(this.job, version=this.job.version + 1)
    row = (connection.execute(LOCK, {"at_id": after.id})).mappings().first()
    if row is None or row["version"] != this.job.version:
        return after if _is_written(connection, this, after) else Stale("stale", "somebody else wrote it first")
    try:
        before = State(row["state"])
    except ValueError:
        return unreadable("jobs.state")
    values = {name: value for name, value in columns_of(after).items() if name not in FIXED}
    values |= lease_columns(after, owner=this.owner, lease_until=this.lease_until)
    values |= turn(connection, row, after)
    connection.execute(WRITE, values | {"at_seq": row["seq"], "at_version": this.job.version})
    moved(connection, before, after)
    findable.moved(connection, before, after, seq=row["seq"])
    return after


def _is_written(connection: Connection, this: Save, after: Job) -> bool:
    """Whether this very save was committed already: the answer to its COMMIT was lost."""
    row = (connection.execute(select(jobs).where(jobs.c.id == after.id))).mappings().first()
    return row is not None and row["owner"] == this.owner and job_from(row) == after


def claim(connection: Connection, claims: Sequence[Claim]) -> Sequence[list[Job] | Fault]:
    """Lease due jobs to each. The version moves on, so that an owner whose lease ran out can write no more."""
    return [_claim(connection, each) for each in claims]


def _claim(connection: Connection, this: Claim) -> list[Job]:
    due = (
        select(jobs.c.seq)
        .where(jobs.c.claim_at <= this.now)
        .order_by(jobs.c.claim_at)
        .limit(this.limit)
        .with_for_update(skip_locked=True)
        .cte("due")
    )
    until = this.now + this.lease
    taken = {"owner": this.owner, "lease_until": until, "claim_at": until, "version": jobs.c.version + 1}
    statement = update(jobs).where(jobs.c.seq.in_(select(due.c.seq))).values(taken).returning(*jobs.c)
    rows = (connection.execute(statement)).mappings().all()
    return [job for row in sorted(rows, key=lambda row: (row["due_at"], row["seq"])) for job in _readable(row)]


def _readable(row: RowMapping) -> list[Job]:
    """The job, or none: one that this version can't read is leased and left, so that it holds up nobody else."""
    try:
        return [job_from(row)]
    except Misconfigured as fault:
        log.warning("job_unreadable", job=row["id"], code=fault.code, detail=fault.detail)
        return []


def release(connection: Connection, owners: Sequence[str]) -> Sequence[None]:
    """Give back every lease of the owners."""
    claim_at = case((jobs.c.claim_at.is_(None), null()), else_=jobs.c.due_at)
    free = {"owner": None, "lease_until": None, "claim_at": claim_at}
    connection.execute(update(jobs).where(jobs.c.owner.in_(owners)).values(free))
    inbox.release(connection, inbox.OWNER.in_(owners))
    return [None] * len(owners)


def release_all(connection: Connection, calls: Sequence[None]) -> Sequence[None]:
    """Give back every lease there is: only for whoever has the database alone."""
    claim_at = case((jobs.c.claim_at.is_(None), null()), else_=jobs.c.due_at)
    free = {"owner": None, "lease_until": None, "claim_at": claim_at}
    connection.execute(update(jobs).where(jobs.c.owner.is_not(None)).values(free))
    inbox.release(connection, inbox.OWNER.is_not(None))
    return [None] * len(calls)


def forget(connection: Connection, befores: Sequence[datetime]) -> Sequence[int]:
    """Drop delivery keys older than each, the oldest first, FORGET_AT_ONCE at most."""
    key = (deliveries.c.team_id, deliveries.c.kind, deliveries.c.key)
    counts = []
    for before in befores:
        old = select(*key).where(deliveries.c.seen_at < before).order_by(deliveries.c.seen_at).limit(FORGET_AT_ONCE)
        result = connection.execute(delete(deliveries).where(tuple_(*key).in_(old)))
        counts.append(result.rowcount)
    return counts


def save_lane(connection: Connection, rows: Sequence[LaneRow]) -> Sequence[None]:
    """Remember each lane; who drives it is not touched."""
    for row in rows:
        values = lane_columns(row)
        statement = insert_into(lanes, connection.dialect.name).values(values)
        connection.execute(statement.on_conflict_do_update(index_elements=[lanes.c.id], set_=values))
    return [None] * len(rows)

"""Storing asks: the job and its delivery key in one transaction, many at a time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby

from sqlalchemy import ColumnElement, Connection, and_, delete, exists, insert, select

from bot.job import Job, JobId, Kind
from bot.ports import Accepted, DeliveryKey, Lease
from bot.store.entries import Entry, enter
from bot.store.inbox import strike
from bot.store.line import moved
from bot.store.rows import columns_of, job_from, lease_columns
from bot.store.tables import deliveries, jobs


@dataclass(frozen=True, slots=True)
class Asking:
    """A job that wants to be stored, under its delivery key, at that time, and who would carry it on at once."""

    job: Job
    key: DeliveryKey
    seen_at: datetime
    twin_after: datetime | None = None
    lease: Lease | None = None
    heard: int | None = None
    """The number of what was heard, and is settled by it."""

    @property
    def may_be_twin(self) -> bool:
        """Whether a double click is to be looked for. Only "again" can be doubled: a typed ask is meant each time."""
        return self.twin_after is not None and self.job.parent is not None


def accept(connection: Connection, askings: Sequence[Asking]) -> Sequence[Accepted]:
    """Store each under its key; a known key, or a twin, answers with the job that is there already."""
    answers: list[Accepted] = []
    for alone, group in groupby(askings, key=lambda asking: asking.may_be_twin):
        if alone:
            answers += [_accept_unless_twin(connection, asking) for asking in group]
        else:
            answers += _accept_all(connection, list(group))
    strike(connection, [asking.heard for asking in askings if asking.heard is not None])
    return answers


def take_back(connection: Connection, askings: Sequence[Asking]) -> Sequence[None]:
    """Remove what was stored for asks that were told "not accepted", unless work on them has begun elsewhere."""
    ids = [asking.job.id for asking in askings]
    untouched = and_(jobs.c.id.in_(ids), jobs.c.version == 0)
    still = exists().where(untouched, jobs.c.id == deliveries.c.job_id)
    connection.execute(delete(deliveries).where(deliveries.c.job_id.in_(ids), still))
    connection.execute(delete(jobs).where(untouched))
    return [None] * len(askings)


def _accept_all(connection: Connection, askings: Sequence[Asking]) -> list[Accepted]:
    """The keys, and the jobs of those whose key was new."""
    fresh = enter(connection, [_entry(asking) for asking in askings])
    for asking in askings:
        if asking.job.id in fresh:
            moved(connection, None, asking.job)
    return [
        Accepted(asking.job, fresh=True) if asking.job.id in fresh else _known(connection, asking) for asking in askings
    ]


def _accept_unless_twin(connection: Connection, asking: Asking) -> Accepted:
    known = _find(connection, _made_by(asking.key))
    twin = known or _twin(connection, asking)
    if twin is None:
        return (_accept_all(connection, [asking]))[0]
    if known is None:
        connection.execute(insert(deliveries).values(_delivery(asking, twin.id)))
    return Accepted(twin, fresh=twin.id == asking.job.id)


def _twin(connection: Connection, asking: Asking) -> Job | None:
    """The job that an earlier click of the same person on the same button made."""
    job = asking.job
    statement = (
        select(jobs)
        .where(jobs.c.parent == job.parent, jobs.c.user_id == job.user_id, jobs.c.team_id == job.team_id)
        .where(jobs.c.asked_at > asking.twin_after, jobs.c.parent.is_not(None))
        .order_by(jobs.c.asked_at, jobs.c.seq)
    )
    rows = (connection.execute(statement)).mappings()
    same = (other for other in map(job_from, rows) if _wants(other) == _wants(job))
    return next(same, None)


def _wants(job: Job) -> tuple[object, ...]:
    """What two clicks must have in common to mean the same: a copy is for one place, and is no picture drawn again."""
    return job.request, job.kind, job.source, job.private, job.channel_id if job.kind is Kind.COPY else None


def _entry(asking: Asking) -> Entry:
    owner, until = (asking.lease.owner, asking.lease.until) if asking.lease else (None, None)
    lease = lease_columns(asking.job, owner=owner, lease_until=until)
    return Entry(columns_of(asking.job) | lease, _delivery(asking, asking.job.id))


def _known(connection: Connection, asking: Asking) -> Accepted:
    """The job that the key made. Its own: the commit that was thought lost had succeeded."""
    job = _find(connection, _made_by(asking.key)) or asking.job
    return Accepted(job, fresh=job.id == asking.job.id)


def _find(connection: Connection, condition: ColumnElement[bool]) -> Job | None:
    statement = select(jobs).join(deliveries, deliveries.c.job_id == jobs.c.id).where(condition)
    row = (connection.execute(statement)).mappings().first()
    return None if row is None else job_from(row)


def _made_by(key: DeliveryKey) -> ColumnElement[bool]:
    return and_(deliveries.c.team_id == key.team_id, deliveries.c.kind == key.kind, deliveries.c.key == key.key)


def _delivery(asking: Asking, job_id: JobId) -> dict[str, object]:
    key = asking.key
    names = {"team_id": key.team_id, "enterprise_id": asking.job.enterprise_id, "kind": key.kind, "key": key.key}
    return {**names, "job_id": job_id, "seen_at": asking.seen_at}

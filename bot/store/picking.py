"""Who is next: the oldest due job of the person whose turn it is, found in a few steps however long the line is.

The line is walked from its head, past those of whom nothing is due yet. If those are many, and few jobs are due, the
due ones are compared instead. Only if both are many could the walk be long.
"""

from __future__ import annotations

from sqlalchemy import BindParameter, ColumnElement, Table, and_, bindparam, case, func, literal_column, select

from bot.store.tables import QUEUED, WAITS, jobs, people

MANY = 100

# As literals: PostgreSQL plans a statement once and for all only if it sees how little of each part is wanted.
_ONE: ColumnElement[int] = literal_column("1")
_MOST: ColumnElement[int] = literal_column(str(MANY))
_LANE: BindParameter[str] = bindparam("at_lane")
_DUE = jobs.c.due_at <= bindparam("at_now")
_THERE = and_(jobs.c.lane == _LANE, QUEUED)
_TURN = (people.c.served_at, people.c.waiting_since, people.c.first_seq)


def _same(one: Table) -> ColumnElement[bool]:
    return and_(one.c.lane == people.c.lane, one.c.team_id == people.c.team_id, one.c.user_id == people.c.user_id)


def _are_many(condition: ColumnElement[bool]) -> ColumnElement[bool]:
    some = select(_ONE).where(_THERE, condition).order_by(jobs.c.due_at).limit(_MOST).subquery()
    return select(func.count()).select_from(some).scalar_subquery() >= _MOST


def _walk() -> ColumnElement[int]:
    """From the head of the line to the first person of whom something is due."""
    oldest = select(jobs.c.seq).where(_same(jobs), QUEUED, _DUE).order_by(jobs.c.asked_at, jobs.c.seq).limit(_ONE)
    theirs = oldest.correlate(people).scalar_subquery()
    line = select(theirs).select_from(people).where(people.c.lane == _LANE, WAITS, theirs.is_not(None))
    return line.order_by(*_TURN).limit(_ONE).scalar_subquery()


def _among_few() -> ColumnElement[int]:
    """The same, found among the jobs that are due."""
    columns = [jobs.c[name] for name in ("lane", "team_id", "user_id", "asked_at", "seq")]
    few = select(*columns).where(_THERE, _DUE).order_by(jobs.c.due_at).limit(_MOST).subquery("few")
    theirs = and_(*(few.c[name] == people.c[name] for name in ("lane", "team_id", "user_id")))
    line = select(few.c.seq).join_from(few, people, theirs)
    return line.order_by(*_TURN, few.c.asked_at, few.c.seq).limit(_ONE).scalar_subquery()


_ASLEEP = jobs.c.due_at > bindparam("at_now")
_NEXT = case((and_(_are_many(_ASLEEP), ~_are_many(_DUE)), _among_few()), else_=_walk())

NEXT = select(jobs).where(jobs.c.seq == _NEXT)
"""The job to submit next, of `at_lane` at `at_now`."""

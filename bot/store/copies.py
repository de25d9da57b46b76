"""A picture and its copies, of which a list shows one. Part of the questions; asks nothing itself."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sqlalchemy import ColumnElement, and_, exists, false, not_, or_
from sqlalchemy.sql import FromClause

from bot.job import Kind, State
from bot.store.tables import jobs

Where = Callable[[Any], ColumnElement[bool]]
"""A condition on the columns of the jobs, or of an alias of them."""

_OTHER = jobs.alias("likeness")


def delivered(columns: Any) -> ColumnElement[bool]:
    """Its pictures are there to be seen."""
    return and_(columns.state == State.DELIVERED.value, columns.delivered_at.is_not(None))


def first_of_its_copies(seen: Where, *, preferred: Where | None = None) -> ColumnElement[bool]:
    """No other showing of the same pictures is to be listed in place of this job.

    Of those that are `seen` a `preferred` one is listed, and among equals the oldest, which is what was drawn unless
    that is gone.
    """
    its_source = and_(_is_copy(jobs), _OTHER.c.id == jobs.c.parent)
    its_copy = and_(_is_copy(_OTHER), _OTHER.c.parent == jobs.c.id)
    its_sister = and_(_is_copy(jobs), _is_copy(_OTHER), _OTHER.c.parent == jobs.c.parent)
    comes_first = and_(delivered(_OTHER.c), seen(_OTHER.c), _precedes(preferred or _nowhere))
    # Apart, for each has an index of its own.
    return and_(*(not_(exists().where(kin, comes_first)) for kin in (its_source, its_copy, its_sister)))


def _precedes(preferred: Where) -> ColumnElement[bool]:
    theirs, its = preferred(_OTHER.c), preferred(jobs.c)
    return or_(and_(theirs, not_(its)), and_(_OTHER.c.seq < jobs.c.seq, or_(theirs, not_(its))))


def _is_copy(table: FromClause) -> ColumnElement[bool]:
    return table.c.kind == Kind.COPY.value


def _nowhere(_columns: Any) -> ColumnElement[bool]:
    return false()

"""What was heard and nobody looked into yet: the shortest way to the disk, and a queue behind it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from operator import attrgetter
from typing import Any

from sqlalchemy import (
    Column,
    ColumnElement,
    Connection,
    Integer,
    Row,
    bindparam,
    delete,
    null,
    select,
    tuple_,
    update,
)
from sqlalchemy.dialects import sqlite

from bot.heard import Heard
from bot.job import TeamId
from bot.store.entries import sortable
from bot.store.files import driver_of
from bot.store.queue import Statement
from bot.store.tables import inbox
from bot.store.writer import Writer

OWNER = inbox.c.owner
_FREE = (
    select(inbox.c.seq)
    .where(inbox.c.claim_at <= bindparam("at"))
    .order_by(inbox.c.seq)
    .limit(bindparam("most", type_=Integer))
    .with_for_update(skip_locked=True)
    .cte("free")
)
_CLAIM = (
    update(inbox)
    .where(inbox.c.seq.in_(select(_FREE.c.seq)))
    .values(owner=bindparam("by"), claim_at=bindparam("until"))
    .returning(*inbox.c)
)
_GIVEN = ("team_id", "enterprise_id", "kind", "key", "mark", "heard_at", "form", "claim_at")


class SqlInbox:
    """The store behind `heard.HeardStore`."""

    def __init__(self, ear: Writer, writer: Writer, *, seconds: float) -> None:
        """`ear`: who hears waits for nobody else who writes. It claims too: what it takes back is claimed by nobody."""
        self._ear = ear
        self._writer = writer
        self._seconds = seconds

    async def hear(self, heard: Heard) -> None:
        """Commit it, or raise `NotAccepted`."""
        await self._ear.write_within(
            hear,
            heard,
            seconds=self._seconds,
            take_back=take_back,
            promise=lambda mark: mark,
            wording=wording,
        )

    async def claim(self, now: datetime, *, owner: str, lease: timedelta, limit: int) -> Sequence[Heard]:
        """Lease what is free, in the order in which it was heard."""
        wanted = Claim(now, owner, now + lease, limit)
        return await self._ear.write_together(claim, wanted, is_one_statement=True)

    async def settle(self, heard: Heard) -> None:
        """Forget it."""
        await self._writer.write_together(settle, heard)


@dataclass(frozen=True, slots=True)
class Claim:
    """Somebody who would look into that many, and who has them until when."""

    now: datetime
    owner: str
    until: datetime
    limit: int


def hear(connection: Connection, batch: Sequence[Heard]) -> Sequence[str]:
    """Store each in a file, but for deliveries that wait here already; the marks that were given."""
    rows = [(h.team_id, h.enterprise_id, h.kind, h.key, h.mark, at := sortable(h.at), h.form, at) for h in batch]
    driver_of(connection).executemany(_row_by_row(), rows)
    return [heard.mark for heard in batch]


def wording(batch: Sequence[Heard]) -> Statement:
    """The same for a server."""
    columns = zip(*map(_values, batch), strict=True)
    return Statement(_whole_batch(), [*columns], [heard.mark for heard in batch])


def _values(heard: Heard) -> tuple[object, ...]:
    key = (heard.team_id, heard.enterprise_id, heard.kind, heard.key, heard.mark)
    return (*key, heard.at, heard.form, heard.at)


@cache
def _row_by_row() -> str:
    places = dict.fromkeys(_GIVEN)
    statement = sqlite.insert(inbox).values(places).on_conflict_do_nothing()
    return str(statement.compile(dialect=sqlite.dialect(), column_keys=list(_GIVEN)))


@cache
def _whole_batch() -> str:
    """PostgreSQL: a batch, column by column."""
    from sqlalchemy.dialects import postgresql  # a fortieth of a start that needs it not

    dialect = postgresql.dialect()  # type: ignore[no-untyped-call]
    columns: list[Column[object]] = [inbox.c[name] for name in _GIVEN]
    lists = ", ".join(f"${n}::{column.type.compile(dialect=dialect)}[]" for n, column in enumerate(columns, 1))
    names = ", ".join(_GIVEN)
    return f"INSERT INTO inbox ({names}) SELECT * FROM unnest({lists}) ON CONFLICT DO NOTHING"  # noqa: S608 - no values


def take_back(connection: Connection, batch: Sequence[Heard]) -> Sequence[None]:
    """Remove what was stored for those that were told "not accepted", unless somebody looks into it elsewhere."""
    rows = [(heard.team_id, heard.kind, heard.key, heard.mark) for heard in batch]
    key = tuple_(inbox.c.team_id, inbox.c.kind, inbox.c.key, inbox.c.mark)
    connection.execute(delete(inbox).where(key.in_(rows), OWNER.is_(None)))
    return [None] * len(batch)


def claim(connection: Connection, claims: Sequence[Claim]) -> Sequence[list[Heard]]:
    """Lease to each what was heard first and is free."""
    return [_claim(connection, each) for each in claims]


def _claim(connection: Connection, this: Claim) -> list[Heard]:
    given = {"at": this.now, "by": this.owner, "until": this.until, "most": this.limit}
    rows = connection.execute(_CLAIM, given)
    return sorted((_heard_from(row) for row in rows), key=attrgetter("number"))


def _heard_from(row: Row[Any]) -> Heard:
    return Heard(
        team_id=TeamId(row.team_id),
        enterprise_id=row.enterprise_id,
        kind=row.kind,
        key=row.key,
        at=row.heard_at,
        form=row.form,
        mark=row.mark,
        number=row.seq,
    )


def settle(connection: Connection, batch: Sequence[Heard]) -> Sequence[None]:
    """Forget each."""
    strike(connection, [heard.number for heard in batch])
    return [None] * len(batch)


def strike(connection: Connection, numbers: Sequence[int]) -> None:
    """Forget what has these numbers."""
    if not numbers:
        return
    if connection.dialect.name == "sqlite":
        driver_of(connection).executemany("DELETE FROM inbox WHERE seq = ?", [(number,) for number in numbers])
    else:
        connection.exec_driver_sql("DELETE FROM inbox WHERE seq = ANY(CAST($1 AS bigint[]))", (list(numbers),))


def release(connection: Connection, whose: ColumnElement[bool]) -> None:
    """Give back leases: anybody may look into it now."""
    connection.execute(update(inbox).where(whose).values(owner=null(), claim_at=inbox.c.heard_at))

"""The rows of people, as a test sees them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, RowMapping, select

from bot.job import LaneId
from bot.store import SqlStore
from bot.store.tables import NEVER, WAITS, people
from tests.store.doors import side_door


@dataclass(frozen=True, slots=True)
class Person:
    """When somebody was served last (None: never), how much they wait for, and since when."""

    user_id: str
    served_at: datetime | None
    pending: int
    waiting_since: datetime


async def in_line(store: SqlStore, lane: LaneId) -> list[Person]:
    """Everybody with something in line, whose turn is next first."""
    return await _found(store, people.c.lane == lane, WAITS)


async def known(store: SqlStore, lane: LaneId, user: str) -> Person | None:
    """Somebody, waiting or not; None if they never stood in the lane's line."""
    return next(iter(await _found(store, people.c.lane == lane, people.c.user_id == user)), None)


async def _found(store: SqlStore, *conditions: ColumnElement[bool]) -> list[Person]:
    order = (people.c.served_at, people.c.waiting_since, people.c.first_seq)
    async with side_door(store) as connection:
        rows = (await connection.execute(select(people).where(*conditions).order_by(*order))).mappings().all()
    return [_person(row) for row in rows]


def _person(row: RowMapping) -> Person:
    served_at = None if row["served_at"] == NEVER else row["served_at"]
    return Person(row["user_id"], served_at, row["pending"], row["waiting_since"])

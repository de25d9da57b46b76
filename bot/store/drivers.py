"""Who drives a lane: a lease in the lane's row, taken, renewed and given back in one statement each.

On a server times are the server's own, so that replicas whose clocks differ agree about when a lease is over. It is
`clock_timestamp()`, not `now()`: that one stands still while a statement waits for the row. The embedded database has
one process, whose clock is as good.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Connection, DateTime, bindparam, func, literal, or_, select, update

from bot.job import LaneId
from bot.store.questions import Question
from bot.store.tables import Instant, lanes
from bot.store.upsert import insert_into

_SERVERS_NOW = func.clock_timestamp(type_=DateTime(timezone=True))


@dataclass(frozen=True, slots=True)
class Hold:
    """Somebody who wants to drive a lane for that many seconds from now on, or to go on driving it.

    `now` is the time where the database is embedded, and None where it has a clock of its own.
    """

    lane: LaneId
    driver: str
    seconds: float
    now: datetime | None


@dataclass(frozen=True, slots=True)
class Leave:
    """Somebody who drives a lane no more."""

    lane: LaneId
    driver: str


def hold(connection: Connection, holds: Sequence[Hold]) -> Sequence[bool]:
    """Give each the lease if nobody else has it; whether they have it. Done twice, it is theirs a little longer."""
    return [_hold(connection, each) for each in holds]


def _hold(connection: Connection, this: Hold) -> bool:
    length = timedelta(seconds=this.seconds)
    until = _SERVERS_NOW + length if this.now is None else literal(this.now + length, Instant)
    lease = {"driver": this.driver, "lease_until": until}
    first = insert_into(lanes, connection.dialect.name).values(id=this.lane, paused_code="", lags=[], **lease)
    is_ours = or_(lanes.c.driver.is_(None), lanes.c.driver == this.driver, lanes.c.lease_until <= _now(this.now))
    statement = first.on_conflict_do_update(index_elements=[lanes.c.id], set_=lease, where=is_ours)
    return (connection.execute(statement.returning(lanes.c.id))).first() is not None


def _now(embedded: datetime | None) -> ColumnElement[datetime]:
    return _SERVERS_NOW if embedded is None else literal(embedded, Instant)


def leave(connection: Connection, leaves: Sequence[Leave]) -> Sequence[None]:
    """Let the next one have the lease at once; who does not have it changes nothing."""
    for this in leaves:
        held = update(lanes).where(lanes.c.id == this.lane, lanes.c.driver == this.driver)
        connection.execute(held.values(driver=None, lease_until=None))
    return [None] * len(leaves)


def driver(lane: LaneId, now: datetime | None) -> Question:
    """Who holds the lease of the lane; no row if nobody does."""
    held = lanes.c.id == bindparam("at_lane"), lanes.c.driver.is_not(None), lanes.c.lease_until > _now(now)
    return Question(select(lanes.c.driver).where(*held), {"at_lane": lane})

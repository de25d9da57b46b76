"""Where jobs stand in a line, asked so that the answer takes as long however many wait.

What stands before a job is counted one by one, up to `COUNTED`. A line that is longer is summed up as a whole; that
takes as long as the line is, so it is asked now and then.

The longest question is SQL, in words that SQLite and PostgreSQL share: so it can be read.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import BigInteger, ColumnElement, String, TextualSelect, bindparam, case, column, func, select, text

from bot.store.tables import NEVER, WAITS, Instant, people
from bot.turns import COUNTED, Ahead, Crowd

Row = Mapping[str, Any]

CAPS = (1, 2, 3, 4, 5, 6, 7, 8, 12, 16, 24, 32, 48, 64, 128, 256, 512, 1024)
"""How many turns a person takes at most, in the sums over a long line; between them it is reckoned."""
MARKS = 500
"""Into so many parts a long line is divided: a place in it is wrong by a thousandth of the line."""

_TURN = (column("served_at", Instant), column("waiting_since", Instant), column("first_seq", BigInteger))

_AHEAD = """
WITH asked AS MATERIALIZED (
    SELECT jobs.id, jobs.seq, jobs.state, jobs.lane, jobs.team_id, jobs.user_id, people.pending,
        CASE
            WHEN jobs.state <> 'queued' THEN coalesce(people.pending, 0)
            WHEN (jobs.asked_at, jobs.seq) > (
                SELECT other.asked_at, other.seq FROM jobs AS other
                WHERE other.lane = jobs.lane AND other.team_id = jobs.team_id AND other.user_id = jobs.user_id
                    AND other.state = 'queued'
                ORDER BY other.asked_at, other.seq LIMIT 1 OFFSET :counted - 1
            ) THEN :counted
            ELSE (
                SELECT count(*) FROM jobs AS other
                WHERE other.lane = jobs.lane AND other.team_id = jobs.team_id AND other.user_id = jobs.user_id
                    AND other.state = 'queued' AND (other.asked_at, other.seq) < (jobs.asked_at, jobs.seq)
            )
        END AS counted,
        coalesce(people.served_at, :never) AS served_at,
        CASE WHEN people.pending > 0 THEN people.waiting_since ELSE jobs.asked_at END AS waiting_since,
        CASE WHEN people.pending > 0 THEN people.first_seq ELSE jobs.seq END AS first_seq
    FROM jobs LEFT JOIN people
        ON people.lane = jobs.lane AND people.team_id = jobs.team_id AND people.user_id = jobs.user_id
    WHERE jobs.id = :id
), mine AS MATERIALIZED (
    SELECT asked.*, CASE WHEN state = 'queued' AND counted = :counted AND seq > first_seq
        THEN :counted + (pending - 1 - :counted) * (seq - first_seq) / (
            SELECT CASE WHEN other.seq > asked.seq THEN other.seq ELSE asked.seq END - first_seq FROM jobs AS other
            WHERE other.lane = asked.lane AND other.team_id = asked.team_id AND other.user_id = asked.user_id
                AND other.state = 'queued'
            ORDER BY other.asked_at DESC, other.seq DESC LIMIT 1
        )
        ELSE counted END AS own
    FROM asked
)
SELECT id, own, served_at, waiting_since, first_seq, CASE
    WHEN own = 0 AND (mine.served_at, mine.waiting_since, mine.first_seq) > (
        SELECT served_at, waiting_since, first_seq FROM people
        WHERE lane = :lane AND pending > 0
        ORDER BY served_at, waiting_since, first_seq LIMIT 1 OFFSET :counted - 1
    ) THEN NULL
    WHEN own = 0 THEN (
        SELECT count(*) FROM people
        WHERE lane = :lane AND pending > 0
            AND (people.served_at, people.waiting_since, people.first_seq)
                < (mine.served_at, mine.waiting_since, mine.first_seq)
    )
    WHEN EXISTS (
        SELECT 1 FROM people WHERE lane = :lane AND pending > 0
        ORDER BY served_at, waiting_since, first_seq LIMIT 1 OFFSET :counted
    ) THEN NULL
    ELSE (
        SELECT coalesce(sum(CASE
            WHEN line.pending <= own THEN line.pending
            WHEN (line.served_at, line.waiting_since, line.first_seq)
                < (mine.served_at, mine.waiting_since, mine.first_seq) THEN own + 1
            ELSE own END), 0)
        FROM people AS line
        WHERE line.lane = :lane AND line.pending > 0
            AND NOT (line.team_id = mine.team_id AND line.user_id = mine.user_id)
    )
END AS others
FROM mine
"""


def _ahead(which: str) -> TextualSelect:
    statement = text(_AHEAD.replace(":counted", str(COUNTED)).replace("jobs.id = :id", which))
    never = bindparam("never", value=NEVER, type_=Instant)
    others = column("others", BigInteger)
    return statement.bindparams(never).columns(column("id", String), column("own", BigInteger), *_TURN, others)


AHEAD_OF_ONE = _ahead("jobs.id = :id")
"""How many of its own person's jobs and how many turns of others come before a job, and its person's turn.

`own` of a queued job is counted, and from `COUNTED` on reckoned from its number among the first and the last of its
person. Somebody who is not in line yet would come behind all that they wait for.
"""
AHEAD_OF_MANY = _ahead("jobs.id IN :ids").bindparams(bindparam("ids", expanding=True))
"""The same for each of some jobs, which takes SQLAlchemy longer."""


def _capped(cap: int) -> ColumnElement[int]:
    return func.coalesce(func.sum(case((people.c.pending < cap, people.c.pending), else_=cap)), 0)


SUMS = select(
    func.count().label("people"),
    func.coalesce(func.max(people.c.pending), 0).label("most"),
    func.coalesce(func.sum(people.c.pending), 0).label("jobs"),
    *(_capped(cap).label(f"cap{cap}") for cap in CAPS),
).where(people.c.lane == bindparam("lane"), WAITS)
"""How many people wait for how much."""

EVERY = (
    text("""
    SELECT served_at, waiting_since, first_seq FROM (
        SELECT served_at, waiting_since, first_seq,
            row_number() OVER (ORDER BY served_at, waiting_since, first_seq) AS number
        FROM people WHERE lane = :lane AND pending > 0
    ) AS line WHERE (number - 1) % :step = 0
    ORDER BY served_at, waiting_since, first_seq""")
    .bindparams(bindparam("step", type_=BigInteger))
    .columns(*_TURN)
)
"""The turns of the first in line and of each `step`-th after that."""


def ahead_from(row: Row) -> Ahead:
    """What stands before the job in a row of AHEAD."""
    others = None if row["others"] is None else int(row["others"])
    return Ahead(row["own"], others, turn=(row["served_at"], row["waiting_since"], row["first_seq"]))


def step_of(sums: Row) -> int:
    """How far apart the marks are in a line of so many people."""
    return int(sums["people"]) // MARKS + 1


def crowd_from(sums: Row, every: Sequence[Row]) -> Crowd:
    """The line summed up."""
    points = {cap: int(sums[f"cap{cap}"]) for cap in CAPS if cap < sums["most"]} | {sums["most"]: int(sums["jobs"])}
    marks = tuple((row["served_at"], row["waiting_since"], row["first_seq"]) for row in every)
    return Crowd(sums["people"], step_of(sums), marks, tuple(points.items()))

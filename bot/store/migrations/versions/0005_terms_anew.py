"""Delivered jobs are found by the terms of today, copies too. No table changes; it takes as long as they are many."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import sqlalchemy as sa
from alembic import op

from bot.terms import terms

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

AT_ONCE = 1000
"""Jobs whose terms are held in memory."""
JOBS = sa.table(
    "jobs",
    sa.column("seq", sa.BigInteger()),
    sa.column("team_id", sa.String()),
    sa.column("enterprise_id", sa.String()),
    sa.column("state", sa.String()),
    sa.column("request", sa.JSON()),
    sa.column("revised", sa.JSON()),
)
TERMS = sa.table(
    "terms",
    sa.column("team_id", sa.String()),
    sa.column("term", sa.String()),
    sa.column("seq", sa.BigInteger()),
    sa.column("enterprise_id", sa.String()),
)
NEXT = (
    sa.select(JOBS)
    .where(JOBS.c.seq > sa.bindparam("last"), JOBS.c.state == "delivered")
    .order_by(JOBS.c.seq)
    .limit(AT_ONCE)
)


def upgrade() -> None:
    connection = op.get_bind()
    connection.execute(sa.delete(TERMS))
    last = 0
    while jobs := connection.execute(NEXT, {"last": last}).mappings().all():
        rows = [row for job in jobs for row in _rows(job)]
        if rows:
            connection.execute(sa.insert(TERMS), rows)
        last = jobs[-1]["seq"]


def _rows(job: sa.RowMapping) -> Iterator[dict[str, Any]]:
    who = {"team_id": job["team_id"], "enterprise_id": job["enterprise_id"], "seq": job["seq"]}
    for term in terms(" ".join((job["request"]["prompt"], *job["revised"]))):
        yield who | {"term": term}

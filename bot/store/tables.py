"""The tables, in types that SQLite and PostgreSQL share. Changes here need a migration; a test compares the two."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    ColumnElement,
    Connection,
    DateTime,
    Dialect,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    TypeDecorator,
    UniqueConstraint,
    and_,
    event,
    false,
    literal_column,
    or_,
)

from bot.job import FINAL, IN_FLIGHT, State

NEVER = datetime(1970, 1, 1, tzinfo=UTC)


class Instant(TypeDecorator[datetime]):
    """An aware moment, to the microsecond: `timestamptz` in PostgreSQL, sortable UTC text in SQLite."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """UTC on the way in; a naive time is a bug of the caller."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a time without a zone was given to the store")
        utc = value.astimezone(UTC)
        return utc.replace(tzinfo=None) if dialect.name == "sqlite" else utc

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002
        """Aware UTC on the way out."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


def among(column: ColumnElement[str], states: Iterable[State]) -> ColumnElement[bool]:
    """`column` is one of `states`, written as literals: only then do both planners see that a partial index fits."""
    return or_(*(column == literal_column(f"'{state.value}'") for state in sorted(states)))


metadata = MetaData(
    naming_convention={
        "pk": "pk_%(table_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "uq": "uq_%(table_name)s_%(column_0_name)s",
        "ix": "ix_%(table_name)s_%(column_0_name)s",
    }
)

SERIAL = BigInteger().with_variant(Integer, "sqlite")
"""SQLite numbers rows by itself only in a column that is exactly INTEGER PRIMARY KEY."""

jobs = Table(
    "jobs",
    metadata,
    Column("seq", SERIAL, primary_key=True, autoincrement=True),
    Column("id", String, nullable=False, unique=True),
    Column("team_id", String, nullable=False),
    Column("enterprise_id", String),
    Column("user_id", String, nullable=False),
    Column("lane", String, nullable=False),
    Column("parent", String),
    Column("request", JSON, nullable=False),
    Column("asked_at", Instant, nullable=False),
    Column("state", String, nullable=False),
    Column("state_at", Instant, nullable=False),
    Column("due_at", Instant, nullable=False),
    Column("version", Integer, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("channel_id", String, nullable=False),
    Column("origin_channel_id", String),
    Column("root_ts", String),
    Column("thread_ts", String),
    Column("share_ts", String),
    Column("blocked", Boolean, nullable=False),
    Column("by_message", Boolean, nullable=False),
    Column("joining", Boolean, nullable=False),
    Column("reply_url", Text),
    Column("locale", String),
    Column("sends", Integer, nullable=False),
    Column("redraws", Integer, nullable=False),
    Column("requeries", Integer, nullable=False),
    Column("uploads", Integer, nullable=False),
    Column("unsure", Integer, nullable=False),
    Column("dropped", Boolean, nullable=False),
    Column("provider_job_id", String),
    Column("deadline_at", Instant),
    Column("links", JSON, nullable=False),
    Column("links_die_at", Instant),
    Column("revised", JSON, nullable=False),
    Column("pictures", JSON, nullable=False),
    Column("file_ids", JSON, nullable=False),
    Column("failure", JSON(none_as_null=True)),
    Column("queued_at", Instant),
    Column("sent_at", Instant),
    Column("running_at", Instant),
    Column("done_at", Instant),
    Column("fetched_at", Instant),
    Column("uploaded_at", Instant),
    Column("delivered_at", Instant),
    # Who works on it, until when; and, where no lane decides, from when on anybody may.
    Column("owner", String),
    Column("lease_until", Instant),
    Column("claim_at", Instant),
    # When this job was last sent on its person's turn, and before that: a turn that came to nothing is given back.
    Column("served_at", Instant),
    Column("served_before", Instant),
    # What came later stands at the end, with what holds for the rows from before it.
    Column("kind", String, nullable=False, server_default="draw"),
    Column("source", JSON, nullable=False, server_default="[]"),
    Column("private", Boolean, nullable=False, server_default=false()),
    Column("execution", String),
    Column("origin_thread_ts", String),
    Column("public", Boolean, nullable=False, server_default=false()),
    Column("together", String),
)

OPEN = and_(*(jobs.c.state != literal_column(f"'{state.value}'") for state in sorted(FINAL)))
QUEUED = among(jobs.c.state, {State.QUEUED})
FLYING = among(jobs.c.state, IN_FLIGHT)


def _index(name: str, *columns: Column[Any], where: ColumnElement[bool]) -> Index:
    """An index over the few rows that a question is about: it stays small however many jobs are kept."""
    return Index(name, *columns, sqlite_where=where)


def _also_in_postgresql(_tables: MetaData, connection: Connection, **_more: object) -> None:
    """Said only where such a database is made: its first word brings the whole dialect, a fortieth of a start."""
    if connection.dialect.name == "postgresql":
        for index in (index for table in metadata.tables.values() for index in table.indexes):
            index.dialect_kwargs["postgresql_where"] = index.dialect_kwargs.get("sqlite_where")


event.listen(metadata, "before_create", _also_in_postgresql)


Index("uq_jobs_provider_job_id", jobs.c.provider_job_id, unique=True)
_index("ix_jobs_claim", jobs.c.claim_at, where=jobs.c.claim_at.is_not(None))
_index("ix_jobs_owner", jobs.c.owner, where=jobs.c.owner.is_not(None))
_index("ix_jobs_flying", jobs.c.lane, where=FLYING)
_index("ix_jobs_queued_due", jobs.c.lane, jobs.c.due_at, where=QUEUED)
_index("ix_jobs_queued_asked", jobs.c.lane, jobs.c.asked_at, jobs.c.seq, where=QUEUED)
_index(
    "ix_jobs_queued_person",
    *(jobs.c.lane, jobs.c.team_id, jobs.c.user_id, jobs.c.asked_at, jobs.c.seq, jobs.c.due_at),
    where=QUEUED,
)
_index(
    "ix_jobs_served",
    *(jobs.c.lane, jobs.c.team_id, jobs.c.user_id, jobs.c.served_at),
    where=jobs.c.served_at.is_not(None),
)
_index("ix_jobs_done", jobs.c.lane, jobs.c.done_at, where=jobs.c.done_at.is_not(None))
_index("ix_jobs_root", jobs.c.team_id, jobs.c.channel_id, jobs.c.root_ts, where=jobs.c.root_ts.is_not(None))
_index("ix_jobs_share", jobs.c.team_id, jobs.c.channel_id, jobs.c.share_ts, where=jobs.c.share_ts.is_not(None))
_index(
    "ix_jobs_parent",
    *(jobs.c.parent, jobs.c.user_id, jobs.c.asked_at),
    where=jobs.c.parent.is_not(None),
)

_index("ix_jobs_delivered", *(jobs.c.team_id, jobs.c.user_id, jobs.c.seq), where=jobs.c.delivered_at.is_not(None))
_index("ix_jobs_open", *(jobs.c.team_id, jobs.c.user_id, jobs.c.seq), where=OPEN)
_index("ix_jobs_thread", *(jobs.c.team_id, jobs.c.channel_id, jobs.c.thread_ts), where=jobs.c.thread_ts.is_not(None))

deliveries = Table(
    "deliveries",
    metadata,
    Column("team_id", String, primary_key=True),
    Column("kind", String, primary_key=True),
    Column("key", String, primary_key=True),
    Column("enterprise_id", String),
    # Deferred: a whole batch of keys is written before the jobs they made.
    Column("job_id", ForeignKey("jobs.id", deferrable=True, initially="DEFERRED"), nullable=False),
    Column("seen_at", Instant, nullable=False),
    sqlite_with_rowid=False,
)
Index("ix_deliveries_seen_at", deliveries.c.seen_at)
Index("ix_deliveries_job_id", deliveries.c.job_id)

inbox = Table(
    "inbox",
    metadata,
    Column("seq", SERIAL, primary_key=True, autoincrement=True),
    Column("team_id", String, nullable=False),
    Column("enterprise_id", String),
    Column("kind", String, nullable=False),
    Column("key", String, nullable=False),
    Column("mark", String, nullable=False),
    Column("heard_at", Instant, nullable=False),
    Column("form", Text, nullable=False),
    # Who looks into it, and from when on anybody may.
    Column("owner", String),
    Column("claim_at", Instant, nullable=False),
    UniqueConstraint("team_id", "kind", "key", name="uq_inbox_key"),
)

people = Table(
    "people",
    metadata,
    Column("lane", String, primary_key=True),
    Column("team_id", String, primary_key=True),
    Column("user_id", String, primary_key=True),
    Column("enterprise_id", String),
    # NEVER, not NULL, for "never served": both databases sort it first by the same index.
    Column("served_at", Instant, nullable=False),
    Column("pending", Integer, nullable=False),
    Column("waiting_since", Instant, nullable=False),
    Column("first_seq", SERIAL, nullable=False),
    sqlite_with_rowid=False,
)
WAITS = people.c.pending > literal_column("0")

Index("ix_people_served", people.c.lane, people.c.served_at)
_index(
    "ix_people_line",
    # `pending` is there to be read: places are counted in the index alone.
    *(people.c.lane, people.c.served_at, people.c.waiting_since, people.c.first_seq, people.c.pending),
    where=WAITS,
)

lanes = Table(
    "lanes",
    metadata,
    Column("id", String, primary_key=True),
    Column("team_id", String),
    Column("enterprise_id", String),
    Column("paused", String),
    Column("paused_code", String, nullable=False),
    Column("paused_at", Instant),
    Column("told_at", Instant),
    Column("lags", JSON, nullable=False),
    # Who drives the lane, and until when, once there are several replicas.
    Column("driver", String),
    Column("lease_until", Instant),
)

"""The first tables."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

SERIAL = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
MOMENT = sa.DateTime(timezone=True)
DOCUMENT = sa.JSON()


def upgrade() -> None:
    _jobs()
    _lanes()
    _people()
    _deliveries()


def _jobs() -> None:
    op.create_table(
        "jobs",
        *_ask(),
        *_progress(),
        *_outcome(),
        *_moments(),
        sa.PrimaryKeyConstraint("seq", name="pk_jobs"),
        sa.UniqueConstraint("id", name="uq_jobs_id"),
    )
    _jobs_indexes()


def _ask() -> list[sa.Column[Any]]:
    return [
        sa.Column("seq", SERIAL, nullable=False),
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("team_id", sa.String(), nullable=False),
        sa.Column("enterprise_id", sa.String(), nullable=True),
        sa.Column("user_id", sa.String(), nullable=False),
        sa.Column("lane", sa.String(), nullable=False),
        sa.Column("parent", sa.String(), nullable=True),
        sa.Column("request", DOCUMENT, nullable=False),
        sa.Column("asked_at", MOMENT, nullable=False),
    ]


def _progress() -> list[sa.Column[Any]]:
    return [
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("state_at", MOMENT, nullable=False),
        sa.Column("due_at", MOMENT, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("channel_id", sa.String(), nullable=False),
        sa.Column("origin_channel_id", sa.String(), nullable=True),
        sa.Column("root_ts", sa.String(), nullable=True),
        sa.Column("thread_ts", sa.String(), nullable=True),
        sa.Column("share_ts", sa.String(), nullable=True),
        sa.Column("blocked", sa.Boolean(), nullable=False),
        sa.Column("by_message", sa.Boolean(), nullable=False),
        sa.Column("joining", sa.Boolean(), nullable=False),
        sa.Column("reply_url", sa.Text(), nullable=True),
        sa.Column("locale", sa.String(), nullable=True),
        sa.Column("sends", sa.Integer(), nullable=False),
        sa.Column("redraws", sa.Integer(), nullable=False),
        sa.Column("requeries", sa.Integer(), nullable=False),
        sa.Column("uploads", sa.Integer(), nullable=False),
        sa.Column("unsure", sa.Integer(), nullable=False),
        sa.Column("dropped", sa.Boolean(), nullable=False),
    ]


def _outcome() -> list[sa.Column[Any]]:
    return [
        sa.Column("provider_job_id", sa.String(), nullable=True),
        sa.Column("deadline_at", MOMENT, nullable=True),
        sa.Column("links", DOCUMENT, nullable=False),
        sa.Column("links_die_at", MOMENT, nullable=True),
        sa.Column("revised", DOCUMENT, nullable=False),
        sa.Column("pictures", DOCUMENT, nullable=False),
        sa.Column("file_ids", DOCUMENT, nullable=False),
        sa.Column("failure", DOCUMENT, nullable=True),
    ]


def _moments() -> list[sa.Column[Any]]:
    return [
        sa.Column("queued_at", MOMENT, nullable=True),
        sa.Column("sent_at", MOMENT, nullable=True),
        sa.Column("running_at", MOMENT, nullable=True),
        sa.Column("done_at", MOMENT, nullable=True),
        sa.Column("fetched_at", MOMENT, nullable=True),
        sa.Column("uploaded_at", MOMENT, nullable=True),
        sa.Column("delivered_at", MOMENT, nullable=True),
        sa.Column("owner", sa.String(), nullable=True),
        sa.Column("lease_until", MOMENT, nullable=True),
        sa.Column("claim_at", MOMENT, nullable=True),
        sa.Column("served_at", MOMENT, nullable=True),
        sa.Column("served_before", MOMENT, nullable=True),
    ]


def _jobs_indexes() -> None:
    _partial("ix_jobs_claim", "jobs", ["claim_at"], where="claim_at IS NOT NULL")
    _partial("ix_jobs_done", "jobs", ["lane", "done_at"], where="done_at IS NOT NULL")
    _partial("ix_jobs_flying", "jobs", ["lane"], where="state = 'generating' OR state = 'submitting'")
    _partial("ix_jobs_owner", "jobs", ["owner"], where="owner IS NOT NULL")
    _partial("ix_jobs_parent", "jobs", ["parent", "user_id", "asked_at"], where="parent IS NOT NULL")
    _partial("ix_jobs_queued_asked", "jobs", ["lane", "asked_at", "seq"], where="state = 'queued'")
    _partial("ix_jobs_queued_due", "jobs", ["lane", "due_at"], where="state = 'queued'")
    _partial(
        "ix_jobs_queued_person",
        "jobs",
        ["lane", "team_id", "user_id", "asked_at", "seq", "due_at"],
        where="state = 'queued'",
    )
    _partial("ix_jobs_root", "jobs", ["team_id", "channel_id", "root_ts"], where="root_ts IS NOT NULL")
    _partial("ix_jobs_served", "jobs", ["lane", "team_id", "user_id", "served_at"], where="served_at IS NOT NULL")
    _partial("ix_jobs_share", "jobs", ["team_id", "channel_id", "share_ts"], where="share_ts IS NOT NULL")
    op.create_index("uq_jobs_provider_job_id", "jobs", ["provider_job_id"], unique=True)


def _lanes() -> None:
    op.create_table(
        "lanes",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("team_id", sa.String(), nullable=True),
        sa.Column("enterprise_id", sa.String(), nullable=True),
        sa.Column("paused", sa.String(), nullable=True),
        sa.Column("paused_code", sa.String(), nullable=False),
        sa.Column("paused_at", MOMENT, nullable=True),
        sa.Column("told_at", MOMENT, nullable=True),
        sa.Column("lags", DOCUMENT, nullable=False),
        sa.Column("driver", sa.String(), nullable=True),
        sa.Column("lease_until", MOMENT, nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_lanes"),
    )


def _people() -> None:
    op.create_table(
        "people",
        sa.Column("lane", sa.String(), nullable=False),
        sa.Column("team_id", sa.String(), nullable=False),
        sa.Column("user_id", sa.String(), nullable=False),
        sa.Column("enterprise_id", sa.String(), nullable=True),
        sa.Column("served_at", MOMENT, nullable=False),
        sa.Column("pending", sa.Integer(), nullable=False),
        sa.Column("waiting_since", MOMENT, nullable=False),
        sa.Column("first_seq", SERIAL, nullable=False),
        sa.PrimaryKeyConstraint("lane", "team_id", "user_id", name="pk_people"),
        sqlite_with_rowid=False,
    )
    _partial("ix_people_line", "people", ["lane", "served_at", "waiting_since", "first_seq"], where="pending > 0")
    op.create_index("ix_people_served", "people", ["lane", "served_at"], unique=False)


def _deliveries() -> None:
    op.create_table(
        "deliveries",
        sa.Column("team_id", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("enterprise_id", sa.String(), nullable=True),
        sa.Column("job_id", sa.String(), nullable=False),
        sa.Column("seen_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("team_id", "kind", "key", name="pk_deliveries"),
        sa.ForeignKeyConstraint(
            ["job_id"], ["jobs.id"], name="fk_deliveries_job_id", deferrable=True, initially="DEFERRED"
        ),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_deliveries_job_id", "deliveries", ["job_id"], unique=False)
    op.create_index("ix_deliveries_seen_at", "deliveries", ["seen_at"], unique=False)


def _partial(name: str, table: str, columns: list[str], *, where: str) -> None:
    op.create_index(name, table, columns, sqlite_where=sa.text(where), postgresql_where=sa.text(where))

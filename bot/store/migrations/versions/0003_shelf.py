"""What people keep: preferences, drafts, marks, terms; and jobs that are copies, private, or steps of a workflow."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)
OPEN = "state != 'cancelled' AND state != 'deleted' AND state != 'delivered' AND state != 'failed'"


def upgrade() -> None:
    op.add_column("jobs", sa.Column("kind", sa.String(), nullable=False, server_default="draw"))
    op.add_column("jobs", sa.Column("source", sa.JSON(), nullable=False, server_default="[]"))
    op.add_column("jobs", sa.Column("private", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.add_column("jobs", sa.Column("execution", sa.String(), nullable=True))
    _partial("ix_jobs_delivered", ["team_id", "user_id", "seq"], where="delivered_at IS NOT NULL")
    _partial("ix_jobs_open", ["team_id", "user_id", "seq"], where=OPEN)
    _partial("ix_jobs_thread", ["team_id", "channel_id", "thread_ts"], where="thread_ts IS NOT NULL")
    _preferences()
    _drafts()
    _marks()
    _terms()


def _preferences() -> None:
    op.create_table(
        "preferences",
        sa.Column("team_id", sa.String(), nullable=False),
        sa.Column("scope", sa.String(), nullable=False),
        sa.Column("subject", sa.String(), nullable=False),
        sa.Column("enterprise_id", sa.String(), nullable=True),
        sa.Column("document", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("team_id", "scope", "subject", name="pk_preferences"),
        sqlite_with_rowid=False,
    )


def _drafts() -> None:
    op.create_table(
        "drafts",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("team_id", sa.String(), nullable=False),
        sa.Column("enterprise_id", sa.String(), nullable=True),
        sa.Column("user_id", sa.String(), nullable=False),
        sa.Column("channel_id", sa.String(), nullable=False),
        sa.Column("thread_ts", sa.String(), nullable=True),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("made_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_drafts"),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_drafts_made_at", "drafts", ["made_at"], unique=False)


def _marks() -> None:
    op.create_table(
        "marks",
        sa.Column("team_id", sa.String(), nullable=False),
        sa.Column("job_id", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("user_id", sa.String(), nullable=False),
        sa.Column("enterprise_id", sa.String(), nullable=True),
        sa.Column("channel_id", sa.String(), nullable=False),
        sa.Column("made_at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(["job_id"], ["jobs.id"], name="fk_marks_job_id"),
        sa.PrimaryKeyConstraint("team_id", "job_id", "kind", "user_id", name="pk_marks"),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_marks_made", "marks", ["team_id", "channel_id", "kind", "made_at"], unique=False)
    op.create_index("ix_marks_user", "marks", ["team_id", "user_id", "kind", "made_at"], unique=False)


def _terms() -> None:
    op.create_table(
        "terms",
        sa.Column("team_id", sa.String(), nullable=False),
        sa.Column("term", sa.String(), nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("enterprise_id", sa.String(), nullable=True),
        sa.PrimaryKeyConstraint("team_id", "term", "seq", name="pk_terms"),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_terms_seq", "terms", ["seq"], unique=False)


def _partial(name: str, columns: list[str], *, where: str) -> None:
    op.create_index(name, "jobs", columns, sqlite_where=sa.text(where), postgresql_where=sa.text(where))

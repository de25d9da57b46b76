"""The tables of what people keep beside their jobs."""

from __future__ import annotations

from sqlalchemy import JSON, BigInteger, Column, ForeignKey, Index, String, Table, Text

from bot.store.tables import Instant, jobs, metadata

preferences = Table(
    "preferences",
    metadata,
    Column("team_id", String, primary_key=True),
    Column("scope", String, primary_key=True),
    Column("subject", String, primary_key=True),
    Column("enterprise_id", String),
    Column("document", JSON, nullable=False),
    sqlite_with_rowid=False,
)

drafts = Table(
    "drafts",
    metadata,
    Column("id", String, primary_key=True),
    Column("team_id", String, nullable=False),
    Column("enterprise_id", String),
    Column("user_id", String, nullable=False),
    Column("channel_id", String, nullable=False),
    Column("thread_ts", String),
    Column("text", Text, nullable=False),
    Column("made_at", Instant, nullable=False),
    sqlite_with_rowid=False,
)
Index("ix_drafts_made_at", drafts.c.made_at)

marks = Table(
    "marks",
    metadata,
    Column("team_id", String, primary_key=True),
    Column("job_id", ForeignKey("jobs.id"), primary_key=True),
    Column("kind", String, primary_key=True),
    Column("user_id", String, primary_key=True),
    Column("enterprise_id", String),
    Column("channel_id", String, nullable=False),
    Column("made_at", Instant, nullable=False),
    sqlite_with_rowid=False,
)
Index("ix_marks_made", marks.c.team_id, marks.c.channel_id, marks.c.kind, marks.c.made_at)
Index("ix_marks_user", marks.c.team_id, marks.c.user_id, marks.c.kind, marks.c.made_at)

# Terms of delivered jobs only: what cannot be looked at need not be found, and an ask's commit stays short.
terms = Table(
    "terms",
    metadata,
    Column("team_id", String, primary_key=True),
    Column("term", String, primary_key=True),
    Column("seq", BigInteger, primary_key=True),
    Column("enterprise_id", String),
    sqlite_with_rowid=False,
)
Index("ix_terms_seq", terms.c.seq)

__all__ = ["drafts", "jobs", "marks", "preferences", "terms"]

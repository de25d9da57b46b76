"""Jobs know where they were asked for and with what, and whether everybody can see where their pictures landed."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("jobs", sa.Column("origin_thread_ts", sa.String(), nullable=True))
    op.add_column("jobs", sa.Column("public", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.add_column("jobs", sa.Column("together", sa.String(), nullable=True))

"""Places in line are counted in the index alone: it holds what everybody waits for, too."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

LINE = "ix_people_line"
WAITS = sa.text("pending > 0")


def upgrade() -> None:
    columns = ["lane", "served_at", "waiting_since", "first_seq", "pending"]
    op.drop_index(LINE, table_name="people")
    op.create_index(LINE, "people", columns, sqlite_where=WAITS, postgresql_where=WAITS)

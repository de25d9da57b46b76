"""`INSERT ... ON CONFLICT`, which both databases have and SQLAlchemy spells twice."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import Table
from sqlalchemy.dialects import sqlite

if TYPE_CHECKING:
    from sqlalchemy.dialects import postgresql


def insert_into(table: Table, dialect: str) -> postgresql.Insert | sqlite.Insert:
    """An insert that can be told what to do when the row is there already."""
    if dialect == "postgresql":
        from sqlalchemy.dialects import postgresql  # a fortieth of a start that needs it not

        return postgresql.insert(table)
    return sqlite.insert(table)

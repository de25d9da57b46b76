"""The rows, in SQLite or PostgreSQL, and the bytes that wait beside them."""

from __future__ import annotations

from bot.store.jobs import SqlStore, open_store
from bot.store.migrations import check_schema, migrate
from bot.store.spool import ObjectSpool

__all__ = ["ObjectSpool", "SqlStore", "check_schema", "migrate", "open_store"]

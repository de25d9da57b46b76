"""What the databases say when something goes wrong, as our own faults."""

from __future__ import annotations

import asyncio
import sqlite3

from sqlalchemy.exc import DBAPIError, IntegrityError, SQLAlchemyError, StatementError

from bot.errors import Fault, Rejected, Unavailable

SQLITE_CODES = {
    "SQLITE_FULL": "disk_full",
    "SQLITE_BUSY": "database_busy",
    "SQLITE_LOCKED": "database_busy",
    "SQLITE_READONLY": "database_read_only",
    "SQLITE_IOERR": "database_io_error",
    "SQLITE_CORRUPT": "database_corrupt",
    "SQLITE_NOTADB": "database_corrupt",
    "SQLITE_CANTOPEN": "database_not_found",
}

POSTGRES_CODES = {
    "53100": "disk_full",
    "55P03": "database_busy",
    "57014": "database_busy",
    "40001": "database_conflict",
    "40P01": "database_conflict",
    "25006": "database_read_only",
    "08": "database_unreachable",
    "53": "database_busy",
    "57": "database_unreachable",
    "XX": "database_corrupt",
}

CONFLICTS = frozenset({"40001", "40P01"})


class Late(Exception):  # noqa: N818 - it says what happened to an ask, and never leaves the store
    """A transaction was given up because an ask in it had run out of time."""


def fault_from(error: Exception) -> Exception:
    """The fault for a foreign exception; our own, and plain bugs, stay what they are."""
    if isinstance(error, Fault):
        return error
    if isinstance(error, sqlite3.Error):  # from statements that did not go through SQLAlchemy
        return fault_from(DBAPIError.instance(None, None, error, sqlite3.Error))
    if isinstance(error, IntegrityError):
        twice = "provider_job_id" in str(error.orig)
        return Rejected("duplicate_provider_job" if twice else "database_constraint", type(error.orig).__name__)
    if isinstance(error, DBAPIError) and _sqlstate(error).startswith("22"):
        return Rejected("database_refused", type(error.orig).__name__)
    if isinstance(error, DBAPIError):
        return Unavailable(_code(error), type(error.orig).__name__)
    if isinstance(error, StatementError) and isinstance(error.orig, Exception):
        return error.orig
    if isinstance(error, Late):
        return Unavailable("database_busy", "gave way to an ask that ran out of time")
    if isinstance(error, SQLAlchemyError):
        return Unavailable("database_failed", type(error).__name__)
    if isinstance(error, asyncio.TimeoutError | OSError):
        return Unavailable("database_unreachable", type(error).__name__)
    return error


def passes(error: Exception) -> bool:
    """Whether the same again may well work at once: a cut connection (the next is new), two transactions crossed."""
    if not isinstance(error, DBAPIError):
        return False
    return error.connection_invalidated or _sqlstate(error) in CONFLICTS


def is_refusal(error: Exception) -> bool:
    """Whether the database itself said that it did not do a statement: what class 08 says, the driver says of a cut."""
    if not isinstance(error, DBAPIError) or _sqlstate(error).startswith("08"):
        return False
    return bool(_sqlstate(error) or getattr(error.orig, "sqlite_errorname", ""))


def _code(error: DBAPIError) -> str:
    name = str(getattr(error.orig, "sqlite_errorname", ""))
    for prefix, code in SQLITE_CODES.items():
        if name.startswith(prefix):
            return code
    state = _sqlstate(error)
    if state:
        return POSTGRES_CODES.get(state, POSTGRES_CODES.get(state[:2], "database_failed"))
    return "database_unreachable" if error.connection_invalidated else "database_failed"


def _sqlstate(error: DBAPIError) -> str:
    return str(getattr(error.orig, "sqlstate", None) or "")

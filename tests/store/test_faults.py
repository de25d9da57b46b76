"""What the databases say, as faults that say what to do."""

from __future__ import annotations

import sqlite3

import pytest
from sqlalchemy.exc import DBAPIError, IntegrityError, InvalidRequestError, StatementError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

from bot.errors import Fault, Rejected, Stale, Unavailable
from bot.store.faults import Late, fault_from, passes


def sqlite_error(name: str) -> DBAPIError:
    error = sqlite3.OperationalError("what it says")
    error.sqlite_errorname = name
    return DBAPIError("SELECT", (), error)


class ServerError(Exception):
    def __init__(self, sqlstate: str) -> None:
        super().__init__("what it says")
        self.sqlstate = sqlstate


def postgres_error(sqlstate: str) -> DBAPIError:
    return DBAPIError("SELECT", (), ServerError(sqlstate))


SAID: list[tuple[Exception, type[Fault], str]] = [
    (sqlite_error("SQLITE_FULL"), Unavailable, "disk_full"),
    (sqlite_error("SQLITE_BUSY_SNAPSHOT"), Unavailable, "database_busy"),
    (sqlite_error("SQLITE_IOERR_FSYNC"), Unavailable, "database_io_error"),
    (sqlite_error("SQLITE_READONLY_DBMOVED"), Unavailable, "database_read_only"),
    (sqlite_error("SQLITE_CORRUPT"), Unavailable, "database_corrupt"),
    (sqlite_error("SQLITE_ERROR"), Unavailable, "database_failed"),
    (postgres_error("53100"), Unavailable, "disk_full"),
    (postgres_error("40P01"), Unavailable, "database_conflict"),
    (postgres_error("57P01"), Unavailable, "database_unreachable"),
    (postgres_error("53300"), Unavailable, "database_busy"),
    (postgres_error("42P01"), Unavailable, "database_failed"),
    (postgres_error("22021"), Rejected, "database_refused"),
    (DBAPIError("SELECT", (), Exception("cut"), connection_invalidated=True), Unavailable, "database_unreachable"),
    (IntegrityError("INSERT", (), Exception("jobs.provider_job_id")), Rejected, "duplicate_provider_job"),
    (IntegrityError("INSERT", (), Exception("jobs.id")), Rejected, "database_constraint"),
    (PoolTimeoutError("no connection is free"), Unavailable, "database_failed"),
    (ConnectionRefusedError(), Unavailable, "database_unreachable"),
    (TimeoutError(), Unavailable, "database_unreachable"),
    (Late(), Unavailable, "database_busy"),
    (InvalidRequestError("closed"), Unavailable, "database_failed"),
]


@pytest.mark.parametrize(("error", "kind", "code"), SAID, ids=lambda value: str(value)[:30])
def test_each_foreign_error_has_its_fault(error: Exception, kind: type[Fault], code: str) -> None:
    fault = fault_from(error)
    assert type(fault) is kind
    assert fault.code == code
    assert "what it says" not in fault.detail


@pytest.mark.parametrize("error", [Stale("stale"), KeyError("a bug")])
def test_our_own_errors_stay_what_they_are(error: Exception) -> None:
    assert fault_from(error) is error


def test_a_bug_in_a_value_comes_out_of_its_wrapping() -> None:
    bug = ValueError("no zone")
    assert fault_from(StatementError("wrapped", "INSERT", (), bug)) is bug


@pytest.mark.parametrize(
    ("error", "again"),
    [
        (postgres_error("40P01"), True),
        (postgres_error("40001"), True),
        (DBAPIError("SELECT", (), Exception("cut"), connection_invalidated=True), True),
        (postgres_error("53100"), False),
        (sqlite_error("SQLITE_FULL"), False),
        (KeyError(), False),
    ],
)
def test_only_what_passes_is_tried_again_at_once(error: Exception, again: bool) -> None:
    assert passes(error) is again

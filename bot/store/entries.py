"""The rows of new asks, written in the drivers' own words: what somebody waits for takes no detour.

SQLAlchemy's way costs some 0.4 ms a statement (measured), most of what an acknowledgement has to spend. So the inserts
are built from the tables once, values take the form that the columns' types give them, and a batch goes in at once.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache, lru_cache
from operator import itemgetter
from typing import Any

from sqlalchemy import JSON, Column, Connection
from sqlalchemy.dialects import sqlite
from sqlalchemy.dialects.sqlite import Insert, insert
from sqlalchemy.types import TypeEngine

from bot.store.files import driver_of
from bot.store.tables import Instant, deliveries, jobs

Row = Mapping[str, Any]
"""Columns by name."""

_NO_ZONE = "a time without a zone was given to the store"
_KEY = tuple(deliveries.c)
_JOB = tuple(column for column in jobs.c if column.name not in {"seq", "served_at", "served_before"})
_JSON = frozenset(column.name for column in _JOB if isinstance(column.type, JSON))
_OF_KEY = "key."
"""Before the names of a key's columns where they stand beside those of a job: both tables have a `kind`."""


@dataclass(frozen=True, slots=True)
class Entry:
    """A job's row and that of its delivery key."""

    job: Row
    key: Row


def enter(connection: Connection, entries: Sequence[Entry]) -> set[str]:
    """Store each job with its key, but for keys that are known already; the ids of the jobs that were stored."""
    if connection.dialect.name == "sqlite":
        return _enter_here(driver_of(connection), entries)
    document = json.dumps([{"n": n, **_document(entry)} for n, entry in enumerate(entries)], default=moment)
    result = connection.exec_driver_sql(_whole_batch(), (document,))
    return set(result.scalars())


def _document(entry: Entry) -> dict[str, Any]:
    key = {_OF_KEY + name: value for name, value in entry.key.items()}
    return {**entry.job, **{name: _written(entry.job[name]) for name in _JSON}, **key}


def _enter_here(driver: sqlite3.Connection, entries: Iterable[Entry]) -> set[str]:
    """SQLite: row by row, for each is bound in microseconds; `rowcount` tells whether the key was new."""
    key, job = _row_by_row()
    entered: set[str] = set()
    for entry in entries:
        if driver.execute(key.statement, key.values(entry.key)).rowcount:
            driver.execute(job.statement, job.values(entry.job))
            entered.add(entry.job["id"])
    return entered


@dataclass(frozen=True, slots=True)
class _Bound:
    """An insert with a place for each column; `formed`: which need a form of their own, unless they are null."""

    statement: str
    given: Callable[[Row], Iterable[Any]]
    formed: Sequence[tuple[int, Callable[[Any], str]]]

    def values(self, row: Row) -> list[Any]:
        """What stands in the places."""
        values = list(self.given(row))
        for place, form in self.formed:
            if values[place] is not None:
                values[place] = form(values[place])
        return values


@cache
def _row_by_row() -> tuple[_Bound, _Bound]:
    return _bound(insert(deliveries).on_conflict_do_nothing(), _KEY), _bound(insert(jobs), _JOB)


def _bound(statement: Insert, columns: Sequence[Column[Any]]) -> _Bound:
    compiled = statement.compile(dialect=sqlite.dialect(), column_keys=[column.name for column in columns])
    assert compiled.positiontup is not None
    types = {column.name: column.type for column in columns}
    forms = [_form(types[name]) for name in compiled.positiontup]
    formed = [(place, form) for place, form in enumerate(forms) if form is not None]
    return _Bound(compiled.string, itemgetter(*compiled.positiontup), formed)


def _form(kind: TypeEngine[Any]) -> Callable[[Any], str] | None:
    """As SQLAlchemy has SQLite store them; it reads them back."""
    if isinstance(kind, JSON):
        return _json
    return sortable if isinstance(kind, Instant) else None


def _json(value: object) -> str:
    return "[]" if value == [] else json.dumps(value)


@lru_cache(maxsize=64)
def sortable(at: datetime) -> str:
    """As an `Instant` stands in SQLite. Raises `ValueError` for one without a zone."""
    if at.tzinfo is None:
        raise ValueError(_NO_ZONE)
    utc = at if at.tzinfo is UTC else at.astimezone(UTC)
    return utc.isoformat(" ", "microseconds").removesuffix("+00:00")


@cache
def _whole_batch() -> str:
    """PostgreSQL: keys and jobs of a whole batch in one statement, from one JSON document."""
    key, job = _names(_KEY), _names(_JOB)
    return f"""
        WITH asked AS (SELECT * FROM json_to_recordset(CAST(CAST($1 AS text) AS json)) AS asked(n integer, {_types()})),
        fresh AS (
            INSERT INTO deliveries ({key}) SELECT {_names(_KEY, _OF_KEY)} FROM asked ORDER BY n
            ON CONFLICT DO NOTHING RETURNING job_id
        )
        INSERT INTO jobs ({job})
        SELECT {_given(_JOB)} FROM asked WHERE id IN (SELECT job_id FROM fresh) ORDER BY n RETURNING id
    """  # noqa: S608 - nothing but names from our tables


def _types() -> str:
    """The columns of the document. JSON comes as text: PostgreSQL can store an escaped NUL in it, not unpack one."""
    from sqlalchemy.dialects import postgresql  # a fortieth of a start that needs it not

    dialect = postgresql.dialect()  # type: ignore[no-untyped-call]
    kinds = {c.name: "text" if c.name in _JSON else c.type.compile(dialect=dialect) for c in _JOB}
    kinds |= {_OF_KEY + c.name: c.type.compile(dialect=dialect) for c in _KEY}
    return ", ".join(f'"{name}" {kind}' for name, kind in kinds.items())


def _given(columns: Iterable[Column[Any]]) -> str:
    return ", ".join(f'CAST("{c.name}" AS json)' if c.name in _JSON else f'"{c.name}"' for c in columns)


def _written(value: object) -> str | None:
    return None if value is None else json.dumps(value)


def _names(columns: Iterable[Column[Any]], prefix: str = "") -> str:
    return ", ".join(f'"{prefix}{column.name}"' for column in columns)


def moment(value: object) -> str:
    """What JSON has no word for: a time."""
    if not isinstance(value, datetime):
        raise TypeError(f"a {type(value).__name__} was given to the store")
    if value.tzinfo is None:
        raise ValueError(_NO_ZONE)
    return value.isoformat()

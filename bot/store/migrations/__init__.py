"""The schema's history, and how a database is brought to its present.

No `alembic.ini` is needed: `migrate` and `check_schema` are the two things anybody does.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from sqlalchemy import Connection, inspect, text

from bot.errors import Fault, Misconfigured
from bot.store import engines, shelf_tables  # noqa: F401 - the shelf's tables belong to the schema
from bot.store.database import Database, open_database
from bot.store.faults import fault_from
from bot.store.lock import FileLock
from bot.store.tables import metadata

REVISIONS = ("0001", "0002", "0003", "0004", "0005", "0006")
"""Every revision, oldest first; a test compares them with the files in `versions`."""

_VERSION_TABLE = (
    "CREATE TABLE IF NOT EXISTS alembic_version "
    "(version_num VARCHAR(32) NOT NULL, CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num))"
)
"""As Alembic makes it."""

HERE = Path(__file__).parent


async def migrate(url: str) -> None:
    """Bring the database to the present schema, making the file (and its folder) if need be.

    Raises `Misconfigured` if it is newer than this program, or in use (SQLite); `Unavailable` if it does not answer.
    """
    parsed = engines.parse(url)
    file = engines.file_of(parsed)
    lock = None if file is None else FileLock(file)
    if lock is not None:
        lock.acquire()
    database = open_database(parsed)
    try:
        await _run(database, _upgrade)
    finally:
        await database.close()
        if lock is not None:
            lock.release()


async def check_schema(url: str) -> None:
    """Raise `Misconfigured` with what to do if the database's schema is not the present one."""
    parsed = engines.parse(url)
    database = open_database(parsed)
    try:
        await check(database, file=engines.file_of(parsed))
    finally:
        await database.close()


async def check(database: Database, *, file: Path | None) -> None:
    """As `check_schema`, for a database that is open already. Makes no file."""
    _look_for(file)
    await _run(database, _check)


def _look_for(file: Path | None) -> None:
    if file is not None and not file.exists():
        raise _behind("there is no database yet")


async def _run(database: Database, errand: Callable[[Connection], None]) -> None:
    """Do it in one transaction on a connection of its own, inside whatever loop is running."""
    try:
        await database.once(errand)
    except Exception as error:
        fault = fault_from(error)
        if fault is error or not isinstance(fault, Fault):
            raise
        raise fault from error


def _upgrade(connection: Connection) -> None:
    revision = _revision(connection)
    if revision is None:
        _make(connection)
    elif revision != REVISIONS[-1]:
        _refuse_newer(connection)
        follow(connection)


def _make(connection: Connection) -> None:
    """Make an empty database at once: its history, and Alembic with it, would take a fifth of a newcomer's start."""
    metadata.create_all(connection, checkfirst=False)
    connection.execute(text(_VERSION_TABLE))
    connection.execute(text("INSERT INTO alembic_version VALUES (:revision)"), {"revision": REVISIONS[-1]})


def follow(connection: Connection, *, to: str = REVISIONS[-1]) -> None:
    """Take every step of the history that the database has not taken, up to a revision."""
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(HERE).replace("%", "%%"))
    config.attributes["connection"] = connection
    command.upgrade(config, to)


def _check(connection: Connection) -> None:
    _refuse_newer(connection)
    revision = _revision(connection)
    if revision != REVISIONS[-1]:
        raise _behind("the database is empty" if revision is None else f"the database is at revision {revision}")


def _refuse_newer(connection: Connection) -> None:
    revision = _revision(connection)
    if revision is not None and revision not in REVISIONS:
        advice = f"run that version; this one knows revisions up to {REVISIONS[-1]}"
        raise Misconfigured("database_newer", f"the database was made by a newer version ({revision}): {advice}")


def _revision(connection: Connection) -> str | None:
    if not inspect(connection).has_table("alembic_version"):
        return None
    revision: str | None = connection.scalar(text("SELECT version_num FROM alembic_version"))
    return revision


def _behind(what: str) -> Misconfigured:
    return Misconfigured("database_behind", f"{what}: run `imagine migrate`")

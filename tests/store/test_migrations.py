"""The schema: its history leads to the tables, and a database in another state is refused with what to do."""

from __future__ import annotations

import asyncio
import os
import shutil
from collections.abc import Callable
from dataclasses import fields
from pathlib import Path
from typing import Any, TypeVar

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, insert, select, text

from bot.errors import Misconfigured
from bot.job import Job
from bot.request import Request
from bot.shelf import Reader
from bot.store import check_schema, engines, migrate, migrations, open_store
from bot.store.lock import FileLock
from bot.store.rows import columns_of, lease_columns
from bot.store.shelf_tables import terms
from bot.store.tables import jobs, metadata
from bot.terms import terms as terms_of
from bot.terms import wanted
from tests.store.conftest import clock
from tests.store.doors import engines_of, opened, with_its_pen
from tests.store.samples import NOON, TEAM, a_job

T = TypeVar("T")


async def look(url: str, question: Callable[[Connection], T]) -> T:
    if (file := engines.file_of(engines.parse(url))) is not None:
        file.parent.mkdir(exist_ok=True)
    engine = opened(url)
    try:
        async with engine.begin() as connection:
            return await connection.run_sync(question)
    finally:
        await engine.dispose()


async def tell(url: str, command: str) -> None:
    await look(url, lambda connection: connection.execute(text(command)) and None)


def indexes(connection: Connection) -> set[str]:
    """Every index as the database describes it, with its condition."""
    if connection.dialect.name == "sqlite":
        found = connection.execute(text("SELECT sql FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL"))
    else:
        found = connection.execute(text("SELECT indexdef FROM pg_indexes WHERE schemaname = 'public'"))
    return {" ".join(sql.replace('"', "").split()) for sql in found.scalars() if "alembic" not in sql}


def schema(connection: Connection) -> set[str]:
    """Every table, column, key and index as the database describes it, the version's own table too."""
    if connection.dialect.name == "sqlite":
        found = connection.execute(text("SELECT name || ' ' || coalesce(sql, '') FROM sqlite_master"))
        return {"".join(sql.split()) for sql in found.scalars()}
    columns = "SELECT concat_ws(' ', table_name, ordinal_position, column_name, data_type, is_nullable, column_default)"
    found = connection.execute(text(f"{columns} FROM information_schema.columns WHERE table_schema = 'public'"))
    keys = "SELECT conname || ' ' || pg_get_constraintdef(oid) FROM pg_constraint"
    linked = connection.execute(text(f"{keys} WHERE connamespace = 'public'::regnamespace"))
    return {*found.scalars()} | {*linked.scalars()} | indexes(connection)


def differences(connection: Connection) -> list[object]:
    """What Alembic would have to do to come from the database to the tables of this version."""
    return list(compare_metadata(MigrationContext.configure(connection), metadata))


async def test_the_history_leads_to_the_tables_of_this_version(empty_url: str) -> None:
    await look(empty_url, migrations.follow)
    assert await look(empty_url, differences) == []


async def test_a_database_made_at_once_is_the_one_that_its_history_leads_to(
    empty_url: str, another_empty_url: str
) -> None:
    await migrate(empty_url)
    made = await look(empty_url, schema)
    assert any("pk_jobs" in part for part in made)
    await look(another_empty_url, migrations.follow)
    assert await look(another_empty_url, schema) == made


async def test_a_database_of_an_older_version_takes_the_steps_that_it_lacks(
    empty_url: str, another_empty_url: str
) -> None:
    def first_steps(connection: Connection) -> None:
        migrations.follow(connection, to=migrations.REVISIONS[0])

    await look(another_empty_url, first_steps)
    with pytest.raises(Misconfigured, match=f"at revision {migrations.REVISIONS[0]}: run `imagine migrate`"):
        await check_schema(another_empty_url)
    await migrate(another_empty_url)
    await check_schema(another_empty_url)
    await migrate(empty_url)
    assert await look(another_empty_url, schema) == await look(empty_url, schema)


async def test_jobs_of_an_older_version_are_drawn_and_for_everybody(empty_url: str) -> None:
    new = {"kind", "source", "private", "execution", "origin_thread_ts", "public", "together"}
    then = columns_of(a_job()) | lease_columns(a_job(), owner=None, lease_until=None)

    def fill(connection: Connection) -> None:
        migrations.follow(connection, to="0002")
        connection.execute(insert(jobs).values({name: value for name, value in then.items() if name not in new}))

    await look(empty_url, fill)
    await migrate(empty_url)
    store = await open_store(empty_url, clock=clock)
    assert await store.get(a_job().id) == a_job()
    await store.close()


async def test_jobs_of_an_older_version_are_found_by_the_words_of_today(empty_url: str) -> None:
    def row(name: str, seq: int, **more: Any) -> dict[str, Any]:
        job = columns_of(a_job(name, request=Request("dancing foxes"), revised=("a 🦊, café",)))
        return job | lease_columns(a_job(), owner=None, lease_until=None) | {"seq": seq} | more

    there = {"state": "delivered", "delivered_at": NOON}
    many = [row(f"n{seq}", seq, user_id="bob", **there) for seq in range(8, 1200)]
    copy = row("copy", 1200, **there, kind="copy", channel_id="C9")

    def fill(connection: Connection) -> None:
        migrations.follow(connection, to="0004")
        connection.execute(insert(jobs), [row("fox", 7, **there), *many, copy, row("waiting", 1201)])
        connection.execute(insert(terms), [{"team_id": TEAM, "term": term, "seq": 7} for term in ("dancing", "foxes")])

    await look(empty_url, fill)
    await migrate(empty_url)
    store = await open_store(empty_url, clock=clock)
    for words in ("dance", "fox", "🦊", "cafe dancing"):
        found = await store.shelf.find(Reader(TEAM, a_job().user_id), wanted(words), limit=9)
        assert [job.id for job in found] == ["copy", "fox"], words
    kept = await look(empty_url, lambda connection: connection.execute(select(terms.c.seq, terms.c.term)).all())
    assert {(seq, term) for seq, term in kept} == {
        (seq, term) for seq in range(7, 1201) for term in terms_of("dancing foxes a 🦊, café")
    }
    await store.close()


async def test_the_named_revisions_are_the_ones_in_the_folder() -> None:
    folder = ScriptDirectory(str(migrations.HERE))
    assert tuple(script.revision for script in folder.walk_revisions())[::-1] == migrations.REVISIONS


def test_every_field_of_a_job_has_a_column() -> None:
    assert {field.name for field in fields(Job)} <= set(jobs.c.keys())


def test_every_table_carries_team_and_enterprise() -> None:
    for table in metadata.sorted_tables:
        assert {"team_id", "enterprise_id"} <= set(table.c.keys())


async def test_migrating_twice_changes_nothing(url: str) -> None:
    before = await look(url, indexes)
    await migrate(url)
    assert await look(url, indexes) == before
    await check_schema(url)


async def test_an_empty_database_is_refused_with_what_to_do(empty_url: str) -> None:
    with pytest.raises(Misconfigured, match="imagine migrate") as refused:
        await open_store(empty_url, clock=clock)
    assert refused.value.code == "database_behind"
    await migrate(empty_url)
    await (await open_store(empty_url, clock=clock)).close()


@pytest.mark.parametrize("errand", [check_schema, migrate])
async def test_a_newer_database_is_refused(fresh_url: Callable[[], str], empty_url: str, errand: Any) -> None:
    await migrate(empty_url)
    await tell(empty_url, "UPDATE alembic_version SET version_num = '9999'")
    with pytest.raises(Misconfigured, match="newer") as refused:
        await errand(empty_url)
    assert refused.value.code == "database_newer"


def test_checking_makes_no_file(tmp_path: Path) -> None:
    with pytest.raises(Misconfigured):
        asyncio.run(check_schema(f"sqlite:///{tmp_path}/none.db"))
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "url",
    [
        "mysql://u:secret@x",
        "secret",
        "sqlite://",
        "sqlite:///:memory:",
        "postgresql+psycopg2://u:secret@x",
        "postgresql://u@x:secret/db",
    ],
)
async def test_an_address_that_cannot_work_is_refused_without_being_shown(url: str) -> None:
    with pytest.raises(Misconfigured) as refused:
        await check_schema(url)
    assert refused.value.code == "database_url"
    assert "secret" not in str(refused.value)


async def test_a_second_store_on_one_file_is_refused_until_the_first_is_closed(template: Path, tmp_path: Path) -> None:
    url = f"sqlite:///{shutil.copy(template, tmp_path / 'bot.db')}"
    first = await open_store(url, clock=clock)
    for errand in (open_store(url, clock=clock), migrate(url)):
        with pytest.raises(Misconfigured, match=f"bot.db is in use by process {os.getpid()}") as refused:
            await errand
        assert refused.value.code == "database_in_use"
    await first.close()
    await (await open_store(url, clock=clock)).close()


async def test_a_store_that_could_not_be_opened_holds_no_lock(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/bot.db"
    with pytest.raises(Misconfigured):
        await open_store(url, clock=clock)
    lock = FileLock(tmp_path / "bot.db")
    lock.acquire()
    lock.release()
    lock.release()


async def test_sqlite_keeps_its_promises_on_every_connection(template: Path, tmp_path: Path) -> None:
    store = await open_store(f"sqlite:///{shutil.copy(template, tmp_path / 'bot.db')}", clock=clock)
    wanted = {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1}
    for engine, query_only in zip(engines_of(store), (1, 0), strict=True):
        with engine.connect() as connection:
            for pragma, value in (wanted | {"query_only": query_only}).items():
                assert connection.exec_driver_sql(f"PRAGMA {pragma}").scalar() == value
    await store.close()


@pytest.mark.parametrize("database", ["postgresql"], indirect=True)
async def test_postgresql_waits_for_the_disk_at_commit(url: str) -> None:
    store = await open_store(url, clock=clock)
    assert await with_its_pen(store, lambda pen: pen.exec_driver_sql("SHOW synchronous_commit").scalar()) == "on"
    await store.close()

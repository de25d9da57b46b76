"""What was heard is on the disk, is looked into by one at a time, and is settled with what it asked for."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import asyncpg
import pytest

from bot.errors import NotAccepted
from bot.heard import Heard
from bot.job import State
from bot.store import SqlStore, open_store
from bot.store.queue import TRIES
from bot.store.writer import TOGETHER
from tests.store.breaking import SHORT, Gate, Locked, accept, cut, names, on_commit, on_hearing
from tests.store.conftest import PATIENT, clock
from tests.store.samples import TEAM, a_job, a_key, at, moved

LEASE = timedelta(seconds=60)
FULL = 2
"""As SQLite counts how far it waits for the disk."""


def a_heard(key: str, *, seconds: float = 0, mark: str = "") -> Heard:
    text = f"text=a+{key}&trigger_id={key}&quote=%22%27%5C"
    return Heard(
        team_id=TEAM, enterprise_id=None, kind="command", key=key, at=at(seconds), form=text, mark=mark or f"m-{key}"
    )


async def claimed(store: SqlStore, *, seconds: float = 0, owner: str = "me", limit: int = 9) -> list[Heard]:
    return list(await store.inbox.claim(at(seconds), owner=owner, lease=LEASE, limit=limit))


@pytest.fixture
def begun(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """One for each BEGIN that a server is told."""
    said: list[str] = []
    real = asyncpg.Connection.transaction

    def transaction(connection: asyncpg.Connection, **options: Any) -> Any:
        said.append("BEGIN")
        return real(connection, **options)

    monkeypatch.setattr(asyncpg.Connection, "transaction", transaction)
    return said


async def keys(store: SqlStore, **more: Any) -> list[str]:
    return [heard.key for heard in await claimed(store, **more)]


async def test_what_was_heard_comes_back_as_it_was(store: SqlStore) -> None:
    heard = replace(a_heard("fox"), enterprise_id="E1")
    await store.inbox.hear(heard)
    [back] = await claimed(store)
    assert replace(back, number=0) == heard
    assert back.number


async def test_it_is_claimed_in_the_order_in_which_it_was_heard_and_by_one_at_a_time(store: SqlStore) -> None:
    for number in range(5):
        await store.inbox.hear(a_heard(f"{number}"))
    assert await keys(store, limit=3) == ["0", "1", "2"]
    assert await keys(store, owner="other") == ["3", "4"]
    assert await keys(store) == []


async def test_a_crowd_is_heard_in_few_transactions_and_in_order(store: SqlStore) -> None:
    before = store.commits
    await asyncio.gather(*(store.inbox.hear(a_heard(f"{number:03}")) for number in range(200)))
    assert store.commits - before <= 2
    assert await keys(store, limit=200) == [f"{number:03}" for number in range(200)]


@pytest.mark.parametrize("database", ["postgresql"], indirect=True)
async def test_a_server_hears_a_crowd_without_a_transaction_of_several_ways(store: SqlStore, begun: list[str]) -> None:
    await store.inbox.hear(a_heard("first"))
    begun.clear()
    await asyncio.gather(*(store.inbox.hear(a_heard(f"{number:03}")) for number in range(20)))
    assert begun == []
    await accept(store, "fox")
    assert begun == ["BEGIN"]
    assert len(await keys(store, limit=99)) == 21


@pytest.mark.parametrize("database", ["postgresql"], indirect=True)
async def test_what_a_server_refuses_to_hear_harms_nobody(store: SqlStore, begun: list[str]) -> None:
    heard = [store.inbox.hear(a_heard(key)) for key in ("fox", "no\0", "hen")]
    fox, refused, hen = await asyncio.gather(*heard, return_exceptions=True)
    assert (fox, hen) == (None, None)
    assert isinstance(refused, NotAccepted)
    begun.clear()
    await accept(store, "owl")
    assert begun == ["BEGIN"]
    assert await keys(store) == ["fox", "hen"]


async def test_what_nobody_settles_can_be_claimed_again_when_its_lease_is_over(store: SqlStore) -> None:
    await store.inbox.hear(a_heard("fox"))
    assert await keys(store) == ["fox"]
    assert await keys(store, seconds=59) == []
    assert await keys(store, seconds=61, owner="other") == ["fox"]


async def test_what_is_settled_is_gone(store: SqlStore) -> None:
    await asyncio.gather(*(store.inbox.hear(a_heard(key)) for key in ("fox", "hen")))
    for heard in await claimed(store):
        if heard.key == "fox":
            await store.inbox.settle(heard)
    assert await keys(store, seconds=61) == ["hen"]


async def test_the_same_delivery_is_heard_once(store: SqlStore) -> None:
    await store.inbox.hear(a_heard("fox"))
    await store.inbox.hear(a_heard("fox", mark="again"))
    assert [heard.mark for heard in await claimed(store)] == ["m-fox"]


async def test_a_job_settles_what_was_heard_in_its_own_transaction(store: SqlStore) -> None:
    await store.inbox.hear(a_heard("fox"))
    [heard] = await claimed(store)
    before = store.commits
    assert (await store.accept(a_job("fox"), key=a_key("fox"), heard=heard)).fresh
    assert store.commits - before == 1
    assert await keys(store, seconds=61) == []
    assert await names(store) == {"fox"}


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
async def test_the_disk_is_waited_for_by_all_but_what_follows_from_what_is_on_it(store: SqlStore) -> None:
    waits: list[bool] = []

    def look(_number: int, commit: Callable[[], None], connection: Any) -> None:
        [level] = connection.execute("PRAGMA synchronous").fetchone()
        waits.append(level == FULL)
        commit()

    on_commit(store, look)
    await store.inbox.hear(a_heard("fox"))
    [heard] = await claimed(store)
    await store.accept(a_job("fox"), key=a_key("fox"), heard=heard)
    await store.inbox.hear(a_heard("hen"))
    job = await accept(store, "owl")
    await store.inbox.settle(replace(heard, number=99))
    await moved(store, job, State.QUEUED)
    assert waits == [True, False, False, True, True, False, True]


async def test_a_job_that_was_known_already_settles_it_too(store: SqlStore) -> None:
    await store.accept(a_job("fox"), key=a_key("fox"))
    await store.inbox.hear(a_heard("fox"))
    [heard] = await claimed(store)
    assert not (await store.accept(a_job("another"), key=a_key("fox"), heard=heard)).fresh
    assert await keys(store, seconds=61) == []
    assert await names(store) == {"fox"}


async def test_two_who_look_into_the_same_make_one_job(store: SqlStore) -> None:
    await store.inbox.hear(a_heard("fox"))
    [first] = await claimed(store)
    [second] = await claimed(store, seconds=61, owner="other")
    made = [
        await store.accept(a_job(name), key=a_key("fox"), heard=each) for name, each in (("a", first), ("b", second))
    ]
    assert [(each.job.id, each.fresh) for each in made] == [("a", True), ("a", False)]


async def test_jobs_of_a_crowd_are_stored_together(store: SqlStore) -> None:
    await asyncio.gather(*(store.inbox.hear(a_heard(f"{number}")) for number in range(16)))
    crowd = await claimed(store, limit=16)
    before = store.commits
    await asyncio.gather(*(store.accept(a_job(each.key), key=a_key(each.key), heard=each) for each in crowd))
    assert store.commits - before <= 16 / TOGETHER + 1
    assert len(await names(store)) == 16


async def test_who_is_released_leaves_it_to_others(store: SqlStore) -> None:
    await asyncio.gather(*(store.inbox.hear(a_heard(key)) for key in ("fox", "hen")))
    await claimed(store, limit=1)
    await claimed(store, owner="other")
    await store.release("me")
    assert await keys(store, owner="third") == ["fox"]


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
async def test_whoever_has_the_file_alone_takes_over_what_a_dead_process_had(fresh_url: Callable[[], str]) -> None:
    url = fresh_url()
    dead = await open_store(url, clock=clock, accept_seconds=PATIENT)
    await dead.inbox.hear(a_heard("fox"))
    assert await keys(dead) == ["fox"]
    await dead.close()
    alive = await open_store(url, clock=clock, accept_seconds=PATIENT)
    assert await keys(alive) == ["fox"]
    await alive.close()


async def test_what_is_not_on_the_disk_in_time_is_refused_and_taken_back(
    store: SqlStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    gate = Gate()

    def stall(number: int, commit: Callable[[], None], _connection: Any) -> None:
        if number == 1:
            gate.stop()
        commit()

    on_hearing(store, monkeypatch, stall)
    store.inbox._seconds = SHORT
    with pytest.raises(NotAccepted):
        await store.inbox.hear(a_heard("slow"))
    gate.let_through()
    assert await keys(store) == []


async def test_only_what_was_refused_is_taken_back_and_not_the_same_that_was_promised(
    store: SqlStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    gate = Gate()

    def stall(number: int, commit: Callable[[], None], _connection: Any) -> None:
        if number == 2:
            gate.stop()
        commit()

    on_hearing(store, monkeypatch, stall)
    await store.inbox.hear(a_heard("fox"))
    store.inbox._seconds = SHORT
    with pytest.raises(NotAccepted):
        await store.inbox.hear(a_heard("fox", mark="again"))
    gate.let_through()
    assert [heard.mark for heard in await claimed(store)] == ["m-fox"]


async def test_what_a_locked_database_holds_up_is_refused_and_never_stored(store: SqlStore, url: str) -> None:
    store.inbox._seconds = SHORT
    async with Locked(url):
        with pytest.raises(NotAccepted):
            await store.inbox.hear(a_heard("fox"))
    assert await keys(store) == []


async def test_a_commit_whose_answer_was_lost_is_heard_once(store: SqlStore, monkeypatch: pytest.MonkeyPatch) -> None:
    def lose(number: int, commit: Callable[[], None], connection: Any) -> None:
        commit()
        if number == 1:
            cut(connection)

    on_hearing(store, monkeypatch, lose)
    await store.inbox.hear(a_heard("fox"))
    assert await keys(store) == ["fox"]


async def test_what_was_heard_but_never_answered_is_taken_back(
    store: SqlStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    def lose(number: int, commit: Callable[[], None], connection: Any) -> None:
        commit()
        if number <= TRIES:
            cut(connection)

    on_hearing(store, monkeypatch, lose)
    with pytest.raises(NotAccepted):
        await store.inbox.hear(a_heard("fox"))
    assert await keys(store) == []


@pytest.mark.parametrize("database", ["postgresql"], indirect=True)
async def test_a_server_hears_while_something_else_is_written(store: SqlStore) -> None:
    gate = Gate()

    def stall(_number: int, commit: Callable[[], None], _connection: Any) -> None:
        gate.stop()
        commit()

    on_commit(store, stall)
    slow = asyncio.create_task(accept(store, "owl"))
    await gate.reached()
    await store.inbox.hear(a_heard("fox"))
    gate.let_through()
    assert (await slow).id == "owl"
    assert await keys(store) == ["fox"]

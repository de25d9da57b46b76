"""What is promised about commits: together, all or nothing, each for itself."""

from __future__ import annotations

import asyncio
import math
from collections.abc import Callable
from typing import Any

import pytest

from bot.errors import NotAccepted, Rejected, Unavailable
from bot.job import Job, ProviderJobId, State
from bot.store import SqlStore, open_store
from bot.store.writer import FEW
from tests.store.breaking import accept, cut, names, on_commit
from tests.store.conftest import clock
from tests.store.people import in_line
from tests.store.samples import LANE, a_job, a_key, at, moved, stored


async def test_two_hundred_asks_at_once_share_few_commits(store: SqlStore) -> None:
    before = store.commits
    await asyncio.gather(*(accept(store, f"job{number}") for number in range(200)))
    assert store.commits - before <= 2
    assert len(await names(store)) == 200


async def test_changes_of_every_kind_share_a_commit(store: SqlStore) -> None:
    jobs = await asyncio.gather(*(accept(store, f"job{number}") for number in range(9)))
    before = store.commits
    changes = [moved(store, job, State.QUEUED) for job in jobs]
    store._writer._asked_at = -math.inf  # nobody has asked lately
    await asyncio.gather(*changes, store.release("me"))
    assert store.commits - before <= 2


async def test_an_ask_waits_for_few_of_the_changes_that_came_before_it(store: SqlStore) -> None:
    jobs = await asyncio.gather(*(accept(store, f"job{number}") for number in range(40)))
    changes = [asyncio.create_task(moved(store, job, State.QUEUED)) for job in jobs]
    await asyncio.sleep(0)
    await accept(store, "ask")
    assert sum(change.done() for change in changes) <= FEW
    assert {job.version for job in await asyncio.gather(*changes)} == {1}


async def test_one_bad_write_harms_nobody_beside_it(store: SqlStore) -> None:
    jobs = await asyncio.gather(*(accept(store, f"job{number}") for number in range(9)))
    same = ProviderJobId("7")
    await moved(store, jobs[0], State.GENERATING, provider_job_id=same)
    good = [moved(store, job, State.QUEUED) for job in jobs[1:8]]
    bad = moved(store, jobs[8], State.GENERATING, provider_job_id=same)
    *saved, refused = await asyncio.gather(*good, bad, return_exceptions=True)
    assert [job.version for job in saved if isinstance(job, Job)] == [1] * 7
    assert isinstance(refused, Rejected)
    assert [person.pending for person in await in_line(store, LANE)] == [7]


async def test_a_bug_in_one_write_reaches_only_its_caller(store: SqlStore) -> None:
    naive = at(0).replace(tzinfo=None)
    good, bad = accept(store, "good"), accept(store, "bad", due_at=naive)
    outcomes = await asyncio.gather(good, bad, return_exceptions=True)
    assert [type(outcome).__name__ for outcome in outcomes] == ["Job", "ValueError"]


async def life(store: SqlStore) -> list[Job]:
    """Some of everything that is written, one after the other."""
    fox, hen = await asyncio.gather(accept(store, "fox"), accept(store, "hen"))
    fox = await moved(store, fox, State.QUEUED)
    fox, hen = await asyncio.gather(moved(store, fox, State.SUBMITTING), moved(store, hen, State.QUEUED))
    fox = await moved(store, fox, State.QUEUED, now=1)
    return [fox, hen, await accept(store, "owl")]


@pytest.mark.parametrize("effect", [False, True], ids=["before it is done", "after it is done"])
@pytest.mark.parametrize("nth", range(1, 6))
async def test_a_commit_that_fails_once_anywhere_changes_nothing_in_the_end(
    store: SqlStore, nth: int, effect: bool
) -> None:
    def fail(number: int, commit: Callable[[], None], connection: Any) -> None:
        if number != nth or effect:
            commit()
        if number == nth:
            cut(connection)

    on_commit(store, fail)
    jobs = await life(store)
    assert [await store.get(job.id) for job in jobs] == jobs
    assert [job.version for job in jobs] == [3, 1, 0]
    (person,) = await in_line(store, LANE)
    assert (person.pending, person.served_at) == (2, None)


@pytest.mark.parametrize("effect", [False, True], ids=["before they are done", "after they are done"])
async def test_what_was_not_accepted_is_not_there_when_commits_work_again(store: SqlStore, effect: bool) -> None:
    works = False

    def fail(_number: int, commit: Callable[[], None], connection: Any) -> None:
        if works or effect:
            commit()
        if not works:
            cut(connection)

    kept = await accept(store, "kept")
    on_commit(store, fail)
    with pytest.raises(NotAccepted):
        await accept(store, "lost")
    with pytest.raises(Unavailable):
        await moved(store, kept, State.FAILING)
    works = True
    assert await names(store) == {"kept"}
    assert (await store.accept(a_job("lost again"), key=a_key("lost"))).fresh


async def test_a_save_whose_caller_went_away_is_written_and_an_ask_is_not(store: SqlStore) -> None:
    job = await stored(store, a_job("fox"))
    save = asyncio.create_task(moved(store, job, State.FAILING))
    ask = asyncio.create_task(accept(store, "nobody waits"))
    other = asyncio.create_task(accept(store, "hen"))
    await asyncio.sleep(0)
    save.cancel()
    ask.cancel()
    await other
    assert await names(store) == {"fox", "hen"}
    found = await store.get(job.id)
    assert found is not None
    assert found.state is State.FAILING


async def test_close_finishes_what_was_asked(url: str) -> None:
    store = await open_store(url, clock=clock)
    asks = [asyncio.create_task(accept(store, f"job{number}")) for number in range(9)]
    await asyncio.sleep(0)
    await store.close()
    assert len(await asyncio.gather(*asks)) == 9
    with pytest.raises(NotAccepted, match="store_closed"):
        await accept(store, "too late")
    with pytest.raises(Unavailable, match="store_closed"):
        await store.release("me")

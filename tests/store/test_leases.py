"""Who works on a job, until when, and who may take it over."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from bot.errors import Stale
from bot.job import State
from bot.ports import Lease
from bot.store import SqlStore
from tests.store.samples import a_job, a_key, at, moved, stored

LEASE = timedelta(seconds=30)


async def test_a_claim_takes_what_is_due_and_nobody_else_gets_it(store: SqlStore) -> None:
    for name, asked in (("late", 5), ("early", 1), ("not yet", 60)):
        await stored(store, a_job(name, asked=asked))
    first = await store.claim(at(10), owner="a", lease=LEASE, limit=9)
    second = await store.claim(at(10), owner="b", lease=LEASE, limit=9)
    assert [job.id for job in first] == ["early", "late"]
    assert second == []
    assert await store.next_due() == at(40)


async def test_a_claim_takes_no_more_than_it_may(store: SqlStore) -> None:
    for number in range(5):
        await stored(store, a_job(f"job{number}", asked=number))
    assert len(await store.claim(at(10), owner="a", lease=LEASE, limit=2)) == 2
    assert len(await store.claim(at(10), owner="a", lease=LEASE, limit=9)) == 3


@pytest.mark.parametrize("state", sorted(State))
async def test_a_claim_gives_exactly_the_unfinished_jobs_that_no_lane_decides_about(
    store: SqlStore, state: State
) -> None:
    await moved(store, await stored(store, a_job()), state)
    claimable = {State.ACCEPTED, State.READY, State.FETCHED, State.UPLOADED, State.FAILING, State.DELETING}
    due = await store.next_due()
    claimed = await store.claim(at(1), owner="a", lease=LEASE, limit=1)
    assert (len(claimed), due is not None) == ((1, True) if state in claimable else (0, False))


async def test_an_owner_whose_lease_ran_out_can_write_no_more(store: SqlStore) -> None:
    await stored(store, a_job())
    (mine,) = await store.claim(at(0), owner="a", lease=LEASE, limit=1)
    (theirs,) = await store.claim(at(31), owner="b", lease=LEASE, limit=1)
    with pytest.raises(Stale):
        await moved(store, mine, State.QUEUED)
    assert (await moved(store, theirs, State.QUEUED)).state is State.QUEUED


async def test_a_save_with_an_owner_holds_the_lease_and_one_without_gives_it_up(store: SqlStore) -> None:
    job = await stored(store, a_job())
    held = await store.save(job, owner="a", lease_until=at(20))
    assert (await store.next_due(), await store.claim(at(10), owner="b", lease=LEASE, limit=1)) == (at(20), [])
    await store.save(held)
    assert len(await store.claim(at(10), owner="b", lease=LEASE, limit=1)) == 1


async def test_release_gives_back_the_leases_of_one_owner(store: SqlStore) -> None:
    for name in ("one", "two"):
        await stored(store, a_job(name))
    await store.claim(at(0), owner="a", lease=LEASE, limit=1)
    await store.claim(at(0), owner="b", lease=LEASE, limit=1)
    await store.release("a")
    assert len(await store.claim(at(1), owner="c", lease=LEASE, limit=9)) == 1


async def test_release_makes_no_lane_job_claimable(store: SqlStore) -> None:
    job = await stored(store, a_job())
    await store.save(replace(job, state=State.QUEUED), owner="a", lease_until=at(9))
    await store.release("a")
    assert await store.next_due() is None


async def test_an_ask_that_is_stored_with_a_lease_is_its_owners_until_the_lease_ends(store: SqlStore) -> None:
    job = (await store.accept(a_job(), key=a_key("fox"), lease=Lease("a", at(30)))).job
    assert await store.next_due() == at(30)
    assert await store.claim(at(29), owner="b", lease=LEASE, limit=9) == []
    assert [each.id for each in await store.claim(at(30), owner="b", lease=LEASE, limit=9)] == [job.id]
    with pytest.raises(Stale):
        await moved(store, job, State.QUEUED)


async def test_an_ask_that_is_stored_with_a_lease_can_be_given_back(store: SqlStore) -> None:
    await store.accept(a_job(), key=a_key("fox"), lease=Lease("a", at(30)))
    await store.release("a")
    assert len(await store.claim(at(0), owner="b", lease=LEASE, limit=9)) == 1


async def test_the_same_delivery_with_another_lease_changes_nothing(store: SqlStore) -> None:
    await store.accept(a_job(), key=a_key("fox"), lease=Lease("a", at(30)))
    again = await store.accept(a_job("another"), key=a_key("fox"), lease=Lease("b", at(60)))
    assert (again.job.id, again.fresh, await store.next_due()) == ("fox", False, at(30))

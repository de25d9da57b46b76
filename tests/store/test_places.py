"""Where a job stands: counted exactly in a line that is not long, reckoned in one that is, on both databases."""

from __future__ import annotations

import random

import pytest

from bot.errors import Gone
from bot.job import Job, JobId, State
from bot.store import SqlStore, open_store
from bot.turns import COUNTED, place
from tests.store.conftest import clock
from tests.store.crowds import fill_line, fill_people, filling
from tests.store.samples import LANE, a_job, at, moved, queued, stored

LONG = 4 * COUNTED


async def a_line(store: SqlStore, luck: random.Random) -> list[Job]:
    """Some jobs of some people, of whom some were served before, not all at different times."""
    users = [f"u{number}" for number in range(luck.randint(1, 5))]
    for number in range(luck.randint(0, 6)):
        job = await queued(store, f"old{number}", user=luck.choice(users), asked=number)
        sent = await moved(store, job, State.SUBMITTING, now=luck.choice([10, 20]))
        await moved(store, sent, State.GENERATING, now=30)
    asked = (luck.choice([40, 41, 42 + number]) for number in range(luck.randint(1, 12)))
    return [await queued(store, f"job{n}", user=luck.choice(users), asked=when) for n, when in enumerate(asked)]


async def served_in_order(store: SqlStore) -> list[str]:
    """Send whoever is next, until nobody waits."""
    order: list[str] = []
    while (job := await store.next_in_line(LANE, at(1000))) is not None:
        order.append(job.id)
        await moved(store, job, State.SUBMITTING, now=1000 + len(order))
    return order


@pytest.mark.parametrize("seed", range(12))
async def test_a_place_is_the_turn_at_which_the_fair_order_comes_to_the_job(store: SqlStore, seed: int) -> None:
    jobs = await a_line(store, random.Random(seed))
    aheads = await store.ahead(LANE, jobs)
    assert not any(ahead.is_rough for ahead in aheads)
    told = {place(ahead): job.id for ahead, job in zip(aheads, jobs, strict=True)}
    assert [told[each] for each in sorted(told)] == await served_in_order(store)
    assert sorted(told) == list(range(1, len(jobs) + 1))


@pytest.mark.parametrize("seed", range(6))
async def test_one_who_is_not_in_line_yet_is_told_the_place_they_will_have(store: SqlStore, seed: int) -> None:
    luck = random.Random(seed)
    await a_line(store, luck)
    for user in ("u0", "u1", "newcomer"):
        job = await stored(store, a_job(f"late-{user}", user=user, asked=60))
        (before,) = await store.ahead(LANE, [job])
        job = await moved(store, job, State.QUEUED, now=61)
        (after,) = await store.ahead(LANE, [job])
        assert before == after


async def test_the_order_of_the_answers_is_the_order_of_the_questions(store: SqlStore) -> None:
    jobs = [await queued(store, f"job{n}", user=f"u{n}", asked=n) for n in range(5)]
    for asked in (jobs, jobs[::-1]):
        assert [place(each) for each in await store.ahead(LANE, asked)] == [int(job.id[3:]) + 1 for job in asked]


async def test_a_job_that_is_gone_has_no_place(store: SqlStore) -> None:
    job = await queued(store)
    with pytest.raises(Gone):
        await store.ahead(LANE, [job, a_job("nobody")])


async def test_nobody_in_line_is_a_crowd_of_none(store: SqlStore) -> None:
    crowd = await store.crowd(LANE)
    assert (crowd.people, crowd.marks, crowd.turns(3)) == (0, (), 0)


async def long_line(url: str, waiting: int, *, crowd: int) -> SqlStore:
    """A store with so many jobs of so many people in line; w1 is the oldest."""
    async with filling(url) as connection:
        await fill_line(connection, waiting, crowd=crowd)
        await fill_people(connection)
    return await open_store(url, clock=clock)


async def job_of(store: SqlStore, number: int) -> Job:
    job = await store.get(JobId(f"w{number}"))
    assert job is not None
    return job


@pytest.mark.parametrize(("crowd", "number"), [(LONG, LONG // 3), (LONG, LONG), (LONG // 3, LONG), (2, LONG - 1)])
async def test_a_place_in_a_long_line_is_about_right(url: str, crowd: int, number: int) -> None:
    store = await long_line(url, LONG, crowd=crowd)
    job = await job_of(store, number)
    (ahead,) = await store.ahead(LANE, [job])
    assert ahead.is_rough
    assert place(ahead, await store.crowd(LANE)) == pytest.approx(number, rel=0.03)
    await store.close()


async def test_a_place_near_the_head_of_a_long_line_is_exact(url: str) -> None:
    store = await long_line(url, LONG, crowd=LONG)
    for number in (1, 2, COUNTED):
        (ahead,) = await store.ahead(LANE, [await job_of(store, number)])
        assert (place(ahead), ahead.is_rough) == (number, False)
    (beyond,) = await store.ahead(LANE, [await job_of(store, COUNTED + 1)])
    assert beyond.is_rough
    await store.close()


async def test_the_next_after_a_thousand_of_ones_own_is_told_how_many_those_are(url: str) -> None:
    store = await long_line(url, LONG, crowd=1)
    job = await stored(store, a_job("one-more", user="u0", asked=1))
    (ahead,) = await store.ahead(LANE, [job])
    assert (ahead.own, place(ahead, await store.crowd(LANE))) == (LONG, LONG + 1)
    await store.close()


async def test_a_crowd_counts_everybody_and_what_they_wait_for(store: SqlStore) -> None:
    for user, number in (("ada", 3), ("bob", 1), ("cyn", 5)):
        for n in range(number):
            await queued(store, f"{user}{n}", user=user, asked=n)
    crowd = await store.crowd(LANE)
    assert (crowd.people, len(crowd.marks)) == (3, 3)
    assert [crowd.turns(most) for most in range(7)] == [0, 3, 5, 7, 8, 9, 9]

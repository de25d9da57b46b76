"""Who is next: fair between people, first come first served within one."""

from __future__ import annotations

import asyncio

import pytest
from sqlalchemy import update
from structlog.testing import capture_logs

from bot.job import Job, LaneId, State
from bot.store import SqlStore, line, open_store, picking
from bot.store.rows import request_document
from bot.store.tables import jobs
from tests.store.conftest import clock
from tests.store.crowds import fill_line, fill_people, filling
from tests.store.doors import side_door
from tests.store.people import in_line, known
from tests.store.samples import LANE, a_job, at, moved, queued, stored


async def next_name(store: SqlStore, now: float = 100) -> str | None:
    job = await store.next_in_line(LANE, at(now))
    return None if job is None else job.id


async def send_next(store: SqlStore, now: float = 100) -> Job:
    job = await store.next_in_line(LANE, at(now))
    assert job is not None
    return await moved(store, job, State.SUBMITTING, now=now)


async def test_thirty_asks_of_one_person_do_not_hold_up_anothers_first(store: SqlStore) -> None:
    for number in range(30):
        await queued(store, f"ada{number}", user="ada", asked=number)
    await send_next(store)
    await queued(store, "bob", user="bob", asked=60)
    assert await next_name(store) == "bob"
    await send_next(store, 101)
    assert await next_name(store) == "ada1"


@pytest.mark.parametrize("step", [1, 0, -50], ids=["clock runs", "clock stands", "clock goes back"])
async def test_people_take_turns_whatever_the_clock_does(store: SqlStore, step: float) -> None:
    for person in ("ada", "bob", "cyn"):
        for number in range(3):
            await queued(store, f"{person}{number}", user=person)
    sent = [(await send_next(store, 1000 + step * number)).user_id for number in range(9)]
    assert sent == ["ada", "bob", "cyn"] * 3


async def test_the_longest_waiting_of_those_never_served_goes_first(store: SqlStore) -> None:
    await queued(store, "second", user="bob", asked=2)
    await queued(store, "first", user="ada", asked=1)
    assert await next_name(store) == "first"


async def test_asked_at_the_same_moment_the_first_stored_goes_first(store: SqlStore) -> None:
    for name in ("zoe", "ada", "mia"):
        await queued(store, name, user=name)
    assert [(await send_next(store)).id for _ in range(3)] == ["zoe", "ada", "mia"]


async def test_a_persons_jobs_go_in_the_order_they_were_asked(store: SqlStore) -> None:
    for name, asked in (("c", 3), ("a", 1), ("b", 2)):
        await queued(store, name, asked=asked)
    assert [job.id for job in await store.waiting(LANE, 9)] == ["a", "b", "c"]
    assert [(await send_next(store)).id for _ in range(3)] == ["a", "b", "c"]


async def test_a_job_that_is_not_due_lets_the_next_go(store: SqlStore) -> None:
    job = await stored(store, a_job("later", user="ada", asked=1))
    await moved(store, job, State.QUEUED, now=200)
    await queued(store, "now", user="ada", asked=2)
    await queued(store, "bob", user="bob", asked=3)
    assert await next_name(store, 100) == "now"
    assert await store.next_in_line_due(LANE) == at(2)


async def test_a_person_with_nothing_due_lets_the_next_person_go(store: SqlStore) -> None:
    job = await stored(store, a_job("later", user="ada", asked=1))
    await moved(store, job, State.QUEUED, now=200)
    await queued(store, "bob", user="bob", asked=3)
    assert await next_name(store, 100) == "bob"
    await send_next(store)
    assert await next_name(store, 100) is None
    assert await next_name(store, 200) == "later"


async def test_a_turn_that_came_to_nothing_is_given_back(store: SqlStore) -> None:
    await queued(store, "ada0", user="ada", asked=0)
    await queued(store, "bob0", user="bob", asked=1)
    sent = await send_next(store)
    assert await next_name(store) == "bob0"
    await moved(store, sent, State.QUEUED)
    assert await next_name(store) == "ada0"
    assert [person.served_at for person in await in_line(store, LANE)] == [None, None]


async def test_a_turn_given_back_leaves_a_later_turn_of_the_same_person(store: SqlStore) -> None:
    """With two slots, the first of two sends is refused after the second one went out."""
    await queued(store, "ada0", user="ada", asked=0)
    await queued(store, "ada1", user="ada", asked=1)
    first = await send_next(store, 10)
    await send_next(store, 20)
    await queued(store, "bob0", user="bob", asked=30)
    await moved(store, first, State.QUEUED, now=40)
    assert await next_name(store) == "bob0"
    (served,) = [person.served_at for person in await in_line(store, LANE) if person.user_id == "ada"]
    assert served == at(20)


async def test_both_of_two_turns_given_back_restore_the_place_before_them(store: SqlStore) -> None:
    for number in range(3):
        await queued(store, f"ada{number}", user="ada", asked=number)
    await send_next(store, 10)
    second, third = await send_next(store, 20), await send_next(store, 30)
    await moved(store, second, State.QUEUED, now=40)
    await moved(store, third, State.QUEUED, now=50)
    assert [person.served_at for person in await in_line(store, LANE)] == [at(10)]


async def test_a_redraw_waits_for_its_next_turn_and_keeps_the_first(store: SqlStore) -> None:
    await queued(store, "ada0", user="ada", asked=0)
    sent = await send_next(store, 10)
    running = await moved(store, sent, State.GENERATING, now=11)
    await moved(store, running, State.QUEUED, now=20)
    await queued(store, "bob0", user="bob", asked=15)
    assert await next_name(store) == "bob0"
    await send_next(store, 30)
    again = await send_next(store, 40)
    await moved(store, again, State.QUEUED, now=50)
    assert [person.served_at for person in await in_line(store, LANE)] == [at(10)]


async def test_a_cancelled_job_leaves_the_line(store: SqlStore) -> None:
    first = await queued(store, "ada0", user="ada", asked=0)
    await queued(store, "ada1", user="ada", asked=5)
    await moved(store, first, State.CANCELLED)
    (person,) = await in_line(store, LANE)
    assert (person.pending, person.waiting_since) == (1, at(5))


async def test_lanes_have_lines_of_their_own(store: SqlStore) -> None:
    other = LaneId("other")
    job = await stored(store, a_job("there", lane=other))
    await moved(store, job, State.QUEUED)
    assert await next_name(store) is None
    assert [person.pending for person in await in_line(store, other)] == [1]
    assert await in_line(store, LANE) == []


async def test_a_person_is_known_after_the_wait_is_over(store: SqlStore) -> None:
    await queued(store, user="ada")
    assert await known(store, LANE, "bob") is None
    await send_next(store, 10)
    person = await known(store, LANE, "ada")
    assert person is not None
    assert (person.pending, person.served_at) == (0, at(10))
    assert await in_line(store, LANE) == []


async def test_many_moves_at_once_keep_the_count_right(store: SqlStore) -> None:
    names = [f"job{number}" for number in range(40)]
    await asyncio.gather(*(queued(store, name, asked=number) for number, name in enumerate(names)))
    (person,) = await in_line(store, LANE)
    assert (person.pending, person.waiting_since) == (40, at(0))


async def written_by_a_newer_version(store: SqlStore, job: Job) -> None:
    async with side_door(store) as connection:
        odd = {**request_document(job.request), "mood": "odd"}
        await connection.execute(update(jobs).where(jobs.c.id == job.id).values(request=odd))


async def test_a_job_that_cannot_be_read_lets_the_next_go_and_keeps_its_place(store: SqlStore) -> None:
    odd = await queued(store, "odd", user="ada", asked=0)
    await queued(store, "plain", user="ada", asked=1)
    await written_by_a_newer_version(store, odd)
    with capture_logs() as logs:
        assert await next_name(store, 10) == "plain"
        assert await next_name(store, 11) == "plain"
        assert [job.id for job in await store.waiting(LANE, 9)] == ["plain"]
    assert [(log["event"], log["job"]) for log in logs] == [("job_unreadable", "odd")]
    async with side_door(store) as connection:
        fixed = request_document(odd.request)
        await connection.execute(update(jobs).where(jobs.c.id == "odd").values(request=fixed))
    assert await next_name(store, 10 + 599) == "plain"
    assert await next_name(store, 10 + 601) == "odd"


async def test_many_jobs_that_cannot_be_read_do_not_hold_up_the_loop(store: SqlStore) -> None:
    for number in range(line.MOST_ASIDE + 5):
        await written_by_a_newer_version(store, await queued(store, f"odd{number}", user=f"u{number}", asked=number))
    await queued(store, "plain", user="zoe", asked=99)
    assert await next_name(store) is None
    assert await next_name(store) == "plain"


@pytest.mark.parametrize("awake", [1, picking.MANY + 1], ids=["few awake", "many awake"])
async def test_those_of_whom_nothing_is_due_are_passed_over_however_many(url: str, awake: int) -> None:
    asleep = picking.MANY + 1
    async with filling(url) as connection:
        later = f"CASE WHEN n <= {asleep} THEN '2026-03-01 13:00:00.000000' ELSE @ END"
        if connection.dialect.name == "postgresql":
            later = later.replace("THEN ", "THEN timestamptz ").replace("000000'", "000000+00'")
        await fill_line(connection, asleep + awake, crowd=asleep + awake, due_at=later)
        await fill_people(connection)
    store = await open_store(url, clock=clock)
    assert await next_name(store, 0) == f"w{asleep + 1}"
    assert await next_name(store, 3601) == "w1"
    await store.close()

"""A replica that loses its lane without meaning to: what it still may do, and what becomes of its jobs."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from bot.errors import Unavailable
from bot.job import State
from tests.core.engine import LANE, Build
from tests.core.replicas import LEASE, Hang, Troupe, two
from tests.core.world import NOON

HOUR = 3600.0


async def test_one_that_cannot_renew_stops_before_the_lane_can_be_had_by_others(troupe: Troupe) -> None:
    a, b = await two(troupe)
    a.account.takes = HOUR
    jobs = [await b.ask(f"fox {n}", user=f"u{n}") for n in range(2)]
    await troupe.until_all(State.GENERATING, *jobs)
    a.meddled.then("hold_lane", *(Unavailable("database_away") for _ in range(100)))
    began = a.time.now()
    await troupe.until(lambda: troupe.drivers == ["b"])
    await troupe.for_(10)
    last, first = a.account.came("a")[-1], a.account.came("b")[0]
    assert last - began <= timedelta(seconds=LEASE.lasts - LEASE.spare)
    assert first - last >= timedelta(seconds=1 + LEASE.spare)


async def test_one_that_slept_through_its_lease_sends_nothing_when_it_wakes(troupe: Troupe) -> None:
    a, b = await two(troupe)
    await troupe.for_(2)
    job = await a.ask()
    while (await a.now(job)).state is State.ACCEPTED:
        await a.turn()
    a.time.pass_(LEASE.lasts)
    await b.turn()
    with troupe.nobody_else("b"):
        await troupe.until_all(State.DELIVERED, job)
    assert troupe.drivers == ["b"]


async def test_one_that_lost_the_lane_decides_nothing_more(troupe: Troupe) -> None:
    a = await troupe.add("a")
    a.meddled.then("hold_lane", *(Unavailable("database_away") for _ in range(100)))
    await troupe.until(lambda: troupe.drivers == [])
    await a.put(State.QUEUED)
    written = a.real.commits
    await troupe.for_(30)
    assert (a.real.commits, a.account.arrivals) == (written, [])


async def test_one_whose_lane_another_has_after_all_stops_at_its_next_renewal(troupe: Troupe) -> None:
    a = await troupe.add("a")
    await troupe.for_(1)
    await a.real.leave_lane(LANE, "a")
    await a.real.hold_lane(LANE, "another", seconds=HOUR)
    await troupe.for_(LEASE.renewed)
    assert not a.tenure.drives


async def test_intents_of_refused_jobs_are_taken_back_by_the_one_that_lost_the_lane(troupe: Troupe) -> None:
    troupe.slots = 8
    a, b = await two(troupe)
    a.account.takes = 40.0
    jobs = [await a.ask(f"fox {n}", user=f"u{n}") for n in range(9)]
    await troupe.until(lambda: a._hired[0]._submits.kept == 1)
    offered = (await a.now(jobs[-1])).state
    a.meddled.then("hold_lane", *(Unavailable("database_away") for _ in range(100)))
    await troupe.until(lambda: troupe.drivers == ["b"])
    back = await b.now(jobs[-1])
    assert (offered, back.state, back.sends) == (State.SUBMITTING, State.QUEUED, 0)


async def test_a_take_over_that_could_not_read_the_rows_is_tried_again_at_the_next_glance(
    troupe: Troupe,
) -> None:
    a, b = await two(troupe)
    await a.leave()
    b.meddled.then("runs", Unavailable("database_away"))
    await troupe.until(lambda: troupe.drivers == ["b"])
    assert b.time.now() - NOON <= timedelta(seconds=2 * LEASE.glance)


async def test_a_submit_that_was_decided_in_time_and_would_leave_too_late_does_not_leave(
    troupe: Troupe,
) -> None:
    a, b = await two(troupe)
    job = await a.put(State.QUEUED)

    async def sleep() -> None:
        a.time.pass_(LEASE.lasts)

    a.meddled.then("save", sleep)
    await troupe.until_all(State.DELIVERED, job)
    assert (a.account.came("a"), b.account.calls["submit"]) == ([], 1)
    assert ((await b.now(job)).sends, (await b.now(job)).unsure) == (1, 0)


async def test_a_submit_answered_after_the_lane_was_lost_is_looked_at_by_whoever_drives(
    troupe: Troupe,
) -> None:
    a, b = await two(troupe)
    hang = Hang()
    a.account.then("submit", hang)
    job = await a.ask()
    await troupe.until(lambda: a.account.calls["submit"] == 1)
    a.meddled.then("hold_lane", *(Unavailable("database_away") for _ in range(100)))
    await troupe.until(lambda: troupe.drivers == ["b"])
    hang.let_go()
    await troupe.until_all(State.DELIVERED, job)
    assert (a.account.calls["submit"], (await b.now(job)).sends) == (1, 1)
    assert {each.who for each in a.account.arrivals if each.action == "query"} == {"b"}
    await troupe.until_all(State.GENERATING, await b.ask("one owl", user="bob"), await b.ask("two owls", user="eve"))
    assert a.account.most == 2  # the slot of the unknown submit is free again


@pytest.mark.parametrize("step", ["upload", "share"])
async def test_two_that_carry_the_same_finished_job_show_it_once(troupe: Troupe, step: str) -> None:
    a, _ = await two(troupe)
    hang = Hang()
    a.chat.then(step, hang)
    job = await a.ask()
    await troupe.until(lambda: a.chat.calls[step] == 1)
    a.meddled.then("hold_lane", *(Unavailable("database_away") for _ in range(100)))
    await troupe.until(lambda: troupe.drivers == ["b"])
    if step == "upload":
        await troupe.until_all(State.DELIVERED, job)
    hang.let_go()
    await troupe.until_all(State.DELIVERED, job)
    await troupe.for_(300)
    assert (a.chat.shares, a.account.calls["submit"]) == ([job.id], 1)
    assert (await a.now(job)).state is State.DELIVERED


async def test_a_lane_lost_and_had_again_is_driven_from_the_rows(troupe: Troupe) -> None:
    a = await troupe.add("a")
    a.account.takes = 60.0
    job = await a.ask()
    await troupe.until_all(State.GENERATING, job)
    a.meddled.then("hold_lane", *(Unavailable("database_away") for _ in range(20)))
    await troupe.until(lambda: troupe.drivers == [])
    await troupe.until_all(State.DELIVERED, job)
    assert (a.account.calls["submit"], a.chat.shares) == (1, [job.id])


async def test_a_row_read_a_moment_before_its_submit_was_answered_takes_no_second_slot(build: Build) -> None:
    engine = build(slots=2)
    engine.images.takes = HOUR
    first = await engine.until_state(await engine.ask(), State.GENERATING)
    assert first.sent_at is not None
    engine.driver.see([replace(first, state=State.SUBMITTING, state_at=first.sent_at)])
    second = await engine.ask("an owl", user="bob")
    await engine.turn()
    assert (await engine.now(second)).state is State.GENERATING

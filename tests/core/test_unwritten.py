"""A result and its bytes are not written down by themselves: whoever loses them has them again for nothing."""

from __future__ import annotations

import asyncio
import math
from dataclasses import replace
from datetime import timedelta

import pytest

from bot.errors import Rejected, Throttled, Unavailable
from bot.events import Finished
from bot.job import FileId, Job, State
from tests.core.engine import Build, Engine
from tests.core.world import NOON
from tests.store.doors import side_door

DONE_AT = NOON + timedelta(seconds=20)
LATER = NOON + timedelta(hours=1)
FINISHED = Finished(("https://pictures/p1/0/1",), LATER)


async def drawn(engine: Engine, **more: object) -> Job:
    """A job that the provider finishes now."""
    job = await engine.sent(**more)  # type: ignore[arg-type]
    engine.time.pass_(20)
    return job


async def saves(engine: Engine, job: Job) -> int:
    """How often the row was written since."""
    return (await engine.now(job)).version - job.version


async def cancel(engine: Engine, job: Job) -> None:
    await engine.intake.cancel(await engine.now(job), team_id=job.team_id, user_id=job.user_id)


async def test_from_the_provider_to_the_thread_a_job_is_written_twice(engine: Engine) -> None:
    job = await drawn(engine)
    done = await engine.until_state(job, State.DELIVERED)
    assert await saves(engine, job) == 2
    assert (done.done_at, done.fetched_at, done.uploaded_at) == (DONE_AT, DONE_AT, DONE_AT)


async def test_its_slot_is_filled_again_while_it_is_delivered(engine: Engine) -> None:
    gate = asyncio.Event()
    engine.chat.then("upload", gate.wait)
    await drawn(engine)
    await engine.put(State.QUEUED, name="j2")
    await engine.runner.tick()
    await engine.chat.begun("upload")
    await engine.runner.tick()
    await engine.images.begun("submit", 2)
    gate.set()
    await engine.turn()
    assert engine.chat.shares == ["j1"]


@pytest.mark.parametrize("effect", ["fetch", "upload"])
async def test_a_death_before_it_is_written_costs_a_query_and_never_a_submit(engine: Engine, effect: str) -> None:
    world = engine.images if effect == "fetch" else engine.chat
    world.then(effect, asyncio.Event().wait)
    job = await drawn(engine)
    await engine.runner.tick()
    await world.begun(effect)
    await engine.restart()
    assert (await engine.now(job)).state is State.GENERATING
    await engine.until_state(job, State.DELIVERED)
    assert (engine.images.calls["submit"], engine.images.calls["query"], engine.chat.shares) == (1, 2, [job.id])


@pytest.mark.parametrize(("effect", "state"), [("fetch", State.READY), ("upload", State.FETCHED)])
async def test_a_fault_is_written_with_what_was_reached_in_one_commit(
    engine: Engine, effect: str, state: State
) -> None:
    world = engine.images if effect == "fetch" else engine.chat
    world.then(effect, Unavailable("reset"))
    job = await drawn(engine)
    await engine.turn()
    faulted = await engine.now(job)
    assert (faulted.state, faulted.attempts, faulted.done_at) == (state, 1, DONE_AT)
    assert await saves(engine, job) == 1
    await engine.until_state(job, State.DELIVERED)
    assert engine.images.calls["query"] == 1


async def test_links_that_died_before_anything_was_written_lead_to_a_query_and_are_counted(engine: Engine) -> None:
    job = await drawn(engine)
    engine.images.dead.add(f"https://pictures/{job.provider_job_id}/0/1")
    done = await engine.until_state(job, State.DELIVERED)
    assert (done.requeries, engine.images.calls["query"], engine.images.calls["submit"]) == (1, 2, 1)


async def test_a_result_of_a_job_that_was_cancelled_meanwhile_is_not_even_fetched(engine: Engine) -> None:
    job = await drawn(engine)
    await cancel(engine, job)
    await engine.until_state(job, State.CANCELLED)
    assert engine.images.calls["fetch"] == 0


@pytest.mark.parametrize("effect", ["fetch", "upload"])
async def test_a_cancel_during_the_delivery_ends_it_unseen_and_leaves_no_bytes(engine: Engine, effect: str) -> None:
    async def cancelled() -> None:
        await cancel(engine, job)

    world = engine.images if effect == "fetch" else engine.chat
    world.then(effect, cancelled)
    job = await drawn(engine)
    await engine.until_state(job, State.CANCELLED)
    await engine.turn()
    assert (engine.chat.shares, engine.spool.objects) == ([], {})
    assert engine.chat.told(job.id)


async def test_of_two_replicas_that_deliver_the_same_job_one_shares(engine: Engine) -> None:
    async def other_writes_first() -> None:
        uploaded = replace(await engine.now(job), state=State.UPLOADED, file_ids=(FileId("F9"),))
        await engine.real.save(uploaded, owner="other", lease_until=engine.time.now() + timedelta(seconds=60))

    engine.chat.then("upload", other_writes_first)
    job = await drawn(engine)
    await engine.turn()
    assert (await engine.now(job)).file_ids == ("F9",)
    assert engine.chat.shares == []


async def test_what_another_replica_carried_further_already_is_left_to_it(engine: Engine) -> None:
    job = await drawn(engine)
    await engine.real.save(replace(job, state=State.FETCHED), owner="other", lease_until=NOON + timedelta(hours=1))
    await engine.turn()
    assert (engine.images.calls["query"], engine.images.calls["fetch"]) == (1, 0)


async def test_stopping_in_the_middle_writes_what_is_known_and_the_next_run_goes_on_from_there(engine: Engine) -> None:
    gate = asyncio.Event()
    engine.images.then("fetch", gate.wait)
    job = await drawn(engine)
    await engine.runner.tick()
    await engine.images.begun("fetch")
    stopping = asyncio.create_task(engine.runner.stop(limit=60.0))
    await asyncio.sleep(0)
    gate.set()
    await stopping
    assert (await engine.now(job)).state is State.FETCHED
    await engine.restart()
    await engine.until_state(job, State.DELIVERED)
    assert (engine.images.calls["query"], engine.images.calls["fetch"], engine.chat.calls["upload"]) == (1, 1, 1)


async def test_a_result_that_comes_after_the_stop_is_left_to_the_next_run(engine: Engine) -> None:
    job = await drawn(engine)
    await engine.runner.stop(limit=0.0)
    after = engine.runner.carry_on(job, FINISHED)
    assert after.state is State.READY
    assert (engine.runner.busy, (await engine.now(job)).state) == ((), State.GENERATING)


async def test_deliveries_do_not_wait_behind_announcements(build: Build) -> None:
    engine = build(width=2)
    gate = asyncio.Event()
    engine.chat.then("announce", *(gate.wait for _ in range(9)))
    job = await drawn(engine)
    for n in range(9):
        await engine.ask(f"fox {n}")
    await engine.chat.begun("announce", 2)
    await engine.runner.tick()
    await engine.chat.begun("share")
    gate.set()
    await engine.turn()
    assert (await engine.now(job)).state is State.DELIVERED


async def test_a_result_without_room_is_written_down_and_its_delivery_comes_later(build: Build) -> None:
    engine = build(width=1)
    gate = asyncio.Event()
    engine.chat.then("announce", gate.wait)
    engine.images.then("fetch", gate.wait)
    for n in range(2):
        await engine.ask(f"fox {n}")
    await engine.chat.begun("announce")
    jobs = [await engine.put(State.GENERATING, name=f"d{n}") for n in range(2)]
    for job in jobs:
        engine.runner.carry_on(job, FINISHED)
    await engine.images.begun("fetch")
    await engine.meddled.begun("save")
    await asyncio.wait([engine.runner._crew._tasks[jobs[1].id]])
    assert [(await engine.now(job)).state for job in jobs] == [State.GENERATING, State.READY]
    gate.set()
    for job in jobs:
        await engine.until_state(job, State.DELIVERED)


async def test_a_result_that_is_seen_while_the_job_is_still_handed_over_is_not_lost(engine: Engine) -> None:
    """Dead links give it back to the lane, which may see it finished before its task has ended."""
    gate = asyncio.Event()
    engine.images.then("fetch", gate.wait)
    job = await drawn(engine)
    engine.runner.carry_on(job, FINISHED)
    await engine.images.begun("fetch")
    engine.images.dead.add(FINISHED.links[0])
    engine.runner.carry_on(await engine.now(job), Finished(("https://pictures/p1/0/7",), LATER))
    gate.set()
    await engine.until_state(job, State.DELIVERED)
    assert engine.chat.shares == [job.id]


async def test_a_database_that_takes_nothing_gives_the_job_back_to_its_lane(engine: Engine) -> None:
    engine.meddled.then("save", Rejected("database_refused"), Rejected("database_refused"))
    job = await drawn(engine)
    await engine.turn()
    assert (await engine.now(job)).state is State.GENERATING
    await engine.until_state(job, State.DELIVERED)
    assert (engine.images.calls["submit"], engine.chat.shares) == (1, [job.id])


async def test_a_result_of_a_row_that_was_deleted_by_hand_is_let_go(engine: Engine) -> None:
    await drawn(engine)
    async with side_door(engine.real) as connection:
        await connection.exec_driver_sql("DELETE FROM deliveries")
        await connection.exec_driver_sql("DELETE FROM jobs")
    assert await engine.turn() == math.inf
    assert engine.images.calls["fetch"] == 0


async def test_a_database_that_cannot_be_asked_first_does_not_hold_up_a_delivery(engine: Engine) -> None:
    job = await drawn(engine)
    engine.meddled.then("get", Unavailable("database_unreachable"))
    await engine.until_state(job, State.DELIVERED)
    assert engine.chat.shares == [job.id]


async def test_slack_that_has_no_time_leaves_the_bytes_on_disk_and_no_lease(engine: Engine) -> None:
    engine.chat.then("upload", Throttled("ratelimited", retry_after=40.0))
    job = await drawn(engine)
    assert await engine.turn() == (engine.time.now() + timedelta(seconds=40)).timestamp()
    await engine.until_state(job, State.DELIVERED)
    assert engine.images.calls["fetch"] == 1

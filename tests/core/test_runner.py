"""Steps at work: how many at once, what a defect costs, who holds a lease, how it stops."""

from __future__ import annotations

import asyncio
import math
from datetime import datetime, timedelta

import pytest

from bot import runner
from bot.book import LEASE
from bot.errors import Cause, Throttled, Unavailable
from bot.events import Event
from bot.intake import Place
from bot.job import Job, State
from bot.ports import Accepted, Lease, Standing
from bot.request import Request
from bot.runner import Runner
from tests.core.engine import Build, Engine
from tests.core.world import NOON


async def test_a_defect_in_a_step_costs_its_job_some_time_and_nobody_else_any(engine: Engine) -> None:
    engine.chat.then("upload", ZeroDivisionError("ours"))
    job, other = await engine.ask("a fox", user="ada"), await engine.ask("an owl", user="bob")
    await engine.until_state(other, State.DELIVERED)
    done = await engine.until_state(job, State.DELIVERED)
    assert (done.attempts, engine.chat.calls["upload"]) == (0, 3)
    assert ("upload", "Faulted") in engine.tally.steps


async def test_a_defect_that_stays_is_told_after_a_day(engine: Engine) -> None:
    engine.chat.then("announce", *(KeyError("ours") for _ in range(4)))
    job = await engine.ask()
    await engine.until(lambda: engine.chat.calls["announce"] == 3)
    assert (await engine.now(job)).state is State.ACCEPTED
    engine.time.pass_(24 * 3600)
    await engine.turn()
    ended = await engine.now(job)
    assert ended.failure is not None
    assert (ended.state, ended.failure.code, ended.failure.cause) == (State.FAILED, "defect", Cause.UNEXPECTED)


async def test_a_step_that_hangs_is_broken_off_and_tried_again(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(runner, "STEP_LIMIT", 0.01)
    engine.chat.then("announce", asyncio.Event().wait)
    job = await engine.ask()
    await engine.quiet()
    hung = await engine.now(job)
    assert (hung.state, hung.attempts, hung.due_at > NOON) == (State.ACCEPTED, 1, True)


@pytest.mark.parametrize("broken", [RuntimeError("ours"), TimeoutError()])
async def test_a_submit_that_breaks_off_stays_submitting_and_is_never_put_back_in_line(
    engine: Engine, broken: Exception
) -> None:
    engine.images.then("submit", broken)
    job = await engine.put(State.QUEUED)
    await engine.turn()
    held = await engine.now(job)
    assert (held.state, held.sends, held.due_at) == (State.SUBMITTING, 1, engine.time.now() + timedelta(seconds=60))
    assert ("submit", "Nothing") in engine.tally.steps


async def test_width_bounds_what_runs_at_once_and_the_rest_wait_their_turn(build: Build) -> None:
    engine = build(width=2)
    gate = asyncio.Event()
    engine.chat.then("announce", *(gate.wait for _ in range(5)))
    jobs = [await engine.ask(f"fox {n}") for n in range(5)]
    await engine.chat.begun("announce", 2)
    await engine.runner.tick()
    assert list(engine.runner.busy) == [jobs[0].id, jobs[1].id]
    assert engine.meddled.calls["claim"] == 0
    gate.set()
    await engine.turn()
    assert {job_id for job_id, _ in engine.chat.roots} == {job.id for job in jobs}


async def test_no_more_is_held_in_memory_than_there_is_room_for_and_the_rest_come_next(build: Build) -> None:
    engine = build(width=2)
    for n in range(9):
        await engine.put(State.FAILING, name=f"j{n}")
    gate = asyncio.Event()
    engine.chat.then("apologise", *(gate.wait for _ in range(9)))
    await engine.runner.tick()
    assert (len(engine.runner.busy), len(engine.runner._crew._next)) == (2, 2)
    assert await engine.runner.tick() == math.inf
    gate.set()
    await engine.turn()
    assert len(engine.chat.apologies) == 9


async def test_an_ask_is_stored_with_a_lease_while_there_is_room_and_else_left_for_a_claim(build: Build) -> None:
    engine = build(width=2)
    gate = asyncio.Event()
    engine.chat.then("announce", *(gate.wait for _ in range(9)))
    jobs = [await engine.ask(f"fox {n}") for n in range(9)]
    free = await engine.real.claim(engine.time.now(), owner="other", lease=timedelta(seconds=1), limit=99)
    assert [job.id for job in free] == [job.id for job in jobs[4:]]
    await engine.real.release("other")
    gate.set()
    await engine.turn()
    assert {job_id for job_id, _ in engine.chat.roots} == {job.id for job in jobs}


async def test_asks_that_arrive_together_are_promised_no_more_room_than_there_is(build: Build) -> None:
    engine = build(width=2)
    gate = asyncio.Event()
    engine.chat.then("announce", *(gate.wait for _ in range(9)))
    await asyncio.gather(*(engine.ask(f"fox {n}") for n in range(9)))
    assert (len(engine.runner.busy), len(engine.runner._crew._next)) == (2, 2)
    gate.set()
    await engine.turn()
    assert len(engine.chat.roots) == 9


async def test_an_ask_whose_caller_goes_away_before_it_is_stored_never_is_and_its_place_is_free(engine: Engine) -> None:
    engine.meddled.then("accept", asyncio.Event().wait)
    asking = asyncio.create_task(engine.ask())
    await engine.meddled.begun("accept")
    asking.cancel()
    await asyncio.gather(asking, return_exceptions=True)
    await engine.turn()
    assert engine.chat.roots == []
    assert (engine.runner._crew.room, engine.runner._admissions) == (engine.width * 2, set())


async def test_an_ask_whose_caller_goes_away_when_it_was_just_stored_is_carried_on_after_its_lease(
    engine: Engine,
) -> None:
    stored = asyncio.Event()
    asker = engine.asker(key="k1")
    job = engine.intake._new(asker, Request("a fox"), Place(asker.channel_id))

    async def unheard(lease: Lease | None) -> Accepted:
        accepted = await engine.real.accept(job, key=asker.delivery, lease=lease)
        stored.set()
        await asyncio.Event().wait()
        return accepted

    asking = asyncio.create_task(engine.runner.admit(unheard))
    await stored.wait()
    asking.cancel()
    await asyncio.gather(asking, return_exceptions=True)
    await engine.turn()
    assert engine.chat.roots == []
    engine.time.pass_(LEASE.total_seconds() + 1)
    await engine.turn()
    assert len(engine.chat.roots) == 1


async def test_stopping_waits_for_an_ask_that_is_being_stored_and_gives_its_lease_back(engine: Engine) -> None:
    gate = asyncio.Event()
    engine.meddled.then("accept", gate.wait)
    asking = asyncio.create_task(engine.ask())
    await engine.meddled.begun("accept")
    stopping = asyncio.create_task(engine.runner.stop(limit=60.0))
    await asyncio.sleep(0)
    gate.set()
    await stopping
    job = await asking
    claimed = await engine.real.claim(engine.time.now(), owner="other", lease=timedelta(seconds=1), limit=9)
    assert [each.id for each in claimed] == [job.id]


async def test_stopping_does_not_wait_longer_than_it_may_for_an_ask_that_is_being_stored(engine: Engine) -> None:
    engine.meddled.then("accept", asyncio.Event().wait)
    asking = asyncio.create_task(engine.ask())
    await engine.meddled.begun("accept")
    await engine.runner.stop(limit=0.0)
    assert isinstance((await asyncio.gather(asking, return_exceptions=True))[0], asyncio.CancelledError)
    assert engine.meddled.calls["release"] == 1


async def test_a_job_that_is_under_way_or_waits_for_room_is_not_started_twice(build: Build) -> None:
    engine = build(width=1)
    gate = asyncio.Event()
    engine.chat.then("announce", gate.wait)
    first, second = await engine.ask("a fox"), await engine.ask("an owl")
    await engine.chat.begun("announce")
    for job in (first, second, second):
        engine.runner.start(job)
    gate.set()
    await engine.turn()
    assert engine.chat.calls["announce"] == 2


async def test_the_next_tick_is_when_the_next_job_is_due(engine: Engine) -> None:
    engine.chat.then("announce", Throttled("ratelimited", retry_after=40.0))
    await engine.ask()
    assert await engine.turn() == (NOON + timedelta(seconds=40)).timestamp()


async def test_with_nothing_to_do_it_sleeps_until_something_happens(engine: Engine) -> None:
    assert await engine.turn() == math.inf


async def test_a_fault_whose_wait_is_over_at_once_is_not_left_under_a_lease(engine: Engine) -> None:
    """Slack may say `Retry-After: 0`."""
    engine.chat.then("announce", Throttled("ratelimited", retry_after=0.0))
    job = await engine.ask()
    await engine.turn()
    assert (await engine.now(job)).root_ts == "1.1"
    assert engine.time.now() == NOON


async def test_a_fault_without_a_word_for_the_operator_is_a_fault_all_the_same(engine: Engine) -> None:
    engine.chat.then("announce", Unavailable("slack_down"), Unavailable("slack_down", "with a detail"))
    job = await engine.ask()
    await engine.until(lambda: engine.chat.calls["announce"] == 3)
    assert (await engine.now(job)).root_ts == "1.1"


async def test_stopping_lets_steps_end_and_gives_their_leases_back(engine: Engine) -> None:
    gate = asyncio.Event()
    engine.chat.then("announce", gate.wait)
    done = await engine.ask("a fox")
    await engine.chat.begun("announce")
    stopping = asyncio.create_task(engine.runner.stop(limit=60.0))
    await asyncio.sleep(0)
    gate.set()
    await stopping
    assert (await engine.now(done)).state is State.QUEUED
    assert engine.runner.busy == ()


async def test_stopping_breaks_off_what_takes_too_long_and_another_may_claim_it_at_once(engine: Engine) -> None:
    job = await engine.put(State.FAILING)
    engine.chat.then("apologise", asyncio.Event().wait)
    await engine.runner.tick()
    await engine.chat.begun("apologise")
    await engine.runner.stop(limit=0.0)
    claimed = await engine.real.claim(engine.time.now(), owner="other", lease=timedelta(seconds=1), limit=9)
    assert [each.id for each in claimed] == [job.id]


async def test_once_stopped_nothing_begins_any_more(engine: Engine) -> None:
    await engine.runner.stop(limit=0.0)
    engine.runner.start(await engine.put(State.ACCEPTED))
    assert await engine.runner.tick() == math.inf
    assert engine.runner.busy == ()


async def test_what_waits_for_room_when_it_stops_is_left_for_the_next_run(build: Build) -> None:
    engine = build(width=1)
    gate = asyncio.Event()
    engine.chat.then("announce", gate.wait)
    await engine.ask("a fox")
    left = await engine.ask("an owl")
    await engine.chat.begun("announce")
    stopping = asyncio.create_task(engine.runner.stop(limit=60.0))
    await asyncio.sleep(0)
    gate.set()
    await stopping
    assert (await engine.now(left)).state is State.ACCEPTED
    assert engine.chat.calls["announce"] == 1


async def test_a_job_that_is_carried_when_it_stops_ends_its_step_and_takes_no_other(engine: Engine) -> None:
    gate = asyncio.Event()
    engine.chat.then("upload", gate.wait)
    job = await engine.put(State.FETCHED, pictures=(engine.picture(),))
    engine.runner.start(job)
    await engine.chat.begun("upload")
    stopping = asyncio.create_task(engine.runner.stop(limit=60.0))
    await asyncio.sleep(0)
    gate.set()
    await stopping
    assert (await engine.now(job)).state is State.UPLOADED
    assert engine.chat.calls["share"] == 0


async def test_a_database_that_is_away_does_not_keep_it_from_stopping(engine: Engine) -> None:
    engine.meddled.then("release", Unavailable("database_unreachable"))
    await engine.runner.stop(limit=0.0)
    assert engine.meddled.calls["release"] == 1


async def test_bytes_that_cannot_be_dropped_do_not_undo_a_delivery(engine: Engine) -> None:
    engine.spool.then("drop", Unavailable("spool_failed"))
    job = await engine.ask()
    await engine.until_state(job, State.DELIVERED)
    await engine.turn()
    assert len(engine.spool.objects) == 1
    assert engine.chat.shares == [job.id]


async def test_a_job_of_a_lane_that_is_no_more_is_still_told_about(engine: Engine) -> None:
    alone = Runner(
        store=engine.store, chat=engine.chat, images=engine.images, spool=engine.spool, clock=engine.time,
        measures=engine.tally, owner="me",
    )  # fmt: skip
    failing = await engine.put(State.FAILING)
    await alone.tick()
    await asyncio.wait(list(alone._crew._tasks.values()))
    assert [job.id for job in engine.chat.apologies] == [failing.id]
    assert (await engine.now(failing)).state is State.FAILED


class Solo:
    """A lane that waits for the others to be driven too, or fails."""

    def __init__(self, others: asyncio.Barrier, wake: float | None) -> None:
        self._others = others
        self._wake = wake

    async def drive(self, now: datetime) -> float:
        assert now.tzinfo is not None
        async with asyncio.timeout(20.0):
            await self._others.wait()
        if self._wake is None:
            raise Unavailable("database_unreachable")
        return self._wake

    def take(self, job: Job) -> None:
        raise NotImplementedError

    async def standing(self, job: Job) -> Standing:
        raise NotImplementedError


@pytest.mark.parametrize(("wakes", "expected"), [((5.0, 3.0, 9.0), 3.0), ((5.0, None, 9.0), None)])
async def test_lanes_are_driven_at_once_and_one_that_fails_holds_up_no_other(
    engine: Engine, wakes: tuple[float | None, ...], expected: float | None
) -> None:
    runner = Runner(
        store=engine.store, chat=engine.chat, images=engine.images, spool=engine.spool, clock=engine.time,
        measures=engine.tally, owner="me",
    )  # fmt: skip
    together = asyncio.Barrier(len(wakes))
    for number, wake in enumerate(wakes):
        runner.add_lane(f"lane{number}", Solo(together, wake))
    if expected is None:
        with pytest.raises(Unavailable):
            await runner.tick()
    else:
        assert await runner.tick() == expected


async def test_a_step_may_report_nothing_and_then_leaves_the_row_as_it_is(engine: Engine) -> None:
    job = await engine.put(State.SUBMITTING)

    async def nothing(_job: Job) -> Event | None:
        return None

    assert await engine.runner.perform(job, nothing) == job
    assert await engine.now(job) == job

"""A lane at work: who is sent, when, and what a submit of unknown outcome costs."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta
from typing import Any

from bot.errors import Cause, LaneDown, OutcomeUnknown, Rejected, SlotTaken, Throttled, Unavailable
from bot.events import Cancelled
from bot.job import Charged, Job, State
from bot.lifecycle import advance
from tests.core.engine import Build, Engine
from tests.core.world import NOON


async def queued(engine: Engine, name: str = "j1", **more: Any) -> Job:
    return await engine.put(State.QUEUED, name=name, queued_at=engine.time.now(), **more)


class TestSubmitting:
    async def test_a_freed_slot_is_refilled_and_never_more_run_than_there_are_slots(self, build: Build) -> None:
        engine = build(slots=2)
        jobs = [await engine.ask(f"fox {n}") for n in range(5)]
        for job in jobs:
            await engine.until_state(job, State.DELIVERED)
        assert (engine.images.most, engine.images.calls["submit"]) == (2, 5)

    async def test_a_slot_that_is_still_taken_costs_no_attempt_and_is_tried_again_soon(self, engine: Engine) -> None:
        engine.images.then("submit", SlotTaken("job_num_exceed"), SlotTaken("job_num_exceed"))
        job = await queued(engine)
        sent = await engine.until_state(job, State.GENERATING)
        assert (sent.sends, sent.attempts, sent.charged) == (1, 0, Charged.MAYBE)
        assert NOON < engine.time.now() < NOON + timedelta(seconds=1)

    async def test_a_throttled_submit_waits_as_long_as_it_is_told_and_costs_no_attempt(self, engine: Engine) -> None:
        engine.images.then("submit", Throttled("limit", retry_after=7.0))
        sent = await engine.until_state(await queued(engine), State.GENERATING)
        assert (sent.attempts, sent.sent_at) == (0, NOON + timedelta(seconds=7))

    async def test_a_submit_that_surely_created_nothing_goes_back_in_line_and_counts(self, engine: Engine) -> None:
        engine.images.then("submit", Unavailable("refused_connection"))
        job = await queued(engine)
        await engine.turn()
        back = await engine.now(job)
        assert (back.state, back.attempts, back.sends) == (State.QUEUED, 1, 0)
        assert (await engine.until_state(job, State.GENERATING)).sends == 1

    async def test_a_provider_that_stumbles_for_everybody_is_asked_ever_more_rarely(self, engine: Engine) -> None:
        engine.images.then("submit", *(Unavailable("stumbled") for _ in range(20)))
        for n in range(20):
            await queued(engine, f"j{n}", user=f"user{n}")
        await engine.until(lambda: engine.time.now() >= NOON + timedelta(minutes=5))
        assert engine.images.calls["submit"] <= 12

    async def test_a_refused_text_is_told_with_whose_fault_it_was(self, engine: Engine) -> None:
        engine.images.then("submit", Rejected("text_illegal", cause=Cause.TEXT_REFUSED, reference="r1"))
        ended = await engine.until_state(await queued(engine), State.FAILED)
        assert ended.failure is not None
        assert (ended.failure.cause, ended.failure.charged, ended.failure.reference) == (
            Cause.TEXT_REFUSED,
            Charged.NO,
            "r1",
        )

    async def test_a_cancel_between_the_choice_and_the_intent_is_obeyed(self, engine: Engine) -> None:
        job = await queued(engine)

        async def cancel() -> None:
            await engine.real.save(advance(job, Cancelled(), NOON))

        engine.meddled.then("save", cancel)
        await engine.turn()
        assert ((await engine.now(job)).state, engine.images.calls["submit"]) == (State.CANCELLED, 0)

    async def test_a_line_that_empties_between_two_looks_is_no_reason_to_spin(self, engine: Engine) -> None:
        job = await queued(engine)

        async def cancel() -> None:
            await engine.real.save(advance(job, Cancelled(), NOON))

        engine.meddled.then("next_in_line", cancel)
        assert await engine.driver.drive(NOON) == NOON.timestamp() + 0.5
        assert engine.images.calls["submit"] == 0

    async def test_a_defect_while_its_outcome_is_written_keeps_the_slot_held(self, engine: Engine) -> None:
        """The provider may be drawing it; another submit now would be refused, or paid for twice."""
        engine.meddled.then("save", None, ZeroDivisionError("ours"))
        first, second = await queued(engine, "j1"), await queued(engine, "j2", user="bob")
        await engine.turn()
        assert engine.images.calls["submit"] == 1
        assert (await engine.now(first)).state is State.SUBMITTING
        await engine.until_state(second, State.DELIVERED)
        assert engine.time.now() >= NOON + timedelta(seconds=60)


class TestUnknownOutcome:
    async def test_it_holds_its_slot_is_sent_once_more_and_says_so(self, engine: Engine) -> None:
        engine.images.then("submit", OutcomeUnknown("reset"))
        job = await queued(engine)
        await engine.turn()
        held = await engine.now(job)
        assert (held.state, held.due_at) == (State.SUBMITTING, NOON + timedelta(seconds=60))
        sent = await engine.until_state(job, State.GENERATING)
        assert (engine.time.now(), sent.sends, sent.charged) == (held.due_at, 2, Charged.MAYBE_TWICE)

    async def test_after_the_second_time_the_owner_is_told_that_nobody_can_know(self, engine: Engine) -> None:
        engine.images.then("submit", OutcomeUnknown("reset"), OutcomeUnknown("reset"))
        ended = await engine.until_state(await queued(engine), State.FAILED)
        assert ended.failure is not None
        assert (ended.failure.cause, ended.failure.charged) == (Cause.OUTCOME_UNKNOWN, Charged.MAYBE_TWICE)
        assert engine.images.calls["submit"] == 2

    async def test_after_a_restart_it_still_holds_its_slot_as_long(self, engine: Engine) -> None:
        engine.images.then("submit", OutcomeUnknown("reset"))
        job, other = await queued(engine), await queued(engine, "j2", user="bob")
        await engine.turn()
        engine.time.pass_(30)
        await engine.restart()
        await engine.turn()
        assert (await engine.now(other)).state is State.QUEUED
        sent = await engine.until_state(job, State.GENERATING)
        assert (sent.sends, engine.time.now()) == (2, NOON + timedelta(seconds=60))

    async def test_one_that_its_owner_cancelled_is_not_sent_again(self, engine: Engine) -> None:
        engine.images.then("submit", OutcomeUnknown("reset"))
        job = await queued(engine)
        await engine.turn()
        await engine.intake.cancel(await engine.now(job), team_id=job.team_id, user_id=job.user_id)
        await engine.until_state(job, State.CANCELLED)
        assert engine.images.calls["submit"] == 1

    async def test_one_whose_row_moved_on_by_other_hands_is_let_go(self, engine: Engine) -> None:
        engine.images.then("submit", OutcomeUnknown("reset"))
        job = await queued(engine)
        wake = await engine.turn()
        await engine.real.save(replace(await engine.now(job), state=State.CANCELLED))
        engine.time.reach(wake)
        await engine.turn()
        assert (engine.images.calls["submit"], engine.driver.remaining()) == (1, [])

    async def test_one_whose_row_moves_on_while_it_is_being_resent_is_let_go(self, engine: Engine) -> None:
        engine.images.then("submit", OutcomeUnknown("reset"))
        job = await queued(engine)
        wake = await engine.turn()

        async def moved_on() -> None:
            await engine.real.save(replace(await engine.now(job), state=State.CANCELLED))

        engine.meddled.then("save", moved_on)
        engine.time.reach(wake)
        await engine.turn()
        assert (engine.images.calls["submit"], engine.driver.remaining()) == (1, [])

    async def test_it_may_be_the_real_try_of_a_paused_lane_and_is_resent_all_the_same(self, engine: Engine) -> None:
        """With one slot, held by this very job, nothing else could ever show that the lane works again."""
        engine.images.then("submit", LaneDown("unpaid", cause=Cause.NO_CREDIT), OutcomeUnknown("reset"))
        job = await queued(engine)
        sent = await engine.until_state(job, State.GENERATING)
        assert (sent.sends, engine.driver.health.paused) == (2, False)


async def test_a_restart_finds_what_the_provider_is_drawing(engine: Engine) -> None:
    job = await engine.ask()
    await engine.until_state(job, State.GENERATING)
    await engine.restart()
    await engine.until_state(job, State.DELIVERED)
    assert engine.images.calls["submit"] == 1


async def test_reading_the_rows_again_forgets_what_was_known_of_jobs(engine: Engine) -> None:
    """Even with a look under way, whose answer then says nothing new."""
    gate = asyncio.Event()
    job = await engine.sent()
    engine.time.pass_(60)
    engine.images.then("query", gate.wait)
    await engine.runner.tick()
    await engine.images.begun("query")
    await engine.real.save(replace(await engine.now(job), state=State.DELIVERED))
    await engine.driver.load()
    assert engine.driver.remaining() == []
    gate.set()
    await engine.quiet()
    assert engine.driver.remaining() == []


async def test_stopping_lets_a_submit_end_so_that_its_outcome_is_known(engine: Engine) -> None:
    gate = asyncio.Event()
    engine.images.then("submit", gate.wait)
    job = await queued(engine)
    await engine.runner.tick()
    await engine.images.begun("submit")
    stopping = asyncio.create_task(engine.driver.stop(limit=60.0))
    await asyncio.sleep(0)
    gate.set()
    await stopping
    assert (await engine.now(job)).state is State.GENERATING


async def test_a_submit_that_outlasts_the_stop_is_left_with_its_intent(engine: Engine) -> None:
    engine.images.then("submit", asyncio.Event().wait)
    job = await queued(engine)
    await engine.runner.tick()
    await engine.images.begun("submit")
    await engine.driver.stop(limit=0.0)
    assert (await engine.now(job)).state is State.SUBMITTING


async def test_how_late_slots_are_freed_is_remembered_over_a_stop(engine: Engine) -> None:
    async def still_taken() -> None:
        raise SlotTaken("job_num_exceed")

    await engine.until_state(await engine.ask("a fox"), State.DELIVERED)
    engine.images.then("submit", still_taken, still_taken)
    await engine.until_state(await engine.ask("an owl"), State.DELIVERED)
    await engine.driver.stop(limit=1.0)
    lags = (await engine.real.lane(engine.driver.health.row.id)).lags
    assert len(lags) == 1
    await engine.restart()
    assert engine.driver.times.refill.lags == lags


async def test_what_an_answer_makes_due_is_left_to_the_next_tick_if_the_database_is_away(engine: Engine) -> None:
    first, second = await queued(engine), await queued(engine, "j2", user="bob")
    await engine.until_state(first, State.GENERATING)
    engine.meddled.then("next_in_line", Unavailable("database_unreachable"))
    await engine.until_state(first, State.DELIVERED)
    await engine.until_state(second, State.DELIVERED)
    assert engine.images.calls["submit"] == 2


async def test_an_answer_that_comes_while_the_lane_stops_makes_nothing_due(engine: Engine) -> None:
    gate = asyncio.Event()
    await engine.sent()
    other = await queued(engine, "j2", user="bob")
    engine.time.pass_(60)
    engine.images.then("query", gate.wait)
    await engine.runner.tick()
    await engine.images.begun("query")
    before = engine.images.calls["submit"]
    stopping = asyncio.create_task(engine.driver.stop(limit=60.0))
    await asyncio.sleep(0)
    gate.set()
    await stopping
    assert ((await engine.now(other)).state, engine.images.calls["submit"]) == (State.QUEUED, before)

"""A lane at work: who is sent, who is looked at, and what an answer, or none, means."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from bot.errors import Cause, LaneDown, OutcomeUnknown, Rejected, SlotTaken, Throttled, Unavailable
from bot.events import Cancelled
from bot.forecast import Key
from bot.job import Charged, Job, LaneId, ProviderJobId, State
from bot.lifecycle import advance
from bot.ports import Broken, Running, Waiting
from tests.core.engine import Build, Engine
from tests.core.world import NOON

_KEY = Key(count=1, clarity=None, raw=False)


async def queued(engine: Engine, name: str = "j1", **more: Any) -> Job:
    return await engine.put(State.QUEUED, name=name, queued_at=engine.time.now(), **more)


async def stuck(engine: Engine) -> Job:
    """A job that the provider draws for ever, given up."""
    engine.images.takes = 1e6
    job = await engine.sent(deadline_at=NOON + timedelta(minutes=15))
    engine.time.pass_(15 * 60 + 1)
    return await engine.until_state(job, State.FAILED)


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
        assert NOON + timedelta(seconds=1) <= engine.time.now() < NOON + timedelta(seconds=2)

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

    async def test_it_may_be_the_real_try_of_a_paused_lane_and_is_resent_all_the_same(self, engine: Engine) -> None:
        """With one slot, held by this very job, nothing else could ever show that the lane works again."""
        engine.images.then("submit", LaneDown("unpaid", cause=Cause.NO_CREDIT), OutcomeUnknown("reset"))
        job = await queued(engine)
        sent = await engine.until_state(job, State.GENERATING)
        assert (sent.sends, engine.driver.health.paused) == (2, False)


class TestLooking:
    async def test_a_broken_answer_is_no_news_and_the_job_goes_on(self, engine: Engine) -> None:
        engine.images.then("query", Unavailable("reset"), Throttled("limit", retry_after=3.0), Unavailable("reset"))
        done = await engine.until_state(await engine.sent(), State.DELIVERED)
        assert done.failure is None

    async def test_a_throttled_look_waits_as_long_as_it_is_told(self, engine: Engine) -> None:
        engine.images.then("query", Throttled("limit", retry_after=3.0))
        await engine.sent()
        assert await engine.turn() == NOON.timestamp() + 3.0

    async def test_broken_answers_are_met_ever_more_rarely_and_forgotten_after_a_good_one(self, engine: Engine) -> None:
        engine.images.then("query", *(Unavailable("reset") for _ in range(8)))
        await engine.sent()
        waits = []
        for _ in range(8):
            wake = await engine.turn()
            waits.append(wake - engine.time.now().timestamp())
            engine.time.reach(wake)
        assert waits == pytest.approx([1.0, 2.0, 4.0, 8.0, 16.0, 30.0, 30.0, 30.0])
        engine.images.answers.append(Waiting())
        await engine.turn()
        assert [look.misses for look in engine.driver._looks.values()] == [0]

    async def test_a_blind_provider_is_given_up_only_a_day_after_the_deadline(self, engine: Engine) -> None:
        job = await engine.sent(deadline_at=NOON + timedelta(minutes=15))
        for hours, state in ((0.3, State.GENERATING), (24.2, State.GENERATING), (24.3, State.FAILED)):
            engine.time.reach((NOON + timedelta(hours=hours)).timestamp())
            engine.images.then("query", Unavailable("reset"))
            await engine.turn()
            assert (await engine.now(job)).state is state
        failure = (await engine.now(job)).failure
        assert failure is not None
        assert failure.cause is Cause.PROVIDER_STUMBLED

    async def test_a_job_past_its_deadline_is_stuck(self, engine: Engine) -> None:
        job = await stuck(engine)
        ended = await engine.now(job)
        assert ended.failure is not None
        assert (ended.state, ended.failure.cause, ended.failure.charged) == (State.FAILED, Cause.STUCK, Charged.MAYBE)
        assert NOON + timedelta(minutes=16) < engine.time.now() < NOON + timedelta(minutes=17)

    async def test_one_that_was_given_up_holds_its_slot_until_the_provider_says_that_it_ended(
        self, engine: Engine
    ) -> None:
        await stuck(engine)
        other = await queued(engine, "j2", user="bob")
        await engine.until(lambda: engine.time.now() > NOON + timedelta(minutes=30))
        assert engine.images.calls["submit"] == 1
        engine.images.drawings[ProviderJobId("p1")].until = engine.time.now()
        await engine.until_state(other, State.GENERATING)
        assert engine.time.now() < NOON + timedelta(minutes=31)

    async def test_one_that_was_given_up_and_never_ends_is_forgotten_after_an_hour(self, engine: Engine) -> None:
        await stuck(engine)
        engine.images.slots = 2
        await engine.until_state(await queued(engine, "j2", user="bob"), State.GENERATING)
        assert NOON + timedelta(minutes=76) < engine.time.now() < NOON + timedelta(minutes=78)

    async def test_a_clock_that_jumped_past_a_deadline_ends_nothing_that_is_still_drawn(self, engine: Engine) -> None:
        engine.images.takes = 3620.0
        job = await engine.sent(deadline_at=NOON + timedelta(minutes=15))
        engine.time.pass_(3600)
        await engine.until_state(job, State.DELIVERED)

    async def test_a_result_that_comes_after_the_deadline_is_still_taken(self, engine: Engine) -> None:
        job = await engine.sent(deadline_at=NOON + timedelta(minutes=15))
        engine.time.pass_(3600)
        await engine.until_state(job, State.DELIVERED)

    async def test_a_young_job_that_the_provider_does_not_know_is_asked_for_once_more(self, engine: Engine) -> None:
        engine.images.then("query", Rejected("job_not_found", cause=Cause.JOB_LOST))
        job = await engine.sent()
        assert await engine.turn() == NOON.timestamp() + 5.0
        await engine.until_state(job, State.DELIVERED)

    async def test_an_old_job_that_the_provider_does_not_know_is_lost(self, engine: Engine) -> None:
        job = await engine.sent()
        engine.time.pass_(31)
        engine.images.then("query", Rejected("job_not_found", cause=Cause.JOB_LOST, reference="r9"))
        ended = await engine.until_state(job, State.FAILED)
        assert ended.failure is not None
        assert (ended.failure.cause, ended.failure.reference) == (Cause.JOB_LOST, "r9")

    async def test_a_young_job_that_is_refused_for_another_reason_is_told_at_once(self, engine: Engine) -> None:
        engine.images.then("query", Rejected("illegal", cause=Cause.RESULT_REFUSED))
        job = await engine.sent()
        await engine.turn()
        assert (await engine.now(job)).state is State.FAILED

    async def test_what_the_provider_gave_up_is_drawn_again_once_where_that_may_help(self, engine: Engine) -> None:
        broken = Broken("inner", Cause.PROVIDER_STUMBLED, redraw=True)
        engine.images.answers.extend([broken, broken])
        job = await queued(engine)
        ended = await engine.until_state(job, State.FAILED)
        assert (ended.redraws, engine.images.calls["submit"]) == (1, 2)

    async def test_when_it_was_first_seen_at_work_is_kept(self, engine: Engine) -> None:
        engine.images.answers.extend([Waiting(), Running(), Running()])
        job = await engine.sent()
        done = await engine.until_state(job, State.DELIVERED)
        assert done.running_at is not None
        assert done.done_at is not None
        assert NOON < done.running_at < done.done_at

    async def test_a_defect_in_a_look_costs_a_moment(self, engine: Engine) -> None:
        engine.images.then("query", ZeroDivisionError("ours"))
        job = await engine.sent()
        assert await engine.turn() == NOON.timestamp() + 5.0
        await engine.until_state(job, State.DELIVERED)

    async def test_a_defect_while_a_result_is_written_does_not_cost_the_slot(self, engine: Engine) -> None:
        job = await engine.sent()
        engine.time.pass_(20)
        engine.meddled.then("save", ZeroDivisionError("ours"))
        await engine.turn()
        assert (await engine.now(job)).state is State.GENERATING
        await engine.until_state(job, State.DELIVERED)

    async def test_run_times_are_learned_and_the_next_is_foretold_by_them(self, engine: Engine) -> None:
        before = engine.driver.forecast.mean(_KEY)
        for n in range(3):
            await engine.sent(name=f"j{n}")
            engine.time.pass_(40)
            await engine.turn()
        assert engine.driver.forecast.mean(_KEY) > before + 5.0

    async def test_a_result_of_a_cancelled_job_is_dropped_and_its_slot_freed(self, engine: Engine) -> None:
        job = await engine.sent()
        answer = await engine.intake.cancel(job, team_id=job.team_id, user_id=job.user_id)
        assert answer == "stopping"
        await engine.until_state(job, State.CANCELLED)
        assert (engine.images.calls["fetch"], engine.driver.remaining()) == (0, [])

    async def test_a_job_of_another_lane_is_not_looked_at(self, engine: Engine) -> None:
        job = await engine.put(State.GENERATING, provider_job_id="p1")
        engine.driver.take(replace(job, lane=LaneId("other")))
        assert engine.driver.remaining() == []

    async def test_a_job_that_is_taken_twice_is_looked_at_once(self, engine: Engine) -> None:
        job = await engine.sent()
        engine.driver.take(job)
        await engine.turn()
        assert (engine.images.calls["query"], len(engine.driver.remaining())) == (1, 1)

    async def test_what_a_row_lacks_of_its_sending_is_taken_from_its_state(self, engine: Engine) -> None:
        """An old row without the moment of its submit, and without a deadline."""
        job = await engine.sent(sent_at=None)
        engine.images.then("query", Unavailable("reset"))
        done = await engine.until_state(job, State.DELIVERED)
        assert (done.sent_at, engine.driver.forecast._logs) == (None, {})


async def test_a_restart_finds_what_the_provider_is_drawing(engine: Engine) -> None:
    job = await engine.ask()
    await engine.until_state(job, State.GENERATING)
    await engine.restart()
    await engine.until_state(job, State.DELIVERED)
    assert engine.images.calls["submit"] == 1


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
    assert engine.driver._refill.lags == lags

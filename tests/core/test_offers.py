"""The next job is offered before another one is seen to end: what that saves, and what it never costs."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from bot.errors import Cause, LaneDown, OutcomeUnknown, Rejected, SlotTaken
from bot.job import Charged, Job, JobId, State
from bot.submits import KEPT
from tests.core.engine import Build, Engine
from tests.core.world import NOON


@pytest.fixture
def exact(build: Build) -> Engine:
    """One slot, and the operator's word that the account has no more."""
    return build(exact=True)


async def queued(engine: Engine, name: str, **more: Any) -> Job:
    return await engine.put(State.QUEUED, name=name, user=f"of {name}", queued_at=engine.time.now(), **more)


async def refused_once(engine: Engine, *, takes: float = 30.0) -> tuple[Job, Job]:
    """A job at the provider, and one that was offered, refused, and kept its intent."""
    engine.images.takes = takes
    first, second = await queued(engine, "j1"), await queued(engine, "j2")
    await engine.until(lambda: engine.images.calls["submit"] > 1)
    assert (await engine.now(first)).state is State.GENERATING
    kept = await engine.now(second)
    assert (kept.state, engine.driver._submits.kept) == (State.SUBMITTING, 1)
    return first, kept


async def test_offers_are_refused_until_one_is_taken_and_never_more_runs_than_there_are_slots(exact: Engine) -> None:
    jobs = [await queued(exact, f"j{n}") for n in range(6)]
    for job in jobs:
        done = await exact.until_state(job, State.DELIVERED)
        assert (done.sends, done.charged) == (1, Charged.YES)
    assert exact.images.most == 1
    assert exact.images.calls["submit"] > 6


async def test_a_refused_offer_is_not_written_down(exact: Engine) -> None:
    """Intent, outcome: two writes for a submit, however often it was refused."""
    jobs = [await queued(exact, f"j{n}") for n in range(5)]
    for job in jobs:
        await exact.until_state(job, State.DELIVERED)
    with_offers = exact.meddled.calls["save"]
    assert exact.images.calls["submit"] >= 8
    assert with_offers == 5 * (2 + 2)  # and two more for uploading and sharing


async def test_a_job_counts_as_sent_when_the_submit_that_was_taken_left(exact: Engine) -> None:
    first, second = await refused_once(exact)
    sent = await exact.until_state(second, State.GENERATING)
    assert sent.sent_at is not None
    assert NOON + timedelta(seconds=30) <= sent.sent_at < NOON + timedelta(seconds=31)
    assert (await exact.until_state(first, State.DELIVERED)).done_at is not None


async def test_an_owner_who_cancels_is_obeyed_before_the_next_offer(exact: Engine) -> None:
    _, kept = await refused_once(exact)
    submits = exact.images.calls["submit"]
    await exact.intake.cancel(kept, team_id=kept.team_id, user_id=kept.user_id)
    await exact.until_state(kept, State.CANCELLED)
    assert exact.time.now() < NOON + timedelta(seconds=30)
    assert exact.images.calls["submit"] == submits
    assert exact.driver._submits.kept == 0


async def test_a_stop_puts_it_back_in_line(exact: Engine) -> None:
    _, kept = await refused_once(exact)
    await exact.driver.stop(limit=1.0)
    back = await exact.now(kept)
    assert (back.state, back.sends, back.sent_at, back.charged) == (State.QUEUED, 0, None, Charged.NO)


async def test_a_stop_does_not_wait_for_ever_for_a_database_that_is_away(exact: Engine) -> None:
    _, kept = await refused_once(exact)
    exact.meddled.then("save", asyncio.Event().wait)
    await exact.driver.stop(limit=0.0)
    assert (await exact.now(kept)).state is State.SUBMITTING


async def test_if_no_slot_is_freed_for_long_it_goes_back_in_line(exact: Engine) -> None:
    """Else a crash would find too little left of the time that its slot is to be held."""
    _, kept = await refused_once(exact, takes=500.0)
    intended_at = kept.sent_at
    assert intended_at is not None
    await exact.until(lambda: exact.time.now() > intended_at + timedelta(seconds=KEPT + 2))
    current = await exact.now(kept)
    assert current.sent_at != intended_at
    assert current.sends <= 1
    held_for = current.due_at - exact.time.now()
    assert current.state is State.QUEUED or held_for >= timedelta(seconds=60)


async def test_a_pause_puts_it_back_in_line(exact: Engine) -> None:
    _, kept = await refused_once(exact)
    exact.images.then("query", LaneDown("arrears", cause=Cause.NO_CREDIT))
    await exact.until_state(kept, State.QUEUED)
    assert exact.driver.health.paused


async def test_a_row_that_others_moved_on_is_let_go(exact: Engine) -> None:
    _, kept = await refused_once(exact)
    await exact.real.save(replace(kept, state=State.CANCELLED))
    submits = exact.images.calls["submit"]
    await exact.until(lambda: exact.driver._submits.kept == 0)
    assert ((await exact.now(kept)).state, exact.images.calls["submit"]) == (State.CANCELLED, submits)


async def test_one_that_is_cancelled_just_before_it_is_offered_again_is_not_sent(exact: Engine) -> None:
    _, kept = await refused_once(exact, takes=12.0)
    exact.driver._submits._glanced_at = exact.time.now().timestamp() + 3600.0
    await exact.intake.cancel(kept, team_id=kept.team_id, user_id=kept.user_id)
    await exact.until(lambda: exact.driver._submits.kept == 0)
    assert (await exact.now(kept)).state is State.CANCELLED


class TestCrash:
    """A crash finds one more submit of unknown outcome."""

    async def test_a_slot_that_is_still_at_work_on_an_older_job_proves_that_it_was_not_taken(
        self, exact: Engine
    ) -> None:
        first, kept = await refused_once(exact)
        await exact.restart()
        back = await exact.until_state(kept, State.QUEUED, State.GENERATING)
        assert exact.time.now() < NOON + timedelta(seconds=30)
        assert back.sends == 0
        for job in (first, kept):
            assert (await exact.until_state(job, State.DELIVERED)).charged is Charged.YES
        assert len(exact.images.drawings) == 2

    async def test_if_the_older_job_has_ended_meanwhile_nothing_is_proven_and_the_slot_is_held(
        self, exact: Engine
    ) -> None:
        first, kept = await refused_once(exact)
        exact.time.reach((NOON + timedelta(seconds=31)).timestamp())
        await exact.restart()
        await exact.until_state(first, State.DELIVERED)
        assert (await exact.now(kept)).state is State.SUBMITTING
        sent = await exact.until_state(kept, State.GENERATING)
        assert sent.charged is Charged.MAYBE_TWICE
        assert sent.sent_at is not None
        assert kept.sent_at is not None
        assert sent.sent_at >= kept.sent_at + timedelta(seconds=60)

    async def test_a_lost_answer_to_an_offer_is_disproved_in_the_same_way(self, exact: Engine) -> None:
        first, kept = await refused_once(exact)
        exact.images.then("submit", OutcomeUnknown("reset"))
        await exact.until(lambda: len(exact.driver.times.held) == 1)
        await exact.until(lambda: not exact.driver.times.held)
        assert exact.time.now() < NOON + timedelta(seconds=30)
        for job in (first, kept):
            assert (await exact.until_state(job, State.DELIVERED)).charged is Charged.YES

    async def test_a_held_job_that_is_gone_meanwhile_needs_no_proof(self, exact: Engine) -> None:
        _, kept = await refused_once(exact)
        await exact.restart()
        await exact.real.save(replace(await exact.now(kept), state=State.CANCELLED))
        await exact.until(lambda: not exact.driver.times.held)
        assert (await exact.now(kept)).state is State.CANCELLED


async def test_refusals_of_a_slot_that_is_freed_late_cost_one_intent(engine: Engine) -> None:
    """Once the lane knows how late its slots are freed; before that, the first refusals teach it."""
    engine.driver.times.refill = replace(engine.driver.times.refill, lags=(2.0, 3.0))
    engine.images.then("submit", *(SlotTaken("job_num_exceed") for _ in range(9)))
    job = await queued(engine, "j1")
    sent = await engine.until_state(job, State.GENERATING)
    assert (engine.images.calls["submit"], engine.meddled.calls["save"], sent.sends) == (10, 2, 1)


async def test_an_offer_that_is_refused_for_good_is_told(exact: Engine) -> None:
    _, kept = await refused_once(exact)
    exact.images.then("submit", Rejected("text_illegal", cause=Cause.TEXT_REFUSED))
    assert (await exact.until_state(kept, State.FAILED)).charged is Charged.NO


async def test_a_kept_job_is_reckoned_with_in_what_the_line_takes(exact: Engine) -> None:
    await refused_once(exact)
    running, after = exact.driver.remaining()
    assert after > running


class TestSeeing:
    """What the rows say that others wrote."""

    async def test_a_job_that_others_submitted_is_looked_after(self, engine: Engine) -> None:
        sent = await engine.sent(name="theirs")
        engine.driver._looks.clear()
        engine.driver.times.watches.clear()
        engine.driver.see([sent])
        assert [look.job_id for look in engine.driver._looks.values()] == ["theirs"]

    async def test_a_job_that_others_finished_is_let_go_but_not_one_just_submitted(self, engine: Engine) -> None:
        await engine.sent(name="theirs")
        engine.driver.see([])
        assert len(engine.driver._looks) == 1
        engine.time.pass_(5.0)
        engine.driver.see([])
        assert (engine.driver._looks, engine.driver.remaining()) == ({}, [])

    async def test_an_intent_that_others_left_is_held_and_our_own_is_not(self, exact: Engine) -> None:
        first, kept = await refused_once(exact)
        theirs = replace(kept, id=JobId("theirs"))
        exact.time.pass_(5.0)
        exact.driver.see([await exact.now(first), kept, theirs])
        assert list(exact.driver.times.held) == ["theirs"]


async def test_an_offer_that_is_taken_while_the_older_job_still_runs_is_the_last(exact: Engine) -> None:
    """The operator's word was wrong: the account has more slots than the lane may use."""
    exact.images.slots = 2
    exact.images.takes = 30.0
    first, second = await queued(exact, "j1"), await queued(exact, "j2")
    third = await queued(exact, "j3")
    await exact.until_state(second, State.GENERATING)
    assert (await exact.now(first)).state is State.GENERATING
    for job in (first, second, third):
        await exact.until_state(job, State.DELIVERED)
    assert exact.images.calls["submit"] == 3

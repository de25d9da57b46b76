"""Looks at jobs at the provider, and what an answer, or none, means."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from bot.errors import Cause, Rejected, Throttled, Unavailable
from bot.forecast import Key
from bot.job import Charged, Job, LaneId, ProviderJobId, State
from bot.ports import Broken, Running, Waiting
from tests.core.engine import Engine
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


async def test_a_broken_answer_is_no_news_and_the_job_goes_on(engine: Engine) -> None:
    engine.images.then("query", Unavailable("reset"), Throttled("limit", retry_after=3.0), Unavailable("reset"))
    done = await engine.until_state(await engine.sent(), State.DELIVERED)
    assert done.failure is None


async def test_a_throttled_look_waits_as_long_as_it_is_told(engine: Engine) -> None:
    engine.images.then("query", Throttled("limit", retry_after=3.0))
    await engine.sent()
    assert await engine.turn() == NOON.timestamp() + 3.0


async def test_broken_answers_are_met_ever_more_rarely_and_forgotten_after_a_good_one(engine: Engine) -> None:
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


async def test_a_blind_provider_is_given_up_only_a_day_after_the_deadline(engine: Engine) -> None:
    job = await engine.sent(deadline_at=NOON + timedelta(minutes=15))
    for hours, state in ((0.3, State.GENERATING), (24.2, State.GENERATING), (24.3, State.FAILED)):
        engine.time.reach((NOON + timedelta(hours=hours)).timestamp())
        engine.images.then("query", Unavailable("reset"))
        await engine.turn()
        assert (await engine.now(job)).state is state
    failure = (await engine.now(job)).failure
    assert failure is not None
    assert failure.cause is Cause.PROVIDER_STUMBLED


async def test_a_job_past_its_deadline_is_stuck(engine: Engine) -> None:
    job = await stuck(engine)
    ended = await engine.now(job)
    assert ended.failure is not None
    assert (ended.state, ended.failure.cause, ended.failure.charged) == (State.FAILED, Cause.STUCK, Charged.MAYBE)
    assert NOON + timedelta(minutes=16) < engine.time.now() < NOON + timedelta(minutes=17)


async def test_one_that_was_given_up_holds_its_slot_until_the_provider_says_that_it_ended(
    engine: Engine,
) -> None:
    await stuck(engine)
    other = await queued(engine, "j2", user="bob")
    await engine.until(lambda: engine.time.now() > NOON + timedelta(minutes=30))
    assert engine.images.calls["submit"] == 1
    engine.images.drawings[ProviderJobId("p1")].until = engine.time.now()
    await engine.until_state(other, State.GENERATING)
    assert engine.time.now() < NOON + timedelta(minutes=31)


async def test_one_that_was_given_up_and_never_ends_is_forgotten_after_an_hour(engine: Engine) -> None:
    await stuck(engine)
    engine.images.slots = 2
    await engine.until_state(await queued(engine, "j2", user="bob"), State.GENERATING)
    assert NOON + timedelta(minutes=76) < engine.time.now() < NOON + timedelta(minutes=78)


async def test_a_clock_that_jumped_past_a_deadline_ends_nothing_that_is_still_drawn(engine: Engine) -> None:
    engine.images.takes = 3620.0
    job = await engine.sent(deadline_at=NOON + timedelta(minutes=15))
    engine.time.pass_(3600)
    await engine.until_state(job, State.DELIVERED)


async def test_a_result_that_comes_after_the_deadline_is_still_taken(engine: Engine) -> None:
    job = await engine.sent(deadline_at=NOON + timedelta(minutes=15))
    engine.time.pass_(3600)
    await engine.until_state(job, State.DELIVERED)


async def test_a_young_job_that_the_provider_does_not_know_is_asked_for_once_more(engine: Engine) -> None:
    engine.images.then("query", Rejected("job_not_found", cause=Cause.JOB_LOST))
    job = await engine.sent()
    assert await engine.turn() == NOON.timestamp() + 5.0
    await engine.until_state(job, State.DELIVERED)


async def test_an_old_job_that_the_provider_does_not_know_is_lost(engine: Engine) -> None:
    job = await engine.sent()
    engine.time.pass_(31)
    engine.images.then("query", Rejected("job_not_found", cause=Cause.JOB_LOST, reference="r9"))
    ended = await engine.until_state(job, State.FAILED)
    assert ended.failure is not None
    assert (ended.failure.cause, ended.failure.reference) == (Cause.JOB_LOST, "r9")


async def test_a_young_job_that_is_refused_for_another_reason_is_told_at_once(engine: Engine) -> None:
    engine.images.then("query", Rejected("illegal", cause=Cause.RESULT_REFUSED))
    job = await engine.sent()
    await engine.turn()
    assert (await engine.now(job)).state is State.FAILED


async def test_what_the_provider_gave_up_is_drawn_again_once_where_that_may_help(engine: Engine) -> None:
    broken = Broken("inner", Cause.PROVIDER_STUMBLED, redraw=True)
    engine.images.answers.extend([broken, broken])
    job = await queued(engine)
    ended = await engine.until_state(job, State.FAILED)
    assert (ended.redraws, engine.images.calls["submit"]) == (1, 2)


async def test_when_it_was_first_seen_at_work_is_kept(engine: Engine) -> None:
    engine.images.answers.extend([Waiting(), Running(), Running()])
    job = await engine.sent()
    done = await engine.until_state(job, State.DELIVERED)
    assert done.running_at is not None
    assert done.done_at is not None
    assert NOON < done.running_at < done.done_at


async def test_a_defect_in_a_look_costs_a_moment(engine: Engine) -> None:
    engine.images.then("query", ZeroDivisionError("ours"))
    job = await engine.sent()
    assert await engine.turn() == NOON.timestamp() + 5.0
    await engine.until_state(job, State.DELIVERED)


async def test_a_defect_while_a_result_is_written_does_not_cost_the_slot(engine: Engine) -> None:
    job = await engine.sent()
    engine.time.pass_(20)
    engine.meddled.then("save", ZeroDivisionError("ours"))
    await engine.turn()
    assert (await engine.now(job)).state is State.GENERATING
    await engine.until_state(job, State.DELIVERED)


async def test_run_times_are_learned_and_the_next_is_foretold_by_them(engine: Engine) -> None:
    before = engine.driver.forecast.mean(_KEY)
    engine.images.takes = 40.0
    for n in range(4):
        await engine.until_state(await engine.ask(f"fox {n}"), State.DELIVERED)
    assert engine.driver.forecast.mean(_KEY) == pytest.approx(40.0, rel=0.15)
    assert before < 11.0


async def test_a_job_that_ended_while_nobody_looked_teaches_nothing(engine: Engine) -> None:
    before = engine.driver.forecast.mean(_KEY)
    await engine.sent()
    engine.time.pass_(600)
    await engine.turn()
    assert engine.driver.forecast.mean(_KEY) == before


async def test_a_result_of_a_cancelled_job_is_dropped_and_its_slot_freed(engine: Engine) -> None:
    job = await engine.sent()
    answer = await engine.intake.cancel(job, team_id=job.team_id, user_id=job.user_id)
    assert answer == "stopping"
    await engine.until_state(job, State.CANCELLED)
    assert (engine.images.calls["fetch"], engine.driver.remaining()) == (0, [])


async def test_a_job_of_another_lane_is_not_looked_at(engine: Engine) -> None:
    job = await engine.put(State.GENERATING, provider_job_id="p1")
    engine.driver.take(replace(job, lane=LaneId("other")))
    assert engine.driver.remaining() == []


async def test_a_job_that_is_taken_twice_is_looked_at_once(engine: Engine) -> None:
    job = await engine.sent()
    engine.driver.take(job)
    await engine.turn()
    assert (engine.images.calls["query"], len(engine.driver.remaining())) == (1, 1)


async def test_what_a_row_lacks_of_its_sending_is_taken_from_its_state(engine: Engine) -> None:
    """An old row without the moment of its submit, and without a deadline."""
    job = await engine.sent(sent_at=None)
    before = engine.driver.forecast.mean(_KEY)
    done = await engine.until_state(job, State.DELIVERED)
    assert (done.sent_at, engine.driver.forecast.mean(_KEY)) == (None, before)

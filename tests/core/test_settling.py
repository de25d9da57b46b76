"""Writing down what came of a step, whoever else writes to the row, however long the database is away."""

from __future__ import annotations

from datetime import timedelta

import pytest

from bot.errors import Cause, Gone, Rejected, Unavailable
from bot.events import Cancelled, Faulted, Fetched, Submitted
from bot.job import Job, ProviderJobId, State
from bot.lifecycle import advance
from bot.store import SqlStore
from tests.core.engine import Engine
from tests.core.world import NOON
from tests.store.doors import side_door

AWAY = tuple(Unavailable("database_unreachable") for _ in range(9))
LATER = NOON + timedelta(minutes=5)
SUBMITTED = Submitted(ProviderJobId("p1"), LATER, LATER)


async def cancel(store: SqlStore, job: Job) -> None:
    current = await store.get(job.id)
    assert current is not None
    await store.save(advance(current, Cancelled(), NOON))


async def test_a_row_that_somebody_else_wrote_first_is_read_again_and_keeps_both_changes(engine: Engine) -> None:
    job = await engine.put(State.SUBMITTING)
    await cancel(engine.real, job)
    after = await engine.runner.settle(job, SUBMITTED)
    assert (after.state, after.provider_job_id, after.dropped) == (State.GENERATING, "p1", True)
    assert await engine.now(job) == after


async def test_an_event_that_a_cancel_overtook_is_dropped(engine: Engine) -> None:
    job = await engine.put(State.READY)
    await cancel(engine.real, job)
    after = await engine.runner.settle(job, Fetched((engine.picture(),)))
    assert (after.state, after.pictures) == (State.CANCELLED, ())
    assert await engine.now(job) == after


async def test_a_database_that_is_away_is_waited_for_and_the_providers_job_id_is_not_lost(engine: Engine) -> None:
    engine.meddled.then("save", *AWAY)
    job = await engine.put(State.SUBMITTING)
    after = await engine.runner.settle(job, SUBMITTED)
    assert (await engine.now(job)).provider_job_id == after.provider_job_id == "p1"
    assert engine.time.slept == pytest.approx([0.1, 0.2, 0.4, 0.8, 1.6, 3.2, 5.0, 5.0, 5.0])


async def test_a_database_that_goes_away_before_the_row_is_read_again_is_waited_for_too(engine: Engine) -> None:
    job = await engine.put(State.SUBMITTING)
    await cancel(engine.real, job)
    engine.meddled.then("get", *AWAY)
    after = await engine.runner.settle(job, SUBMITTED)
    assert (after.provider_job_id, after.dropped) == ("p1", True)


async def test_a_provider_job_id_that_another_job_has_ends_the_second_job_and_not_the_first(engine: Engine) -> None:
    first, second = await engine.sent(name="j1"), await engine.put(State.SUBMITTING, name="j2")
    after = await engine.runner.settle(second, Submitted(ProviderJobId("p1"), LATER, LATER))
    assert after.failure is not None
    assert (after.state, after.failure.code) == (State.FAILING, "duplicate_provider_job")
    assert (await engine.now(first)).provider_job_id == "p1"


async def test_a_refusal_of_the_database_that_nothing_helps_against_is_not_repeated_for_ever(engine: Engine) -> None:
    job = await engine.put(State.READY)
    engine.meddled.then("save", Rejected("database_refused"), Rejected("database_refused"))
    with pytest.raises(Rejected):
        await engine.runner.settle(job, Fetched((engine.picture(),)))
    assert engine.meddled.calls["save"] == 2


async def test_a_row_that_was_deleted_by_hand_is_let_go(engine: Engine) -> None:
    job = await engine.put(State.READY)
    async with side_door(engine.real) as connection:
        await connection.exec_driver_sql("DELETE FROM deliveries")
        await connection.exec_driver_sql("DELETE FROM jobs")
    with pytest.raises(Gone):
        await engine.runner.settle(job, Faulted("code", Cause.UNEXPECTED))
    engine.runner.start(job)
    await engine.quiet()
    assert engine.runner.busy == ()

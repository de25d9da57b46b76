"""A lane that stops: no job is lost, the admins are told once each way, a free probe finds out when it is over."""

from __future__ import annotations

from datetime import timedelta

import pytest

from bot.errors import Cause, LaneDown, Unavailable
from bot.job import State
from bot.ports import LaneRow
from tests.core.engine import LANE, Build, Engine
from tests.core.world import NOON

UNPAID = Cause.NO_CREDIT


def unpaid() -> LaneDown:
    return LaneDown("arrears", "detail for the operator", cause=UNPAID)


async def test_a_stop_and_its_end_are_told_once_each_and_the_job_is_delivered(engine: Engine) -> None:
    engine.images.then("submit", unpaid(), unpaid())
    engine.images.then("probe", unpaid(), unpaid())
    job, other = await engine.ask("a fox"), await engine.ask("an owl")
    done = await engine.until_state(job, State.DELIVERED)
    await engine.until_state(other, State.DELIVERED)
    assert engine.chat.alerts == [(UNPAID, "arrears"), (None, "")]
    assert (done.attempts, done.sends) == (0, 1)
    assert engine.tally.paused == [True, False]


async def test_a_paused_lane_keeps_its_queue_and_says_why(engine: Engine) -> None:
    engine.images.then("submit", unpaid())
    job = await engine.put(State.QUEUED)
    await engine.turn()
    assert (await engine.now(job)).state is State.QUEUED
    assert (await engine.driver.standing(job)).paused is UNPAID
    assert await engine.turn() == NOON.timestamp() + 60.0


async def test_after_a_good_probe_one_real_submit_is_tried_at_a_time(build: Build) -> None:
    engine = build(slots=3)
    engine.images.then("submit", *(unpaid() for _ in range(5)))
    for n in range(3):
        await engine.put(State.QUEUED, name=f"j{n}", user=f"user{n}")
    await engine.turn()
    sent = engine.images.calls["submit"]
    engine.time.pass_(60)
    await engine.turn()
    assert (engine.images.calls["probe"], engine.images.calls["submit"] - sent) == (1, 1)


async def test_a_probe_that_is_refused_tries_nothing(engine: Engine) -> None:
    engine.images.then("submit", unpaid())
    engine.images.then("probe", unpaid())
    await engine.put(State.QUEUED)
    await engine.turn()
    engine.time.pass_(60)
    assert await engine.turn() == NOON.timestamp() + 120.0
    assert (engine.images.calls["probe"], engine.images.calls["submit"]) == (1, 1)


async def test_another_reason_is_told_anew(engine: Engine) -> None:
    engine.images.then("submit", unpaid(), LaneDown("retired", cause=Cause.RETIRED))
    job = await engine.ask()
    await engine.until_state(job, State.DELIVERED)
    assert engine.chat.alerts == [(UNPAID, "arrears"), (Cause.RETIRED, "retired"), (None, "")]


async def test_a_refusal_of_the_account_on_a_look_pauses_and_looks_again_at_the_probe(engine: Engine) -> None:
    engine.images.then("query", unpaid())
    job = await engine.sent()
    assert await engine.turn() == NOON.timestamp() + 60.0
    assert engine.driver.health.paused
    assert (await engine.now(job)).state is State.GENERATING
    await engine.until_state(job, State.DELIVERED)
    assert engine.time.now() == NOON + timedelta(seconds=60, milliseconds=250)


async def test_a_lane_that_was_paused_is_probed_at_once_after_a_restart(engine: Engine) -> None:
    engine.images.then("submit", unpaid())
    job = await engine.put(State.QUEUED)
    await engine.turn()
    await engine.restart()
    assert engine.driver.health.cause is UNPAID
    await engine.until_state(job, State.GENERATING)
    assert engine.time.now() == NOON
    assert engine.chat.alerts == [(UNPAID, "arrears"), (None, "")]


async def test_admins_that_cannot_be_reached_and_a_row_that_cannot_be_written_change_nothing(engine: Engine) -> None:
    engine.chat.then("alert", Unavailable("slack_down"))
    engine.meddled.then("save_lane", Unavailable("database_unreachable"))
    engine.images.then("submit", unpaid())
    job = await engine.ask()
    await engine.until_state(job, State.DELIVERED)
    assert engine.chat.alerts == [(None, "")]
    assert await engine.real.lane(LANE) == LaneRow(LANE)


@pytest.mark.parametrize("told", [True, False])
async def test_a_defect_in_a_probe_costs_one_probe(engine: Engine, *, told: bool) -> None:
    engine.images.then("submit", unpaid())
    engine.images.then("probe", ZeroDivisionError("ours") if told else None)
    job = await engine.put(State.QUEUED)
    await engine.until_state(job, State.GENERATING)
    assert engine.time.now() == NOON + timedelta(seconds=120 if told else 60)


async def test_two_submits_taken_at_once_tell_the_admins_once(engine: Engine) -> None:
    await engine.driver.health.stop(LaneDown("arrears", cause=UNPAID))
    for _ in range(2):
        await engine.driver.health.works(lags=())
    assert engine.chat.alerts == [(UNPAID, "arrears"), (None, "")]

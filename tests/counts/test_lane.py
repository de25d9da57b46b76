"""What a lane spends, counted: requests, writes and questions for each job. Never seconds."""

from __future__ import annotations

import pytest

from bot.forecast import Forecast, Key
from bot.job import JobId, State
from bot.timetable import Limits, Line, Timetable, Watch
from tests.core.conftest import build, empty, engine, store, time
from tests.core.engine import Build, Engine

__all__ = ["build", "empty", "engine", "store", "time"]

PLAIN = Key(1, None, raw=False)


async def with_backlog(engine: Engine, jobs: int) -> Engine:
    """So many jobs of ten seconds, one after another."""
    put = [await engine.put(State.QUEUED, name=f"j{n}", queued_at=engine.time.now()) for n in range(jobs)]
    engine.meddled.calls.clear()
    for job in put:
        await engine.until_state(job, State.DELIVERED)
    return engine


@pytest.mark.parametrize("exact", [None, True])
async def test_with_one_slot_a_job_costs_twenty_five_requests_at_most(build: Build, exact: bool | None) -> None:
    engine = await with_backlog(build(exact=exact), 12)
    assert engine.images.calls["query"] + engine.images.calls["submit"] <= 12 * 25


async def test_offers_cost_no_write(build: Build) -> None:
    engine = await with_backlog(build(exact=True), 12)
    assert engine.images.calls["submit"] > 14
    assert engine.meddled.calls["save"] == 12 * 4


async def test_a_look_that_finds_nothing_new_costs_no_write_and_no_question_of_who_is_next(engine: Engine) -> None:
    await engine.sent()
    engine.meddled.calls.clear()
    await engine.until(lambda: engine.images.calls["query"] > 15)
    assert engine.images.drawings["p1"].until > engine.time.now()  # type: ignore[index]
    calls = engine.meddled.calls
    assert (calls["save"], calls["next_in_line"], calls["next_in_line_due"]) == (0, 0, 0)


def test_a_decision_with_a_hundred_jobs_reckons_with_the_few_that_are_due() -> None:
    """The urge of a look is reckoned for what is due, not for all that is at the provider."""
    times = Timetable(Limits(100, 20.0, exact=False), Forecast(slots=100))
    for number in range(100):
        since = -number / 10
        look_at = since + times.next_look(PLAIN, since_submit=0.0)
        times.watches[JobId(f"j{number}")] = Watch(JobId(f"j{number}"), PLAIN, since, look_at)
    due = sum(watch.look_at <= 0.0 for watch in times.watches.values())
    counted: list[JobId] = []
    real = times._urge

    def counting(watch: Watch, now: float) -> float:
        counted.append(watch.job_id)
        return real(watch, now)

    times._urge = counting  # type: ignore[method-assign]
    times.decide(0.0, Line(ready_at=None))
    assert len(counted) == due < 60

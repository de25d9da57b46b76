"""Jobs that a workflow step waits for: it is told before the job's last write, and nobody can leave it waiting."""

from __future__ import annotations

import pytest

from bot.errors import Cause, NotInChannel, Unavailable
from bot.intake import Answer
from bot.job import State
from tests.core.engine import CHANNEL, Engine

RUN = "Fx1"


async def test_the_step_is_told_once_the_pictures_are_seen(engine: Engine) -> None:
    job = await engine.uploaded(execution=RUN)
    await engine.until_state(job, State.DELIVERED)
    assert engine.chat.completions == [(RUN, State.DELIVERED)]


async def test_an_ordinary_job_tells_no_step(engine: Engine) -> None:
    job = await engine.uploaded()
    await engine.until_state(job, State.DELIVERED)
    assert engine.chat.completions == []


async def test_a_step_that_cannot_be_told_is_told_later_and_the_pictures_are_shared_once(engine: Engine) -> None:
    engine.chat.then("complete", Unavailable("slack_down"))
    job = await engine.uploaded(execution=RUN)
    await engine.until_state(job, State.DELIVERED)
    assert engine.chat.completions == [(RUN, State.DELIVERED)]
    assert engine.chat.shares == [job.id]


async def test_a_failed_job_tells_the_step_and_apologises_where_a_thread_was_begun(engine: Engine) -> None:
    job = await engine.put(State.FAILING, execution=RUN)
    await engine.until_state(job, State.FAILED)
    assert engine.chat.completions == [(RUN, State.FAILED)]
    assert [each.id for each in engine.chat.apologies] == [job.id]


async def test_where_the_bot_may_not_write_the_step_fails_and_nobody_is_asked_for_a_road(engine: Engine) -> None:
    engine.chat.closed[CHANNEL] = NotInChannel("not_in_channel", joinable=True)
    job = await engine.put(execution=RUN)
    ended = await engine.until_state(job, State.FAILED)
    assert ended.failure is not None
    assert ended.failure.cause is Cause.NO_ROAD
    assert (engine.chat.completions, engine.chat.roads, engine.chat.apologies) == ([(RUN, State.FAILED)], [], [])


@pytest.mark.parametrize("state", [State.ACCEPTED, State.QUEUED, State.READY], ids=str)
async def test_what_a_workflow_waits_for_cannot_be_cancelled(engine: Engine, state: State) -> None:
    job = await engine.put(state, execution=RUN)
    assert await engine.intake.cancel(job, team_id=job.team_id, user_id=job.user_id) is Answer.WORKFLOW


async def test_what_was_deleted_tells_the_step_nothing_more(engine: Engine) -> None:
    job = await engine.uploaded(shared=True, execution=RUN)
    await engine.until_state(job, State.DELIVERED)
    await engine.intake.delete(await engine.now(job), team_id=job.team_id, user_id=job.user_id)
    await engine.until_state(job, State.DELETED)
    assert engine.chat.completions == [(RUN, State.DELIVERED)]

"""Being an agent: what Slack is told of a thread, and what is left alone."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

import pytest

from bot import manifest
from bot.job import JobId, Ts
from bot.slack.client import SlackClient
from bot.slack.sessions import Sessions
from bot.slack.wording import Words
from sandbox.feed import Feed
from sandbox.slack import FaultKind, SlackSandbox
from tests.slack.conftest import ADAS_IM, PICTURES, a_job, calls

STATUS = "agents.sessions.setStatus"


@pytest.fixture
async def sessions(client: SlackClient, sandbox: SlackSandbox) -> AsyncIterator[Sessions]:
    sandbox.reconfigure(manifest.as_agent(manifest.load()))
    made = Sessions(client)
    yield made
    await made.close()


async def told(made: Sessions) -> None:
    """Wait until everything is said."""
    while made._tasks:
        await next(iter(made._tasks))


def status(sandbox: SlackSandbox, ts: str) -> str:
    return str(sandbox.slack.agents.sessions[ADAS_IM, ts].status)


async def test_a_thread_is_worked_in_until_its_last_job_has_ended(sessions: Sessions, sandbox: SlackSandbox) -> None:
    ts = Ts(await sandbox.dm(user="U0ADA00AAA1", text="a fox"))
    one = a_job(channel_id=ADAS_IM, thread_ts=ts)
    two = replace(one, id=JobId("2"))
    sessions.begin(one, ADAS_IM, ts)
    sessions.begin(two, ADAS_IM, ts)
    await told(sessions)
    assert status(sandbox, ts) == "processing"
    sessions.end(one)
    await told(sessions)
    assert status(sandbox, ts) == "processing"
    sessions.end(two)
    await told(sessions)
    assert status(sandbox, ts) == "active"


async def test_conversations_of_several_are_left_alone(sessions: Sessions, feed: Feed) -> None:
    job = a_job(thread_ts=Ts("1.1"))
    sessions.begin(job, PICTURES, Ts("1.1"))
    sessions.end(job)
    await told(sessions)
    assert not calls(feed, STATUS)


async def test_a_slack_that_stumbles_is_nobodys_trouble(sessions: Sessions, sandbox: SlackSandbox, feed: Feed) -> None:
    sandbox.settings.fail(STATUS, FaultKind.STATUS, status=503)
    ts = Ts(await sandbox.dm(user="U0ADA00AAA1", text="a fox"))
    job: Any = a_job(channel_id=ADAS_IM, thread_ts=ts)
    sessions.begin(job, ADAS_IM, ts)
    sessions.end(job)
    await told(sessions)
    assert len(calls(feed, STATUS)) == 2
    assert status(sandbox, ts) == "active"


async def test_an_app_that_is_no_agent_asks_once(sessions: Sessions, sandbox: SlackSandbox, feed: Feed) -> None:
    sandbox.reconfigure(manifest.load())
    await sessions.suggest(ADAS_IM, Words("en"))
    await sessions.suggest(ADAS_IM, Words("en"))
    assert len(calls(feed, "assistant.threads.setSuggestedPrompts")) == 1

"""Whoever does not get their pictures is told why, by whatever road is left."""

from __future__ import annotations

import pytest

from bot.errors import Cause, Misconfigured, OutcomeUnknown
from bot.request import Request
from bot.slack.client import SlackClient
from bot.slack.posting import SlackChat
from sandbox.slack import FaultKind, SlackSandbox, pinged
from tests.slack.conftest import (
    ADA,
    ADAS_IM,
    DESIGN,
    PICTURES,
    a_job,
)
from tests.slack.scenes import a_reply_url, announced, failing, messages, whispers


async def test_an_apology_stands_in_the_thread_and_names_its_asker_only(chat: SlackChat, sandbox: SlackSandbox) -> None:
    job = await announced(chat, request=Request("<!channel>"))
    await chat.apologise(failing(job))
    root, apology = messages(sandbox)
    assert apology.thread_ts == root.ts
    assert pinged(apology) == {ADA}
    assert "won't work with this description" in apology.text
    assert "wasn't charged" in apology.text


async def test_an_apology_whose_root_was_deleted_stands_alone(
    chat: SlackChat, client: SlackClient, sandbox: SlackSandbox
) -> None:
    job = await announced(chat)
    await client.call("chat.delete", channel=PICTURES, ts=job.root_ts)
    await chat.apologise(failing(job))
    assert [each.thread_ts for each in messages(sandbox)] == [None]


async def test_an_apology_that_the_channel_does_not_take_comes_directly(chat: SlackChat, sandbox: SlackSandbox) -> None:
    job = await announced(chat)
    sandbox.remove_bot(PICTURES)
    await chat.apologise(failing(job, Cause.NO_ROAD))
    assert len(messages(sandbox, ADAS_IM)) == 1
    assert len(messages(sandbox)) == 1


async def test_an_apology_for_a_job_that_never_had_a_root_comes_directly(
    chat: SlackChat, sandbox: SlackSandbox
) -> None:
    await chat.apologise(failing(a_job(channel_id=DESIGN), Cause.NO_ROAD))
    [apology] = messages(sandbox, ADAS_IM)
    assert "I'm not in that conversation" in apology.text


@pytest.mark.parametrize("scopes", [("im:write",)])
async def test_where_not_even_a_direct_message_works_the_command_is_answered(
    chat: SlackChat, sandbox: SlackSandbox
) -> None:
    url = a_reply_url(sandbox, DESIGN, ADA)
    await chat.apologise(failing(a_job(channel_id=DESIGN, reply_url=url), Cause.NO_ROAD))
    assert len(whispers(sandbox, DESIGN)) == 1


@pytest.mark.parametrize("scopes", [("im:write",)])
async def test_an_apology_with_no_road_at_all_is_a_fault(chat: SlackChat) -> None:
    with pytest.raises(Misconfigured):
        await chat.apologise(failing(a_job(channel_id=DESIGN), Cause.NO_ROAD))


async def test_an_apology_whose_answer_was_lost_does_not_take_another_road(
    chat: SlackChat, sandbox: SlackSandbox
) -> None:
    job = await announced(chat)
    sandbox.settings.fail("chat.postMessage", FaultKind.CUT, after=True)
    with pytest.raises(OutcomeUnknown):
        await chat.apologise(failing(job))
    assert len(messages(sandbox)) == 2
    assert not messages(sandbox, ADAS_IM)


async def test_an_apology_in_an_unreachable_slack_waits(chat: SlackChat, sandbox: SlackSandbox) -> None:
    job = await announced(chat)
    sandbox.settings.fail("chat.postMessage", FaultKind.STATUS, status=503, times=9)
    with pytest.raises(OutcomeUnknown):
        await chat.apologise(failing(job))
    assert not messages(sandbox, ADAS_IM)

"""What its owner wants gone is gone: the message and its files."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot.errors import Rejected
from bot.slack.posting import SlackChat
from sandbox.slack import FaultKind, SlackSandbox
from tests.slack.conftest import (
    PICTURES,
    pictures,
    read,
)
from tests.slack.scenes import announced, delivered, messages


async def test_removing_takes_the_files_and_their_message(chat: SlackChat, sandbox: SlackSandbox) -> None:
    job = await delivered(chat)
    await chat.remove(job)
    assert [each.ts for each in messages(sandbox)] == [job.root_ts]
    assert not any(sandbox.workspace.files[each].data for each in job.file_ids)
    await chat.remove(job)


async def test_removing_finds_a_message_whose_ts_was_never_learnt(chat: SlackChat, sandbox: SlackSandbox) -> None:
    job = await delivered(chat)
    await chat.remove(replace(job, share_ts=None))
    assert len(messages(sandbox)) == 1


async def test_removing_what_was_never_shared_takes_the_files(chat: SlackChat, sandbox: SlackSandbox) -> None:
    job = replace(await announced(chat), pictures=pictures(1))
    job = replace(job, file_ids=await chat.upload(job, read))
    await chat.remove(job)
    assert not sandbox.workspace.files[job.file_ids[0]].data


async def test_removing_works_after_the_bot_was_thrown_out(chat: SlackChat, sandbox: SlackSandbox) -> None:
    job = await delivered(chat)
    sandbox.remove_bot(PICTURES)
    await chat.remove(job)
    assert not any(sandbox.workspace.files[each].data for each in job.file_ids)


async def test_a_message_that_slack_will_not_delete_is_a_refusal(chat: SlackChat, sandbox: SlackSandbox) -> None:
    job = await delivered(chat)
    sandbox.settings.fail("chat.delete", FaultKind.ERROR, error="cant_delete_message")
    with pytest.raises(Rejected, match="cant_delete_message"):
        await chat.remove(job)

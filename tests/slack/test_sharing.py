"""A share happens once, and what became of it can be seen."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import replace

import pytest

from bot.errors import Gone, Misconfigured, NotInChannel, OutcomeUnknown, Rejected, Unavailable
from bot.job import FileId
from bot.slack.client import SlackClient
from bot.slack.uploading import Uploader
from sandbox.feed import Feed
from sandbox.slack import FaultKind, SlackSandbox
from tests.slack.conftest import PICTURES, RANDOM, Clock, file_ids
from tests.slack.scenes import EN, a_root, uploaded


async def test_a_connection_dropped_after_the_share_took_effect_never_shares_twice(
    client: SlackClient, uploader: Uploader, sandbox: SlackSandbox, feed: Feed
) -> None:
    job = await uploaded(uploader, await a_root(client))
    sandbox.settings.fail("files.completeUploadExternal", FaultKind.CUT, after=True)
    with pytest.raises(OutcomeUnknown):
        await uploader.share(job, EN)
    assert await uploader.landed(job) is not None
    with pytest.raises(Gone):
        await uploader.share(job, EN)
    sandbox.slack.schedule.run_due()
    assert len(feed.of("slack.complete")) == 1
    assert len(feed.of("slack.share")) == 1


@pytest.mark.parametrize("error", ["file_update_failed", "internal_error"])
async def test_a_share_that_stumbles_is_tried_again_with_the_same_files(
    client: SlackClient, uploader: Uploader, sandbox: SlackSandbox, feed: Feed, error: str
) -> None:
    job = await uploaded(uploader, await a_root(client))
    sandbox.settings.fail("files.completeUploadExternal", FaultKind.ERROR, error=error)
    with pytest.raises(Unavailable):
        await uploader.share(job, EN)
    await uploader.share(job, EN)
    assert await uploader.landed(job) is not None
    assert len(feed.of("slack.share")) == 1


async def test_files_that_slack_does_not_know_are_gone(client: SlackClient, uploader: Uploader) -> None:
    job = replace(await a_root(client), file_ids=file_ids("F0NOBODY"))
    for question in (uploader.share(job, EN), uploader.landed(job)):
        with pytest.raises(Gone):
            await question


async def test_no_files_are_gone(client: SlackClient, uploader: Uploader) -> None:
    with pytest.raises(Gone):
        await uploader.landed(await a_root(client))


async def test_a_share_that_is_late_is_not_there_yet(
    client: SlackClient, uploader: Uploader, sandbox: SlackSandbox, clock: Clock
) -> None:
    sandbox.settings.share_delay = 10.0
    job = await uploaded(uploader, await a_root(client))
    await uploader.share(job, EN)
    assert await uploader.landed(job) is None
    clock.forward(10)
    assert await uploader.landed(job) is not None


async def test_a_share_in_another_thread_is_not_this_one(
    client: SlackClient, uploader: Uploader, sandbox: SlackSandbox
) -> None:
    job = await uploaded(uploader, await a_root(client))
    other = replace(await a_root(client), file_ids=job.file_ids, pictures=job.pictures)
    await uploader.share(other, EN)
    assert await uploader.landed(job) is None
    assert await uploader.landed(other) is not None


async def test_a_deleted_file_is_gone(client: SlackClient, uploader: Uploader) -> None:
    job = await uploaded(uploader, await a_root(client))
    await uploader.share(job, EN)
    await uploader.delete(job)
    with pytest.raises(Gone):
        await uploader.landed(job)


async def test_deleting_what_is_deleted_is_done(client: SlackClient, uploader: Uploader) -> None:
    job = await uploaded(uploader, await a_root(client))
    await uploader.share(job, EN)
    await uploader.delete(job)
    await uploader.delete(job)
    await uploader.delete(replace(job, file_ids=(FileId("F0NOBODY"),)))


async def test_blocks_that_slack_refuses_do_not_cost_the_pictures(
    client: SlackClient, uploader: Uploader, sandbox: SlackSandbox
) -> None:
    job = await uploaded(uploader, await a_root(client))
    sandbox.settings.fail("files.completeUploadExternal", FaultKind.ERROR, error="invalid_blocks")
    await uploader.share(job, EN)
    there = await uploader.landed(job)
    assert there is not None
    message = sandbox.workspace.message(PICTURES, there.ts)
    assert message is not None
    assert message.text == f"<@{job.user_id}> Here are your pictures."
    assert message.thread_ts == job.thread_ts


async def test_where_the_root_was_deleted_the_pictures_stand_alone_and_name_their_asker(
    client: SlackClient, uploader: Uploader, sandbox: SlackSandbox
) -> None:
    job = await uploaded(uploader, await a_root(client))
    await client.call("chat.delete", channel=PICTURES, ts=job.root_ts)
    await uploader.share(job, EN)
    there = await uploader.landed(job)
    assert there is not None
    message = sandbox.workspace.message(PICTURES, there.ts)
    assert message is not None
    assert message.thread_ts is None
    assert message.blocks is not None
    assert message.blocks[0]["elements"][0]["elements"][1] == {"type": "user", "user_id": job.user_id}


async def test_a_channel_that_the_bot_was_thrown_out_of_is_named_as_such(
    client: SlackClient, uploader: Uploader, sandbox: SlackSandbox
) -> None:
    job = await uploaded(uploader, await a_root(client))
    sandbox.remove_bot(PICTURES)
    with pytest.raises(NotInChannel):
        await uploader.share(job, EN)
    with pytest.raises(NotInChannel):
        await uploader.share(replace(job, channel_id=RANDOM), EN)


@pytest.mark.parametrize("scopes", [("files:read",)])
async def test_without_the_right_to_look_it_says_so(client: SlackClient, uploader: Uploader) -> None:
    job = await uploaded(uploader, await a_root(client))
    await uploader.share(job, EN)
    with pytest.raises(Misconfigured) as missing:
        await uploader.landed(job)
    assert "files:read" in missing.value.detail


@pytest.mark.parametrize("step", ["share", "landed", "delete"])
async def test_a_refusal_that_is_nobodys_business_here_goes_on_as_it_is(
    client: SlackClient, uploader: Uploader, sandbox: SlackSandbox, step: str
) -> None:
    job = await uploaded(uploader, await a_root(client))
    sandbox.settings.fail("*", FaultKind.ERROR, error="ekm_access_denied")
    steps: dict[str, Callable[[], Awaitable[object]]] = {
        "share": lambda: uploader.share(job, EN),
        "landed": lambda: uploader.landed(job),
        "delete": lambda: uploader.delete(job),
    }
    with pytest.raises(Rejected, match="ekm_access_denied"):
        await steps[step]()

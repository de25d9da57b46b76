"""Bytes reach Slack as they are, and nobody sees them before the share."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace

import pytest

from bot.errors import Fault, Rejected, Throttled, Unavailable
from bot.job import Picture
from bot.slack.client import SlackClient
from bot.slack.uploading import AT_ONCE, Uploader
from sandbox.feed import Feed
from sandbox.slack import FaultKind, FileState, SlackSandbox
from tests.slack.conftest import PICTURES, Clock, calls, pictures
from tests.slack.scenes import EN, a_root, uploaded


def sums(them: Sequence[tuple[Picture, bytes]]) -> list[str]:
    return [hashlib.sha256(data).hexdigest() for _, data in them]


async def test_pictures_arrive_in_one_message_in_the_thread_in_their_order_and_unchanged(
    client: SlackClient, uploader: Uploader, sandbox: SlackSandbox, feed: Feed
) -> None:
    job = await uploaded(uploader, await a_root(client), n=4)
    await uploader.share(job, EN)
    ts = await uploader.landed(job)
    [share] = feed.of("slack.share")
    assert share.data["ts"] == ts
    assert share.data["thread_ts"] == job.thread_ts
    assert [each["sha256"] for each in share.data["files"]] == sums(pictures(4))
    assert len(calls(feed, "files.completeUploadExternal")) == 1


async def test_nobody_sees_anything_before_the_share(
    client: SlackClient, uploader: Uploader, sandbox: SlackSandbox
) -> None:
    job = await uploaded(uploader, await a_root(client))
    assert len(sandbox.workspace.channels[PICTURES].messages) == 1
    assert {sandbox.workspace.files[each].state for each in job.file_ids} == {FileState.RECEIVED}


async def test_a_picture_has_a_description_a_title_and_a_name_of_ours(
    client: SlackClient, uploader: Uploader, sandbox: SlackSandbox
) -> None:
    job = await uploaded(uploader, await a_root(client))
    await uploader.share(job, EN)
    file = sandbox.workspace.files[job.file_ids[1]]
    assert file.alt_txt == "Picture 2 of 2: a fox (16:9)"
    assert file.title == "a fox"
    assert file.name == "imagine-3f2a9c0d-2.png"


async def test_after_a_share_that_was_never_seen_it_goes_without_a_description(
    client: SlackClient, uploader: Uploader, sandbox: SlackSandbox
) -> None:
    job = await uploaded(uploader, replace(await a_root(client), uploads=1))
    assert sandbox.workspace.files[job.file_ids[0]].alt_txt == ""


async def test_descriptions_can_be_switched_off(client: SlackClient, sandbox: SlackSandbox) -> None:
    job = await uploaded(Uploader(client, with_alt_text=False), await a_root(client))
    assert sandbox.workspace.files[job.file_ids[0]].alt_txt == ""


async def test_a_gateway_that_times_out_gets_the_bytes_again_at_the_same_address(
    client: SlackClient, uploader: Uploader, sandbox: SlackSandbox, feed: Feed
) -> None:
    sandbox.settings.fail("upload", FaultKind.STATUS, status=504)
    job = await uploaded(uploader, await a_root(client), n=1)
    assert len(calls(feed, "files.getUploadURLExternal")) == 1
    assert sandbox.workspace.files[job.file_ids[0]].state is FileState.RECEIVED


async def test_a_connection_cut_after_the_bytes_arrived_sends_them_again(
    client: SlackClient, uploader: Uploader, sandbox: SlackSandbox, feed: Feed
) -> None:
    sandbox.settings.fail("upload", FaultKind.CUT, after=True)
    await uploaded(uploader, await a_root(client), n=1)
    assert len(feed.of("slack.upload")) == 2


async def test_bytes_stored_short_are_noticed_and_sent_again(
    client: SlackClient, uploader: Uploader, sandbox: SlackSandbox
) -> None:
    sandbox.settings.upload_skew, sandbox.settings.upload_skew_times = 3, 1
    job = await uploaded(uploader, await a_root(client), n=1)
    assert len(sandbox.workspace.files[job.file_ids[0]].data) == len(pictures(1)[0][1])


async def test_an_upload_that_fails_twice_is_tried_later(
    client: SlackClient, uploader: Uploader, sandbox: SlackSandbox
) -> None:
    sandbox.settings.fail("upload", FaultKind.STATUS, status=504, times=2)
    with pytest.raises(Unavailable, match="upload_http_504"):
        await uploaded(uploader, await a_root(client), n=1)


async def test_one_picture_that_fails_fails_the_step_with_a_single_fault(
    client: SlackClient, uploader: Uploader, sandbox: SlackSandbox
) -> None:
    job = await a_root(client)
    sandbox.settings.fail("files.getUploadURLExternal", FaultKind.ERROR, error="storage_limit_reached")
    with pytest.raises(Rejected, match="storage_limit_reached"):
        await uploaded(uploader, job, n=4)


async def test_a_throttled_step_is_throttled(client: SlackClient, uploader: Uploader, sandbox: SlackSandbox) -> None:
    job = await a_root(client)
    sandbox.settings.fail("files.getUploadURLExternal", FaultKind.THROTTLE, seconds=7)
    with pytest.raises(Throttled) as throttled:
        await uploaded(uploader, job, n=1)
    assert throttled.value.retry_after == pytest.approx(7)


class Elsewhere(SlackClient):
    """A Slack that names another upload address."""

    address: object = "https://evil.example/upload"

    async def call(self, method: str, /, **arguments: object) -> dict[str, object]:
        answer = await super().call(method, **arguments)
        return answer | ({"upload_url": self.address} if "upload_url" in answer else {})


async def test_bytes_go_to_slack_only(sandbox: SlackSandbox, client: SlackClient, clock: Clock) -> None:
    job = await a_root(client)
    foreign = Elsewhere(client.session, token=sandbox.bot_token, api_url=sandbox.api_url, now=clock.now)
    with pytest.raises(Rejected, match="upload_address_foreign"):
        await Uploader(foreign).upload(job, pictures(1), EN)


class Counting(SlackClient):
    """Counts how many calls are under way at once; each waits until the others came."""

    under_way = 0
    most = 0

    async def call(self, method: str, /, **arguments: object) -> dict[str, object]:
        self.under_way += 1
        self.most = max(self.most, self.under_way)
        for _ in range(20):
            await asyncio.sleep(0)
        try:
            return await super().call(method, **arguments)
        finally:
            self.under_way -= 1


async def test_not_more_than_four_go_up_at_once(sandbox: SlackSandbox, client: SlackClient, clock: Clock) -> None:
    counting = Counting(client.session, token=sandbox.bot_token, api_url=sandbox.api_url, now=clock.now)
    await Uploader(counting).upload(await a_root(client), pictures(10), EN)
    assert counting.most == AT_ONCE


@pytest.mark.parametrize("kind", [FaultKind.CUT, FaultKind.STATUS])
@pytest.mark.parametrize("method", ["files.getUploadURLExternal", "files.info", "files.delete", "upload"])
async def test_nothing_but_a_fault_comes_out(
    client: SlackClient, uploader: Uploader, sandbox: SlackSandbox, kind: FaultKind, method: str
) -> None:
    job = await uploaded(uploader, await a_root(client))
    await uploader.share(job, EN)
    sandbox.settings.fail(method, kind, times=10)
    steps: dict[str, Callable[[], Awaitable[object]]] = {
        "files.info": lambda: uploader.landed(job),
        "files.delete": lambda: uploader.delete(job),
    }
    step = steps.get(method, lambda: uploader.upload(job, pictures(1), EN))
    with pytest.raises(Fault):
        await step()


@pytest.mark.parametrize(
    ("status", "fault"), [(429, Throttled), (413, Rejected), (415, Rejected), (404, Unavailable), (302, Unavailable)]
)
async def test_an_upload_address_that_says_no_is_understood(
    client: SlackClient, uploader: Uploader, sandbox: SlackSandbox, status: int, fault: type[Fault]
) -> None:
    job = await a_root(client)
    sandbox.settings.fail("upload", FaultKind.STATUS, status=status, times=2)
    with pytest.raises(fault):
        await uploader.upload(job, pictures(1), EN)


@pytest.mark.parametrize("address", [None, 7])
async def test_an_answer_without_an_upload_address_is_no_answer(
    sandbox: SlackSandbox, client: SlackClient, clock: Clock, address: object
) -> None:
    job = await a_root(client)
    odd = Elsewhere(client.session, token=sandbox.bot_token, api_url=sandbox.api_url, now=clock.now)
    odd.address = address
    with pytest.raises(Unavailable, match="upload_address_missing"):
        await Uploader(odd).upload(job, pictures(1), EN)


async def test_a_cancelled_upload_is_cancelled(client: SlackClient, uploader: Uploader) -> None:
    job = await a_root(client)
    task = asyncio.create_task(uploader.upload(job, pictures(2), EN))
    await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
